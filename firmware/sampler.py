"""A chip as the node needs it: samples with their time, the vertical last, honest about trouble.

The chip's own oscillator and FIFO do the timing; nobody knows when exactly a sample was taken,
only how many there are. So the time of the last one is tracked: half a period before it is seen,
on average, averaged over many readings (a loop with a phase and a rate; the rate is the chip's
real one by our ticks). What is lost begins the track anew: the timeline then sees the gap.

A chip that fails is started again, ever less often; until it gives samples again `error` says what
a technician should do, and the node is not armed.
"""

from array import array

from firmware.sensors.bus import SensorError
from groundswell.kernel import micropython, ptr32
from groundswell.moment import Moment

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.sensors.chip import Chip
    from firmware.sensors.self_test import SelfTest

SILENT_US = 1000000  # a chip that says nothing for so long is started again
RETRY_FIRST_US = 1000000
RETRY_LONGEST_US = 60000000
# The loop's gains, of an error that is spread over a period (2.3 ms RMS at 125 Hz): 1/32 leaves
# 0.3 ms; the rate's is a quarter of its square, the slowest that does not swing.
PHASE_SHIFT = 5
RATE_SHIFT = 12
LOST_US = 250000  # who is so far off has missed something: an ADXL355's whole FIFO
_PARTS = 10  # a period is kept in 1/1024 us
VERTICAL_SAMPLES = 32


@micropython.viper
def turn(counts: ptr32, n: int, axis: int) -> int:
    """Swap one axis of n triplets with the last one."""
    k = 0
    while k < n:
        at = 3 * k + axis
        last = counts[3 * k + 2]
        counts[3 * k + 2] = counts[at]
        counts[at] = last
        k += 1
    return n


class Sampler:
    """
    chip    not started yet
    now     the board's: the moment, of a counter that never goes back
    """

    def __init__(self, chip: "Chip", now: "Callable[[], Moment]") -> None:
        self.chip = chip
        self.counts: "array[int]" = chip.counts
        self._now = now
        self._nominal = 1000000000 * (1 << _PARTS) // chip.rate_mhz
        self._vertical = 2
        self._is_anchored = False
        self._retry_us = 0
        self._pause_us = RETRY_FIRST_US
        self._heard = Moment()
        self._seen = Moment()
        self.error = "not started"  # "" while all is well
        self.end = Moment()  # of the last sample that poll gave
        self.failures = 0
        self.overruns = 0
        self._restart_track()

    def start(self) -> None:
        """Start the chip. Raises SensorError; poll tries again later anyway."""
        self._retry_us = self._now().ticks_us + self._pause_us
        self._pause_us = min(2 * self._pause_us, RETRY_LONGEST_US)
        try:
            self.chip.start()
        except SensorError as error:
            self._fail(error)
            raise
        self.error = ""
        self._restart_track()
        self._heard.put(self._now(), 0)

    def find_vertical(self, sleep_ms: "Callable[[int], None]") -> None:
        """See which axis gravity pulls at: that one is given last. Takes a third of a second.

        Of a chip that gives nothing it learns nothing. Raises SensorError.
        """
        totals = [0, 0, 0]
        taken = 0
        for _ in range(100):
            n = self.chip.poll()
            for at in range(3 * n):
                totals[at % 3] += self.counts[at]
            taken += n
            if taken >= VERTICAL_SAMPLES:
                break
            sleep_ms(20)
        if taken:
            pulls = [abs(total) for total in totals]
            self._vertical = pulls.index(max(pulls))
        self._restart_track()

    def poll(self) -> int:
        """Return the number of triplets in counts; 0 also while the chip does not work.

        Never raises: trouble is in `error`.
        """
        now = self._now()
        if self.error:
            if now.ticks_us >= self._retry_us:
                self._try_again()
            return 0
        try:
            n = self.chip.poll()
        except SensorError as error:
            self._fail(error)
            return 0
        has_lost = self.chip.has_overrun
        if n == 0:
            self._listen(now)
            return 0
        self._heard.put(now, 0)
        self._pause_us = RETRY_FIRST_US
        if has_lost and self._is_anchored:  # not what came before we listened
            self.overruns += 1
        self._track(n, now, has_lost)
        if self._vertical != 2:
            turn(self.counts, n, self._vertical)
        return n

    def self_test(self) -> "SelfTest":
        """Return the chip's own verdict; its samples of a second or two are lost."""
        verdict = self.chip.self_test()
        self._restart_track()
        self._heard.put(self._now(), 0)
        if not verdict.has_passed:
            self.failures += 1
        return verdict

    @property
    def rate_mhz(self) -> int:
        """The chip's real rate, by our ticks."""
        return 1000000000 * (1 << _PARTS) // self._period

    def _try_again(self) -> None:
        try:
            self.start()
        except SensorError:
            pass  # start has noted it

    def _fail(self, error: SensorError) -> None:
        self.error = str(error)
        self.failures += 1
        self._retry_us = self._now().ticks_us + self._pause_us

    def _listen(self, now: Moment) -> None:
        if now.since_us(self._heard) > SILENT_US:
            self._fail(SensorError(f"{self.chip.name}: gives no samples. Switch it off and on"))

    def _restart_track(self) -> None:
        self._is_anchored = False
        self._period = self._nominal
        self._rest = 0  # of a microsecond, in 1/1024

    def _track(self, n: int, now: Moment, has_lost: bool) -> None:
        seen, end = self._seen, self.end
        seen.put(now, -(self._period >> _PARTS + 1))
        parts = n * self._period + self._rest
        lasted_us = parts >> _PARTS
        error_us = seen.since_us(end) - lasted_us
        if has_lost or not self._is_anchored or not -LOST_US < error_us < LOST_US:
            self._is_anchored = True
            self._rest = 0
            end.put(seen, 0)
            return
        self._rest = parts & (1 << _PARTS) - 1
        end.put(end, lasted_us + (error_us >> PHASE_SHIFT))
        period = self._period + (error_us << _PARTS >> RATE_SHIFT) // n
        # no chip is off by more than a tenth: data sheets say 1 to 8 %
        self._period = max(self._nominal * 9 // 10, min(self._nominal * 11 // 10, period))
