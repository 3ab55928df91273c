"""What a channel measures, and its counts as acceleration.

The second letter of a SEED channel code names the instrument (SEED manual 2.4, appendix A): N and
G accelerate, H and P follow the velocity of the ground. L was used for either.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.formats.recording import Unreadable

ACCELERATION, VELOCITY = "acceleration", "velocity"
INSTRUMENTS = {"N": ACCELERATION, "G": ACCELERATION, "H": VELOCITY, "P": VELOCITY}
UNITS = {
    **dict.fromkeys(("m/s^2", "m/s**2", "m/s/s", "m/s2", "mps2", "mps^2"), ACCELERATION),
    **dict.fromkeys(("m/s", "mps"), VELOCITY),
}
COUNTS = "counts"


@dataclass(frozen=True)
class Scale:
    """How many counts make one m/s^2 of an accelerometer and one m/s of a seismometer; None where
    nobody said."""

    counts_per_mps2: float | None = None
    counts_per_mps: float | None = None

    def of(self, channel: str) -> tuple[str, float | None]:
        """Return what a channel measures, "" if nobody can know, and its factor, None without any.

        Raises Unreadable where a factor is given, and none for this channel.
        """
        factors = {ACCELERATION: self.counts_per_mps2, VELOCITY: self.counts_per_mps}
        given = [kind for kind, factor in factors.items() if factor is not None]
        kind = INSTRUMENTS.get(channel[1:2].upper(), "")
        if not given:
            return kind, None
        if not kind and len(given) == 1:  # whoever gave it knows what the archive holds
            (kind,) = given
        if not kind:
            raise Unreadable(f"channel {channel!r} does not say whether it measures velocity")
        if factors[kind] is None:
            option = "--counts-per-mps" if kind == VELOCITY else "--counts-per-mps2"
            raise Unreadable(f"channel {channel!r} measures {kind}: give {option} too")
        return kind, factors[kind]


def accelerations(
    samples: NDArray[np.float64], rate_hz: float, unit: str, channel: str, scale: Scale
) -> tuple[NDArray[np.float64], str, str]:
    """Return (3, n) samples, their units, "m/s^2" or COUNTS, and what to note about them.

    unit: as the archive says it, "" if it does not: then `scale` knows what a count is. Velocity
    is differentiated. Raises Unreadable.
    """
    kind, factor = UNITS.get(unit.strip().lower(), ""), None
    if not kind:
        kind, factor = scale.of(channel)
        if factor is None:
            return samples, COUNTS, f"counts of {kind or 'an unknown quantity'}, not calibrated"
        samples = samples / factor
    if kind == ACCELERATION:
        return samples, "m/s^2", ""
    if samples.shape[1] < 2:
        raise Unreadable("velocity of one sample")
    return np.gradient(samples, 1 / rate_hz, axis=1), "m/s^2", "velocity, differentiated"
