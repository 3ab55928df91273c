"""How strongly it shook where it was noticed: as an earthquake there would, or as people do."""

from dataclasses import replace

import numpy as np
import pytest
from groundswell.wire import Trigger

from tests.vote.world import WINDOWS_S, Place, arrivals, declared, grid, listening, second
from tests.vote.world import Quake as At
from vote.decision import Decider
from vote.judge import strength
from vote.nodes.picks import Pick
from vote.search import source
from vote.search.ellipse import Ellipse
from vote.search.source import Source
from vote.waves import tables

PLACES = grid(7, 20.0)
MIDDLE = At(17.0, -100.0, 4.5)
NEAR = [PLACES[k] for k in (24, 23, 17, 40)]  # 0, 20, 20 and 57 km away
ANY_SIZE = np.log(10.0) * (3.5 - tables.MAGNITUDES)  # Gutenberg and Richter alone


def picks_of(pga_mps2: dict[Place, float]) -> list[Pick]:
    world = listening(list(pga_mps2))
    for place, peak in pga_mps2.items():
        world.trigger(place, second(60), (peak,) * 14)
    decider = Decider("test")
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        if received_us < second(64):
            decider.hear(message, received_us)
    return decider.picks.recent()


def found(ln_by_magnitude: np.ndarray) -> Source:
    one = np.zeros(1, dtype=np.float32)
    return Source(
        MIDDLE.lat_deg, MIDDLE.lon_deg, 8.0, 0.0, 5.0, 0.2, Ellipse(5, 5, 0), 10.0, 4.5,
        one, one, (MIDDLE.lat_deg, MIDDLE.lon_deg, 0), ln_by_magnitude.astype(np.float32),
    )  # fmt: skip


def of_quake(size: float) -> dict[Place, float]:
    reach = {place: arrivals(MIDDLE, place)[2] for place in NEAR}
    return {p: float(tables.p_peak_mps2(size, np.array(km))) for p, km in reach.items()}


def test_peaks_that_fall_with_distance_are_an_earthquakes_and_peaks_that_rise_are_not():
    falling = of_quake(4.5)
    rising = dict(zip(falling, reversed(falling.values())))

    assert strength.ln_ratio(picks_of(falling), found(ANY_SIZE)) > 1
    assert strength.ln_ratio(picks_of(rising), found(ANY_SIZE)) < -3


def test_nobody_jumps_as_strongly_as_a_large_earthquake_shakes():
    assert strength.ln_ratio(picks_of(of_quake(6.5)), found(ANY_SIZE)) == strength.LN_MOST


def test_a_size_that_the_silent_nodes_exclude_explains_no_strength():
    only_small = ANY_SIZE - 8 * (tables.MAGNITUDES - 3.5)
    shaken = picks_of(of_quake(5.0))

    doubted = strength.ln_ratio(shaken, found(only_small))

    assert doubted < strength.ln_ratio(shaken, found(ANY_SIZE)) - 2


def test_one_peak_alone_says_nothing():
    first = picks_of(of_quake(4.5))[0]
    unknown = replace(first, early_pga_mps2=0.0)

    assert strength.ln_ratio([first, unknown], found(ANY_SIZE)) == 0.0


def test_a_search_tells_that_silent_nodes_exclude_a_large_earthquake():
    world = listening(PLACES, 90.0)
    world.shake(MIDDLE)
    said = []
    locate = source.locate

    def spy(*arguments: object) -> Source:
        said.append(locate(*arguments))  # type: ignore[arg-type]
        return said[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "locate", spy)
        world.play(Decider("test"))

    sizes = said[-1].ln_by_magnitude
    assert tables.MAGNITUDES[np.argmax(sizes)] == 4.5
    assert sizes[tables.MAGNITUDES > 6].max() < sizes.max() - 5


def test_what_people_may_be_is_judged_again_when_it_shakes_more_than_people_do():
    around = [Place(1, 17.27, -100.0), Place(2, 16.865, -99.756), Place(3, 16.865, -100.244)]

    def told(later_mps2: float) -> int:
        """All at one distance trigger in one instant, as weakly as people shake them."""
        world = listening(around)
        for k, place in enumerate(around):
            pga_mps2 = [0.02 if window_s < 1 else later_mps2 for window_s in WINDOWS_S]
            world.trigger(place, second(60 + 0.2 * k), pga_mps2)
        return len(declared(world.play(Decider("test"))))

    assert told(0.02) == 0
    assert told(0.2) == 1


def asked_again(pga_mps2: list[float], was_vote: bool = False) -> int:
    """How often a trigger is asked again whose peak grows with each message."""
    place = Place(1, 17.0, -100.0)
    world = listening([place])
    decider = Decider("test")
    for received_us, message in sorted(world.mail, key=lambda entry: entry[0]):
        decider.hear(message, received_us)
    asked = -1
    for update, pga in enumerate(pga_mps2):
        sample_us = second(100 + 0.01 * update)
        decider.hear(trigger_of(place, second(100), sample_us, update, pga), sample_us)
        asked += len(decider.waiting.take(4))
        if was_vote:
            for pick in decider.picks.recent():
                pick.counted = 0.0
    return asked


def trigger_of(place: Place, onset_us: int, sample_us: int, update: int, pga: float) -> Trigger:
    return Trigger(
        place.node_id, 1, update, 1, update, 0, onset_us, sample_us, sample_us, 10_000, 900,
        12_000, round(pga * 1e6), 1000, 1000, 400,
    )  # fmt: skip


def test_what_has_been_a_vote_is_not_asked_again_however_strongly_it_shakes():
    assert asked_again([0.01, 0.1]) == 1
    assert asked_again([0.01, 0.1], was_vote=True) == 0


def test_a_node_that_says_ever_more_is_asked_no_oftener_than_ground_can_double():
    """Fourteen times from what makes it trigger, 2 mm/s^2, to the most ever recorded, 40 m/s^2."""
    assert asked_again([1e-6 * 2.01**k for k in range(30)]) <= 14
