"""The peaks that a node has measured so far, from the arrivals and peaks of an earthquake."""

import math
from dataclasses import dataclass

import numpy as np

from study.networks import Network
from study.shocks import Quake

P_GROWS_S = 2.0  # an impulsive P has nearly all of its peak by then
P_SHARE_AT_ONSET = 0.35
CODA_S = 8.0  # shaking falls to 1/e behind its peak
# Displacement grows later than acceleration. Of what the first four seconds bring, as it grew in
# the recordings (vote/waves/magnitude.py, PD_MISSING); with the growth of the acceleration first
# magnitudes came out 0.9 too large here and 0.4 too small by whole nodes on the same motion.
PD_AFTER_S = (0.0, 0.2, 0.5, 1.0, 2.0, 3.0, 4.0)
PD_SHARE = (0.0, 0.11, 0.36, 0.49, 0.69, 0.91, 1.0)
DISPLACEMENT_HZ = 0.7  # of the S wave's velocity, above the node's high-pass
P_HZ = 5.0
NOISE_PD_M = 8e-6  # ADXL355 in the node's displacement band (reporter.py: some 10 um)
CREST = 3.0  # peak over RMS of noise


@dataclass(frozen=True)
class Ground:
    """Peaks so far at one node, by seconds after the origin."""

    p_s: float
    s_s: float
    strong_s: float
    p_mps2: float
    s_mps2: float
    pgv_mps: float
    pd_m: float
    noise_mps2: float

    @classmethod
    def at(cls, node: int, network: Network, quake: Quake) -> "Ground":
        motion = quake.motion
        return cls(
            float(motion.p_s[node]), float(motion.s_s[node]), float(motion.strong_s[node]),
            float(motion.p_pga_mps2[node]), float(quake.pga_mps2[node]),
            float(motion.pgv_mps[node]), float(motion.pd_m[node]),
            float(network.noise_mps2[node]),
        )  # fmt: skip

    def pga_mps2(self, after_s: float) -> float:
        p = self.p_mps2 * _p_share(after_s - self.p_s)
        return max(CREST * self.noise_mps2, p, self.s_mps2 * self._s_share(after_s))

    def pgv_so_far_mps(self, after_s: float) -> float:
        p = self.p_mps2 / (2 * math.pi * P_HZ) * _p_share(after_s - self.p_s)
        noise = CREST * self.noise_mps2 / (2 * math.pi * P_HZ)
        return max(noise, p, self.pgv_mps * self._s_share(after_s))

    def pd_so_far_m(self, after_s: float) -> float:
        p = self.pd_m * float(np.interp(after_s - self.p_s, PD_AFTER_S, PD_SHARE))
        s = self.pgv_mps / (2 * math.pi * DISPLACEMENT_HZ) * self._s_share(after_s)
        return math.hypot(NOISE_PD_M, max(p, s))

    def now_mps2(self, after_s: float) -> float:
        """Return the peak within the second that ends then: it falls behind the strongest."""
        peak_s = self.s_s + self.strong_s
        fallen = math.exp(-max(after_s - peak_s, 0.0) / (CODA_S + self.strong_s))
        return max(CREST * self.noise_mps2, self.pga_mps2(after_s) * fallen)

    def ends_s(self) -> float:
        """Return when the shaking is no longer told from the noise, at most a minute after S."""
        loud = max(self.s_mps2 / (CREST * self.noise_mps2), 1.5)
        lasts_s = (CODA_S + self.strong_s) * math.log(loud)
        return self.s_s + self.strong_s + min(lasts_s, 60.0)

    def _s_share(self, after_s: float) -> float:
        if after_s <= self.s_s:
            return 0.0
        return min(1.0, math.sqrt((after_s - self.s_s) / max(self.strong_s, 0.5)))


def _p_share(after_p_s: float) -> float:
    if after_p_s <= 0:
        return 0.0
    grown = P_SHARE_AT_ONSET + (1 - P_SHARE_AT_ONSET) * after_p_s / P_GROWS_S
    return min(1.0, grown)
