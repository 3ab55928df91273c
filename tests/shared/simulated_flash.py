"""A flash in memory whose power can be cut at any operation that changes it."""

import errno

# What a file may hold after its write was cut: the old content, nothing, the first half, all of
# it with the last block half erased, all of it.
TORN = ("old", "empty", "half", "spoilt", "whole")
BLOCK_BYTES = 256


class PowerCut(BaseException):  # not an error: it happens
    """The power is gone: nothing more happens until `restart`."""


class SimulatedFlash:
    """As flash.Flash. Holds capacity_bytes of content; counts operations that change something."""

    def __init__(self, capacity_bytes=1 << 20):
        self.files = {}
        self.folders = {""}
        self.capacity_bytes = capacity_bytes
        self.changes = 0
        self._cut_at = None
        self._how = "old"

    def cut_at(self, change, how="old"):
        """Cut the power during that change from now on (0: the next), leaving what `how` says."""
        self._cut_at = self.changes + change
        self._how = how

    def restart(self):
        self._cut_at = None

    def read(self, path, offset=0, limit=-1):
        self._need_power()
        content = self.files.get(_plain(path))
        if content is None:
            return None
        return content[offset:] if limit < 0 else content[offset : offset + limit]

    def size(self, path):
        content = self.read(path)
        return None if content is None else len(content)

    def names(self, folder):
        self._need_power()
        start = _plain(folder) + "/" if _plain(folder) else ""
        names = {path[len(start) :] for path in self.files if path.startswith(start)}
        inside = {name for name in names if "/" not in name}
        for path in self.folders:
            if path.startswith(start) and path != start and "/" not in path[len(start) :]:
                inside.add(path[len(start) :] + "/")
        return sorted(name for name in inside if name not in ("", "/"))

    def free_bytes(self):
        return self.capacity_bytes - sum(len(content) for content in self.files.values())

    def write(self, path, content):
        self._put(_plain(path), b"", content)

    def append(self, path, content):
        self._put(_plain(path), self.files.get(_plain(path), b""), content)

    def remove(self, path):
        path = _plain(path)
        if path in self.folders and self.names(path):
            raise OSError(errno.ENOTEMPTY)
        if self._change() in ("done", "whole"):
            self.files.pop(path, None)
            self.folders.discard(path)
        self._need_power()

    def make_folder(self, path):
        path = _plain(path)
        self._need_parent(path)
        if self._change() in ("done", "whole"):
            self.folders.add(path)
        self._need_power()

    def _put(self, path, before, content):
        self._need_parent(path)
        how = self._change()
        if how == "done" and len(content) > self.free_bytes():
            raise OSError(28, "ENOSPC")  # MicroPython's errno does not name it
        last_block = len(content) // BLOCK_BYTES * BLOCK_BYTES
        half = (last_block + len(content)) // 2
        if how in ("done", "whole"):
            self.files[path] = before + content
        elif how == "empty":
            self.files[path] = before
        elif how == "half":
            self.files[path] = before + content[: len(content) // 2]
        elif how == "spoilt":
            self.files[path] = before + content[:half] + b"\xff" * (len(content) - half)
        self._need_power()

    def _change(self):
        """Count a change; return "done", or how it is left behind."""
        self._need_power()
        self.changes += 1
        return self._how if self._is_off() else "done"

    def _is_off(self):
        return self._cut_at is not None and self.changes > self._cut_at

    def _need_power(self):
        if self._is_off():
            raise PowerCut()

    def _need_parent(self, path):
        parent = path.rsplit("/", 1)[0] if "/" in path else ""
        if parent not in self.folders:
            raise OSError(errno.ENOENT)


def _plain(path):
    return path.strip("/")
