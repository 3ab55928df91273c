"""Before all else is loaded, a device reads its model: beside the rest there is no room for it.

    from firmware.early import forget, read
    read()
    forget()

The reader takes 26 kB; what it leaves, packed weights and slots, 10. What is wrong with the model
is found out once more by the start (assembly.py), and told.
"""

import gc

from firmware import lean

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from groundswell.packing import Packed

# What reads and packs a model.
READER = (
    "groundswell.trained",
    "groundswell.packing",
    "groundswell.weighted",
    "groundswell.layers",
    "groundswell.graph",
    "groundswell.scales",
    "groundswell.requirements",
    "groundswell.budget",
    "firmware.reader",  # all of them in one, and flatbuffer: tools/build_firmware.py
)
# Rings of 1 and 2 kB find no such piece in a small heap that is full of code: it is kept free for
# them from the beginning. All of the detector's, the window's and the recorder's have 12 kB.
ROOM_B = 12000
_packed: "list[Packed]" = []
_room: "list[bytearray]" = []


def read() -> None:
    _room.append(bytearray(ROOM_B))
    _read()


def forget() -> None:
    """Apart from `read`, for what that left on the stack looks to the collector like its own."""
    lean.forget(*READER)


def make_room() -> None:
    """Give free what was kept free: the rings come now."""
    del _room[:]
    gc.collect()


def _read() -> None:
    try:
        from groundswell.trained import packed

        _packed.append(packed())
    except (ImportError, OSError, ValueError, MemoryError):
        pass  # found out and told by the start


def take() -> "Packed | None":
    """Return once what was read before."""
    return _packed.pop() if _packed else None
