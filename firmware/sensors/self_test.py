"""The self-test: a chip pushes its own mass, and what it then measures is compared with limits.

The verdict is for a technician with the board in his hand: PASS or FAIL, and what to do.
"""

from collections import namedtuple

from firmware.sensors.bus import SensorError
from groundswell.filters import integer_sqrt

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.sensors.chip import Chip

STANDARD_GRAVITY_NM_S2 = 9806650000
TEST_SAMPLES = 32  # averaged at rest and pushed; makers take 5 (ST's examples) to 0.1 s (Analog)
WAIT_MS = 20
MOST_WAITS = 100  # two seconds for 32 samples: enough at 25 Hz
SHAKEN_MG = 100  # peak to peak; noise of the noisiest, the ADXL345, is some 20 mg: estimated
GRAVITY_MG = (700, 1300)  # at rest: an ADXL345's zero is 250 mg off at most (data sheet, table 1)

SelfTest = namedtuple("SelfTest", ("has_passed", "text"))  # text for a technician


def push_and_see(chip: "Chip", sleep_ms: "Callable[[int], None]") -> "SelfTest":
    """Return the verdict. Leaves the chip in its test settings: start() it afterwards."""
    lsb_nm_s2 = chip.prepare_test()
    rest_mg, shaken_mg = _average(chip, sleep_ms, lsb_nm_s2)
    chip.push()
    pushed_mg, _ = _average(chip, sleep_ms, lsb_nm_s2)
    if shaken_mg > SHAKEN_MG:
        return _failed(f"it is being shaken ({shaken_mg} mg). Keep it still, test again")
    moved_mg = [pushed_mg[axis] - rest_mg[axis] for axis in range(3)]
    if not chip.is_test_signed:
        moved_mg = [abs(mg) for mg in moved_mg]
    again = f"Test again; if it fails twice, replace the {chip.name}"
    for axis in range(3):
        least, most = chip.test_limits_mg[axis]
        if not least <= moved_mg[axis] <= most:
            moved = f"{'xyz'[axis]} moved by {moved_mg[axis]} mg, should be {least} to {most}"
            return _failed(f"{moved}. {again}")
    gravity_mg = integer_sqrt(sum([mg * mg for mg in rest_mg]))
    if not GRAVITY_MG[0] <= gravity_mg <= GRAVITY_MG[1]:
        return _failed(f"it measures {gravity_mg} mg of gravity at rest. {again}")
    return SelfTest(True, f"PASS: x, y, z moved by {moved_mg[0]}, {moved_mg[1]}, {moved_mg[2]} mg")


def _average(
    chip: "Chip", sleep_ms: "Callable[[int], None]", lsb_nm_s2: int
) -> "tuple[list[int], int]":
    """Return the mean of the samples to come, and their widest peak to peak, in mg."""
    sleep_ms(chip.settle_ms)
    waits = 0
    while chip.drain_surely() and waits < MOST_WAITS:
        waits += 1
    total, taken = [0, 0, 0], 0
    lowest, highest = [1 << 29] * 3, [-1 << 29] * 3
    for _ in range(MOST_WAITS):
        sleep_ms(WAIT_MS)
        n = chip.drain_surely()
        for at in range(3 * n):
            count, axis = chip.counts[at], at % 3
            total[axis] += count
            lowest[axis] = min(lowest[axis], count)
            highest[axis] = max(highest[axis], count)
        taken += n
        if taken >= TEST_SAMPLES:
            widest = max([highest[axis] - lowest[axis] for axis in range(3)])
            return [_mg(one, lsb_nm_s2) // taken for one in total], _mg(widest, lsb_nm_s2)
    raise SensorError(f"{chip.name}: gives no samples. Switch it off and on")


def _mg(counts: int, lsb_nm_s2: int) -> int:
    return counts * lsb_nm_s2 * 1000 // STANDARD_GRAVITY_NM_S2


def _failed(text: str) -> "SelfTest":
    return SelfTest(False, "FAIL: " + text)
