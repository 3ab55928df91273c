from pathlib import Path

import numpy as np
import pytest

from failure import Failure
from training.mounting import Gaps, Mounting
from training.nuisances import KINDS
from training.scenario_file import read_scenario

NODES = """
[[node]]
name = "A"
lat_deg = 17.0
lon_deg = -100.0
[[node]]
name = "B"
lat_deg = 17.2
lon_deg = -100.0
"""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate_hz", [31.25, 125.0, 400.0])
def test_every_nuisance_begins_in_silence_and_is_as_strong_as_asked(
    kind: str, rate_hz: float
) -> None:
    for seed in range(5):
        once, again, twice = (
            KINDS[kind](np.random.default_rng(seed), rate_hz, 20.0, strength)
            for strength in (1.0, 1.0, 2.0)
        )
        assert once.shape == (3, int(20 * rate_hz)) and once.dtype == np.float32
        assert np.isfinite(once).all() and np.array_equal(once, again)
        assert 1e-4 < np.abs(once).max() < 1000
        assert np.abs(twice).max() >= np.abs(once).max()
        assert np.abs(once[:, 0]).max() < 0.2 * np.abs(once).max()


def test_footsteps_come_about_twice_a_second() -> None:
    walk = KINDS["footsteps"](np.random.default_rng(1), 100.0, 60.0, 1.0)[2].astype(float)
    strength = np.convolve(np.abs(walk), np.ones(10) / 10, "same")
    spectrum = np.abs(np.fft.rfft(strength - strength.mean()))
    hz = np.fft.rfftfreq(len(strength), 0.01)

    assert 1.5 < hz[np.argmax(np.where(hz > 0.5, spectrum, 0))] < 5.0


def test_a_dropped_node_falls_freely_and_lies_on_another_side() -> None:
    fall = KINDS["drop"](np.random.default_rng(3), 100.0, 20.0, 1.0).astype(float)
    up = np.array([0.0, 0.0, 9.80665])
    total = np.linalg.norm(fall + up[:, None], axis=0)

    assert total[0] == pytest.approx(9.80665) and total[-1] == pytest.approx(9.80665)
    assert (total < 1e-3).sum() > 15 and total.max() > 20
    assert np.linalg.norm(fall[:, -1]) > 0.5


def test_a_supply_glitch_is_everywhere_in_the_same_sample(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    glitch = "[[supply_glitch]]\nafter_s = 5\nlat_deg = 17\nlon_deg = -100\n"
    path.write_text(NODES + glitch)
    scenario = read_scenario(path)
    motions = [scenario.motion_of(scenario.happenings[0], node) for node in scenario.nodes]

    begins = []
    for motion in motions:
        assert motion is not None
        moving = np.flatnonzero(np.abs(motion.acceleration_mps2).max(axis=0))
        begins.append(motion.first_index + int(moving[0]))
    assert begins[0] == begins[1]


def test_a_local_nuisance_is_noticed_by_one_node_and_its_kind_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(NODES + '[[local]]\nafter_s = 5\nnode = "B"\nkind = "knock"\n')
    scenario = read_scenario(path)
    assert scenario.motion_of(scenario.happenings[0], scenario.nodes[0]) is None
    assert scenario.motion_of(scenario.happenings[0], scenario.nodes[1]) is not None

    path.write_text(NODES + '[[local]]\nafter_s = 5\nnode = "B"\nkind = "ghost"\n')
    with pytest.raises(Failure, match="local 1: kind 'ghost' is not one of footsteps"):
        read_scenario(path)


def test_a_tilted_and_turned_node_sees_the_same_motion_on_other_axes() -> None:
    up = np.zeros((3, 4), np.float32)
    up[2] = 1.0
    leaning = Mounting(tilt_deg=30.0, tilt_away_from_deg=90.0).seen(up)
    turned = Mounting(rotation_deg=90.0).seen(np.roll(up, 1, axis=0))

    assert np.linalg.norm(leaning[:, 0]) == pytest.approx(1.0)
    assert leaning[2, 0] == pytest.approx(np.cos(np.pi / 6))
    # leaning to the west it has its east side up
    assert leaning[0, 0] == pytest.approx(0.5) and leaning[1, 0] == pytest.approx(0, abs=1e-6)
    assert np.abs(turned[:, 0]).tolist() == pytest.approx([0, 1, 0], abs=1e-6)


def test_gaps_are_the_same_in_whatever_window_they_are_seen() -> None:
    gaps = Gaps((1, 2), per_hour=30.0, mean_s=3.0)
    whole = np.ones((3, 36_000), np.float32)
    share = gaps.blank(whole, 5000, 10.0)
    pieces = np.ones((3, 36_000), np.float32)
    for begin in range(0, 36_000, 7):
        gaps.blank(pieces[:, begin : begin + 7], 5000 + begin, 10.0)

    assert np.array_equal(whole, pieces) and share == pytest.approx(1 - whole[0].mean())
    assert 0.005 < share < 0.06
