"""Memory at the start (MicroPython): kept in one piece, and code given back that is done with.

To import this is to begin: from then on memory is collected often, until `forget`.

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
)


# Between two collections at the start, in bytes. With it the virtual board runs in 200 kB
# (tools/node_memory.py), without in 320: what lives on lies scattered over the whole heap then,
# and a ring of 12 kB finds no room.
TIGHT_B = 4096


def forget(names: "tuple[str, ...]" = OF_THE_START) -> None:
    """The start is over: forget these modules, and collect when the heap is full only.

    Whoever needs one of them again imports it again.
    """
    if sys.implementation.name != "micropython":
        return
    for name in names:
        if sys.modules.pop(name, None) is not None:
            package, _, short = name.rpartition(".")
            holder = sys.modules.get(package)
            if holder is not None and hasattr(holder, short):
                delattr(holder, short)
    gc.collect()
    _collect_every(-1)


def _collect_every(allocated_b: int) -> None:
    threshold = getattr(gc, "threshold", None)  # CPython's is another
    if threshold is not None:
        threshold(allocated_b)


_collect_every(TIGHT_B)
