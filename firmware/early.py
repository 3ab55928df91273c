"""Before all else is loaded, a device reads its model: beside the rest there is no room for it.

    from firmware.early import read
    read()

The reader takes 26 kB; what it leaves, packed weights and slots, 10. What is wrong with the model
is found out once more by the start (assembly.py), and told.
"""

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
_packed: "list[Packed]" = []


def read() -> None:
    _read()
    lean.forget(*READER)


def _read() -> None:
    try:
        from groundswell.trained import packed

        _packed.append(packed())
    except (ImportError, OSError, ValueError, MemoryError):
        pass  # found out and told by the start


def take() -> "Packed | None":
    """Return once what was read before."""
    return _packed.pop() if _packed else None
