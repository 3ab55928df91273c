"""Shaking: published numbers, and measurements that overrule the model where they were made."""

import numpy as np
import pytest

from tests.vote.world import grid
from vote.ground import shaking
from vote.ground.shaking import Observed
from vote.waves import motion_model, travel
from vote.waves.motion_model import PGA, PGV

NOTHING = Observed(*(np.zeros(0) for _ in range(4)), np.zeros(0, dtype=bool))
SOURCE = (17.0, -100.0, 8.0)


def observed(rows: list[tuple[float, float, float, float]], is_complete: bool = True) -> Observed:
    lat, lon, pga, pgv = np.array(rows, dtype=np.float64).T
    return Observed(lat, lon, pga, pgv, np.full(len(rows), is_complete))


def mmi_at(lat_deg: float, lon_deg: float, known: Observed, size: float = 6.0) -> float:
    places = np.array([lat_deg]), np.array([lon_deg])
    return float(shaking.forecast(*places, SOURCE, size, 0.3, known).mmi[0])


def test_median_pga_is_that_of_boore_2014_worked_by_hand():
    # M 6, Rjb 20 km, 760 m/s: event .4473-.1662*.5; path (-1.134+.1917*1.5) ln R - .008088
    reach = np.hypot(20.0, 4.5)
    by_hand = 0.4473 - 0.1662 * 0.5 + (-1.134 + 0.1917 * 1.5) * np.log(reach)
    by_hand += -0.008088 * (reach - 1)

    assert float(PGA.ln_median(6.0, np.array(20.0))) == pytest.approx(by_hand, abs=1e-9)
    assert 0.08 < np.exp(by_hand) < 0.16  # g


def test_motion_grows_with_magnitude_and_falls_with_distance():
    for model in (PGA, PGV):
        assert (np.diff(model.ln_median(np.arange(3.0, 8.5, 0.1), np.array(30.0))) > 0).all()
        assert (np.diff(model.ln_median(6.0, np.arange(1.0, 400.0))) < 0).all()


def test_intensity_is_that_of_worden_2012():
    # seismology.md 5.5, the inverse: MMI III 6.1 gal, IV 27, V 60.7, VI 113, VII 211
    gal = np.array([6.1, 27.0, 60.7, 113.0, 211.0])

    assert motion_model.mmi_of_pga(gal) == pytest.approx([3, 4, 5, 6, 7], abs=0.02)


def test_weak_shaking_is_judged_by_acceleration_and_strong_by_velocity():
    weak = motion_model.mmi_of_peaks(np.array(0.1), np.array(0.001))
    strong = motion_model.mmi_of_peaks(np.array(5.0), np.array(0.6))

    assert weak == motion_model.mmi_of_pga(np.array(10.0))
    assert strong == motion_model.mmi_of_pgv(np.array(60.0))


def test_shaking_falls_with_distance_and_s_arrives_later():
    lat = np.array([17.1, 17.5, 18.5])
    found = shaking.forecast(lat, np.full(3, -100.0), SOURCE, 6.0, 0.3, NOTHING)

    assert (np.diff(found.mmi) < 0).all()
    assert found.s_arrival_s == pytest.approx(
        travel.s_time_s(travel.distance_km(lat, -100.0, 17.0, -100.0), 8.0)
    )


def test_an_earthquake_that_shakes_more_than_expected_raises_every_place():
    lat, lon = 17.3, np.array([-100.3, -100.0, -99.7, -99.4])
    reach = travel.distance_km(lat, lon, 17.0, -100.0)
    pga = 3 * np.exp(PGA.ln_median(6.0, reach)) * motion_model.STANDARD_GRAVITY_MPS2
    pgv = 3 * np.exp(PGV.ln_median(6.0, reach)) / 100
    strong = observed([(lat, x, a, v) for x, a, v in zip(lon, pga, pgv)])

    assert mmi_at(16.5, -100.5, strong) > mmi_at(16.5, -100.5, NOTHING) + 0.3


def test_a_place_with_a_node_gets_what_that_node_measured():
    quiet = observed([(17.3, -100.0, 0.02, 0.0005)])

    at_node = mmi_at(17.3, -100.0, quiet)

    measured = float(motion_model.mmi_of_peaks(np.array(0.02), np.array(0.0005)))
    assert at_node == pytest.approx(measured, abs=0.15)
    assert mmi_at(17.3, -98.0, quiet) < mmi_at(17.3, -98.0, NOTHING)


def test_two_neighbours_that_shake_now_raise_a_place_within_30_km():
    two = observed([(18.0, -98.0, 2.0, 0.2), (18.05, -98.0, 2.5, 0.25)], is_complete=False)

    assert mmi_at(18.1, -98.0, two, 4.0) > 6
    assert mmi_at(18.6, -98.0, two, 4.0) < 4  # 60 km on


def test_of_many_nodes_that_shake_now_the_second_strongest_within_30_km_counts():
    rng = np.random.default_rng(1)
    lat_deg, lon_deg = 18.0 + rng.uniform(-1, 1, 80), -98.0 + rng.uniform(-1, 1, 80)
    pga, pgv = rng.uniform(0.1, 3.0, 80), rng.uniform(0.01, 0.3, 80)
    nodes = observed(list(zip(lat_deg, lon_deg, pga, pgv)), is_complete=False)
    mmi = motion_model.mmi_of_peaks(pga, pgv)

    raised = shaking.neighbours_mmi(lat_deg[:20], lon_deg[:20], nodes)

    for place, found in enumerate(raised):
        apart = travel.distance_km(lat_deg[place], lon_deg[place], lat_deg, lon_deg)
        within = sorted(mmi[apart <= shaking.PLUM_KM])
        assert found == (within[-2] if len(within) > 1 else 1.0)


def test_a_place_that_was_measured_is_not_raised_by_neighbours_that_shook_more():
    rows = [(18.0, -98.0, 0.02, 0.001), (18.1, -98.0, 2.0, 0.2), (18.0, -98.1, 2.5, 0.25)]

    own = float(motion_model.mmi_of_peaks(np.array(0.02), np.array(0.001)))
    assert mmi_at(18.0, -98.0, observed(rows), 4.0) == pytest.approx(own, abs=0.5)


def test_one_node_alone_raises_nobody():
    one = observed([(18.0, -98.0, 9.0, 1.0)], is_complete=False)

    assert mmi_at(18.0, -98.0, one, 4.0) == mmi_at(18.0, -98.0, NOTHING, 4.0)


def test_measurements_make_the_forecast_surer():
    places = grid(4, 20)
    rows = [(p.lat_deg, p.lon_deg, 0.5, 0.03) for p in places]
    at = np.array([17.02]), np.array([-100.02])

    with_nodes = shaking.forecast(*at, SOURCE, 6.0, 0.3, observed(rows)).mmi_sigma[0]

    assert with_nodes < shaking.forecast(*at, SOURCE, 6.0, 0.3, NOTHING).mmi_sigma[0]


def test_strong_shaking_is_known_less_well_in_mmi_because_mmi_grows_faster_there():
    """First alerts of the recorded events that forecast MMI 5 and more: 48 % within one sigma when
    each unit of ln meant 0.75 MMI everywhere, 70 % with Worden's slopes."""
    near, far = np.array([17.1, 18.5]), np.array([-100.0, -100.0])
    said = shaking.forecast(near, far, SOURCE, 6.5, 0.3, NOTHING)

    assert said.mmi[0] > 6.5 and said.mmi[1] < 4.5
    assert said.mmi_sigma[0] > 1.5 * said.mmi_sigma[1]


def test_a_measured_place_is_not_known_better_than_two_instruments_in_it_agree():
    rows = [(17.0 + 0.1 * k, -100.0, 0.3, 0.02) for k in range(8)]
    at = np.array([17.0]), np.array([-100.0])

    said = shaking.forecast(*at, SOURCE, 5.0, 0.3, observed(rows))

    assert said.mmi_sigma[0] >= shaking.SITE_MMI_SIGMA
