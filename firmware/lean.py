"""Gives back the memory of code that is needed at the start only (MicroPython).

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


def forget(names: "tuple[str, ...]" = OF_THE_START) -> None:
    """Forget these modules; whoever needs one again imports it again."""
    if sys.implementation.name != "micropython":
        return
    for name in names:
        if sys.modules.pop(name, None) is not None:
            package, _, short = name.rpartition(".")
            holder = sys.modules.get(package)
            if holder is not None and hasattr(holder, short):
                delattr(holder, short)
    gc.collect()
