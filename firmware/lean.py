"""Memory (MicroPython): kept in one piece at the start, and code given back that is done with.

To import this is to begin: from then on memory is collected often, until assembly.py settles.

On CPython nothing is given back: there memory is no worry, and a module that is imported anew has
new classes.
"""

import gc
import sys

# Between two collections at the start, in bytes: without, what lives on lies scattered over the
# whole heap, and nothing of a kB finds room (of the virtual board, 200 kB became 320). But a
# collection looks at all of the heap: of a large one, as in tests, it is this share.
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


def collect_often() -> None:
    mem_free = getattr(gc, "mem_free", None)  # None on CPython
    if mem_free is not None:
        collect_every(max(TIGHT_B, mem_free() // TIGHT_SHARE))


def collect_every(allocated_b: int) -> None:
    """-1: when the heap is full only."""
    threshold = getattr(gc, "threshold", None)  # CPython's is another
    if threshold is not None and sys.implementation.name == "micropython":
        threshold(allocated_b)


collect_often()
