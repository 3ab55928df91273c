"""What a node says when it could not say it in time: the same, marked, on a topic of its own."""

from groundswell import topics, wire

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

    Fresh = wire.Trigger | wire.Shaking


def as_late(
    message: "Fresh", encode: "Callable[[Fresh], bytes]" = wire.encode
) -> "tuple[str, bytes]":
    """Return topic and frame of the late version of a trigger or a second of shaking."""
    create = type(message)
    values = list(message)
    # MicroPython's namedtuple has no _fields: a message of its own indices tells where each is
    values[create(*range(len(values))).flags] |= wire.FLAG_LATE
    late = create(*values)
    return topics.of_message(late), encode(late)
