"""The folder that an update is written into, piece by piece; every step of it in slices.

The generators here yield after each slice (one block read, written or hashed, one file removed),
so that no slice takes longer than a block of flash does.
"""

import hashlib

from groundswell.release import CHUNK_BYTES, MAX_LINE_BYTES, ReleaseError

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Protocol

    class Files(Protocol):
        def read(self, path: str, offset: int = 0, limit: int = -1) -> "bytes | None": ...

        def size(self, path: str) -> "int | None": ...

        def names(self, folder: str) -> "list[str]": ...

        def free_bytes(self) -> int: ...

        def write(self, path: str, content: "bytes | bytearray | memoryview") -> None: ...

        def append(self, path: str, content: "bytes | bytearray | memoryview") -> None: ...

        def remove(self, path: str) -> None: ...

        def make_folder(self, path: str) -> None: ...


BLOCK_BYTES = 4096  # of the flash: what is written in one go
_PIECE_BYTES = 1024  # what is read in one go: it must find room in one piece


def clearing(files: "Files", folder: str) -> "Iterator[None]":
    """Remove everything in a folder."""
    for name in files.names(folder):
        path = folder + "/" + name
        if name.endswith("/"):
            path = path[:-1]
            yield from clearing(files, path)
        files.remove(path)
        yield


def comparing(
    files: "Files", path: str, size: int, sha256: bytes
) -> "Generator[None, None, bool]":
    """Return whether the file is there and is that."""
    if files.size(path) != size:
        return False
    digest = hashlib.sha256()
    for offset in range(0, size, _PIECE_BYTES):
        digest.update(files.read(path, offset, _PIECE_BYTES) or b"")
        yield
    return digest.digest() == sha256


def copying(files: "Files", source: str, goal: str, size: int) -> "Iterator[None]":
    files.write(goal, b"")
    yield
    for offset in range(0, size, BLOCK_BYTES):
        files.append(goal, files.read(source, offset, BLOCK_BYTES) or b"")
        yield


def lines(files: "Files", path: str) -> "Iterator[str]":
    """Yield the lines of a text, holding one at a time. Raises ReleaseError for what is none."""
    offset = 0
    while True:
        piece = files.read(path, offset, MAX_LINE_BYTES + 1) or b""
        if not piece:
            return
        end = piece.find(b"\n")
        if end < 0:
            raise ReleaseError("a line of the manifest has no end")
        try:
            yield str(piece[:end], "utf-8")
        except ValueError:  # UnicodeError is one
            raise ReleaseError("the manifest is no text") from None
        offset += end + 1


def making_parents(files: "Files", path: str) -> "Iterator[None]":
    parts = path.split("/")
    for length in range(1, len(parts)):
        files.make_folder("/".join(parts[:length]))
        yield


class Gap:
    """What is missing of one file: takes chunks in order, holds a block, writes whole blocks.

    A chunk that is not the next one is not taken: the sender is told what is.

    block   BLOCK_BYTES of scratch
    """

    def __init__(self, files: "Files", path: str, index: int, size: int, block: bytearray) -> None:
        self._files = files
        self._path = path
        self._block = block
        self._held = 0  # of the block
        self._written = 0
        self.index = index
        self.size = size

    @property
    def offset(self) -> int:
        return self._written + self._held

    @property
    def has_room(self) -> bool:
        return self._held < BLOCK_BYTES and self.offset < self.size

    def take(self, index: int, offset: int, payload: bytes) -> bool:
        """Return whether it was the next piece and there was room for it."""
        room = min(BLOCK_BYTES - self._held, self.size - self.offset)
        if index != self.index or offset != self.offset or not 0 < len(payload) <= room:
            return False
        if len(payload) > CHUNK_BYTES:
            return False
        self._block[self._held : self._held + len(payload)] = payload
        self._held += len(payload)
        return True

    def filling(self) -> "Iterator[None]":
        """Write what comes, block by block, until the file has its size."""
        if self.size == 0:
            self._files.write(self._path, b"")
            yield
        while self._written < self.size:
            if self._held == BLOCK_BYTES or self.offset == self.size:
                # the first block replaces whatever was there
                put = self._files.append if self._written else self._files.write
                put(self._path, memoryview(self._block)[: self._held])
                self._written += self._held
                self._held = 0
            yield
