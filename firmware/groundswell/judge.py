"""How probable it is that a detection is an earthquake: the trained network's word on a window.

The network's outputs are calibrated log-odds in eighths of a bit, one for each age of a detection
(training/calibrate.py folds the calibration into its last layer):

    p = 1 / (1 + 2 ** -(output / 8))

at even odds: p / (1 - p) is how many times more often such a window comes from an earthquake than
from anything else; how often either happens is the vote's business.
"""

from groundswell.logarithm import log2_16
from groundswell.model import Model
from groundswell.window import CHANNELS, FRAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array

    from groundswell.detector import Detector
    from groundswell.flatbuffer import Bytes
    from groundswell.packing import Packed

HEADS = 5
_UNTIL_US = (250000, 750000, 1500000, 2500000)  # 0, 0.5, 1, 2 s since the trigger; then 3 s
STEPS = 8  # outputs a bit
# No wall is so loud: an MPU6050 gives 13,000 in 1-12 Hz by itself, worn sensors some 150,000. How
# much less is believed there was fitted to the same recordings: four bits an octave (a logistic
# regression gave 3.9 with the network before this one).
LOUD_UM_S2 = 20000
LOUD_STEPS = 2  # eighths of a bit a sixteenth of an octave
# Bits: nobody is ever surer than 941 of 1000 that it is, or than 970 that it is not. Of the
# held-out windows of which a model was surer, 91 to 97 % were an earthquake's, and 0 to 2 %; what
# it was never shown may be anything.
MOST, LEAST = 4, -5

# round(1000 / (1 + 2 ** (-i / 8))) for i = 0 .. 40
# fmt: off
_TABLE = (
    500, 522, 543, 565, 586, 607, 627, 647, 667, 686, 704, 722, 739, 755, 771, 786, 800,
    814, 826, 838, 850, 861, 871, 880, 889, 897, 905, 912, 919, 925, 931, 936, 941, 946,
    950, 954, 958, 961, 964, 967, 970,
)
# fmt: on


LOOK_EVERY_US = 125000  # at what is not believed yet
LATE_US = 500000  # since the trigger; what is believed later may have begun later
LOOK_OFTEN_US = 4000000  # since the trigger; with 2 s some wait a second longer for nothing
LOOK_RARELY_US = 1000000
STANDS_FROM_US = 4000000  # since the trigger; later the window no longer holds the onset


# From how much p on a detection is published: the lowest levels that keep the budgets of false
# triggers a day, 24 at a quiet place and 48 at a busy one (`python -m training.thresholds`: 22 and
# 33 by models that had not seen what they judge; busy from 850 on 74). With them 196 of 197 strong
# earthquakes, median delay of MEMS 0.17 s, five records of the noise folder; 500 and 850: 196,
# 0.20 s, eight (`python -m training.evaluate`).
SEND_FROM_PERMILLE = 400
BUSY_UM_S2 = 3000  # RMS of the vertical in 1-12 Hz; an ADXL355 on a quiet wall: 730
BUSY_SEND_FROM_PERMILLE = 900

# What a node may say: a detection an hour, as the budget of a quiet place has it, and two days'
# of them at once. Each one more raises its level by a step, each hour lowers it by one.
EACH_US = 3600000000
AT_ONCE = 48  # no recording of an earthquake and its aftershocks has more: 46, 36, 31, 26
MOST_STEPS = 5
STEP_PERMILLE = 100


def send_from_permille(
    quiet_permille: int,
    noise_um_s2: int,
    steps: int = 0,
    busy_permille: int = BUSY_SEND_FROM_PERMILLE,
) -> int:
    """Return the least p that is published.

    quiet_permille: where the place is quiet, 0 to publish all; steps: of an Allowance
    """
    busy_permille = max(quiet_permille, busy_permille)
    if noise_um_s2 >= BUSY_UM_S2:
        return busy_permille
    if not quiet_permille:
        return 0
    return min(busy_permille, quiet_permille + STEP_PERMILLE * steps)


class Allowance:
    """By how many steps a node that says too much must be surer than others."""

    def __init__(self) -> None:
        self._paid_until_us = 0  # an hour for each that was published

    def spend(self, now_us: int) -> None:
        """A detection is published."""
        most_us = now_us + (AT_ONCE + MOST_STEPS) * EACH_US
        self._paid_until_us = min(most_us, max(now_us, self._paid_until_us) + EACH_US)

    def steps(self, now_us: int) -> int:
        over_us = self._paid_until_us - now_us - AT_ONCE * EACH_US
        return max(0, (over_us + EACH_US - 1) // EACH_US)


class Judge:
    """A network that is ready; allocates nothing when asked."""

    def __init__(self, file: "Bytes | Packed") -> None:
        """file: a .tflite, or packed. Raises flatbuffer.ModelError: why it is none of ours."""
        self.model = Model(file)
        if self.model.input_count != FRAMES * CHANNELS or self.model.output_count != HEADS:
            raise ValueError("this model was not made for this window")

    def p_permille(self, window: "array[int]", age_us: int, noise_um_s2: int) -> int:
        """Return the probability, 30 to 941.

        age_us: since the trigger; noise_um_s2: RMS of the vertical in 1-12 Hz, before the onset
        """
        model = self.model
        head = 0
        while head < HEADS - 1 and age_us >= _UNTIL_US[head]:
            head += 1
        eighths = model.run(window)[head] - model.output_zero
        loud = log2_16(noise_um_s2) - log2_16(LOUD_UM_S2)
        return permille_of(eighths - LOUD_STEPS * max(0, loud))


class Opinion:
    """What a judge thinks of the latest detection, and when to ask it again."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.allowance = Allowance()
        self._permille = 0
        self._since_us = 0
        self._next_us = 0

    def begin(self, now_us: int) -> None:
        """A detection begins."""
        self._since_us = now_us

    def is_due(self, now_us: int) -> bool:
        """True when a detection that is not believed yet should be looked at again."""
        return now_us >= self._next_us

    def is_late(self, now_us: int) -> bool:
        """True when what is believed only now may be something else than what began then."""
        return now_us - self._since_us > LATE_US

    def ask(self, detector: "Detector", now_us: int, is_doubted: bool) -> int:
        """Return how probable it is, permille; what was believed is not asked for ever."""
        age_us = now_us - self._since_us
        if is_doubted or age_us <= STANDS_FROM_US:
            self._permille = self._judge.p_permille(detector.look(), age_us, detector.noise_um_s2)
        often = age_us < LOOK_OFTEN_US
        self._next_us = now_us + (LOOK_EVERY_US if often else LOOK_RARELY_US)
        return self._permille

    def is_told(self, levels: "tuple[int, int]", noise_um_s2: int, now_us: int) -> bool:
        """True when what was answered last is enough to be published (send_from_permille).

        levels: where the place is quiet, and busy
        """
        quiet, busy = levels
        steps = self.allowance.steps(now_us)
        return self._permille >= send_from_permille(quiet, noise_um_s2, steps, busy)


def permille_of(eighths: int) -> int:
    """Return 1000 / (1 + 2 ** -(eighths / 8))."""
    bounded = max(LEAST * STEPS, min(MOST * STEPS, eighths))
    return _TABLE[bounded] if bounded >= 0 else 1000 - _TABLE[-bounded]
