"""One node's detector: samples in, detections out. Causal, bounded, allocation-light.

    WARMING_UP --enough heard--> ARMED --ratio over the threshold--> TRIGGERED
    TRIGGERED --a clear new onset in what shakes already--> TRIGGERED
    TRIGGERED --quiet again, or too long--> DEAD_TIME --over--> ARMED
    any --samples lost--> WARMING_UP

Everything that changes the state is in this file. The long-term average is frozen while TRIGGERED.
Horizontals count as one energy, so that it does not matter how the node was turned on its wall.
Sample numbers count from the start of the detector; times belong to the reporter.
"""

from groundswell import sta_lta
from groundswell.kernel import micropython, ptr32
from groundswell.logarithm import log2_16
from groundswell.motion import Motion, largest, new_ring
from groundswell.onset import Beginning
from groundswell.window import Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array

LONGEST_BLOCK = 16  # samples: 32 ms at 500 Hz, what a node reads at once; six arrays hold it

WARMING_UP = 0
ARMED = 1
TRIGGERED = 2
DEAD_TIME = 3

# what `take` reports
NOTHING = 0
BEGINS = 1
ENDS = 2

# Tuned on the recordings as a node hears them, the trained judge behind it (models that had not
# seen the record). The ratio alone decides when a weak P is noticed: from 2.5, 3, 3.5, 3.75, 4 on
# the median delay is 0.56, 0.65, 0.70, 0.70, 0.75 s, and quiet MEMS nodes are wrong 120, 22, 5, 4,
# 3 times in 8.8 h. Averages of 300 ms or 1 s, sums, narrower bands and cumulative sums are no
# earlier at equal false proposals: what comes late has its P below the ADXL355's noise.
STA_MS = 500
LTA_MS = 10000  # with 20 s eight weak records more and 3 false; with 20 s and ratio 5 0.04 s later
WARM_UP_MS = 5000  # of samples with information, at most LTA_MS; 10 s lost P within it
THRESHOLD_8 = 30  # ratio 3.75, in eighths
OFF_MILLI = 1500  # nearly the background again
LEAST_TRIGGERED_MS = 500
MOST_TRIGGERED_MS = 40000  # as long as refinements are sent
SHORTEST_MS = 1500  # shaking that is over sooner is retracted: a knock, a step
DEAD_TIME_MS = 500  # lets the short average fall after a detection
FLOOR_UM_S2 = 50  # RMS; of the detections in the recordings 98 % have more than 300
ONSET_WINDOW_MS = 2500  # an emergent P may need so long to reach the threshold; below RING_S

# A second earthquake in the coda of the first: against the energy of the last seconds.
RECENT_MS = 4000
AGAIN_8 = 48  # ratio 6
CALM_MILLI = 1500  # only after the first rise is over
AGAIN_AFTER_MS = 3000

_ONSET_LEVEL = 64  # in 16ths: twice the sum of two energies that each equal their average


@micropython.viper
def change_point(ring: ptr32, pos: int, n: int, level: int) -> int:
    """Return how many samples before `pos` the characteristic function rose above `level`.

    The place where the cumulative sum of (value - level) was lowest within n samples: the most
    likely beginning of a change (Page 1954, CUSUM). One value counts at most 64 levels.
    """
    mask = ring[0]
    total = 0
    lowest = 0
    back = n
    i = n
    while i > 0:
        v = ring[1 + ((pos - i) & mask)]
        if v > level << 6:
            v = level << 6
        total += v - level
        i -= 1
        if total < lowest:
            lowest = total
            back = i
    return back


class Detector:
    """The detector of one three-axis sensor at one rate."""

    def __init__(
        self,
        rate_mhz: int,
        lsb_nm_s2: int,
        range_counts: int,
        threshold_8: int = THRESHOLD_8,
        warm_up_ms: int = WARM_UP_MS,
        longest_block: int = LONGEST_BLOCK,
    ) -> None:
        """longest_block: samples that `take` accepts at once."""
        if not 25000 <= rate_mhz <= 500000:
            raise ValueError("sample rate outside 25..500 Hz")
        self._rate_mhz = rate_mhz
        self._warm_up_ms = warm_up_ms
        self.motion = Motion(rate_mhz, lsb_nm_s2, range_counts, longest_block)
        floor = max(1, FLOOR_UM_S2 * 1000000 // self.motion.unit_pm_s2)
        self._averages = sta_lta.StaLta(
            self._samples(STA_MS), self._samples(LTA_MS), threshold_8, floor
        )
        self._ratio_ring = new_ring(rate_mhz)
        self._recent = sta_lta.StaLta(
            self._samples(STA_MS), self._samples(RECENT_MS), AGAIN_8, floor
        )
        self._recent_ring = new_ring(rate_mhz)
        self._window = Window(rate_mhz, self.motion.unit_pm_s2, longest_block)
        self._beginning = Beginning(rate_mhz, self._window.scratch)
        self._quiet_from = 0  # the latest detection began after noise that is known from there on
        self._is_again = False  # or in the coda of another
        self.state = WARMING_UP
        self.samples = 0  # taken since the start
        self.onset = 0  # sample number of the latest detection's pick
        self.ratio_milli = 0  # its largest ratio
        self.noise_um_s2 = 0  # RMS of the vertical's band, before the onset
        self._raw_peaks = [0, 0, 0]  # of acceleration, velocity, displacement since the onset
        self._since = 0  # sample number of the last change of state
        self._lasted = 0  # samples of the latest detection that is over
        self._clipped_at_onset = 0

    def take(self, counts: "array[int]", at: int, n: int) -> int:
        """Take n samples x, y, z (vertical last) from number `at` on: NOTHING, BEGINS or ENDS."""
        if n > len(self.motion.still):
            raise ValueError("block too long")
        motion = self.motion
        motion.take(counts, at, n, self.samples)
        self._window.take(motion.acceleration, motion.band, n)
        rest = self._follow(0, n)
        event = NOTHING
        if rest >= 0:
            event = BEGINS
            self._begin(self.samples + n - rest, self._averages, self._ratio_ring)
            self._follow(n - rest, n)
        rest = self._rises_again(n)
        if rest >= 0 and event == NOTHING:
            event = BEGINS
            self._begin(self.samples + n - rest, self._recent, self._recent_ring)
        self.samples += n
        if self.state == TRIGGERED:
            self._measure(n, event == BEGINS)
            if event == NOTHING and self._is_over():
                self._lasted = self.samples - self.onset
                self._change(DEAD_TIME)
                event = ENDS
        else:
            self._advance()
        return event

    def propose_from(self, ratio_milli: int) -> None:
        """Let this ratio of the averages rouse it from now on, in steps of an eighth."""
        self._averages.state[sta_lta.THRESHOLD_8] = ratio_milli // 125

    def lost(self) -> None:
        """Samples were lost: start the averages anew, and trust nothing until they are warm."""
        self.motion.settle()
        self._averages.forget()
        self._recent.forget()
        self._change(WARMING_UP)

    def pick_again(self) -> None:
        """Look for the onset in the last seconds: what roused it was not yet what it is now."""
        window = min(self.samples - self.onset, self._samples(ONSET_WINDOW_MS))
        self.onset = self.samples - change_point(
            self._ratio_ring, self.samples, window, _ONSET_LEVEL
        )
        self._measure(0, True)

    def began(self) -> int:
        """Return the sample number of the onset, by all that is known now (onset.py).

        In the coda of another detection, where nobody knows the noise, it is the pick.
        """
        if self._is_again:
            return self.onset
        ring = self._ratio_ring
        first = max(self._quiet_from, self.samples - ring[0] - 1)
        return self._beginning.of(ring, self.onset, first, self.samples)

    @property
    def peaks(self) -> "tuple[int, int, int]":
        """um/s^2, nm/s, nm since the onset of the latest detection."""
        raw, motion = self._raw_peaks, self.motion
        return motion.um_s2(raw[0]), motion.nm_s(raw[1]), motion.nm(raw[2])

    def is_clipped(self) -> bool:
        """True when the sensor reached the end of its range since the onset."""
        return self.motion.clipped() != self._clipped_at_onset

    def was_nothing(self) -> bool:
        """True when the last detection was as short as a knock.

        After a knock the short-term average falls by itself, by a factor e in STA_MS: what it
        took to fall from its peak is no shaking.
        """
        octaves_16 = log2_16(self.ratio_milli) - log2_16(OFF_MILLI)
        fall_ms = STA_MS * 693 * max(0, octaves_16) // 16000  # ln 2 = 0.693
        return self._lasted < self._samples(fall_ms + SHORTEST_MS)

    def peak_of_last(self, n: int) -> "tuple[int, int]":
        """Return (um/s^2, nm/s) of the last n samples, at most the rings' length."""
        motion = self.motion
        first = self.samples - n
        return (
            motion.um_s2(largest(motion.acceleration_ring, first, n)),
            motion.nm_s(largest(motion.velocity_ring, first, n)),
        )

    def look(self) -> "array[int]":
        """Return what the judge looks at: the window that ends now (window.py)."""
        return self._window.look(self._averages.noise_counts())

    def ratio_now_milli(self) -> int:
        return self._averages.ratio_milli()

    def noise_now_um_s2(self) -> int:
        return self.motion.um_s2(self._averages.noise_counts())

    def _samples(self, ms: int) -> int:
        # ms * rate + 500000 over 1000000, without a number above 2**30
        whole, rest = self._rate_mhz // 1000, self._rate_mhz % 1000
        return max(1, (ms * whole + (ms * rest + 500000) // 1000) // 1000)

    def _follow(self, at: int, n: int) -> int:
        return self._follow_with(self._averages, self._ratio_ring, at, n)

    def _follow_with(self, averages: "sta_lta.StaLta", ring: "array[int]", at: int, n: int) -> int:
        """Return how many samples were left when it triggered, or -1."""
        motion = self.motion
        rest = sta_lta.follow(motion.band, motion.still, at, n, averages.state, ring, self.samples)
        return rest if averages.has_triggered() else -1

    def _rises_again(self, n: int) -> int:
        """Return how many samples were left when shaking began anew, or -1."""
        recent = self._recent
        if self.state != TRIGGERED:
            recent.arm(False)
        elif self._in_state_for(AGAIN_AFTER_MS) and recent.ratio_milli() < CALM_MILLI:
            recent.arm(True)
        rest = self._follow_with(recent, self._recent_ring, 0, n)
        if rest >= 0:
            self._follow_with(recent, self._recent_ring, n - rest, n)
        return rest

    def _begin(self, sample: int, averages: "sta_lta.StaLta", ratio_ring: "array[int]") -> None:
        """Change to TRIGGERED; `sample` is the number of the one after the one that triggered."""
        self.noise_um_s2 = self.motion.um_s2(averages.noise_counts())
        self._is_again = self.state == TRIGGERED
        self._quiet_from = self._since
        window = min(sample, self._samples(ONSET_WINDOW_MS))
        back = change_point(ratio_ring, sample, window, _ONSET_LEVEL)
        self.onset = sample - back
        self._recent.arm(False)
        self.ratio_milli = 0
        self._clipped_at_onset = self.motion.clipped()
        self._change(TRIGGERED, sample)

    def _measure(self, n: int, is_new: bool) -> None:
        """Bring the peaks and the ratio up to date after a block of n samples."""
        motion = self.motion
        if is_new:
            n = self.samples - self.onset
            for index in range(3):
                self._raw_peaks[index] = 0
        self._raise_peak(0, motion.acceleration_ring, n)
        self._raise_peak(1, motion.velocity_ring, n)
        self._raise_peak(2, motion.displacement_ring, n)
        self.ratio_milli = max(self.ratio_milli, self.ratio_now_milli())

    def _raise_peak(self, index: int, ring: "array[int]", n: int) -> None:
        raw = self._raw_peaks
        raw[index] = max(raw[index], largest(ring, self.samples - n, n))

    def _is_over(self) -> bool:
        if self._in_state_for(MOST_TRIGGERED_MS):
            self._averages.forget()  # what lasts so long is the new background
            return True
        return self._in_state_for(LEAST_TRIGGERED_MS) and self.ratio_now_milli() < OFF_MILLI

    def _advance(self) -> None:
        if self.state == WARMING_UP:
            is_ready = self._averages.heard() >= self._samples(self._warm_up_ms)
        else:
            is_ready = self.state == DEAD_TIME and self._in_state_for(DEAD_TIME_MS)
        if is_ready:
            self._change(ARMED)

    def _in_state_for(self, ms: int) -> bool:
        return self.samples - self._since >= self._samples(ms)

    def _change(self, state: int, since: int = -1) -> None:
        self.state = state
        self._since = self.samples if since < 0 else since
        self._averages.arm(state == ARMED)
        self._averages.freeze(state == TRIGGERED)
