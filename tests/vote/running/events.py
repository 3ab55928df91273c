"""Running earthquakes and picks made by hand, for tests of what they say of each other."""

import itertools
from collections.abc import Iterable

import numpy as np

from tests.vote.world import Place, Quake, arrivals, grid, second, status
from vote.alert import SCHEMA, Alert
from vote.nodes.fleet import Fleet
from vote.nodes.picks import Pick, Report
from vote.running.event import Event
from vote.search.ellipse import Ellipse
from vote.search.source import Source
from vote.waves.magnitude import Size

PLACES = grid(4, 20)
MIDDLE = Quake(17.0, -100.0, 6.0)
DETECTIONS = itertools.count(1)
FLEET = Fleet()
for place in PLACES:
    FLEET.hear_status(status(place, second(0)), second(0))


def pick_of(place: Place, at_us: int, pga_mps2: float = 0.02) -> Pick:
    """Return one detection, which no other one is."""
    return Pick(
        FLEET.nodes[place.node_id], (place.node_id, 1, next(DETECTIONS)), at_us, 0.01, 0.9,
        4e-4, 0.3, at_us, True, quiet_mps2=4e-4, early_pga_mps2=pga_mps2,
        reports=[Report(3.0, pga_mps2, pga_mps2 / 40, 1e-5)], first_onset_us=at_us,
    )  # fmt: skip


def p_picks(
    quake: Quake, places: Iterable[Place] = PLACES, pga_mps2: float = 0.02, s: bool = False
) -> list[Pick]:
    """Return what nodes notice of its P waves, or of its S waves."""
    return [
        pick_of(place, quake.origin_us + round(arrivals(quake, place)[s] * 1e6), pga_mps2)
        for place in places
    ]


def event_of(name: str, quake: Quake, votes: Iterable[Pick] = (), sigma: float = 0.2) -> Event:
    """Return a running earthquake of which nobody was told."""
    by_node = {pick.node.node_id: pick for pick in votes}
    return Event(
        name, quake.origin_us + 5_000_000, quake.lat_deg, quake.lon_deg, quake.depth_km,
        quake.origin_us, 3.0, 0.3, Ellipse(5.0, 4.0, 0.0), 9.0, by_node, list(by_node.values()),
        Size(quake.magnitude, sigma),
    )  # fmt: skip


def told(event: Event, kind: str = "update") -> Event:
    """Let people have heard of it."""
    event.last = Alert(
        SCHEMA, event.event_id, 2, kind, "test", event.declared_us, event.declared_us + 60_000_000,
        "v", event.origin_us, event.lat_deg, event.lon_deg, event.depth_km, event.size.magnitude,
        0.3, 3.0, 0.2, 0.99, False, len(event.votes), len(event.votes), 4.0, "none", "", (),
    )  # fmt: skip
    return event


def source_of(quake: Quake) -> Source:
    nothing = np.zeros(0, dtype=np.float32)
    return Source(
        quake.lat_deg, quake.lon_deg, quake.depth_km, 0.0, 3.0, 0.3, Ellipse(5.0, 4.0, 0.0), 9.0,
        quake.magnitude, nothing, nothing, (quake.lat_deg, quake.lon_deg, 0), nothing,
    )  # fmt: skip
