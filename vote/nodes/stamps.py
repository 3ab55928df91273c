"""Whether the times that a node writes can be used."""

from groundswell import wire

OLD_US = 15_000_000  # older than this on arrival and not marked late: its clock is wrong
AHEAD_US = 2_000_000  # OpenEEW device clocks run up to 0.9 s ahead of the cloud (median)
CLOCK_SIGMA_MAX_US = 1_000_000  # beyond this a P time no longer tells near from far


def is_clock_bad(stamp_us: int, received_us: int, flags: int, clock_error_us: int) -> bool:
    """Tell whether a node's times cannot be used: it says so itself, or the stamp shows it."""
    if flags & wire.FLAG_UNSYNCHRONISED or clock_error_us > CLOCK_SIGMA_MAX_US:
        return True
    if flags & wire.FLAG_LATE:
        return stamp_us > received_us + AHEAD_US
    return not -OLD_US <= stamp_us - received_us <= AHEAD_US
