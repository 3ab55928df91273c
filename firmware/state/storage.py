"""Small files that survive a cut of power at any moment: configuration, pointers, counters.

    save(files, "state/configuration", content)
    content = load(files, "state/configuration")     # what was saved last, or None

Each name has two files, `<name>.0` and `<name>.1`, each one generation with a checksum. `save`
writes over the older one and never touches the newer: whatever is left of a write that was cut,
`load` returns either what was saved before or what was being saved, never a mixture and never
nothing where something was. No rename and no order of writes is relied on. Saving what is there
already writes nothing (flash wears out). `files` is a flash.Flash, or a test's simulated flash;
the folder must exist.
"""

import binascii
import struct

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Protocol

    class Files(Protocol):
        def read(self, path: str, offset: int = 0, limit: int = -1) -> "bytes | None": ...

        def write(self, path: str, content: bytes) -> None: ...


MAX_BYTES = 8192  # held in memory three times while it is saved
_HEAD = "<4sIII"  # mark, generation, length of the content, CRC-32 of what follows the mark
_HEAD_BYTES = 16
_MARK = b"GS\x00\x01"


def save(files: "Files", name: str, content: bytes) -> None:
    """Keep content under this name, after whatever was there.

    Raises ValueError for more than MAX_BYTES, OSError if the flash does not take it; what was
    saved before is then still there.
    """
    if len(content) > MAX_BYTES:
        raise ValueError(f"{len(content)} bytes are too many for one small file")
    slot, generation, kept = _newest(files, name)
    if kept == content:
        return
    path = _path(name, 1 - slot)
    numbers = struct.pack("<II", generation + 1, len(content))
    record = _MARK + numbers + struct.pack("<I", binascii.crc32(numbers + content)) + content
    files.write(path, record)
    if files.read(path) != record:
        raise OSError("the flash did not keep " + path)


def load(files: "Files", name: str) -> "bytes | None":
    """Return what was saved last; None if nothing ever was, or nothing readable is left."""
    return _newest(files, name)[2]


def _newest(files: "Files", name: str) -> "tuple[int, int, bytes | None]":
    """Return slot, generation and content of the newest whole file; (1, 0, None) without one."""
    newest: "tuple[int, int, bytes | None]" = (1, 0, None)
    for slot in (0, 1):
        record = files.read(_path(name, slot), 0, _HEAD_BYTES + MAX_BYTES + 1)
        if record is None or len(record) < _HEAD_BYTES:
            continue
        mark, generation, length, checksum = struct.unpack_from(_HEAD, record, 0)
        content = record[_HEAD_BYTES:]
        if mark != _MARK or length != len(content):
            continue
        if binascii.crc32(record[4:12] + content) == checksum and generation > newest[1]:
            newest = (slot, generation, content)
    return newest


def _path(name: str, slot: int) -> str:
    return f"{name}.{slot}"
