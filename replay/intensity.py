"""Recorded shaking as an intensity: the yardstick of the score.

On purpose not the code of vote/ground/shaking.py: a yardstick that is part of what it measures
would hide its errors.
"""

import math

# Worden, Gerstenberger, Rhoades and Wald 2012, BSSA 102, 204-221, table 1 as in ShakeMap's
# wgrw12.py, log10 PGA in cm/s^2; the lowest line is ShakeMap's continuation.
_LINES = ((0.14, 1.71, 2.08), (1.57, 1.78, 1.55), (math.inf, -1.60, 3.70))
MMI_LEAST, MMI_MOST = 1.0, 10.0


def mmi_of_pga(pga_mps2: float) -> float:
    """Return the modified Mercalli intensity of a peak acceleration."""
    if pga_mps2 <= 0:
        return MMI_LEAST
    log_pga = math.log10(pga_mps2 * 100)
    for end, offset, slope in _LINES:
        if log_pga < end:
            return min(MMI_MOST, max(MMI_LEAST, offset + slope * log_pga))
    raise AssertionError("the last line has no end")
