"""The ellipse: as large as what is known of the onsets and of the crust makes it."""

from dataclasses import replace

import numpy as np
import pytest

from tests.vote.world import START_US, WINDOWS_S, Place, Quake, World, arrivals, grid
from vote.nodes.fleet import Fleet
from vote.nodes.picks import Picks
from vote.search import ellipse, evidence, laid, source, voting
from vote.search import grid as grids
from vote.search.ellipse import Ellipse
from vote.search.laid import Evidence
from vote.waves import tables
from vote.waves.plane import Plane

MIDDLE = Quake(17.03, -99.95, 5.5)
OFFSHORE = Quake(16.2, -100.0, 6.0)
COAST = [Place(k, 17.0 + 0.02 * (k % 2), -100.6 + 0.2 * k) for k in range(1, 7)]


def heard(places: list[Place], quake: Quake, pga_mps2: float, s_times: float = 1.0) -> Evidence:
    """Return what all nodes say, each of which has measured so much in its first second, and
    more after its S wave."""
    world = World(places)
    world.alive(until_s=120.0)
    for place in places:
        p_s, s_s, _ = arrivals(quake, place)
        has_s = [window_s > s_s - p_s + 0.5 for window_s in WINDOWS_S]
        pga = [pga_mps2 * (s_times if shaken else 1.0) for shaken in has_s]
        world.trigger(place, quake.origin_us + round(p_s * 1e6), pga_mps2=pga)
    fleet = Fleet()
    picks = Picks(fleet)
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if hasattr(message, "onset_us"):
            picks.hear(message, received_us, False)
        else:
            fleet.hear_status(message, received_us)
    rows = sorted(picks.recent(), key=lambda pick: pick.node.site)
    gain = evidence.ln_gain(rows, [0.0] * len(rows))
    return evidence.gather(rows, gain, fleet, START_US + 120_000_000, quake.origin_us)


def stated(facts: Evidence) -> Ellipse:
    return source.locate(facts, (17.0, -100.0)).ellipse


def area_km2(of: Ellipse) -> float:
    return float(np.pi * of.major_km * of.minor_km)


def test_strong_waves_are_timed_better_than_weak_ones():
    strong = heard(grid(3, 20), MIDDLE, 0.05)
    weak = heard(grid(3, 20), MIDDLE, 0.005)

    assert area_km2(stated(strong)) < 0.5 * area_km2(stated(weak))


def test_the_place_does_not_depend_on_what_is_stated_of_its_error():
    facts = heard(grid(3, 20), MIDDLE, 0.05)
    noisy = replace(facts, growth=facts.growth - 1.0)

    first, second = (source.locate(each, (17.0, -100.0)) for each in (facts, noisy))

    assert area_km2(first.ellipse) < area_km2(second.ellipse)
    assert (first.lat_deg, first.lon_deg, first.sigma_km) == pytest.approx(
        (second.lat_deg, second.lon_deg, second.sigma_km)
    )


@pytest.mark.parametrize("share", ["REGION_SHARE", "PATH_SHARE"])
def test_the_less_the_crust_is_known_the_further_the_ellipse_reaches_out_to_sea(
    monkeypatch: pytest.MonkeyPatch, share: str
):
    # the depth, which is an error of its own, is known here
    monkeypatch.setattr(ellipse, "_moved_by_depth", lambda moved, *_: np.zeros((2, 1)))
    facts = heard(COAST, OFFSHORE, 0.05)
    known = stated(facts)
    monkeypatch.setattr(ellipse, share, 0.2)
    unknown = stated(facts)

    assert unknown.major_km > 1.3 * known.major_km
    assert min(unknown.azimuth_deg, 180 - unknown.azimuth_deg) < 30


def test_an_s_wave_does_not_tell_how_far_offshore_better_than_it_can_be_read():
    """All nodes look at a second or two about it, and Vp / Vs is one for all."""
    found = stated(heard(COAST, OFFSHORE, 0.05, s_times=8.0))
    read_km = 8.2 * float(np.hypot(ellipse.S_READ_S, ellipse.VP_OVER_VS_SIGMA * 15.0))

    assert found.azimuth_deg < 30 or found.azimuth_deg > 150
    assert found.major_km > 0.9 * ellipse.SIGMAS * read_km


def test_what_all_onsets_are_late_by_moves_no_place_among_them(monkeypatch: pytest.MonkeyPatch):
    weak = heard(grid(3, 20), MIDDLE, 0.005)
    together = stated(weak)
    monkeypatch.setattr(ellipse, "LATE_SHARE", 0.0)

    assert area_km2(together) < 0.8 * area_km2(stated(weak))


def test_a_wave_that_has_just_begun_is_timed_no_worse_for_it():
    whole = heard(grid(3, 20), MIDDLE, 0.02)
    half = whole.growth + np.float32(np.log10(0.5))  # what is seen of it after 0.2 s
    young = replace(whole, growth=half, grown_until_s=np.full(len(half), 0.2))

    assert area_km2(stated(young)) == pytest.approx(area_km2(stated(whole)), rel=0.2)


def errors_km2(
    facts: Evidence, quake: Quake, posterior_km: float, shares: list[float]
) -> np.ndarray:
    """Return the covariance of an earthquake that was put where it is, at the first depth."""
    known = laid.lay(facts, Plane(quake.lat_deg, quake.lon_deg))
    fit = voting.fit(known, grids.points(np.zeros((1, 2)), [0]), None)
    here = np.array([0.0, 0.0, tables.DEPTHS_KM[0]])
    return ellipse.with_true_errors(
        posterior_km**2 * np.eye(2), known, fit, 0, here, np.array(shares)
    )


def test_a_posterior_wider_than_strong_onsets_leave_it_is_not_believed():
    strong = heard(grid(3, 20), MIDDLE, 0.1)
    shallow = [1.0, 0.0, 0.0, 0.0]
    near, wide = (errors_km2(strong, MIDDLE, km, shallow) for km in (3.0, 10.0))

    assert np.trace(near) < np.trace(wide) < 0.5 * 2 * 10.0**2


def test_a_depth_that_is_not_known_is_an_error_of_the_place_offshore():
    strong = heard(COAST, OFFSHORE, 0.1)
    known, unknown = (
        errors_km2(strong, OFFSHORE, 20.0, shares)
        for shares in ([1.0, 0.0, 0.0, 0.0], [0.5, 0.0, 0.5, 0.0])
    )

    assert unknown[1, 1] > known[1, 1] + 1.0


def test_a_posterior_in_one_cell_is_no_point():
    found = ellipse.ellipse_of(0.0, np.eye(2))
    assert found.major_km == found.minor_km == ellipse.SIGMAS * ellipse.FLOOR_KM


def test_no_ellipse_is_smaller_than_the_cells_that_found_it():
    least_km = stated(heard(grid(7, 5), MIDDLE, 1.0)).minor_km

    assert least_km >= ellipse.FLOOR_KM


@pytest.mark.parametrize("error_km2", [np.zeros((2, 2)), -1e-9 * np.eye(2)])
def test_rounding_that_leaves_no_variance_leaves_an_ellipse(error_km2: np.ndarray):
    stated_km = ellipse.ellipse_of(2.0, error_km2)

    assert stated_km.minor_km == pytest.approx(2.0 * ellipse.FLOOR_KM)
