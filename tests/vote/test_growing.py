"""A P wave tells of the S wave at its place, within bounds, and elsewhere only if two say so."""

from dataclasses import replace

import numpy as np
import pytest

from vote.ground import growing, shaking
from vote.ground.shaking import Forecast, Observed
from vote.waves import tables, travel
from vote.waves.motion_model import PGA, PGV, STANDARD_GRAVITY_MPS2, mmi_of_peaks

SOURCE, SIZE = (17.0, -100.0, 8.0), 6.0
NORTH = 17.9  # 100 km away: P comes after 17 s, S after 29
LONS = np.array([-100.4, -100.2, -100.0, -99.8, -99.6])  # 21 km apart
P_SEEN_S, S_SEEN_S = 22.0, 36.0


def heard(factor: list[float], lon_deg: np.ndarray = LONS, after_s: float = P_SEEN_S) -> Observed:
    """Nodes in a row that feel so many times the P wave of that earthquake."""
    lon_deg = lon_deg[: len(factor)]
    lat_deg = np.full(len(factor), NORTH)
    reach = np.hypot(travel.distance_km(lat_deg, lon_deg, *SOURCE[:2]), SOURCE[2])
    pga = np.array(factor) * tables.p_peak_mps2(SIZE, reach)
    return Observed(lat_deg, lon_deg, pga, pga / 60, np.zeros(len(pga), dtype=bool), after_s)


def said(known: Observed, lon_deg: float, lat_deg: float = NORTH) -> Forecast:
    at = np.array([lat_deg]), np.array([lon_deg])
    return shaking.forecast(*at, SOURCE, SIZE, 0.3, known)


def mmi_at(known: Observed, lon_deg: float, lat_deg: float = NORTH) -> float:
    return float(said(known, lon_deg, lat_deg).mmi[0])


def test_less_is_missing_and_it_is_known_better_the_longer_a_wave_lasts():
    p_s = np.array([0.1, 1.0, 3.0, 10.0, 12.0, 14.0, 18.0, 30.0])
    found = growing.growth(p_s, p_s - 10.5)

    for part in (found.missing, found.own_sigma, found.shared_sigma):
        assert (part > 0).all()
    assert (np.diff(found.missing) < 0).all()
    assert (np.diff(found.own_sigma[4:]) < 0).all()
    assert found.missing[-1] < 0.01 and found.own_sigma[-1] < 0.05


def test_a_node_that_feels_more_of_the_p_wave_than_the_others_will_feel_more_of_s():
    alike, more = heard([1, 1, 1, 1, 1]), heard([1, 1, 4, 1, 1])

    assert mmi_at(more, -100.0) > mmi_at(alike, -100.0) + 0.3
    assert mmi_at(heard([1, 1, 0.25, 1, 1]), -100.0) < mmi_at(alike, -100.0) - 0.25


def test_before_p_has_come_nothing_is_known():
    early = heard([1, 1, 4, 1, 1], after_s=16.0)

    assert mmi_at(early, -100.0) == mmi_at(heard([]), -100.0)


def test_what_was_heard_makes_the_forecast_surer_the_more_the_longer():
    sigma = [
        float(said(known, -100.0).mmi_sigma[0])
        for known in (heard([]), heard([1] * 5), heard([1] * 5, after_s=S_SEEN_S))
    ]

    assert sigma[0] > sigma[1] > sigma[2] > shaking.SITE_MMI_SIGMA


def test_what_all_feel_more_is_believed_less_than_what_one_does():
    """It is the earthquake's own ratio of S to P, or its size, which the magnitude has."""
    alike = mmi_at(heard([1] * 5), -100.0)

    all_of_them = mmi_at(heard([4] * 5), -100.0) - alike

    assert 0 < all_of_them < mmi_at(heard([1, 1, 4, 1, 1]), -100.0) - alike


def test_a_place_10_km_away_is_raised_by_two_nodes_and_not_by_one():
    lons = np.append(LONS, -100.02)
    at = -100.01, NORTH + 0.09
    alike = mmi_at(heard([1] * 6, lons), *at)

    assert mmi_at(heard([1, 1, 50, 1, 1, 1], lons), *at) < alike + 0.05
    assert mmi_at(heard([1, 1, 50, 1, 1, 50], lons), *at) > alike + 0.2


def test_a_blow_during_the_p_wave_raises_its_own_place_by_so_much_at_most():
    alike, blow = heard([1] * 5), heard([1, 1, 3000, 1, 1])
    assert blow.pga_mps2[2] > 30.0

    raised = mmi_at(blow, -100.0) - mmi_at(alike, -100.0)

    assert 0.4 < raised < 1.5


def test_what_a_node_measures_of_the_s_wave_is_not_bounded():
    known = heard([1, 1, 60, 1, 1], after_s=S_SEEN_S)

    own = float(mmi_of_peaks(known.pga_mps2[2], known.pgv_mps[2]))
    assert mmi_at(known, -100.0) == pytest.approx(own, abs=0.4)


def test_one_node_whose_peak_is_over_does_not_raise_what_is_10_km_away_either():
    over = Observed(
        np.array([NORTH]), np.array([-100.0]), np.array([9.0]), np.array([0.6]), np.array([True])
    )
    nobody = mmi_at(heard([]), -100.0, NORTH + 0.09)

    assert mmi_at(over, -100.0) > 7
    # the earthquake may be a strong one: what is expected everywhere rises by a share of that
    far = mmi_at(over, -100.0, NORTH + 0.09) - nobody
    assert far == pytest.approx(
        mmi_at(over, -97.0, 16.0) - mmi_at(heard([]), -97.0, 16.0), abs=0.3
    )


@pytest.mark.parametrize("others", [0, 1])
def test_a_broken_node_among_the_first_two_whose_s_is_over_raises_what_is_far_by_little(
    others: int, monkeypatch: pytest.MonkeyPatch
):
    lat_deg = np.array([17.1, 17.12])[: 1 + others]
    lon_deg = np.array([-100.0, -99.97])[: 1 + others]
    reach = shaking.reach_km(travel.distance_km(lat_deg, lon_deg, *SOURCE[:2]), SOURCE[2])
    pga = np.exp(PGA.ln_median(SIZE, reach)) * STANDARD_GRAVITY_MPS2
    pgv = np.exp(PGV.ln_median(SIZE, reach)) / 100
    whole = Observed(lat_deg, lon_deg, pga, pgv, np.ones(1 + others, dtype=bool), 30.0)
    broken = np.arange(1 + others) == 0
    wrong = replace(
        whole, pga_mps2=np.where(broken, 39.9, pga), pgv_mps=np.where(broken, 2.0, pgv)
    )
    far_away = -100.5, 16.6

    assert 0.2 < mmi_at(wrong, *far_away) - mmi_at(whole, *far_away) < 0.6
    monkeypatch.setattr(shaking, "MOST_SIGMAS", np.inf)
    assert mmi_at(wrong, *far_away) - mmi_at(whole, *far_away) > 0.75


def test_three_whose_s_is_over_are_believed_however_much_they_have_felt():
    strong = heard([1, 1, 1])
    over = np.ones(3, dtype=bool)
    felt = replace(strong, pga_mps2=np.full(3, 3.0), pgv_mps=np.full(3, 0.1), is_complete=over)
    more = replace(felt, pga_mps2=np.full(3, 9.0), pgv_mps=np.full(3, 0.3))

    assert mmi_at(more, -97.0, 16.0) > mmi_at(felt, -97.0, 16.0) + 0.3
