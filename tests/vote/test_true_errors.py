"""Stated errors against simulated earthquakes, in another Earth than the vote's.

The study has the same figure for its own earthquakes, first and final (study/coverage.py)."""

import numpy as np
import pytest
from groundswell import wire

from tools import pick_world as simulated
from vote.judge import quorum
from vote.nodes.fleet import Fleet
from vote.nodes.picks import Picks
from vote.search import evidence, source
from vote.waves.plane import Plane

EARTHQUAKES = 300
NODES = 25


def located(
    seed: int, triggered: int, spacing_km: float
) -> tuple[source.Source, simulated.Quake] | None:
    """Return where the first few triggers put an earthquake in or around a network."""
    rng = np.random.default_rng(seed)
    network = simulated.Network.scattered(NODES, spacing_km, rng)
    half_deg = spacing_km * 2.5 / 111.2
    lat, lon = rng.uniform(-1.2 * half_deg, 1.2 * half_deg, 2)
    quake = simulated.Quake(17 + lat, -100 + lon, rng.uniform(5, 25), rng.uniform(4.5, 6.5), 60.0)
    played = simulated.Played()
    simulated.statuses(network, 61.0, played)
    simulated.shake(network, quake, 0, played, rng)
    fleet = Fleet()
    picks = Picks(fleet)
    until_us = None
    for received_us, message in played.in_order():
        if until_us is not None and received_us > until_us:
            break
        if isinstance(message, wire.Status):
            fleet.hear_status(message, received_us)
        else:
            picks.hear(message, received_us, False)
            if until_us is None and len(picks.by_key) == triggered:
                until_us = received_us + 300_000
    if until_us is None:
        return None
    rows = sorted(picks.recent(), key=lambda pick: pick.node.site)
    gain = evidence.ln_gain(rows, [0.0] * len(rows))
    facts = evidence.gather(rows, gain, fleet, until_us, rows[0].onset_us)
    return source.locate(facts, quorum.centre_of(rows)), quake


def is_inside(found: source.Source, quake: simulated.Quake) -> bool:
    east, north = Plane(found.lat_deg, found.lon_deg).lay(quake.lat_deg, quake.lon_deg)
    azimuth = np.radians(found.ellipse.azimuth_deg)
    along = east * np.sin(azimuth) + north * np.cos(azimuth)
    across = east * np.cos(azimuth) - north * np.sin(azimuth)
    off = (along / found.ellipse.major_km) ** 2 + (across / found.ellipse.minor_km) ** 2
    return bool(off <= 1)


@pytest.mark.parametrize("spacing_km", [8.0, 25.0])
def test_the_ellipse_of_68_percent_holds_the_truth_in_60_to_76_percent(spacing_km: float):
    """Four, eight and fourteen triggers; inside of the network and around it."""
    rows = [
        row
        for triggered in (4, 8, 14)
        for seed in range(EARTHQUAKES // 3)
        if (row := located(seed, triggered, spacing_km))
    ]
    share = np.mean([is_inside(found, quake) for found, quake in rows])

    assert len(rows) > 0.9 * EARTHQUAKES
    assert 0.60 <= share <= 0.76
