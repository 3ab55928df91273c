"""The integer averages against ObsPy's recursive_sta_lta, at every sample."""

from array import array

import numpy as np
import pytest
from groundswell import sta_lta
from obspy.signal.trigger import recursive_sta_lta

N_STA, N_LTA = 50, 1000


def random_noise(rms_counts, length=6000):
    return np.rint(rms_counts * np.random.default_rng(rms_counts).standard_normal(length))


def earthquake(rms_counts, length=6000):
    """Noise, a P wave that grows, an S wave five times as strong, a coda."""
    random = np.random.default_rng(11)
    samples = np.arange(length)
    envelope = np.full(length, float(rms_counts))
    for onset, peak, decay in ((3000, 8, 600), (3500, 40, 900)):
        late = samples >= onset
        envelope[late] += rms_counts * peak * np.exp(-(samples[late] - onset) / decay)
    return np.rint(envelope * random.standard_normal(length))


def ratios_in_integers(vertical):
    """Return sta/lta after each sample, the vertical's. Long average as ObsPy's: never a mean."""
    averages = sta_lta.StaLta(N_STA, N_LTA, threshold_8=80, floor_counts=1)
    averages.state[sta_lta.N_HEARD] = N_LTA
    ring = array("i", (63,) + (0,) * 64)
    still = array("i", (0,))
    ratios = []
    for count in vertical:
        band = array("i", (0, 0, int(count)))
        sta_lta.follow(band, still, 0, 1, averages.state, ring, 0)
        state = averages.state
        sta = state[sta_lta.STA_Z] + state[sta_lta.STA_Z_REST] / N_STA
        lta = state[sta_lta.LTA_Z] + state[sta_lta.LTA_Z_REST] / N_LTA
        ratios.append(sta / lta if lta else 0.0)
    return np.array(ratios)


# ObsPy skips sample 0, and gives 0 for the first N_LTA samples
def ratios_of_obspy(vertical):
    return recursive_sta_lta(np.concatenate(([0.0], vertical)), N_STA, N_LTA)[1:]


# Below an RMS of 256 the samples are not shifted and the averages are exact but for their last
# digit; above, the shift leaves at least 5 bits of the noise: 3 % in energy.
@pytest.mark.parametrize(
    ("vertical", "tolerance"),
    [
        (random_noise(30), 2e-3),
        (random_noise(200), 1e-3),
        (earthquake(5), 0.03),
        (earthquake(20), 0.03),
        (random_noise(5000), 0.03),
        (random_noise(100000), 0.03),
    ],
)
def test_the_ratio_is_obspys_at_every_sample(vertical, tolerance):
    got, expected = ratios_in_integers(vertical), ratios_of_obspy(vertical)

    np.testing.assert_allclose(got[N_LTA:], expected[N_LTA:], rtol=tolerance)
