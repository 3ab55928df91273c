"""How often nodes around trigger at present for no known reason."""

from tests.vote.world import grid, listening, second
from vote.decision import Decider
from vote.judge import quorum
from vote.nodes.picks import Pick
from vote.running.known import Known

PLACES = grid(3, 20.0)


class Explained(Known):
    """Earthquakes that make each node trigger so often."""

    def __init__(self, per_s: float) -> None:
        super().__init__()
        self._per_s = per_s

    def explains_per_s(self, pick: Pick) -> float:
        return self._per_s


def chance_per_s(explained_per_s: float) -> float:
    """After a minute in which each of nine nodes has triggered three times."""
    world = listening(PLACES)
    for k, place in enumerate(PLACES):
        for after_s in (62, 80, 98):
            world.trigger(place, second(after_s + k))
    world.trigger(PLACES[0], second(115))
    decider = Decider("test")
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if received_us < second(115.4):
            decider.hear(message, received_us)
    newest, *others = decider.picks.newest_first()
    known, now_us = Explained(explained_per_s), second(115.4)
    return quorum._chance_per_s(newest, [newest], others, known, decider.fleet, now_us)


def test_triggers_at_an_earthquakes_p_and_s_have_a_known_reason():
    assert chance_per_s(0.3) < 0.2 * chance_per_s(0.0)


def test_more_aftershocks_than_it_should_have_are_no_known_reason():
    """Four minutes after Ridgecrest's M7.1 eight nodes triggered 20 times a minute, where 0.001 a
    second was expected of each."""
    assert chance_per_s(0.001) > 0.8 * chance_per_s(0.0)


def test_many_triggers_with_a_known_reason_are_still_none_without():
    """An M6.15 22 s after an M6.85 80 km away was missed: a tenth of each trigger between P and S
    counted, of a hundred nodes."""
    assert chance_per_s(0.15) < 0.06 * chance_per_s(0.0)
