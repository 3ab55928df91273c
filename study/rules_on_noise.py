"""What simple rules make of the same false triggers as the vote.

They hear what is played, which is what could join to a P wave at three nodes or more: for rules
that ask for four, nothing is left out but triggers further apart in time than any P wave
(MyShake-like: 20 s within 10 km), so that rule's count is the least that it could be.
"""

from collections.abc import Sequence

from groundswell import wire

from replay.baseline_rules import ASTUTI, ASTUTI_LEVEL_MPS2, TRIGGER_RULES, Mark, Station
from study.networks import Network
from study.node_messages import START_US, Letter, place_of

MARKS_HEARD = 15  # the first of an episode: the search of two rules is slow
RULES = (*TRIGGER_RULES, ASTUTI)
EVERY = 5  # of the years: they are wrong often enough to be counted in a fifth


def stations_of(network: Network) -> list[Station]:
    """Return the nodes: all alive, and always."""
    ends_us = START_US - 10**12, START_US + 10**15
    return [
        Station(f"N{node}", *place_of(network, node), *ends_us) for node in range(network.size)
    ]


def declared(stations: Sequence[Station], letters: Sequence[Letter]) -> dict[str, int]:
    """Return by rule how often it declares an earthquake; letters in the order of reception."""
    triggered: dict[tuple[int, int], Mark] = {}
    strong: dict[tuple[int, int], Mark] = {}
    for letter in letters:
        message = wire.decode(letter.frame)
        assert isinstance(message, wire.Trigger)
        key = (message.node_id, message.detection_id)
        mark = Mark(stations[message.node_id - 1], letter.received_us)
        triggered.setdefault(key, mark)
        if message.pga_um_s2 >= ASTUTI_LEVEL_MPS2 * 1e6:
            strong.setdefault(key, mark)
    return {
        rule.name: len(
            rule.declare(
                list((strong if rule is ASTUTI else triggered).values())[:MARKS_HEARD], stations
            )
        )
        for rule in RULES
    }
