"""A virtual node's idea of time: a crystal that drifts, a time server behind a bad link."""

import numpy as np

DRIFT_SIGMA_PPB = 15_000  # cheap crystals: +-10 to 50 ppm
# A Wi-Fi link as it was taken for the prototype of the node's clock: 2 ms and an exponential tail,
# every fifth a long one; each way drawn on its own, which is what makes a clock wrong.
LEAST_DELAY_US = 2_000
TAIL_US = 4_000
LONG_TAIL_US = 40_000
LONG_SHARE = 0.2
_SERVER_US = 50


class Crystal:
    """Counts microseconds from some number on, a little too fast or too slow."""

    def __init__(self, true_us: int, rng: np.random.Generator) -> None:
        self._from_us = true_us
        self._offset_ticks_us = int(rng.integers(1, 1 << 29))
        self.drift_ppb = int(rng.standard_normal() * DRIFT_SIGMA_PPB)

    def ticks_us(self, true_us: int) -> int:
        elapsed_us = true_us - self._from_us
        return self._offset_ticks_us + elapsed_us + elapsed_us * self.drift_ppb // 1_000_000_000


def exchange(true_us: int, bias_us: int, rng: np.random.Generator) -> tuple[int, int, int]:
    """Return (sent, received, answered) of an exchange with a time server that ends at true_us.

    sent: true time at the node; received and answered: as the server says, wrong by bias_us.
    """
    there_us, back_us = _delay_us(rng), _delay_us(rng)
    answered_us = true_us - back_us
    received_us = answered_us - _SERVER_US
    return received_us - there_us, received_us + bias_us, answered_us + bias_us


def _delay_us(rng: np.random.Generator) -> int:
    tail_us = LONG_TAIL_US if rng.random() < LONG_SHARE else TAIL_US
    return LEAST_DELAY_US + int(rng.exponential(tail_us))
