"""Reads the container of a .tflite file (FlatBuffers) and trusts nothing in it.

Every offset is checked before it is followed and every count before it is used, so that a cut,
mutated or hostile file ends in ModelError, never in another error, a hang or a read outside.
Layout: https://flatbuffers.dev/internals. Nothing here recurses: cycles of offsets are harmless.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    Bytes = bytes | bytearray | memoryview[int]

MAX_TABLES = 200  # in a vector; the model of the nodes has some 20 operators and 60 tensors


class ModelError(ValueError):
    """This file is no model, or none that can run here."""


def root(file: "Bytes", identifier: bytes) -> "Table":
    if len(file) < 8 or bytes(file[4:8]) != identifier:
        raise ModelError(f"no {identifier.decode()} file")
    return Table(file, unsigned(file, 0, 4))


def unsigned(file: "Bytes", at: int, width: int) -> int:
    if at < 0 or at + width > len(file):
        raise ModelError("an offset points outside the file")
    number = 0
    for place in range(width):
        number |= file[at + place] << (8 * place)
    return number


def signed(file: "Bytes", at: int, width: int) -> int:
    number = unsigned(file, at, width)
    return number - (1 << (8 * width)) if number >> (8 * width - 1) else number


class Table:
    """One table of the file: its fields by their number in the schema."""

    def __init__(self, file: "Bytes", at: int) -> None:
        self.file = file
        self._at = at
        self._fields = at - signed(file, at, 4)
        self._size = unsigned(file, self._fields, 2)

    def number(self, field: int, default: int = 0, width: int = 4) -> int:
        at = self._find(field)
        return default if at is None else signed(self.file, at, width)

    def table(self, field: int) -> "Table | None":
        at = self._find(field)
        return None if at is None else Table(self.file, at + unsigned(self.file, at, 4))

    def tables(self, field: int) -> "list[Table]":
        start, count = self.vector(field, 4)
        if count > MAX_TABLES:
            raise ModelError(f"{count} tables, more than {MAX_TABLES}")
        places = range(start, start + 4 * count, 4)
        return [Table(self.file, at + unsigned(self.file, at, 4)) for at in places]

    def numbers(self, field: int, limit: int = 8) -> "tuple[int, ...]":
        start, count = self.vector(field, 4)
        if count > limit:
            raise ModelError(f"{count} numbers, more than {limit}")
        return tuple([signed(self.file, at, 4) for at in range(start, start + 4 * count, 4)])

    def text(self, field: int) -> str:
        start, count = self.vector(field, 1)
        shown = bytes(self.file[start : start + min(count, 40)])
        return "".join([chr(one) if 32 <= one < 127 else "?" for one in shown])

    def vector(self, field: int, width: int) -> "tuple[int, int]":
        """Return where the entries of a vector start and how many there are: all in the file."""
        at = self._find(field)
        if at is None:
            return 0, 0
        at += unsigned(self.file, at, 4)
        count = unsigned(self.file, at, 4)
        if at + 4 + count * width > len(self.file):
            raise ModelError("a vector reaches beyond the file")
        return at + 4, count

    def _find(self, field: int) -> "int | None":
        entry = 4 + 2 * field
        if entry + 2 > self._size:
            return None
        offset = unsigned(self.file, self._fields + entry, 2)
        return self._at + offset if offset else None
