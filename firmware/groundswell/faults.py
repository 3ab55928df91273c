"""What a node finds wrong with itself: the bits of Status.faults, and what they mean to people.

A bit stays until the thing is well again; those of a failed start, of settings and of updates stay
until the next start. Whoever shows a status shows `words`: a number is no warning.
"""

SENSOR = 1
SELF_TEST = 2
OVERRUN = 4
CLOCK = 8
TIME_SERVERS = 16
NETWORK = 32
UPLINK = 64
CONFIGURATION = 128
SETTINGS_ROLLED_BACK = 256
STORAGE = 512
MODEL = 1024
MEMORY = 2048
UPDATE = 4096
TASK = 8192
CRASHED = 16384
LATE_LOOP = 32768

_WORDS = (
    (SENSOR, "the sensor does not work"),
    (SELF_TEST, "the sensor failed its self-test"),
    (OVERRUN, "samples were lost"),
    (CLOCK, "the clock is not set"),
    (TIME_SERVERS, "time servers are silent or disagree"),
    (NETWORK, "the network was lost within the last minutes"),
    (UPLINK, "the broker was lost within the last minutes"),
    (CONFIGURATION, "the configuration is broken: defaults are in force"),
    (SETTINGS_ROLLED_BACK, "new settings did not connect: the old ones are in force"),
    (STORAGE, "the flash cannot be written"),
    (MODEL, "the model cannot be used"),
    (MEMORY, "the memory is nearly full"),
    (UPDATE, "an update failed"),
    (TASK, "a part of the firmware failed"),
    (CRASHED, "the firmware crashed before"),
    (LATE_LOOP, "the main loop is too slow"),
)


def words(bits: int) -> "list[str]":
    """Return a line for each bit."""
    return [text for bit, text in _WORDS if bits & bit]
