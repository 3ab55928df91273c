"""JMA's instrumental seismic intensity of a whole recording, by the agency's own definition.

Filter in the frequency domain, vector sum of three components, the level that is exceeded for
0.3 s in all, I = 2 log10 a + 0.94 (JMA notice no. 4 of 1996). Only after the event: real-time
filters that approximate it are patented, so live we speak in MMI.
"""

import math

import numpy as np
import numpy.typing as npt

EXCEEDED_FOR_S = 0.3
LEAST_S = 1.0  # of a recording; a shorter one has no 0.3 s to speak of
# Classes by their upper bounds; "5-" and "5+" are JMA's 5-lower and 5-upper
CLASSES = (
    (0.5, "0"), (1.5, "1"), (2.5, "2"), (3.5, "3"), (4.5, "4"),
    (5.0, "5-"), (5.5, "5+"), (6.0, "6-"), (6.5, "6+"), (math.inf, "7"),
)  # fmt: skip
_HIGH_CUT = (1.0, 0.694, 0.241, 0.0557, 0.009664, 0.00134, 0.000155)  # of y^0, y^2, ... y^12


def filter_gain(frequency_hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the gain of JMA's filter; none at 0 Hz."""
    frequency = np.asarray(frequency_hz, dtype=np.float64)
    safe = np.where(frequency > 0, frequency, 1.0)
    y_squared = (safe / 10.0) ** 2
    high_cut = 1.0 / np.sqrt(sum(c * y_squared**k for k, c in enumerate(_HIGH_CUT)))
    low_cut = np.sqrt(1.0 - np.exp(-((safe / 0.5) ** 3)))
    return np.where(frequency > 0, np.sqrt(1.0 / safe) * high_cut * low_cut, 0.0)


def intensity(acc_mps2: npt.NDArray[np.float64], rate_hz: float) -> float | None:
    """Return the intensity as it is published, one decimal, or None where nothing can be said.

    acc_mps2: (3, n), the whole shaking; gravity does no harm, the filter removes it.
    """
    n = acc_mps2.shape[1]
    needed = math.ceil(EXCEEDED_FOR_S * rate_hz)
    if n < LEAST_S * rate_hz:
        return None
    acc_gal = (acc_mps2 - acc_mps2.mean(axis=1, keepdims=True)) * 100.0
    spectra = np.fft.rfft(acc_gal, axis=1) * filter_gain(
        np.fft.rfftfreq(n, 1.0 / rate_hz).astype(np.float64)
    )
    total_gal = np.sqrt((np.fft.irfft(spectra, n, axis=1) ** 2).sum(axis=0))
    level_gal = float(np.partition(total_gal, n - needed)[n - needed])
    if level_gal <= 0:
        return None
    return published(2.0 * math.log10(level_gal) + 0.94)


def published(value: float) -> float:
    """Return JMA's decimals: the third is rounded, then the second cut off."""
    return math.floor(round(value * 100) / 10) / 10


def class_of(value: float) -> str:
    return next(name for end, name in CLASSES if value < end)
