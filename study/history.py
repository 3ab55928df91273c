"""Histories to try thresholds on: earthquakes with their truth, and years without one."""

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from groundswell import wire

from failure import Failure
from replay.catalogue import read_catalogue
from replay.event import EventReplay, areas_of, chosen_events, published, usable_records
from replay.intensity import mmi_of_pga
from replay.records import Record
from study import bursts, false_triggers, node_messages, trigger_model
from study.networks import NETWORKS, Array, Network
from study.node_messages import START_US, Conditions, Letter
from study.plan import CHANCE
from study.shocks import drawn_quake
from vote.decision import Decider
from vote.ground.shaking import Area
from vote.settings import Settings

SENSOR, SEED, LATENCY_US = "adxl355", 0, 50_000  # the defaults of `replay`


@dataclass(frozen=True)
class Case:
    """One earthquake as the engine hears it, and what really happened at each area."""

    name: str
    letters: Sequence[Letter]
    areas: Sequence[Area]
    mmi: Array
    s_us: np.ndarray
    origin_us: int
    lat_deg: float
    lon_deg: float


@dataclass(frozen=True)
class Disturbance:
    """Triggers that no earthquake made, and the network that hears them."""

    name: str
    letters: Sequence[Letter]
    network: Network
    rates_h: Array

    def decider(self, settings: Settings) -> Decider:
        return false_triggers.decider_of(self.network, self.rates_h, settings)


def simulated(network: Network, count: int) -> Iterator[Case]:
    """Yield earthquakes of the study, large and small alike."""
    for number in range(count):
        quake = drawn_quake(network, number, count)
        letters, _ = node_messages.letters_of(network, quake, Conditions())
        yield Case(
            quake.name,
            letters,
            network.areas(),
            np.array([mmi_of_pga(float(pga)) for pga in quake.pga_mps2]),
            START_US + np.rint(quake.motion.s_s * 1e6).astype(np.int64),
            START_US,
            quake.lat_deg,
            quake.lon_deg,
        )


def disturbances(network: Network, years: float) -> Iterator[Disturbance]:
    """Yield what could become a false alert in so many years: by chance, and by common causes."""
    parts = math.ceil(years)
    span = years / parts
    for year in range(parts):
        rng = np.random.default_rng(zlib.crc32(f"{network.name}/thresholds/{year}".encode()))
        rates_h = trigger_model.false_rates_h(rng, network.size)
        named = [(CHANCE, one) for one in false_triggers.episodes(network, rates_h, span, rng)]
        named += list(bursts.bursts(network, span, rng))
        for name, episode in named:
            letters = false_triggers.letters_of(network, episode, rng)
            yield Disturbance(name, letters, network, rates_h)


def recorded(data_dir: Path) -> Iterator[Case]:
    """Yield the recorded earthquakes that have an origin, by the node's own detector."""
    catalogue = read_catalogue(data_dir)
    by_event = usable_records(data_dir, chosen_events(data_dir, "all"))
    for event_id, records in by_event.items():
        event = catalogue.events.get(event_id)
        if event is None or not records:
            continue
        truths = {
            record.place: record
            for record in catalogue.records_of(event_id)
            if record.has_absolute_time and record.pga_mps2 is not None and record.s_s is not None
        }
        areas = [area for area in areas_of(records) if area.area_id in truths]
        known = [truths[area.area_id] for area in areas]
        yield Case(
            event_id,
            _letters(event_id, records),
            areas,
            np.array([mmi_of_pga(one.pga_mps2 or 0.0) for one in known], dtype=np.float64),
            np.array([one.after_start_us(one.s_s or 0.0) for one in known], dtype=np.int64),
            event.origin_us,
            event.lat_deg,
            event.lon_deg,
        )


def _letters(event_id: str, records: Sequence[Record]) -> list[Letter]:
    replay = EventReplay(event_id)
    said = [published(record, SENSOR, SEED, replay) for record in records]
    return sorted(
        (
            Letter(at_us + LATENCY_US, isinstance(message, wire.Trigger), wire.encode(message))
            for messages in said
            for at_us, _, message in messages
        ),
        key=lambda letter: letter.received_us,
    )


def network_named(name: str) -> Network:
    if name not in NETWORKS:
        raise Failure(f"no network {name!r}; there are {', '.join(NETWORKS)}")
    network: Network = NETWORKS[name]
    return network
