import numpy as np
import pytest

from training.ground_motion import drawn_shock, ground_motion
from training.peaks import drawn_sites, peaks, rock

RATE_HZ = 100.0


@pytest.mark.parametrize("magnitude", [4.0, 6.0])
@pytest.mark.parametrize("distance_km", [15.0, 100.0])
def test_peaks_are_the_medians_of_the_samples(magnitude: float, distance_km: float) -> None:
    ratios = []
    for number in range(12):
        rng = np.random.default_rng(number)
        shock = drawn_shock(magnitude, 10.0, rng)
        shaking = ground_motion(shock, distance_km, 0.0, RATE_HZ, rng)
        expected = peaks(shock, np.array([distance_km]), np.zeros(1), rock(1))
        assert expected.p_s[0] == pytest.approx(shaking.p_s)
        assert expected.s_s[0] == pytest.approx(shaking.s_s)
        samples = shaking.samples.astype(float)
        s = int((shaking.s_s - shaking.p_s) * RATE_HZ)
        velocity = np.cumsum(samples, axis=1) / RATE_HZ
        pga, pgv = (
            np.sqrt(np.prod(np.abs(each[:2, s:]).max(axis=1))) for each in (samples, velocity)
        )
        p = np.abs(samples[2, :s]).max()
        measured = np.array([p, pga, pgv])
        wanted = [expected.p_pga_mps2[0], expected.pga_mps2[0], expected.pgv_mps[0]]
        ratios.append(measured / wanted)
    assert np.median(ratios, axis=0) == pytest.approx([1, 1, 1], abs=0.2)


def test_a_network_is_one_call_and_its_places_do_not_mix() -> None:
    shock = drawn_shock(6.8, 12.0, np.random.default_rng(1))
    east_km = np.array([10.0, 80.0, 300.0])
    together = peaks(shock, east_km, 0 * east_km, rock(3))
    alone = peaks(shock, east_km[1:2], np.zeros(1), rock(1))

    for name in ("p_s", "s_s", "p_pga_mps2", "pga_mps2", "pgv_mps", "pd_m", "strong_s"):
        assert getattr(together, name)[1] == pytest.approx(getattr(alone, name)[0])
    assert (np.diff(together.pga_mps2) < 0).all() and (np.diff(together.p_s) > 0).all()


def test_paths_and_sites_scatter_as_in_the_samples() -> None:
    shock = drawn_shock(5.0, 12.0, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    here = np.full(2000, 30.0)
    drawn = peaks(shock, here, 0 * here, drawn_sites(2000, rng), rng)
    median = peaks(shock, here[:1], np.zeros(1), rock(1))

    assert np.median(drawn.pga_mps2) == pytest.approx(median.pga_mps2[0], rel=0.1)
    assert np.log(drawn.pga_mps2).std() == pytest.approx(0.48, abs=0.08)
    assert np.corrcoef(np.log(drawn.p_pga_mps2), np.log(drawn.pgv_mps))[0, 1] > 0.7
