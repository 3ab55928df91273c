"""Peaks that nodes measure raise the forecast around them: whose do not."""

from collections.abc import Sequence

import pytest
from groundswell import wire

from tests.vote.world import LATENCY_US, Place, Quake, World, grid, second, status
from vote.decision import Decider
from vote.ground.shaking import Area

PLACES = grid(4, 20)
QUAKE = Quake(17.15, -100.0, 5.0, after_s=90.0)
LONE = Place(100, 17.5, -99.6)
STRONG = 3_000_000, 150_000_000  # um/s^2, nm/s


def shaken(
    extra: Sequence[Place], peaks: tuple[int, int] = STRONG, state: int = wire.STATE_ARMED
) -> World:
    """A moderate earthquake, and nodes beside it that measure much more from S on."""
    world = World(PLACES)
    world.alive(140.0)
    world.shake(QUAKE)
    for place in extra:
        for at_s in range(-120, 141, 30):
            world.say(status(place, second(at_s), state=state))
        for at_s in range(96, 112):
            message = wire.Shaking(place.node_id, 1, at_s, 0, second(at_s), 10_000, *peaks)
            world.mail.append((second(at_s) + LATENCY_US, message))
    return world


def most_mmi_at(world: World, lat_deg: float, lon_deg: float) -> float:
    decider = Decider("v", areas=[Area("there", lat_deg, lon_deg)])
    return max(alert.areas[0].mmi for alert in world.play(decider))


def test_two_nodes_of_one_building_are_one_measurement():
    """Who carries furniture there must not warn the next town; two sites that shake do."""
    town = 17.6, -99.4  # 25 km away
    twins = [LONE, Place(101, LONE.lat_deg + 1e-4, LONE.lon_deg)]
    apart = [LONE, Place(101, LONE.lat_deg + 0.03, LONE.lon_deg)]

    quiet = most_mmi_at(shaken([]), *town)

    assert most_mmi_at(shaken(twins), *town) == pytest.approx(quiet, abs=0.1)
    assert most_mmi_at(shaken(apart), *town) > quiet + 2


def test_a_node_whose_triggers_are_not_believed_has_no_say_in_the_forecast_either():
    """In fault, in quarantine, or with peaks that no ground has: a blow, a broken sensor."""
    here = LONE.lat_deg, LONE.lon_deg
    quiet = most_mmi_at(shaken([]), *here)
    chatters = shaken([LONE])
    for k in range(50):
        chatters.trigger(LONE, second(-100.0 + 3 * k))

    assert most_mmi_at(shaken([LONE]), *here) > quiet + 2  # one that is
    assert most_mmi_at(shaken([LONE], state=wire.STATE_FAULT), *here) == pytest.approx(
        quiet, abs=0.1
    )
    broken = shaken([LONE], peaks=(2**32 - 1, 2**32 - 1))
    assert most_mmi_at(broken, *here) == pytest.approx(quiet, abs=0.1)
    assert most_mmi_at(chatters, *here) == pytest.approx(quiet, abs=0.1)
