from itertools import islice
from pathlib import Path

import pytest

from failure import Failure
from system import story
from system.network import extended
from system.story import Story
from training.scenario_file import read_scenario
from training.wavefield import distance_km

NETWORK = read_scenario(Path("system/guerrero.toml")).nodes
START_US = 1_770_000_000_000_000


def test_the_first_earthquake_is_a_six_after_20_s_and_then_one_every_three_minutes() -> None:
    first, second, third = islice(Story(NETWORK, 1).earthquakes(START_US), 3)

    assert first.magnitude == 6.0 and first.origin_us == START_US + 20_000_000
    assert second.origin_us - first.origin_us == third.origin_us - second.origin_us == 180_000_000


def test_the_same_seed_tells_the_same_story_and_another_a_different_one() -> None:
    told = [list(Story(NETWORK, seed, limit=5).earthquakes(0)) for seed in (1, 1, 2)]

    assert told[0] == told[1] != told[2]
    assert len({quake.lat_deg for quake in told[0]}) == 5


def test_every_earthquake_is_near_enough_to_be_felt_and_of_the_announced_size() -> None:
    for quake in Story(NETWORK, 3, limit=300).earthquakes(0):
        nearest_km = min(
            distance_km(quake.lat_deg, quake.lon_deg, place.lat_deg, place.lon_deg)
            for place in NETWORK
        )
        assert nearest_km < 45
        assert story.SMALLEST <= quake.magnitude <= story.LARGEST
        assert 10 <= quake.depth_km <= 30


def test_a_magnitude_asked_for_is_that_of_all() -> None:
    assert {q.magnitude for q in Story(NETWORK, 1, magnitude=5.2, limit=9).earthquakes(0)} == {5.2}


def test_fewer_nodes_are_the_first_towns_and_more_are_a_grid_around_all() -> None:
    assert extended(NETWORK, 3) == NETWORK[:3]
    many = extended(NETWORK, 300)
    assert many[:12] == NETWORK and len({place.code for place in many}) == 300


def test_nodes_of_the_grid_stand_apart_and_the_nearest_come_first() -> None:
    many = extended(NETWORK, 60)
    for place in many[12:]:
        others = [
            distance_km(place.lat_deg, place.lon_deg, other.lat_deg, other.lon_deg)
            for other in many
            if other is not place
        ]
        assert 9.0 < min(others) < 25.0
    assert extended(NETWORK, 40) == many[:40]


def test_no_nodes_and_too_many_nodes_are_refused() -> None:
    for count in (0, -3, 1001):
        with pytest.raises(Failure, match="between 1 and 1000"):
            extended(NETWORK, count)
