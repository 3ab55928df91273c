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
LIVING_SHARE = 4  # once all is there: 5 collections a second in 128 kB, fewer in more


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


def collect_often(share: int = TIGHT_SHARE) -> None:
    """Collect whenever that share of what is free now has been allocated."""
    mem_free = getattr(gc, "mem_free", None)  # None on CPython
    threshold = getattr(gc, "threshold", None)  # CPython's is another
    if mem_free is not None and threshold is not None:
        threshold(max(TIGHT_B, mem_free() // share))


collect_often()
