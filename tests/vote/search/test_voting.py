"""The likelihood: what a trigger, a silence and a dead node each say."""

import dataclasses

import numpy as np
import pytest

from vote.search import laid, origin, voting
from vote.search.laid import Evidence
from vote.search.voting import Cells, Scores
from vote.waves import hearing, tables, travel
from vote.waves.plane import Plane

PLANE = Plane(17.0, -100.0)
CELL = Cells(*(np.zeros(1, dtype=kind) for kind in ("f4", "f4", "i4", "f4", "f4")))
NODES_LAT = np.array([17.1, 17.2, 16.85, 16.7])
NODES_LON = np.array([-100.1, -99.9, -100.2, -99.8])
NO_NODES = np.zeros(0)


def evidence(late_s: float = 0.0, clock_s: float = 0.01, rate_h: float = 0.3) -> Evidence:
    """Four nodes that trigger on an earthquake at time 0 in CELL; one of them late_s late."""
    onset = travel.p_time_s(travel.distance_km(NODES_LAT, NODES_LON, 17.0, -100.0), 8.0)
    return Evidence(
        NODES_LAT, NODES_LON, onset + np.array([0.0, 0.0, 0.0, late_s]), np.full(4, clock_s),
        np.full(4, -np.log(rate_h / 3600)), np.full(4, 4e-4), np.arange(4),
        NO_NODES, NO_NODES, NO_NODES, NO_NODES, NO_NODES, 20.0,
        np.zeros((4, 121)), np.zeros(4), np.zeros(4), np.zeros(4),
    )  # fmt: skip


def with_silent(given: Evidence, **changes: object) -> Evidence:
    one = {
        "silent_lat_deg": np.array([17.05]),
        "silent_lon_deg": np.array([-100.05]),
        "silent_noise_mps2": np.array([4e-4]),
        "silent_share": np.ones(1),
        "silent_since_s": np.array([-100.0]),
    }
    return dataclasses.replace(given, **(one | changes))  # type: ignore[arg-type]


def scores_of(given: Evidence) -> Scores:
    return voting.score(laid.lay(given, PLANE), CELL, None)


def ln_ratio(given: Evidence) -> float:
    return float(scores_of(given).ln_ratio[0])


def test_the_residuals_density_is_a_density():
    residual = np.arange(-20.0, 60.0, 0.01)
    total = origin.residual_density(residual, np.full_like(residual, 0.5)).sum() * 0.01

    assert total == pytest.approx(1.0, abs=0.01)


def test_the_origin_time_is_found_and_one_late_trigger_does_not_shift_it():
    for late_s in (0.0, 5.0):
        scores = scores_of(evidence(late_s))
        assert float(scores.fit.origin_s[0]) == pytest.approx(0.0, abs=0.1)


def test_the_origin_time_is_that_of_the_p_waves_when_half_of_the_triggers_come_later():
    given = evidence()
    late_s = [
        [0.0, 0.1, 5.8, 8.4],  # as in an M7.2 whose far nodes trigger on Pg
        [0.0, 0.2, 13.2, 15.8],  # or, in an M5.2, on S
    ]
    for late in late_s:
        onset_s = given.onset_s + np.array(late)
        scores = scores_of(dataclasses.replace(given, onset_s=onset_s))

        assert float(scores.fit.origin_s[0]) == pytest.approx(0.1, abs=0.15)


def starting_from(late_s: list[float], rows: list[int] | None) -> float:
    """Return the origin time of nine nodes, so late, some of which voted for it until now."""
    east = np.linspace(-0.8, 0.8, 9)
    lat, lon = 17.0 + np.cos(7 * east), -100.0 + east
    onset = travel.p_time_s(travel.distance_km(lat, lon, 17.0, -100.0), 8.0) + np.array(late_s)
    given = dataclasses.replace(
        evidence(), lat_deg=lat, lon_deg=lon, onset_s=onset, clock_sigma_s=np.full(9, 0.01),
        ln_gain=np.full(9, 10.0), noise_mps2=np.full(9, 4e-4), site_starts=np.arange(9),
        growth=np.zeros((9, 121)), grown_until_s=np.zeros(9), pd_m=np.zeros(9),
        pd_window_s=np.zeros(9),
    )  # fmt: skip
    start = None if rows is None else np.array(rows, dtype=np.intp)
    return float(voting.score(laid.lay(given, PLANE), CELL, start).fit.origin_s[0])


def test_the_origin_time_starts_from_the_votes_when_most_triggers_come_later():
    # five S and Pg beside four P
    late_s = [0.0, 0.1, -0.2, 0.1, 8.5, 5.7, 5.6, 6.4, 9.0]

    assert starting_from(late_s, None) > 5
    assert starting_from(late_s, [0, 1, 2, 3]) == pytest.approx(0.0, abs=0.3)


def test_votes_do_not_hold_an_origin_time_that_the_others_say_better():
    late_s = [6.0, 6.1, 6.0, 0.0, 0.1, -0.1, 0.0, 0.1, 0.0]

    assert starting_from(late_s, [0, 1, 2]) == pytest.approx(0.0, abs=0.1)


def test_a_trigger_that_fits_says_more_than_one_that_does_not():
    assert ln_ratio(evidence()) > ln_ratio(evidence(2.0)) > ln_ratio(evidence(40.0))


def test_a_trigger_that_fits_nothing_is_worth_nothing_and_costs_nothing():
    assert ln_ratio(evidence(900.0)) == pytest.approx(ln_ratio(evidence(500.0)), abs=0.01)


def test_a_node_that_errs_often_says_less():
    assert ln_ratio(evidence(rate_h=0.05)) > ln_ratio(evidence(rate_h=5.0)) + 10


def test_a_bad_clock_blurs_a_vote():
    assert ln_ratio(evidence(clock_s=1.0)) < ln_ratio(evidence(clock_s=0.01))


def test_a_live_silent_node_near_the_source_says_no():
    assert ln_ratio(with_silent(evidence())) < ln_ratio(evidence()) - 1


def test_one_silent_node_can_say_no_only_so_loudly():
    assert ln_ratio(with_silent(evidence())) >= ln_ratio(evidence()) + voting.SILENT_LN_MIN - 1e-9


def test_a_node_that_the_wave_has_not_reached_says_nothing():
    far = {"silent_lat_deg": np.array([19.0])}

    assert ln_ratio(with_silent(evidence(), **far)) == pytest.approx(
        ln_ratio(evidence()), abs=0.01
    )


def test_a_node_that_listened_only_afterwards_says_nothing():
    deaf = {"silent_since_s": np.array([15.0])}

    assert ln_ratio(with_silent(evidence(), **deaf)) == ln_ratio(evidence())


def test_two_nodes_of_one_site_are_worth_one():
    one_site = dataclasses.replace(evidence(), site_starts=np.array([0, 1, 2]))

    assert ln_ratio(one_site) < ln_ratio(evidence()) - 5


def test_detection_falls_with_distance_and_rises_with_magnitude():
    noise, away = np.array(4e-4), np.arange(5.0, 600.0, 5.0)
    for weaker, stronger in zip(tables.MAGNITUDES, tables.MAGNITUDES[1:]):
        small, large = (hearing.detection(float(m), away, noise) for m in (weaker, stronger))
        assert (np.diff(small) < 0).all()
        assert (large > small).all()


def test_p_amplitudes_are_those_of_cua_and_heaton():
    # M 5 at 100 km, worked by hand: 3.6 - .0033 * 102.3 - 1.2 log10(102.3) - 1.06, in cm/s^2
    by_hand_cm = 10 ** (3.6 - 0.0033 * 102.285 - 1.2 * np.log10(102.285) - 1.06)

    assert float(tables.p_peak_mps2(5.0, np.array(100.0))) == pytest.approx(
        by_hand_cm / 100, rel=2e-3
    )
