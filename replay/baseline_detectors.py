"""Simple detectors to compare ours with: classic STA/LTA, raw and band-passed, by sample.

They see the same counts as our node and pay the same constant for block and processing.
"""

import math
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
from groundswell.reporter import BLOCK_US, PROCESSING_US

from replay.outcomes import Detection

Samples = npt.NDArray[np.float64]

PUBLISH_AFTER_S = (BLOCK_US + PROCESSING_US) / 1e6


@dataclass(frozen=True)
class StaLta:
    """STA and LTA are means of the squares; the loudest of the axes counts."""

    name: str
    sta_s: float
    lta_s: float
    threshold: float
    band_hz: tuple[float, float] | None
    axes: tuple[int, ...]  # of (horizontal, horizontal, vertical)
    refractory_s: float = 60.0  # OpenEEW's `no_det_win`, for all

    def detections(self, acc_mps2: Samples, rate_hz: float) -> list[Detection]:
        """acc_mps2: (3, n), vertical last."""
        ratios = [self._ratio(acc_mps2[axis], rate_hz) for axis in self.axes]
        loudest = np.max(ratios, axis=0)
        times_s = np.flatnonzero(loudest >= self.threshold) / rate_hz
        found: list[Detection] = []
        for time_s in times_s:
            if not found or time_s - found[-1].onset_s >= self.refractory_s:
                found.append(Detection(float(time_s), float(time_s) + PUBLISH_AFTER_S, False))
        return found

    def _ratio(self, acc_mps2: Samples, rate_hz: float) -> Samples:
        n_lta = round(self.lta_s * rate_hz)
        if self.band_hz is None:
            wanted = acc_mps2 - trailing_mean(acc_mps2, n_lta)
        else:
            wanted = band_pass(acc_mps2, *self.band_hz, rate_hz)
        return classic_sta_lta(wanted, round(self.sta_s * rate_hz), n_lta)


# seismology.md section 0 (2): OpenEEW's own, and what a causal band-pass makes of it
DETECTORS = (
    StaLta("OpenEEW: raw 1/10 s, 3", 1.024, 10.24, 3.0, None, (0, 1, 2)),
    StaLta("band-passed 1-12 Hz, 3", 1.024, 10.24, 3.0, (1.0, 12.0), (0, 1, 2)),
    StaLta("band-passed 1-12 Hz, 4", 1.024, 10.24, 4.0, (1.0, 12.0), (0, 1, 2)),
)
FOR_THE_NETWORK = DETECTORS[1]  # finds most


def classic_sta_lta(values: Samples, n_sta: int, n_lta: int) -> Samples:
    """Return the ratio of mean squares; 0 until the long window is full (as ObsPy has it)."""
    squares = np.square(values)
    ratio = np.zeros(len(values))
    if len(values) < n_lta:
        return ratio
    sta, lta = _trailing_sum(squares, n_sta) / n_sta, _trailing_sum(squares, n_lta) / n_lta
    full = lta > 0
    full[: n_lta - 1] = False
    ratio[full] = sta[full] / lta[full]
    return ratio


def trailing_mean(values: Samples, n: int) -> Samples:
    """Return the mean of the last n values, of what there is at the beginning."""
    counts = np.minimum(np.arange(1, len(values) + 1), n)
    return np.asarray(_trailing_sum(values, n) / counts)


def band_pass(values: Samples, low_hz: float, high_hz: float, rate_hz: float) -> Samples:
    """Return a causal second-order high-pass and low-pass (Butterworth, bilinear), from rest."""
    started = high_pass(values, low_hz, rate_hz)
    high_hz = min(high_hz, 0.45 * rate_hz)  # below Nyquist at 26 Hz too
    return _biquad(started, *_butterworth(high_hz, rate_hz, is_high_pass=False))


def high_pass(values: Samples, corner_hz: float, rate_hz: float) -> Samples:
    """Return a causal second-order Butterworth high-pass that starts as if at rest."""
    if len(values) == 0:
        return values
    return _biquad(values - values[0], *_butterworth(corner_hz, rate_hz, is_high_pass=True))


def _trailing_sum(values: Samples, n: int) -> Samples:
    total = np.concatenate(([0.0], np.cumsum(values)))
    ends = np.arange(1, len(values) + 1)
    return np.asarray(total[ends] - total[np.maximum(ends - n, 0)])


def _butterworth(
    corner_hz: float, rate_hz: float, is_high_pass: bool
) -> tuple[float, float, float, float, float]:
    """Return b0, b1, b2, a1, a2."""
    k = math.tan(math.pi * corner_hz / rate_hz)
    norm = 1 + math.sqrt(2) * k + k * k
    a1, a2 = 2 * (k * k - 1) / norm, (1 - math.sqrt(2) * k + k * k) / norm
    if is_high_pass:
        return 1 / norm, -2 / norm, 1 / norm, a1, a2
    return k * k / norm, 2 * k * k / norm, k * k / norm, a1, a2


@numba.njit(cache=True)
def _biquad(values: Samples, b0: float, b1: float, b2: float, a1: float, a2: float) -> Samples:
    result = np.empty_like(values)
    s1 = s2 = 0.0
    for i in range(len(values)):
        y = b0 * values[i] + s1
        s1 = b1 * values[i] - a1 * y + s2
        s2 = b2 * values[i] - a2 * y
        result[i] = y
    return result
