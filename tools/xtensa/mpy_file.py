"""The machine code of viper functions in a .mpy file of version 6, as mpy-cross writes it.

Layout: MicroPython's py/persistentcode.c. A file is one tree of functions, the module at its root;
what is no machine code is skipped.
"""

from collections.abc import Iterator

VIPER = 2  # kinds: 0 bytecode, 1 native Python, 2 viper, 3 assembler
_RELOCATED = 0x20  # of the scope flags: code that an ordinary linker made


class Reader:
    """Bytes from front to back."""

    def __init__(self, file: bytes) -> None:
        self._file = file
        self._at = 0

    def bytes(self, count: int) -> bytes:
        piece = self._file[self._at : self._at + count]
        if len(piece) < count:
            raise ValueError("the .mpy file is cut off")
        self._at += count
        return piece

    def number(self) -> int:
        """Seven bits a byte, highest first; bit 7 says that another byte follows."""
        value = 0
        while True:
            byte = self.bytes(1)[0]
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value


def viper_functions(file: bytes) -> list[bytes]:
    """Return the machine code of each viper function, in the order of the source."""
    reader = Reader(file)
    magic, version, _, _ = reader.bytes(4)
    if magic != ord("M") or version != 6:
        raise ValueError("not a .mpy file of version 6")
    names, objects = reader.number(), reader.number()
    for _ in range(names):
        length = reader.number()
        if not length & 1:  # else one of the names that every MicroPython has
            reader.bytes((length >> 1) + 1)
    for _ in range(objects):
        _skip_object(reader)
    return list(_functions(reader))


def architecture(file: bytes) -> int:
    """Return the number of the processor that the file is for; 0: any."""
    return file[2] >> 2 & 0xF


def _skip_object(reader: Reader) -> None:
    kind = reader.bytes(1)[0]
    if kind in (5, 6):  # text, bytes: a zero follows
        reader.bytes(reader.number() + 1)
    elif kind in (7, 8, 9):  # numbers, as text
        reader.bytes(reader.number())
    elif kind == 10:
        for _ in range(reader.number()):
            _skip_object(reader)


def _functions(reader: Reader) -> Iterator[bytes]:
    head = reader.number()
    kind = head & 3
    code = reader.bytes(head >> 3)
    if kind == 1:
        reader.number()  # where its prelude begins
    elif kind >= VIPER:
        if reader.number() & _RELOCATED:
            raise ValueError("relocated code is not read here")
        if kind > VIPER:
            reader.number()
            reader.number()
    if kind == VIPER:
        yield code
    if head & 4:
        for _ in range(reader.number()):
            yield from _functions(reader)
