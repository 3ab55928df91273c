from pathlib import Path

import numpy as np
import pytest

from failure import Failure
from training.disturbances import Door, PowerCut, Thunder, Train
from training.scenario_file import read_scenario
from training.wavefield import Earthquake, time_of

GOOD = """
seed = 3
[[node]]
name = "A"
lat_deg = 17.0
lon_deg = -100.0
[[node]]
name = "B"
lat_deg = 17.2
lon_deg = -100.0
clock_error_ms = 40
[[earthquake]]
after_s = 10
lat_deg = 16.8
lon_deg = -100
depth_km = 20
magnitude = 5.5
"""


def scenario_of(tmp_path: Path, text: str):  # type: ignore[no-untyped-def]
    path = tmp_path / "scenario.toml"
    path.write_text(text)
    return read_scenario(path)


def test_a_good_scenario_is_read_as_it_stands(tmp_path: Path) -> None:
    scenario = scenario_of(tmp_path, GOOD)

    assert [node.name for node in scenario.nodes] == ["A", "B"]
    (quake,) = scenario.happenings
    assert isinstance(quake, Earthquake)
    assert quake.origin_us == scenario.start_us + 10_000_000 and quake.magnitude == 5.5
    assert scenario.clock_error_us(scenario.nodes[1]) == 40_000


def test_the_scenario_that_ships_is_good() -> None:
    scenario = read_scenario(Path("system/guerrero.toml"))

    assert len(scenario.nodes) == 12
    assert {type(happening) for happening in scenario.happenings} == {
        Earthquake, Thunder, Train, PowerCut, Door,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "right", "complaint"),
    [
        ("magnitude = 5.5", "magnitud = 5.5", "earthquake 1: unknown key 'magnitud'"),
        ("magnitude = 5.5", "", "earthquake 1: magnitude is missing"),
        ("magnitude = 5.5", "magnitude = 55", "magnitude = 55 is not between 2 and 8"),
        ("magnitude = 5.5", "magnitude = '6'", "magnitude must be a number"),
        ("magnitude = 5.5", "magnitude = true", "magnitude must be a number"),
        ("magnitude = 5.5", "magnitude = nan", "magnitude = nan is not between"),
        ("lat_deg = 17.2", "lat_deg = 97.2", "node 2: lat_deg = 97.2"),
        ('name = "B"', 'name = "A"', "two nodes are named 'A'"),
        ("seed = 3", "sede = 3", "the file: unknown key 'sede'"),
        ("seed = 3", "sensor = 'cheap'", "sensor 'cheap' is not one of"),
        ("seed = 3", "start = 2026-01-01", "start must be like"),
        ("seed = 3", "start = 0001-01-01T00:00:00Z", "start must lie in 1971 to 2098"),
        ("seed = 3", "start = 9999-12-31T00:00:00Z", "start must lie in 1971 to 2098"),
        ("seed = 3", "seed = " + "[" * 100_000, "is not TOML"),
        ("[[earthquake]]", "[earthquake]", "write [[earthquake]], with two brackets"),
        ("[[earthquake]]", "[[earthquake]", "is not TOML"),
        ("after_s = 10", "after_s = 10\norigin_us = 5", "unknown key 'origin_us'"),
    ],
)
def test_a_mistake_is_named_in_one_line(
    tmp_path: Path, wrong: str, right: str, complaint: str
) -> None:
    with pytest.raises(Failure) as failure:
        scenario_of(tmp_path, GOOD.replace(wrong, right, 1))

    assert complaint in str(failure.value) and "\n" not in str(failure.value)


def test_a_missing_file_and_a_scenario_without_nodes_are_failures(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot read the scenario"):
        read_scenario(tmp_path / "nowhere.toml")
    with pytest.raises(Failure, match="at least one"):
        scenario_of(tmp_path, "seed = 1")


def test_more_nodes_than_a_machine_serves_are_refused_at_once(tmp_path: Path) -> None:
    node = '[[node]]\nname = "n%d"\nlat_deg = 17\nlon_deg = -100\n'
    with pytest.raises(Failure, match="10001 nodes are more than 10000"):
        scenario_of(tmp_path, "".join(node % number for number in range(10_001)))


def test_a_door_is_heard_in_its_building_only(tmp_path: Path) -> None:
    scenario = scenario_of(tmp_path, GOOD + '[[door]]\nafter_s = 5\nnode = "B"\n')
    door = scenario.happenings[-1]

    assert scenario.motion_of(door, scenario.nodes[0]) is None
    assert scenario.motion_of(door, scenario.nodes[1]) is not None
    with pytest.raises(Failure, match="there is no node 'C'"):
        scenario_of(tmp_path, GOOD + '[[door]]\nafter_s = 5\nnode = "C"\n')


def onset_s(scenario, happening, node) -> float:  # type: ignore[no-untyped-def]
    motion = scenario.motion_of(happening, node)
    loud = np.flatnonzero(np.abs(motion.acceleration_mps2).max(axis=0) > 0.002)
    first_us = time_of(motion.first_index + int(loud[0]), scenario.rate_hz)
    return (first_us - scenario.start_us) / 1e6


def test_a_power_cut_is_everywhere_in_the_same_instant_and_nowhere_beyond(tmp_path: Path) -> None:
    cut = "[[power_cut]]\nafter_s = 5\nlat_deg = 17\nlon_deg = -100\nradius_km = 30\n"
    scenario = scenario_of(tmp_path, GOOD + cut)
    near = [onset_s(scenario, scenario.happenings[-1], node) for node in scenario.nodes]

    assert abs(near[0] - near[1]) < 0.1
    small = scenario_of(tmp_path, GOOD + cut.replace("30", "10"))
    assert small.motion_of(small.happenings[-1], small.nodes[1]) is None


def test_thunder_moves_at_the_speed_of_sound(tmp_path: Path) -> None:
    thunder = (
        "[[thunder]]\nafter_s = 5\nlat_deg = 17.0\nlon_deg = -100.05\nstrikes = 1\n"
        "front_km = 0.1\nduration_s = 1\n"
    )
    near = '[[node]]\nname = "C"\nlat_deg = 17.0\nlon_deg = -100.04\n'
    far = '[[node]]\nname = "D"\nlat_deg = 17.0\nlon_deg = -100.02\n'
    scenario = scenario_of(tmp_path, near + far + thunder)
    times_s = [onset_s(scenario, scenario.happenings[0], node) for node in scenario.nodes]

    # 0.02 degrees of longitude at 17 north are 2.13 km: 6.3 s of sound
    assert times_s[1] - times_s[0] == pytest.approx(2.13 / 0.34, abs=0.5)


def test_a_train_passes_one_place_after_the_other(tmp_path: Path) -> None:
    train = (
        "[[train]]\nafter_s = 0\nlat_deg = 16.99\nlon_deg = -100.001\n"
        "to_lat_deg = 17.3\nto_lon_deg = -100.001\nspeed_kmh = 72\n"
    )
    scenario = scenario_of(tmp_path, GOOD + train)
    times_s = [onset_s(scenario, scenario.happenings[-1], node) for node in scenario.nodes]

    assert times_s[1] - times_s[0] == pytest.approx(0.2 * 111.195 / 0.02, rel=0.05)
