"""How deaf nodes still are after an earthquake: who triggers now tells its noise before."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import pytest

from tests.vote.world import Quake, arrivals, declared, grid, listening
from vote.decision import Decider
from vote.nodes import coda
from vote.nodes.picks import Pick

PLACES = grid(7, 15.0)
FIRST = Quake(17.02, -100.03, 6.2, after_s=60.0)
SECOND = Quake(17.25, -99.8, 4.8, after_s=95.0)
CALM = 400  # um/s^2


def pick(noise_mps2: float, coda_mps2: float = 0.3, quiet_mps2: float = 4e-4) -> Pick:
    return cast(
        Pick,
        SimpleNamespace(noise_mps2=noise_mps2, coda_mps2=coda_mps2, quiet_mps2=quiet_mps2),
    )


def alerts_of(every: int, noise_um_s2: int) -> list[str]:
    """Half a minute after an earthquake has shaken all, nodes trigger as by a P wave."""
    world = listening(PLACES)
    world.shake(FIRST)
    near = sorted(PLACES, key=lambda place: arrivals(SECOND, place)[2])
    for place in near[: 6 * every : every]:
        onset_us = SECOND.origin_us + round(arrivals(SECOND, place)[0] * 1e6)
        strong = [20 * noise_um_s2 / 1e6] * 14
        world.trigger(place, onset_us, strong, noise_um_s2=noise_um_s2)
    return declared(world.play(Decider("test")))


def test_a_few_who_trigger_in_calm_ground_are_contradicted_by_the_silent():
    """A third of all nodes are people, or chatter: nobody else heard anything."""
    assert len(alerts_of(every=3, noise_um_s2=CALM)) == 1


def test_where_it_shakes_still_the_silent_may_be_deaf(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(coda, "left", lambda picks: 1.0)
    assert len(alerts_of(every=3, noise_um_s2=CALM)) == 2


def test_an_earthquake_that_all_around_notice_in_calm_ground_is_told():
    assert len(alerts_of(every=1, noise_um_s2=CALM)) == 2


@pytest.mark.parametrize(
    ("picks", "share"),
    [
        ([pick(4e-4)] * 3, 0.004),
        ([pick(4e-4)] * 2, 1.0),  # too few
        ([pick(4e-4), pick(4e-4), pick(0.05)], 0.5),  # the one that hears worst
        ([pick(0.2)] * 3, 1.0),
        ([pick(4e-4, coda_mps2=2e-3)] * 3, 1.0),  # hardly shaken: they know nothing of it
    ],
)
def test_what_is_left_is_what_the_shaken_find(picks: Sequence[Pick], share: float):
    assert coda.left(picks) == pytest.approx(share, abs=1e-6)


def test_what_shakes_now_deafens_all_the_same(monkeypatch: pytest.MonkeyPatch):
    world = listening(PLACES)
    decider = Decider("test")
    world.play(decider)
    fleet = decider.fleet
    now_us = FIRST.origin_us + 30_000_000
    old, new = (fleet.nodes[place.node_id] for place in PLACES[:2])
    fleet.note_shaking(old, FIRST.origin_us, 3.0)
    fleet.note_shaking(new, now_us - 1_000_000, 3.0)
    rows = fleet.rows([old.node_id, new.node_id])
    monkeypatch.setattr(coda, "left", lambda picks: 0.0)
    first = cast(Pick, SimpleNamespace(onset_us=now_us - 2_000_000))
    deaf = coda.deafened_mps2([first], fleet, now_us, rows)
    assert deaf[0] == fleet.noise_mps2[old.index]
    assert deaf[1] == fleet.deafened_mps2(now_us, rows)[1] > 0.5


def test_a_peak_that_a_detection_tells_again_is_no_new_one():
    world = listening(PLACES[:1])
    world.trigger(PLACES[0], FIRST.origin_us, (0.1, 0.5, *(2.0,) * 12))
    decider = Decider("test")
    world.play(decider)
    node = decider.fleet.nodes[PLACES[0].node_id]
    assert (node.shaken_mps2, node.shaken_us) == (2.0, FIRST.origin_us + 1_000_000)
