"""A moment of a board's counter in two small numbers: the path of every sample allocates nothing.

A device's small integers end at 2**30, which is 18 minutes of microseconds; beyond that each one
is an object of 32 bytes. So the moments of the samples are laps of 2**29 us and the rest, and
only who says something asks for the whole number.
"""

LAP_BITS = 29
_REST = (1 << LAP_BITS) - 1


class Moment:
    """us: 0 .. 2**29 - 1, since the beginning of the lap"""

    def __init__(self) -> None:
        self.lap = 0
        self.us = 0

    def put(self, other: "Moment", later_us: int) -> None:
        """Be so much later than that one, or earlier: less than 2**29 us."""
        us = other.us + later_us
        self.lap = other.lap + (us >> LAP_BITS)
        self.us = us & _REST

    def since_us(self, other: "Moment") -> int:
        """Return how much later it is; a small number if that is less than nine minutes."""
        return self.us - other.us + (self.lap - other.lap << LAP_BITS)

    @property
    def ticks_us(self) -> int:
        return (self.lap << LAP_BITS) + self.us


def moment(ticks_us: int) -> Moment:
    found = Moment()
    found.lap = ticks_us >> LAP_BITS
    found.us = ticks_us & _REST
    return found
