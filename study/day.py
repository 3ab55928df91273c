"""`python -m study.day`: days of twenty nodes without an earthquake, from what real nodes said.

Background and human activity are recordings, and what the node's own detector made of them
(`groundswell detect`): quiet parts before earthquakes strung together for every node, and five
bursts a node and day, each a record of a worn or carried sensor. Common causes on top: thunder,
glitches of the mains, and doors slammed in a building that has five of the nodes.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from groundswell import wire

from failure import Failure, reason_of
from replay.baseline_rules import TRIGGER_RULES, Mark, Station
from replay.catalogue import Catalogue, read_catalogue
from study import uplink
from study.engine import judged
from study.networks import Array
from study.node_messages import START_US, Letter
from vote.decision import Decider
from vote.ground.shaking import Area
from vote.settings import Settings

DAY_S = 86_400.0
ACROSS, SPACING_KM = 4, 10.0  # sixteen sites ...
IN_BUILDING = 5  # ... one of which is a building with five nodes
NODES = ACROSS * ACROSS + IN_BUILDING - 1
BURSTS_A_NODE = 5
THUNDER_A_DAY, MAINS_A_DAY, SLAMS_A_DAY = 20, 4, 40
SOUND_KM_S, THUNDER_KM = 0.34, 15.0
STATUS_EVERY_S = 30.0
NOISE_UM_S2 = 450
LAT_DEG, LON_DEG, KM_PER_DEG = 17.0, -100.0, 111.195
CLOCK_SIGMA_S = 0.05


@dataclass(frozen=True)
class Said:
    """One detection of a recording, by its messages; times are seconds after its onset."""

    onset_s: float  # in its recording
    updates: tuple[tuple[float, float, float, float, float], ...]  # published, p, pga, pgv, pd


@dataclass(frozen=True)
class Sources:
    quiet: tuple[tuple[float, tuple[Said, ...]], ...]  # length, detections
    human: tuple[tuple[Said, ...], ...]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m study.day", description=__doc__)
    parser.add_argument("data_dir", metavar="DATA_DIR", type=Path)
    parser.add_argument("--triggers", type=Path, required=True, help="of `groundswell detect`")
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="JSON")
    arguments = parser.parse_args(argv)
    sources = read_sources(read_catalogue(arguments.data_dir), arguments.triggers)
    days = [played(sources, number) for number in range(arguments.days)]
    arguments.out.write_text(json.dumps(days, indent=2) + "\n", encoding="utf-8")
    return 0


def read_sources(catalogue: Catalogue, triggers: Path) -> Sources:
    said = _said_by_record(triggers)
    quiet, human = [], []
    for record_id, record in catalogue.records.items():
        if record_id not in said or not record.is_mems:
            continue
        if not record.event_id:
            human.append(tuple(said[record_id]))
        elif record.quiet_s > 0:
            own = tuple(one for one in said[record_id] if one.onset_s < record.quiet_s)
            quiet.append((record.quiet_s, own))
    if not quiet or not human:
        raise Failure(f"{triggers} has no quiet MEMS records, or none of human activity")
    return Sources(tuple(quiet), tuple(human))


def _said_by_record(path: Path) -> dict[str, list[Said]]:
    rows: dict[str, dict[int, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    said: dict[str, list[Said]] = {}
    try:
        for text in path.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            if line.get("done"):
                found = rows.pop(line["record_id"], {})
                said[line["record_id"]] = [_said(messages) for messages in found.values()]
            elif "error" not in line:
                rows[line["record_id"]][line["detection_id"]].append(line)
    except (OSError, ValueError, KeyError) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error
    return said


def _said(messages: Sequence[Mapping[str, Any]]) -> Said:
    onset_s = float(messages[0]["onset_s"])
    return Said(
        onset_s,
        tuple(
            (
                float(one["published_s"]) - onset_s, float(one["p_quake"]),
                float(one["pga_mps2"]), float(one["pgv_mps"]), float(one["pd_m"]),
            )
            for one in messages
        ),
    )  # fmt: skip


def played(sources: Sources, number: int) -> dict[str, Any]:
    """Return what the vote and the simple rules declared on one day."""
    rng = np.random.default_rng(number)
    happened = sorted(_happenings(sources, rng), key=lambda one: one[1])
    letters = [*_statuses(rng), *_letters(happened, rng)]
    areas = [Area(f"N{node}", *_place(node)) for node in range(NODES)]
    alerts = judged(Decider("day", "live", areas, Settings()), sorted(letters, key=_received))
    marks = [Mark(_station(node), round(at_s * 1e6)) for node, at_s, _ in happened]
    stations = [_station(node) for node in range(NODES)]
    return {
        "day": number,
        "triggers": len(happened),
        "groundswell": len({alert.event_id for alert in alerts}),
        "groundswell, above level none": len({a.event_id for a in alerts if a.level != "none"}),
        **{rule.name: len(rule.declare(marks, stations)) for rule in TRIGGER_RULES},
    }


def _happenings(sources: Sources, rng: np.random.Generator) -> Iterator[tuple[int, float, Said]]:
    """Yield (node, seconds of the day, what it said)."""
    for node in range(NODES):
        yield from ((node, at_s, said) for at_s, said in _background(sources, rng))
        for at_s in rng.uniform(0, DAY_S, BURSTS_A_NODE):
            burst = sources.human[int(rng.integers(len(sources.human)))]
            yield from ((node, float(at_s) + said.onset_s, said) for said in burst)
    shaken = [said for burst in sources.human for said in burst]
    for nodes, delays_s in _common_causes(rng):
        at_s = float(rng.uniform(60, DAY_S - 300))
        for node, delay_s in zip(nodes, delays_s):
            said = shaken[int(rng.integers(len(shaken)))]
            yield int(node), at_s + float(delay_s), said


def _background(sources: Sources, rng: np.random.Generator) -> Iterator[tuple[float, Said]]:
    at_s = 0.0
    while at_s < DAY_S:
        length_s, own = sources.quiet[int(rng.integers(len(sources.quiet)))]
        yield from ((at_s + said.onset_s, said) for said in own)
        at_s += length_s


def _common_causes(rng: np.random.Generator) -> Iterator[tuple[np.ndarray, Array]]:
    east, north = np.array([_place_km(node) for node in range(NODES)]).T
    for _ in range(THUNDER_A_DAY):
        middle = rng.uniform(-SPACING_KM * 2, SPACING_KM * 2, 2)
        away_km = np.hypot(east - middle[0], north - middle[1])
        nodes = np.flatnonzero(away_km < THUNDER_KM)
        yield nodes, away_km[nodes] / SOUND_KM_S + 0.3 * rng.standard_normal(len(nodes))
    for _ in range(MAINS_A_DAY):
        nodes = np.flatnonzero(rng.uniform(size=NODES) < rng.uniform(0.3, 1.0))
        yield nodes, 0.05 * rng.standard_normal(len(nodes))
    for _ in range(SLAMS_A_DAY):
        nodes = np.array([0, *range(ACROSS * ACROSS, NODES)])
        yield nodes, 0.05 * rng.uniform(size=len(nodes))


def _place_km(node: int) -> tuple[float, float]:
    """Sixteen sites on a grid; the rest stand in the building of the first, 20 m apart."""
    site, floor = (node, 0) if node < ACROSS * ACROSS else (0, node - ACROSS * ACROSS + 1)
    middle = (ACROSS - 1) / 2
    return (
        (site % ACROSS - middle) * SPACING_KM + 0.02 * floor,
        (site // ACROSS - middle) * SPACING_KM,
    )


def _place(node: int) -> tuple[float, float]:
    east, north = _place_km(node)
    shrink = float(np.cos(np.radians(LAT_DEG)))
    return LAT_DEG + north / KM_PER_DEG, LON_DEG + east / KM_PER_DEG / shrink


def _station(node: int) -> Station:
    return Station(f"N{node}", *_place(node), 0, round(2 * DAY_S * 1e6))


def _letters(
    happened: Sequence[tuple[int, float, Said]], rng: np.random.Generator
) -> Iterator[Letter]:
    clock_s = CLOCK_SIGMA_S * rng.standard_normal(NODES)
    for number, (node, at_s, said) in enumerate(happened):
        onset_us = START_US + round((at_s + float(clock_s[node])) * 1e6)
        for update, (after_s, p_quake, pga, pgv, pd) in enumerate(said.updates[:20]):
            sample_us = onset_us + round(after_s * 1e6)
            message = wire.Trigger(
                node_id=node + 1, boot_id=1, seq=number * 32 + update,
                detection_id=number & 0xFFFF, update=update, flags=0, onset_us=onset_us,
                sample_us=sample_us, sent_us=sample_us,
                clock_error_us=round(CLOCK_SIGMA_S * 1e6),
                p_quake_permille=round(p_quake * 1000), ratio_milli=20_000,
                pga_um_s2=round(pga * 1e6), pgv_nm_s=round(pgv * 1e9), pd_nm=round(pd * 1e9),
                noise_um_s2=NOISE_UM_S2,
            )  # fmt: skip
            way_s = uplink.LEAST_S + float(uplink.waits_s(rng, 1)[0])
            true_us = START_US + round((at_s + after_s + way_s) * 1e6)
            yield Letter(true_us, True, wire.encode(message))


def _statuses(rng: np.random.Generator) -> Iterator[Letter]:
    for node in range(NODES):
        lat, lon = _place(node)
        for at_s in np.arange(rng.uniform(0, STATUS_EVERY_S) - 60, DAY_S + 120, STATUS_EVERY_S):
            sent_us = START_US + round(float(at_s) * 1e6)
            fields = dict.fromkeys(wire.Status._fields, 0) | {
                "node_id": node + 1, "boot_id": 1, "state": wire.STATE_ARMED,
                "sensor": wire.SENSOR_ADXL355, "sent_us": sent_us,
                "clock_error_us": round(CLOCK_SIGMA_S * 1e6), "lat_udeg": round(lat * 1e6),
                "lon_udeg": round(lon * 1e6), "rate_mhz": 125_000, "noise_um_s2": NOISE_UM_S2,
                "uptime_s": 86_400,
            }  # fmt: skip
            yield Letter(sent_us + 100_000, False, wire.encode(wire.Status(**fields)))


def _received(letter: Letter) -> int:
    return letter.received_us


if __name__ == "__main__":
    raise SystemExit(main())
