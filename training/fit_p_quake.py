"""Fit the weights of groundswell/likelihood.py: `python -m training.fit_p_quake ../shared/data`.

Every record goes through the node's own detector, and each of its Triggers is an example: an
earthquake if its detection began between P - 2 s and S + 30 s, nothing if it came earlier
("quiet": a wall's own noise) or in a noise record ("hands": mostly worn sensors). Logistic
regression by bounded steps (Boehning and Lindsay 1988). Earthquakes weigh as much as all others
together (even odds); within each half every event and every noise record weighs the same, so that
an event with a hundred records does not outvote the others. The ratio's weight is kept from being
negative: more signal must never mean less trust. Judged on events that it was not fitted to.

The ten "quiet" ones look like earthquakes in every feature and may be small unlisted ones: from
them nothing can be learnt here.
"""

# ruff: noqa: T201 - it speaks to whoever fits
import argparse
import concurrent.futures
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from groundswell import detector, likelihood, reporter, wire

from failure import Failure
from replay import sensors
from replay.catalogue import Catalogue, RecordTruth, read_catalogue
from replay.compiled import compile_kernels
from replay.node import messages_of
from replay.records import Record, Unusable, read_records

Floats = npt.NDArray[np.float64]
FOLDS = 5
RIDGE = 3e-3  # of weights of standardised features; keeps what the data cannot tell near zero
STEPS = 400
BEFORE_P_S, AFTER_S_S = 2.0, 30.0  # contracts.md section 6
# Most noise records last 12 s: an early start gives five times as many examples of what is not
# an earthquake.
WARM_UP_MS = 3000
THRESHOLD_8 = 28  # ratio 3.5: a wall's own noise almost never reaches the node's 5
KINDS = ("quake", "quiet", "hands")
RATIO = 1  # its column in the design


@dataclass(frozen=True)
class Example:
    features: tuple[int, ...]
    kind: str  # one of KINDS
    group: str  # event or noise record: never on both sides of a split
    update: int

    @property
    def is_quake(self) -> bool:
        return self.kind == "quake"


def examples_of(record: Record, truth: RecordTruth, sensor: str) -> list[Example]:
    try:
        counts, lsb_nm_s2 = sensors.counts_of(record, record.load(), sensor, seed=0)
        triggers = [
            message
            for message in messages_of(record, counts, lsb_nm_s2)
            if isinstance(message, wire.Trigger)
        ]
    except Unusable:
        return []
    began_s = {
        trigger.detection_id: (trigger.sample_us - record.start_us) / 1e6
        for trigger in reversed(triggers)
    }
    found = []
    for trigger in triggers:
        kind = kind_of(truth, began_s[trigger.detection_id])
        is_last_word = bool(trigger.flags & wire.FLAG_RETRACTED)
        if kind is not None and not is_last_word:
            features = likelihood.features(
                trigger.ratio_milli,
                trigger.noise_um_s2,
                trigger.pga_um_s2,
                trigger.pgv_nm_s,
                trigger.pd_nm,
                trigger.sample_us - trigger.onset_us,
            )
            group = record.event_id or record.record_id
            found.append(Example(features, kind, group, trigger.update))
    return found


def kind_of(truth: RecordTruth, began_s: float) -> str | None:
    """Return what a detection was; None where nobody can know."""
    if not truth.event_id:
        return "hands"
    if began_s < truth.quiet_s:
        return "quiet"
    if truth.arrival is None or truth.s_s is None or began_s > truth.s_s + AFTER_S_S:
        return None  # an aftershock, or not
    if began_s >= truth.arrival.p_s - BEFORE_P_S:
        return "quake"
    return "quiet" if truth.arrival.is_measured else None


def collect(data_dir: Path, sensor: str, catalogue: Catalogue) -> list[Example]:
    records = [
        record for record in read_records(data_dir, "all") if record.record_id in catalogue.records
    ]
    truths = [catalogue.records[record.record_id] for record in records]
    with concurrent.futures.ProcessPoolExecutor(2, initializer=_prepare) as pool:
        parts = pool.map(examples_of, records, truths, [sensor] * len(records), chunksize=8)
        return [example for part in parts for example in part]


def _prepare() -> None:
    compile_kernels()
    detector.WARM_UP_MS = WARM_UP_MS
    detector.THRESHOLD_8 = THRESHOLD_8
    reporter.SEND_FROM_PERMILLE = 0


def weights_of(examples: list[Example]) -> Floats:
    """Return a weight for each example: half for either class, groups equal within each."""
    keys = [(example.is_quake, example.group) for example in examples]
    sizes = Counter(keys)
    groups = Counter(is_quake for is_quake, _ in sizes)
    return np.array([0.5 / groups[key[0]] / sizes[key] for key in keys], dtype=np.float64)


def fit(examples: list[Example]) -> Floats:
    """Return bias and weights: log2 odds per 1/16 octave of each feature."""
    x = design(examples)
    y = np.array([example.is_quake for example in examples], dtype=np.float64)
    w = weights_of(examples)
    beta = _minimise(x, y, w)
    if beta[RATIO] < 0:
        x[:, RATIO] = 0.0
        beta = _minimise(x, y, w)
    bits: Floats = beta / np.log(2.0)
    return bits


def _minimise(x: Floats, y: Floats, w: Floats) -> Floats:
    mean, scale = x[:, 1:].mean(axis=0), x[:, 1:].std(axis=0) + 1e-9
    z = np.column_stack((x[:, 0], (x[:, 1:] - mean) / scale))
    ridge = np.diag([0.0] + [RIDGE] * len(mean))
    beta = np.zeros(z.shape[1])
    # the largest curvature that the logistic function has anywhere: never oversteps
    curvature = (z * (w / 4)[:, None]).T @ z + ridge
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-(z @ beta)))
        beta += np.linalg.solve(curvature, z.T @ (w * (y - p)) - ridge @ beta)
    slopes = beta[1:] / scale
    result: Floats = np.concatenate(([beta[0] - slopes @ mean], slopes))
    return result


def design(examples: list[Example]) -> Floats:
    rows = [(1, *example.features) for example in examples]
    return np.array(rows, dtype=np.float64)


def report(examples: list[Example], scores: Floats) -> None:
    """Print how the kinds separate, at the first message and later."""
    kinds = np.array([example.kind for example in examples])
    updates = np.array([example.update for example in examples])
    for name, chosen in (("update 0", updates == 0), ("3 s and later", updates >= 4)):
        print(f"{name}: {dict(Counter(kinds[chosen].tolist()))}; share with at least this p:")
        for p in (0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.95):
            limit = np.log2(p / (1 - p))
            shares = [np.mean(scores[chosen & (kinds == kind)] >= limit) for kind in KINDS]
            words = (f"{kind} {share:6.1%}" for kind, share in zip(KINDS, shares, strict=True))
            print(f"   {p:4}  " + "  ".join(words))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir", type=Path)
    arguments = parser.parse_args()
    catalogue = read_catalogue(arguments.data_dir)
    examples = collect(arguments.data_dir, "adxl355", catalogue)
    groups = sorted({example.group for example in examples})
    np.random.default_rng(0).shuffle(groups)
    fold_of = {group: index % FOLDS for index, group in enumerate(groups)}
    scores = np.zeros(len(examples))
    for fold in range(FOLDS):
        seen = [example for example in examples if fold_of[example.group] != fold]
        held = np.array([fold_of[example.group] == fold for example in examples])
        scores[held] = (design(examples) @ fit(seen))[held]
    print(f"{len(examples)} messages, {len(groups)} events and noise records, {FOLDS} folds")
    report(examples, scores)
    bias, *weights = fit(examples)
    print(f"BIAS = {round(bias * 4096)}")
    print(f"WEIGHTS = {tuple(round(weight * 4096) for weight in weights)}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"fit_p_quake: {failure}")
