"""How a node hangs on its wall, and where its samples are missing.

Nobody levels a node to a degree or turns it to the north; two nodes' gains differ a little; the
link or the chip loses seconds now and then. Drawn for each place from its seed.
"""

import math
from dataclasses import dataclass

import numpy as np

from training.ground_motion import Samples
from training.shower import Floats

TILT_SIGMA_DEG = 2.0  # a technician with a spirit level in a phone
ROTATION_SIGMA_DEG = 10.0  # along a wall whose direction was read off a map
GAIN_SIGMA = 0.01  # ADXL355 data sheet: sensitivity within 8 %; calibrated against gravity 1 %
MOST_GAP_S = 60.0
_MINUTE_S = 60.0


@dataclass(frozen=True)
class Mounting:
    tilt_deg: float = 0.0  # away from the vertical
    tilt_away_from_deg: float = 0.0  # from its own north, clockwise: its top leans the other way
    rotation_deg: float = 0.0  # about the vertical, clockwise
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def seen(self, motion: Samples) -> Floats:
        """Return (3, n) east, north, vertical of the ground as the chip's axes see it."""
        return np.asarray(self._matrix() @ motion, dtype=np.float32)

    def _matrix(self) -> np.ndarray:
        turn, tilt, way = np.radians([self.rotation_deg, self.tilt_deg, self.tilt_away_from_deg])
        about_up = np.array(
            [
                [math.cos(turn), -math.sin(turn), 0.0],
                [math.sin(turn), math.cos(turn), 0.0],
                [0.0, 0.0, 1.0],
            ]
        )
        # Rodrigues: about the level axis at right angles to the way it leans
        axis = np.array([-math.cos(way), math.sin(way), 0.0])
        cross = np.array([[0.0, 0.0, axis[1]], [0.0, 0.0, -axis[0]], [-axis[1], axis[0], 0.0]])
        lean = np.eye(3) + math.sin(tilt) * cross + (1 - math.cos(tilt)) * cross @ cross
        return np.asarray(np.diag(self.gain) @ lean @ about_up, dtype=np.float32)


def drawn_mounting(rng: np.random.Generator) -> Mounting:
    tilt, rotation = rng.standard_normal(2)
    away_from = 360.0 * rng.random()
    gain = 1 + GAIN_SIGMA * rng.standard_normal(3)
    return Mounting(
        abs(TILT_SIGMA_DEG * tilt),
        away_from,
        ROTATION_SIGMA_DEG * rotation,
        (float(gain[0]), float(gain[1]), float(gain[2])),
    )


@dataclass(frozen=True)
class Gaps:
    """Seconds that a node does not deliver. Each minute of Unix time is drawn for itself, so that
    any window is a slice of the same gaps."""

    key: tuple[int, ...]
    per_hour: float
    mean_s: float = 2.0

    def blank(self, samples: Samples, first_index: int, rate_hz: float) -> float:
        """Set (3, n) samples within gaps to zero; return the share of them."""
        if self.per_hour <= 0:
            return 0.0
        n = samples.shape[1]
        missing = np.zeros(n, dtype=bool)
        begin_s, end_s = first_index / rate_hz, (first_index + n) / rate_hz
        for minute in range(int((begin_s - MOST_GAP_S) // _MINUTE_S), int(end_s // _MINUTE_S) + 1):
            rng = np.random.default_rng([*self.key, minute])
            if rng.random() < self.per_hour / 60:
                gap_s = (minute + rng.random()) * _MINUTE_S
                low = round((gap_s - begin_s) * rate_hz)
                length = round(min(MOST_GAP_S, self.mean_s * rng.exponential()) * rate_hz)
                missing[max(0, low) : max(0, low + length)] = True
        samples[:, missing] = 0.0
        return float(missing.mean())
