"""Memory (MicroPython): kept in one piece at the start, and code given back that is done with.

To import this is to begin: from then on memory is collected often.

On CPython nothing is given back: there memory is no worry, and a module that is imported anew has
new classes.
"""

import gc
import sys

# Between two collections, in bytes: without, what lives on lies scattered over the whole heap, and
# nothing of a kB finds room: at the start (of the virtual board, 200 kB became 320) and later (in
# 128 kB, 10 of them free, a line to the broker found no 800 bytes: `tools.node_memory 120 128`).
# But a collection looks at all of the heap: of a large one, as in tests, it is this share.
TIGHT_B = 4096
TIGHT_SHARE = 48  # of 188 kB: 4 kB


def forget(*names: str) -> None:
    """Forget these modules. Whoever needs one of them again imports it again.

    A module lives on as long as one of its functions does: nobody may keep any.
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


threshold = getattr(gc, "threshold", None)
if threshold is not None and sys.implementation.name == "micropython":
    threshold(max(TIGHT_B, getattr(gc, "mem_free")() // TIGHT_SHARE))  # noqa: B009  CPython has none
