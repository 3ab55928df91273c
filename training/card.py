"""The model card: what the model is, what it was made of, what it is worth, where it ends."""

import math
from collections import Counter

import numpy as np
import numpy.typing as npt
from groundswell.judge import (
    BUSY_SEND_FROM_PERMILLE,
    BUSY_UM_S2,
    HEADS,
    LEAST,
    MOST,
    SEND_FROM_PERMILLE,
)
from groundswell.model import Model

from training import calibrate
from training.examples import CLEAR_RATIO, FOLDS, KINDS, QUAKE, Examples, clear

AGES = ("0 s", "0.5 s", "1 s", "2 s", "3 s")
LEVELS = (0.2, 0.5, 0.8)

_TEXT = """# judge: is it an earthquake?

Written by `make train` (checksums: of the code that cuts windows {code}, that fits, calibrates and
exports {fits}, of the data {data}); the commit is the one that it came with, `git log -1` of it.
Input: the last four seconds of loudness in four bands (firmware/groundswell/window.py), 64
frames of 9 numbers. Output: calibrated log-odds at even odds,
one for each age of a detection (firmware/groundswell/judge.py).

| size | |
|---|---|
| file | {size} bytes |
| multiply-accumulates a run | {work} |
| memory of the loaded model | {ram} bytes |

## Data
{counts}

Recordings: {quakes} earthquakes and what worn, mounted and idle sensors recorded. In the project's
own folder, OpenEEW/Grillo data are CC BY-SA 4.0. None of it is in the product. Simulated:
training/imagined.py. Labels: a detection between P and S + 30 s is an earthquake's, one in the
quiet before it or in a noise record is none; what never reached a ratio of {ratio} within an
earthquake teaches nothing.
{folds} folds by event, by person and by noise record; what people of another fold did may be mixed
under an earthquake.

## What it is worth
On groups that it was not fitted to, as recorded (no augmentation), where the ratio has reached
{seen}, before rounding to int8; share of windows with at least this p:

| kind | p | {ages} |
|---|---|{rule}
{shares}

## Calibration
Expected calibration error, same windows, each age at even odds, groups weighed by their root (the
few numbers of the calibration were fitted to these). Detections within an earthquake that never
reached a ratio of {ratio} are left out here: `python -m training.held_out` tells both.

| | {ages} |
|---|{rule}
| error | {errors} |

Mean p against share of earthquakes, by tenths of p:

| age | p → share (weight) |
|---|---|
{curve}

## When a node publishes
From p {quiet:.0%} on where the noise before the onset is below {busy_mm_s2:g} mm/s^2 (RMS,
vertical, 1-12 Hz), else from {busy:.0%}: firmware/groundswell/judge.py, with the budget. The whole
node on what its model has not seen: `python -m training.evaluate`, then `groundswell score`.

Other kinds of models beside this one, under one protocol: docs/kinds-of-models.md.

## Limits
No MEMS record above 1.9 m/s^2; strong near-field shaking is known from scaled records only. Doors,
traffic and trains on a mounted node are simulated. One country gives most MEMS records of the
project's own folder, and other folds have most of their stations too: the split is by event.
A node says at most {most:.0%} and at least {least:.0%}: the table above supports no more.
"""


def text_of(
    examples: Examples,
    outputs: npt.NDArray[np.float64],
    heads: calibrate.Heads,
    file: bytes,
    sums: dict[str, str],
    ratio: float,
) -> str:
    """outputs: of networks that did not see the group of the window; sums: code, fits, data."""
    model = Model(file)
    plain = (examples.number == 0) & clear(examples) & (examples.ratio >= ratio)
    judged = examples.chosen(plain)
    log_odds = calibrate.log_odds(outputs[plain], judged.age_s, heads) / math.log(2)
    p = 1 / (1 + 2 ** -log_odds.clip(LEAST, MOST))
    head = calibrate.head_of(judged.age_s)
    tables = calibrate.reliability_by_age(p, judged.age_s, judged.is_quake, judged.group)
    return _TEXT.format(
        **sums,
        quakes=len(set(examples.group[examples.kind == QUAKE].tolist())),
        size=len(file),
        work=model.multiply_adds,
        ram=model.ram_bytes,
        counts=_counts(examples),
        ratio=CLEAR_RATIO,
        seen=ratio,
        folds=FOLDS,
        ages=" | ".join(AGES),
        rule="---|" * len(AGES),
        shares="\n".join(_shares(judged, p, head)),
        errors=" | ".join(f"{calibrate.calibration_error(rows):.3f}" for rows in tables),
        quiet=SEND_FROM_PERMILLE / 1000,
        busy=BUSY_SEND_FROM_PERMILLE / 1000,
        busy_mm_s2=BUSY_UM_S2 / 1000,
        most=1 / (1 + 2**-MOST),
        least=1 / (1 + 2**-LEAST),
        curve="\n".join(f"| {age} | {_curve(rows)} |" for age, rows in zip(AGES, tables)),
    )


def _counts(examples: Examples) -> str:
    lines = ["| kind | groups | windows |", "|---|---|---|"]
    sizes = Counter(examples.kind.tolist())
    for kind, name in enumerate(KINDS):
        groups = len(set(examples.group[examples.kind == kind].tolist()))
        lines.append(f"| {name} | {groups} | {sizes[kind]} |")
    return "\n".join(lines)


def _shares(
    judged: Examples, p: npt.NDArray[np.float64], head: npt.NDArray[np.int64]
) -> list[str]:
    lines = []
    for kind in sorted(set(judged.kind.tolist()), key=lambda one: (one != QUAKE, one)):
        for level in LEVELS:
            rows = [(judged.kind == kind) & (head == number) for number in range(HEADS)]
            shares = [f"{np.mean(p[row] >= level):.1%}" if row.any() else "-" for row in rows]
            lines.append(f"| {KINDS[kind]} | {level} | {' | '.join(shares)} |")
    return lines


def _curve(rows: list[list[float]]) -> str:
    return ", ".join(f"{mean:.2f} → {share:.2f} ({total:.0%})" for mean, share, total in rows)
