"""Quiet nodes with people, traffic and thunder about them: false triggers per node-hour.

python -m training.study_background DATA_DIR --out FILE [--nodes 20] [--hours 24] [--cache DIR]:
each node-hour is the background of one MEMS recording before its earthquake, pieces of it drawn
at random and joined, brought to 125 Hz, with what the simulator makes of a day in a house. The
node's own code hears it, and beside it the recursive STA/LTA of ObsPy. One JSON line a node-hour;
those that FILE holds already are not done again. With --cache (build/train, of `make train`) each
hour is judged by the model of the fold that left its recording's event out.
How often things happen is assumed, not measured (daily_life.py); what the same would do where
less happens (a_day) is told beside it.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
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
from replay.intervals import Rate, Share
from replay.node import messages_of
from replay.records import Record, Unusable, read_records
from replay.sensors import FINE_LSB_NM_S2
from training import simple_detector
from training.arguments import at_least_one
from training.daily_life import (
    HAPPENINGS_PER_HOUR,
    HOUR_S,
    QUIET,
    RATE_HZ,
    happen,
    kind_at,
    kinds_of,
    woken_by,
)
from training.evaluate import judges_of, paths_of
from training.examples import fold_of
from training.ground_motion import Samples
from training.record_lines import entries_of, sum_of, written_anew
from training.wavefield import generator

PIECE_S, FADE_S = 60.0, 2.0
LEAST_QUIET_S = 2 * PIECE_S
A_DAY = 5  # happenings a node: as few as the network is asked to stand

Floats = npt.NDArray[np.float64]


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
        "woken": woken_by((time_s for time_s, *_ in heard), spans),
        "withdrawn": kinds_of((time_s for time_s, _, is_back in heard if is_back), spans),
        "p": highest,
        "simple": kinds_of(simple_detector.triggers_s(hour[2].astype(np.float64), RATE_HZ), spans),
    }


def heading(lines: Sequence[dict[str, Any]]) -> str:
    return f"{len(lines)} node-hours of {len({line['record_id'] for line in lines})} backgrounds"


def cells(lines: Sequence[dict[str, Any]]) -> list[list[str]]:
    """Return a row for all, one for each kind of happening and one for quiet: what happened, how
    often the node and the simple detector triggered, how often the node took it back, and how
    many of what happened woke the node."""
    hours = float(len(lines))
    counts = _counts(lines, "node", "simple", "withdrawn", "happened", "woken")
    rows = []
    for kind in ("all", *HAPPENINGS_PER_HOUR, "thunder", QUIET):
        happened = counts["happened"]
        row = [f"{kind} ({happened[kind]})" if kind in happened else kind]
        for who in ("node", "simple"):
            row.append(_an_hour(_of(counts[who], kind), hours))
        row.append(str(_of(counts["withdrawn"], kind)))
        share = Share(_of(counts["woken"], kind), _of(happened, kind))
        low, high = share.interval or (0.0, 0.0)
        percent = f"{share.hits / max(share.trials, 1):.0%} ({low:.0%} to {high:.0%})"
        row.append(percent if share.trials else "-")
        rows.append(row)
    return rows


def a_day(lines: Sequence[dict[str, Any]]) -> str:
    """Return what A_DAY happenings of a house a node and day would do, in these proportions."""
    counts = _counts(lines, "node", "simple", "happened")
    happened, node, simple = (
        sum(counts[who][kind] for kind in HAPPENINGS_PER_HOUR)
        for who in ("happened", "node", "simple")
    )
    hours = 24 * happened / A_DAY
    if not happened:
        return "Nothing happened."
    return (
        f"At {A_DAY} such happenings a node and day, in these proportions, the {happened} are "
        f"those of {hours:.0f} node-hours: node {_an_hour(node, hours)}, simple detector "
        f"{_an_hour(simple, hours)} (several triggers of one happening are counted as if they "
        "came apart)."
    )


def _counts(lines: Sequence[dict[str, Any]], *names: str) -> dict[str, Counter[str]]:
    counts = {name: Counter[str]() for name in names}
    for line in lines:
        for name, counter in counts.items():
            counter.update(line[name])
    return counts


def _of(counter: Counter[str], kind: str) -> int:
    return counter.total() if kind == "all" else counter[kind]


def _an_hour(count: int, hours: float) -> str:
    low, high = Rate(count, hours).interval or (0.0, 0.0)
    return f"{count} = {count / hours:.3f}/h ({low:.3f} to {high:.3f})"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.study_background", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("data_dir", type=Path, metavar="DATA_DIR")
    parser.add_argument("--out", type=Path, required=True, help="JSON lines; goes on where it is")
    parser.add_argument("--nodes", type=at_least_one, default=20)
    parser.add_argument("--hours", type=at_least_one, default=24)
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
    models = paths_of(given.cache) if given.cache else []
    made_of = f"woken {given.seed} {sum_of(models, given.data_dir)}"
    lines = entries_of(given.out, made_of)
    done = {line["name"] for line in lines}
    written_anew(given.out, map(json.dumps, lines))
    with (
        given.out.open("a", encoding="utf-8") as out,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
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
    for kind, node, simple, back, woken in cells(lines):
        text = f"{kind:22} node {node}, taken back {back}, woken by {woken}   simple {simple}"
        console.print(text, highlight=False, soft_wrap=True)
    console.print(a_day(lines), highlight=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        sys.exit(f"training.study_background: {error}")
