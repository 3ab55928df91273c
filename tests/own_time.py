"""The time without what this process waited for a processor that others had.

Where it sleeps or is blocked time passes, where it works too: what a test bounds by it is what the
process needs, however busy the machine is. On CPython and MicroPython; without Linux' account of
it (/proc/self/schedstat, the second number) it is the machine's clock.
"""

import time


def now_us() -> int:
    """Of the main thread; never goes back."""
    queued_us = _queued_us()
    while True:
        machine_us = time.time_ns() // 1000
        again_us = _queued_us()
        if again_us == queued_us:
            return machine_us - queued_us
        queued_us = again_us  # it waited between the two clocks


def _queued_us() -> int:
    try:
        with open("/proc/self/schedstat") as file:  # noqa: PTH123  MicroPython has no pathlib
            return int(file.read().split()[1]) // 1000
    except OSError:
        return 0
