"""Quiet nodes with people, traffic and thunder about them: false triggers per node-hour.

python -m training.study_background DATA_DIR --out FILE [--nodes 20] [--hours 24] [--cache DIR]:
each node-hour is the background of one MEMS recording before its earthquake, pieces of it drawn
at random and joined, brought to 125 Hz, with what the simulator makes of a day in a house. The
node's own code hears it, and beside it the recursive STA/LTA of ObsPy. One JSON line a node-hour;
those that FILE holds already are not done again. With --cache (build/train, of `make train`) each
hour is judged by the model of the fold that left its recording's event out.
How often things happen is assumed, not measured: HAPPENINGS_PER_HOUR.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from groundswell import wire
from groundswell.judge import Judge
from rich.console import Console
from rich.progress import Progress

from failure import Failure
from replay.catalogue import read_catalogue
from replay.compiled import compile_kernels
from replay.intervals import Rate
from replay.node import messages_of
from replay.records import Record, Unusable, read_records
from replay.sensors import FINE_LSB_NM_S2
from training import nuisances, simple_detector
from training.disturbances import Thunder
from training.evaluate import judges_of, paths_of
from training.examples import fold_of
from training.ground_motion import Samples
from training.rays import KM_PER_DEG
from training.record_lines import entries_of, sum_of
from training.wavefield import Motion, generator, index_at

RATE_HZ = 125.0
HOUR_S = 3600
PIECE_S, FADE_S = 60.0, 2.0
LEAST_QUIET_S = 2 * PIECE_S
# A house in which people live, day and night together. Guessed: nobody has counted.
HAPPENINGS_PER_HOUR = {"footsteps": 4.0, "door": 2.0, "knock": 0.5, "traffic": 4.0}
THUNDER_PER_HOUR = 1 / 24  # a front of this many strikes, within some km
STRIKES, FRONT_S, FARTHEST_KM = 20, 600.0, 8.0
LASTS_S = 25.0
AFTERWARDS_S = 10.0  # a trigger so long after something is still its own
STRENGTH_LN_SIGMA = 0.8  # as in study_set
QUIET = "nothing simulated"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Span:
    """Something that happened, in seconds of the node-hour."""

    kind: str
    begin_s: float
    end_s: float


def resampled(quiet: Floats, rate_hz: float, rng: np.random.Generator) -> Samples:
    """Return (3, n) of an hour at RATE_HZ, of pieces of (3, m) drawn at random and cross-faded.

    Each piece is interpolated by its spectrum: nothing is added above the recording's own band.
    """
    piece, fade = int(PIECE_S * RATE_HZ), int(FADE_S * RATE_HZ)
    length = round(PIECE_S * rate_hz)
    ramp = np.sin(0.5 * np.pi * (np.arange(fade) + 0.5) / fade)  # keeps the power of noise
    total = int(HOUR_S * RATE_HZ)
    samples = np.zeros((3, total + piece + fade), dtype=np.float32)
    for begin in range(0, total + fade, piece - fade):
        first = int(rng.integers(0, quiet.shape[1] - length + 1))
        part = quiet[:, first : first + length]
        spectrum = np.fft.rfft(part - part.mean(axis=1, keepdims=True), axis=1)
        spectrum[:, -1] = 0.0  # at Nyquist it would count twice
        finer = np.fft.irfft(spectrum, piece, axis=1) * (piece / length)
        finer[:, :fade] *= ramp
        finer[:, -fade:] *= ramp[::-1]
        samples[:, begin : begin + piece] += finer
    return samples[:, fade : fade + total]  # the first piece has faded in


def happen(samples: Samples, seed: int, name: str) -> list[Span]:
    """Add what people and the weather do in an hour to (3, n); return what it was."""
    rng = generator(seed, "day", name)
    spans = []
    for kind, per_hour in HAPPENINGS_PER_HOUR.items():
        for _ in range(int(rng.poisson(per_hour))):
            begin_s = float(rng.uniform(0, HOUR_S - LASTS_S))
            strength = float(np.exp(STRENGTH_LN_SIGMA * rng.standard_normal()))
            made = nuisances.KINDS[kind](rng, RATE_HZ, LASTS_S, strength)
            Motion(RATE_HZ, int(begin_s * RATE_HZ), made).add_to(samples, 0)
            spans.append(Span(kind, begin_s, begin_s + LASTS_S + AFTERWARDS_S))
    if rng.random() < THUNDER_PER_HOUR:
        begin_s = float(rng.uniform(0, HOUR_S - FRONT_S))
        away_deg = float(rng.uniform(0.5, FARTHEST_KM)) / KM_PER_DEG
        front = Thunder(name, round(begin_s * 1e6), away_deg, 0.0, STRIKES, FRONT_S, front_km=5.0)
        motion = front.motion_at(name, 0.0, 0.0, RATE_HZ, seed)
        if motion is not None:
            motion.add_to(samples, index_at(0, RATE_HZ))
            last = motion.first_index + motion.acceleration_mps2.shape[1]
            end_s = last / RATE_HZ + AFTERWARDS_S
            spans.append(Span("thunder", motion.first_index / RATE_HZ, end_s))
    return spans


def node_triggers(
    record: Record, samples: Samples, judge: Judge | None
) -> list[tuple[float, float, bool]]:
    """Return when a node at the place of a record publishes first messages about (3, n), the
    highest p that it gives each detection, and whether it takes it back."""
    counts = np.rint(samples * (1e9 / FINE_LSB_NM_S2)).astype(np.int32).T.reshape(-1)
    here = replace(record, rate_hz=RATE_HZ)
    found: dict[int, tuple[float, float, bool]] = {}
    for message in messages_of(here, counts, FINE_LSB_NM_S2, judge):
        if isinstance(message, wire.Trigger):
            time_s = (message.sent_us - here.start_us) / 1e6
            first_s, highest, _ = found.get(message.detection_id, (time_s, 0.0, False))
            highest = max(highest, message.p_quake_permille / 1000)
            is_retracted = bool(message.flags & wire.FLAG_RETRACTED)
            found[message.detection_id] = first_s, highest, is_retracted
    return list(found.values())


def kind_at(time_s: float, spans: Sequence[Span]) -> str:
    """Return what kind of happening a trigger belongs to: the latest begun; or none."""
    around = [span for span in spans if span.begin_s <= time_s <= span.end_s]
    return max(around, key=lambda span: span.begin_s).kind if around else QUIET


def kinds_of(times_s: Iterable[float], spans: Sequence[Span]) -> dict[str, int]:
    """Return how many triggers came during each kind of happening."""
    return dict(Counter(kind_at(time_s, spans) for time_s in times_s))


def quiet_records(folder: Path) -> list[tuple[Record, Floats]]:
    """Return MEMS records and their background, (3, n), where it is long enough and has no gap.

    Raises Failure without any.
    """
    truths = read_catalogue(folder).records
    found = []
    for record in read_records(folder, "eq"):
        truth = truths.get(record.record_id)
        if truth is None or not truth.is_mems or truth.quiet_s < LEAST_QUIET_S:
            continue
        try:
            quiet = record.load()[:, : int(truth.quiet_s * record.rate_hz)]
        except Unusable:
            continue
        is_whole = np.any(quiet, axis=0).all()  # gaps are set to 0 on all three axes
        if is_whole and quiet.shape[1] >= LEAST_QUIET_S * record.rate_hz - 1:
            found.append((record, quiet))
    if not found:
        raise Failure(f"{folder} has no MEMS record with {LEAST_QUIET_S:g} s of background")
    return found


def node_hour(
    name: str, seed: int, quiet: Sequence[tuple[Record, Floats]], judges: Sequence[Judge]
) -> dict[str, Any]:
    """Return one line: which background, what happened, what triggered. judges: of the folds, or
    none for the node's own."""
    rng = generator(seed, "background", name)
    record, background = quiet[int(rng.integers(len(quiet)))]
    hour = resampled(background, record.rate_hz, rng)
    spans = happen(hour, seed, name)
    judge = judges[int(fold_of(np.array([record.event_id]))[0])] if judges else None
    heard = node_triggers(record, hour, judge)
    highest: dict[str, list[float]] = {}
    for time_s, p_quake, _ in heard:
        highest.setdefault(kind_at(time_s, spans), []).append(p_quake)
    return {
        "name": name,
        "record_id": record.record_id,
        "happened": dict(Counter(span.kind for span in spans)),
        "node": kinds_of((time_s for time_s, *_ in heard), spans),
        "withdrawn": kinds_of((time_s for time_s, _, is_back in heard if is_back), spans),
        "p": highest,
        "simple": kinds_of(simple_detector.triggers_s(hour[2].astype(np.float64), RATE_HZ), spans),
    }


def heading(lines: Sequence[dict[str, Any]]) -> str:
    return f"{len(lines)} node-hours of {len({line['record_id'] for line in lines})} backgrounds"


def cells(lines: Sequence[dict[str, Any]]) -> list[list[str]]:
    """Return a row for all, one for each kind of happening and one for quiet: what happened, how
    often the node and the simple detector triggered, how often the node took it back."""
    hours = float(len(lines))
    counts = {who: Counter[str]() for who in ("node", "simple", "withdrawn", "happened")}
    for line in lines:
        for who, counter in counts.items():
            counter.update(line[who])
    rows = []
    for kind in ("all", *HAPPENINGS_PER_HOUR, "thunder", QUIET):
        row = [f"{kind} ({counts['happened'][kind]})" if kind in counts["happened"] else kind]
        for who in ("node", "simple"):
            count = counts[who].total() if kind == "all" else counts[who][kind]
            low, high = Rate(count, hours).interval or (0.0, 0.0)
            row.append(f"{count} = {count / hours:.3f}/h ({low:.3f} to {high:.3f})")
        back = counts["withdrawn"]
        row.append(str(back.total() if kind == "all" else back[kind]))
        rows.append(row)
    return rows


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.study_background", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("data_dir", type=Path, metavar="DATA_DIR")
    parser.add_argument("--out", type=Path, required=True, help="JSON lines; goes on where it is")
    parser.add_argument("--nodes", type=int, default=20)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, help="models of the folds, of `make train`")
    given = parser.parse_args(arguments)
    judges = judges_of(given.cache) if given.cache else []
    quiet = quiet_records(given.data_dir)
    compile_kernels()
    names = [
        f"node {node}, hour {hour}" for hour in range(given.hours) for node in range(given.nodes)
    ]
    given.out.parent.mkdir(parents=True, exist_ok=True)
    made_of = f"{given.seed} {sum_of(paths_of(given.cache) if given.cache else [])}"
    lines = entries_of(given.out, made_of)
    done = {line["name"] for line in lines}
    with (
        given.out.open("w", encoding="utf-8") as out,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        out.writelines(json.dumps(line) + "\n" for line in lines)
        task = progress.add_task("node-hours", total=len(names))
        for name in names:
            if name not in done:
                line = node_hour(name, given.seed, quiet, judges)
                lines.append(line | {"made_of": made_of})
                out.write(json.dumps(lines[-1]) + "\n")
                out.flush()
            progress.advance(task)
    console = Console()
    console.print(heading(lines), highlight=False)
    for kind, node, simple, back in cells(lines):
        text = f"{kind:22} node {node}, of those taken back {back}   simple {simple}"
        console.print(text, highlight=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        sys.exit(f"training.study_background: {error}")
