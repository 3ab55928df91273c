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
CRASHED = 8192
LATE_LOOP = 16384
CERTIFICATE = 32768
# A task of the main loop failed within the last minutes: a mistake of ours, not of the world.
TASK_SAMPLING = 1 << 16
TASK_UPLINK = 1 << 17
TASK_COMMANDS = 1 << 18
TASK_TIME = 1 << 19
TASK_NETWORK = 1 << 20
TASK_SIGNALS = 1 << 21
TASK_HISTORY = 1 << 22
TASK_UPDATE = 1 << 23
PULSES = 1 << 24

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
    (CRASHED, "the firmware crashed before"),
    (LATE_LOOP, "the main loop is too slow"),
    (PULSES, "no good pulses of the GNSS receiver: the time is that of servers"),
    (CERTIFICATE, "a certificate is not accepted: a broker's, or this node's"),
)
# from TASK_SAMPLING on
_TASKS = (
    "sampling",
    "its line to the broker",
    "a command",
    "keeping the time",
    "its network",
    "its light or buzzer",
    "sending its history",
    "an update",
)


def words(bits: int) -> "list[str]":
    """Return a line for each bit."""
    tasks = [1 << n for n in range(16, 16 + len(_TASKS))]
    found = [text for bit, text in _WORDS if bits & bit]
    return found + [failed(task) for task in tasks if bits & task]


def failed(task: int) -> str:
    """Return the line for one of TASK_...; all that a device keeps of these words."""
    n = 0
    while task > TASK_SAMPLING:
        task >>= 1
        n += 1
    return "the firmware failed at " + _TASKS[n]
