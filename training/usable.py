"""Which recordings of a data folder can teach, why others cannot, and whether enough is left.

dataset.py leaves out what cannot; this says so before anything is fitted.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from failure import Failure
from replay.catalogue import RecordTruth, read_catalogue
from replay.records import Record, Unusable, read_records
from training.dataset import LEAST_RATE_HZ, MOST_RATE_HZ, group_of
from training.examples import FOLDS, Examples, fold_of

EARTHQUAKES, NOISE = "earthquakes", "noise"
LEAST_FOLDS = 2  # what one network has not seen calibrates it, so something must be on each side


@dataclass
class Usable:
    """Groups (events, persons, recordings) of what can teach; how many cannot, by reason."""

    groups: dict[str, set[str]] = field(default_factory=lambda: {EARTHQUAKES: set(), NOISE: set()})
    teaching: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


def of_folder(data_dir: Path) -> Usable:
    """Raises Failure for a folder that holds no data."""
    truths = read_catalogue(data_dir).records
    found = Usable()
    for record in read_records(data_dir, "all"):
        reason = why_not(record, truths)
        if reason:
            found.left_out[reason] += 1
        else:
            found.teaching += 1
            found.groups[EARTHQUAKES if record.event_id else NOISE].add(group_of(record))
    return found


def why_not(record: Record, truths: Mapping[str, RecordTruth]) -> str:
    """Return why a recording cannot teach, or ""."""
    truth = truths.get(record.record_id)
    if record.event_id and (truth is None or truth.arrival is None):
        return "earthquakes without P, picked or predicted"
    if record.problem:
        return record.problem
    if not LEAST_RATE_HZ <= record.rate_hz <= MOST_RATE_HZ:
        return f"rates outside {LEAST_RATE_HZ:g} to {MOST_RATE_HZ:g} Hz"
    try:
        record.load()
    except Unusable as reason:
        return str(reason).replace(record.path.name, "their file")
    return ""


def check_windows(examples: Examples) -> None:
    """Raises Failure where no recording of one side ever rouses a node."""
    is_recorded = examples.number == 0
    for what, is_it in (("earthquakes", examples.is_quake), ("noise", ~examples.is_quake)):
        if not (is_recorded & is_it).any():
            raise Failure(
                f"no recording of {what} rouses a node, so there is nothing to learn from: are "
                "the accelerations in m/s^2, or by a wrong factor too small?"
            )


def told(data_dir: Path) -> str:
    """Return in a line what can teach and what cannot.

    Raises Failure where nothing is left to learn an earthquake from, or what is none.
    """
    found = of_folder(data_dir)
    reasons = "; ".join(f"{count}: {why}" for why, count in found.left_out.most_common())
    said = f"left out {found.left_out.total()} of {found.teaching + found.left_out.total()}"
    said += f" ({reasons})" if reasons else ""
    if any("units" in why for why in found.left_out):
        said += "; `python -m training.convert --help` says how to give counts a unit"
    for kind, wanted in (
        (EARTHQUAKES, "earthquakes (eq_index.csv) of two events or more"),
        (NOISE, "what is none: people, machines, quiet places (noise_index.csv)"),
    ):
        groups = np.array(sorted(found.groups[kind]), dtype=np.str_)
        if len(set(fold_of(groups).tolist())) < LEAST_FOLDS:
            raise Failure(
                f"{data_dir}: recordings of {len(groups)} {kind} are too few to learn from, in "
                f"{LEAST_FOLDS} of {FOLDS} folds at least; {said}. It takes {wanted}."
            )
    events, others = (len(found.groups[kind]) for kind in (EARTHQUAKES, NOISE))
    of_what = f"of {events} earthquakes and {others} sources of noise"
    return f"{found.teaching} recordings teach, {of_what}; {said}"
