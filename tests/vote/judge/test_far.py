"""A wave from far away, and deep earthquakes beside a town that look as flat for a while."""

import numpy as np
import pytest
from groundswell import wire

from tests.vote.running.test_aftermath import shaken_twice
from tests.vote.world import WINDOWS_S, Quake, grid, listening, second
from vote.decision import Decider
from vote.judge import far
from vote.nodes.fleet import Fleet
from vote.nodes.picks import Pick, Picks
from vote.waves import travel


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("p_share", [1 / 1.04, 1.04])
def test_a_deep_earthquake_beside_a_town_is_not_taken_back(
    seed: int, p_share: float, monkeypatch: pytest.MonkeyPatch
):
    """60 km deep, 53 km outside: its depth is one of four, and its S waves move its place."""
    heard = shaken_twice(Quake(17.7, -100.1, 5.8, depth_km=60.0), p_share, 1.8, 2, seed)
    alerts = heard.play(Decider("v"))
    monkeypatch.setattr(far, "BEST_BETTER", -np.inf)
    unguarded = heard.play(Decider("v"))

    assert "Withdrawn: a wave from far away." not in {alert.reason for alert in alerts}
    assert "Withdrawn: a wave from far away." in {alert.reason for alert in unguarded}


def heard_by_a_town(has_s: bool) -> list[Pick]:
    """A plane of 12 km/s, as from 83 km south and 90 km below; the peaks grow fivefold when that
    source's S wave would come, or never."""
    places = grid(7, 10)
    world, fleet = listening(places, until_s=60.0), Fleet()
    rng = np.random.default_rng(5)
    for place in places:
        north_km = (place.lat_deg - 17.0) * travel.KM_PER_DEG
        east_km = (place.lon_deg + 100.0) * travel.KM_PER_DEG * np.cos(np.radians(17.0))
        p_s = float(travel.p_time_s(np.hypot(83.0 + north_km, east_km), 90.0))
        is_late = np.array(WINDOWS_S) > (travel.VP_OVER_VS - 1) * p_s
        pga = 0.01 * np.where(has_s & is_late, 5.0, 1.0)
        onset_us = second(60.0 + north_km / 12.0 + 0.3 * rng.normal())
        world.trigger(place, onset_us, tuple(pga))
    picks = Picks(fleet)
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if isinstance(message, wire.Trigger):
            picks.hear(message, received_us, False)
        else:
            fleet.hear_status(message, received_us)  # type: ignore[arg-type]
    return picks.recent()


def test_over_a_town_the_s_wave_tells_a_deep_earthquake_from_a_wave_from_far_away():
    """Told to be where it is not, which a plane fits better."""
    told = 16.2, -100.0, 8.0

    for has_s in (False, True):
        assert far.flatter(heard_by_a_town(has_s), told)[0] > far.KEPT_BETTER
    assert far.is_surely_flat(heard_by_a_town(has_s=False), told)
    assert not far.is_surely_flat(heard_by_a_town(has_s=True), told)
