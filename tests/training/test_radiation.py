import numpy as np
import pytest

from training import radiation
from training.radiation import Mechanism, directions, drawn_mechanism
from training.rupture import FRONT_KM_S, rupture
from training.spectrum import RADIATION


def test_a_double_couple_sends_its_energy_where_theory_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over all directions the mean square is 4/15 for P and 2/5 for S (Aki & Richards 2002)."""
    monkeypatch.setattr(radiation, "KEEPS_PATTERN", 1.0)
    rays = np.random.default_rng(1).standard_normal((3, 50_000))
    for mechanism in (Mechanism(0, 90, 0), Mechanism(200, 33, -120)):
        p, sv, sh = directions(mechanism, *rays)
        p, sv, sh = p * RADIATION["P"], sv * RADIATION["S"] / 2**0.5, sh * RADIATION["S"] / 2**0.5

        assert np.mean(p**2) == pytest.approx(4 / 15, rel=0.02)
        assert np.mean(sv**2 + sh**2) == pytest.approx(2 / 5, rel=0.02)


def test_a_vertical_strike_slip_fault_sends_no_p_along_its_strike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(radiation, "KEEPS_PATTERN", 1.0)
    fault = Mechanism(strike_deg=90, dip_deg=90, rake_deg=0)
    along = directions(fault, np.array(1.0), np.array(0.0), 0.0)
    between = directions(fault, np.array(1.0), np.array(1.0), 0.0)

    assert along[0] == pytest.approx(0, abs=1e-9) and along[2] > 1
    assert between[0] > 1 and between[2] == pytest.approx(0, abs=1e-9)


def test_a_small_earthquake_is_a_point_and_a_large_one_grows_with_the_front() -> None:
    rng = np.random.default_rng(1)
    mechanism = drawn_mechanism(rng)
    point = rupture(6.5, 150.0, 10.0, mechanism, rng)
    assert len(point.delay_s) == 1 and point.delay_s[0] == 0 and point.depth_km[0] == 10

    counts = []
    for magnitude in (6.6, 7.0, 7.5, 8.0):
        parts = rupture(magnitude, 150.0, 10.0, mechanism, rng)
        offset_km = np.sqrt(parts.east_km**2 + parts.north_km**2 + (parts.depth_km - 10) ** 2)
        assert parts.delay_s[0] == 0 and offset_km[0] == 0
        assert np.allclose(parts.delay_s, offset_km / FRONT_KM_S)
        assert parts.depth_km.min() >= 0.9 and parts.weight.mean() == pytest.approx(1)
        moment_nm = parts.source.moment_nm * len(parts.weight)
        assert moment_nm == pytest.approx(10 ** (1.5 * magnitude + 9.05))
        counts.append(len(parts.delay_s))
    assert counts == sorted(set(counts))
