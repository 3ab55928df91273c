"""The layers of a model that is ready to run. `run` allocates nothing.

A layer is a tuple, because an object of a class takes as much memory as its numbers:

    kind, source, target, parameters of the kernel, more:
    POOL        None
    ADD         the other source, and both tables
    ADD_ALIKE   the other source, of the same scale
    PAD         None; parameters: bytes before, of the source, after; their level
    LOOK_UP     the table; parameters: bytes
    DENSE       planes, row, table: every channel sees every input channel of its window
    DEPTHWISE   the same: every channel sees one input channel, its own

What reads and packs a file (packing.py and what it needs) is not imported here, so that a device
can do without its memory once the model is there.
"""

from groundswell import elementwise, inference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Layer = tuple[int, Any, Any, Any, Any]

POOL, ADD, ADD_ALIKE, PAD, LOOK_UP, DENSE, DEPTHWISE = 0, 1, 2, 3, 4, 5, 6


def run(layers: "Iterable[Layer]") -> None:
    """Run them in order: each writes its target."""
    for kind, source, target, p, more in layers:
        if kind == POOL:
            elementwise.pool(0, 0, source, target, p)
        elif kind == ADD:
            elementwise.add(source, more[0], target, more[1], more[2], p)
        elif kind == ADD_ALIKE:
            elementwise.add_alike(source, more[0], target, p)
        elif kind == PAD:
            elementwise.pad(source, target, p[0], p[1], p[2], p[3])
        elif kind == LOOK_UP:
            elementwise.look_up(source, target, more, p[0])
        else:
            w, row, table = more
            if kind == DENSE:
                a, b, c, d, e, f, g, h = w
                inference.convolve(0, 0, a, b, c, d, e, f, g, h, source, target, row, table, p)
            else:
                a, b, c, d = w
                inference.convolve_depthwise(0, 0, a, b, c, d, source, target, row, table, p)
