"""Memory at the start (MicroPython): kept in one piece, and code given back that is done with.

To import this is to begin: from then on memory is collected often, until `settle`.

On CPython nothing is given back: there memory is no worry, and a module that is imported anew has
new classes.
"""

import gc
import sys

# What reads and packs a model. Not flatbuffer: others may hold its ModelError.
OF_THE_START = (
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


# Between two collections at the start, in bytes: without, what lives on lies scattered over the
# whole heap, and nothing of a kB finds room (of the virtual board, 200 kB became 320).
TIGHT_B = 4096


def forget(names: "tuple[str, ...]" = OF_THE_START) -> None:
    """Forget these modules. Whoever needs one of them again imports it again."""
    if sys.implementation.name != "micropython":
        return
    for name in names:
        if sys.modules.pop(name, None) is not None:
            package, _, short = name.rpartition(".")
            holder = sys.modules.get(package)
            if holder is not None and hasattr(holder, short):
                delattr(holder, short)
    gc.collect()


def settle() -> None:
    """The start is over: its checks go too, and memory is collected when the heap is full only."""
    forget(("firmware.state.settings", "firmware.checks"))
    if sys.implementation.name == "micropython":
        _collect_every(-1)


def _collect_every(allocated_b: int) -> None:
    threshold = getattr(gc, "threshold", None)  # CPython's is another
    if threshold is not None:
        threshold(allocated_b)


_collect_every(TIGHT_B)
