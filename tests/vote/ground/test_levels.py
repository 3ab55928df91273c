"""Levels: where the intensity that matters is probable enough, each place by its own choice."""

import pytest

from tests.vote.world import Quake, grid, listening
from vote.alert import Alert
from vote.decision import Decider
from vote.ground.levels import level_of
from vote.ground.shaking import Area
from vote.settings import Settings

TOWN = Area("XX.TOWN", 17.05, -99.97)


def level(mmi: float, sigma: float = 0.6, area: Area = TOWN, held: str = "none", **chosen: float):
    return level_of(mmi, sigma, area, Settings(**chosen), held)  # type: ignore[arg-type]


def test_at_even_cost_a_level_begins_at_its_median():
    assert level(3.49) == "none"
    assert level(3.51) == "be_aware"
    assert level(4.99) == "be_aware"
    assert level(5.01) == "take_action"


def test_the_cheaper_a_needless_alarm_the_lower_the_forecast_that_is_enough():
    # P(MMI >= 5) >= 0.1 where the median is at least 5 - 1.2816 sigma
    assert level(5 - 1.27 * 0.6, take_action_cost_ratio=0.1) == "take_action"
    assert level(5 - 1.29 * 0.6, take_action_cost_ratio=0.1) == "be_aware"
    assert level(5 + 0.4 * 0.6, take_action_cost_ratio=0.7) == "be_aware"


def test_a_surer_forecast_needs_less_margin():
    assert level(4.5, sigma=0.6, take_action_cost_ratio=0.1) == "take_action"
    assert level(4.5, sigma=0.1, take_action_cost_ratio=0.1) == "be_aware"


def test_a_level_is_not_given_back_for_a_hair():
    assert level(4.8) == "be_aware"
    assert level(4.8, held="take_action") == "take_action"
    assert level(4.6, held="take_action") == "be_aware"
    assert level(4.8, held="be_aware") == "be_aware"


def test_a_target_has_its_own_levels_and_its_own_cost():
    valve = Area("valve", 17.0, -100.0, "Gas valve", be_aware_mmi=6.0, take_action_mmi=7.0)
    lift = Area("lift", 17.0, -100.0, "Lift", cost_ratio=0.05)

    assert level(6.5) == "take_action"
    assert level(6.5, area=valve) == "be_aware"
    assert level(4.2, area=lift) == "take_action"


@pytest.mark.parametrize(
    "wrong",
    [
        {"false_per_year": 0.0},
        {"min_nodes": 2},
        {"min_sites": 1},
        {"be_aware_mmi": 6.0},
        {"take_action_cost_ratio": 1.0},
        {"be_aware_cost_ratio": 0.0},
    ],
)
def test_choices_that_make_no_sense_are_refused_at_the_start(wrong: dict[str, float]):
    with pytest.raises(ValueError):
        Settings(**wrong)  # type: ignore[arg-type]


def alerts_with(*targets: Area, size: float = 6.0) -> list[Alert]:
    world = listening(grid(5, 20))
    world.shake(Quake(17.03, -99.95, size))
    return world.play(Decider("engine-1", targets=targets))


def test_registered_targets_stand_in_every_alert_beside_the_cells():
    school = Area("school", 17.3, -99.5, "School")

    for alert in alerts_with(school):
        named = [area for area in alert.areas if area.name]
        assert [area.id for area in named] == ["school"]
        assert len(alert.areas) > 10


def test_soft_ground_makes_a_target_shake_more_by_its_site_term():
    rock = Area("rock", 17.3, -99.5, "Rock")
    lake = Area("lake", 17.3, -99.5, "Lake", site_mmi=1.5)

    last = {area.id: area.mmi for area in alerts_with(rock, lake)[-1].areas}

    assert last["lake"] - last["rock"] == pytest.approx(1.5, abs=0.02)


def test_the_level_of_an_alert_is_the_highest_of_its_areas():
    for alert in alerts_with(size=6.5):
        ranks = {"none": 0, "be_aware": 1, "take_action": 2}
        assert ranks[alert.level] == max(ranks[area.level] for area in alert.areas)


def test_a_target_whose_level_changes_gets_an_update_of_its_own():
    # its threshold lies between two estimates that differ by less than an update needs
    alerts = alerts_with(Area("plain", 17.5, -99.2, "Plain"))
    forecasts = [alert.areas[-1].mmi for alert in alerts]
    assert max(forecasts) > forecasts[0]
    between = (max(forecasts) + forecasts[0]) / 2
    wary = Area("wary", 17.5, -99.2, "Wary", be_aware_mmi=between, take_action_mmi=9.0)

    levels = [alert.areas[-1].level for alert in alerts_with(wary)]

    assert {"none", "be_aware"} == set(levels)
