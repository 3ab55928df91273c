"""Files on a node's flash: the few operations that storage and update need, and no other.

Each operation that changes something is one point at which the power may be cut; what a file
holds afterwards is then anything (littlefs keeps the old content until the file is closed, FAT
does not). Whoever writes must be able to live with that: see storage.py for small files.
Tests put a simulated flash in its place (tests/shared/simulated_flash.py).
"""

import errno
import os

_FOLDER = 0x4000  # in st_mode and in what ilistdir says


class Flash:
    """
    root   what all paths begin with: "" on a device, a folder's path on a PC
    """

    def __init__(self, root: str = "") -> None:
        self._root = root

    def read(self, path: str, offset: int = 0, limit: int = -1) -> "bytes | None":
        """Return at most limit bytes from offset on (all of them: -1); None without a file."""
        # MicroPython takes memory for all that is asked for, whatever is there
        size = self.size(path)
        if size is None:
            return None
        there = max(0, size - offset)
        with open(self.path(path), "rb") as file:
            file.seek(offset)
            return file.read(there if limit < 0 else min(limit, there))

    def size(self, path: str) -> "int | None":
        """Return the bytes of a file, or None if there is none."""
        try:
            status = os.stat(self.path(path))
        except OSError as error:
            if error.errno == errno.ENOENT:
                return None
            raise
        return None if status[0] & _FOLDER else status[6]

    def names(self, folder: str) -> "list[str]":
        """Return what is in a folder, sorted; the names of folders end with a slash."""
        try:
            found = os.listdir(self.path(folder))
        except OSError as error:
            if error.errno == errno.ENOENT:
                return []
            raise
        names = []
        for name in found:
            is_folder = os.stat(self.path(folder + "/" + name))[0] & _FOLDER
            names.append(name + "/" if is_folder else name)
        return sorted(names)

    def free_bytes(self) -> int:
        statistics = os.statvfs(self.path("/"))
        return statistics[0] * statistics[3]

    def write(self, path: str, content: "bytes | bytearray | memoryview") -> None:
        """Make this the content of the file."""
        self._put(path, "wb", content)

    def append(self, path: str, content: "bytes | bytearray | memoryview") -> None:
        self._put(path, "ab", content)

    def remove(self, path: str) -> None:
        """Remove a file or an empty folder; it is no error if there is none."""
        place = self.path(path)
        try:
            if os.stat(place)[0] & _FOLDER:
                os.rmdir(place)
            else:
                os.remove(place)
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise

    def make_folder(self, path: str) -> None:
        """Make a folder whose parent exists; it is no error if it exists."""
        try:
            os.mkdir(self.path(path))
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise

    def _put(self, path: str, mode: str, content: "bytes | bytearray | memoryview") -> None:
        with open(self.path(path), mode) as file:
            file.write(content)
            file.flush()
            if hasattr(os, "fsync"):  # a PC or a Pi; on littlefs closing is what writes
                os.fsync(file.fileno())

    def path(self, path: str) -> str:
        return self._root + "/" + path.lstrip("/")
