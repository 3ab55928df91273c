"""Many windows as one table: kept on disk, cleaned, weighted, split."""

import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
from groundswell.window import CHANNELS, FRAMES

from failure import Failure, reason_of

QUAKE, QUIET, ACTIVITY, SIMULATED_QUAKE, SIMULATED_NOISE = range(5)
KINDS = ("earthquake", "quiet", "activity", "simulated earthquake", "simulated disturbance")
# A detection within an earthquake that never reached this ratio may be noise between P and S: it
# teaches nothing, one way or the other.
CLEAR_RATIO = 6.0
QUIET_EVERY = 5
LOUD_QUIET_RATIO = 3.0
FOLDS = 5


@dataclass(frozen=True)
class Examples:
    """Rows belong together."""

    inputs: npt.NDArray[np.int8]  # (n, FRAMES, CHANNELS)
    age_s: npt.NDArray[np.float32]  # since the trigger
    trigger_s: npt.NDArray[np.float32]  # after the first sample
    ratio: npt.NDArray[np.float32]
    kind: npt.NDArray[np.int8]
    group: npt.NDArray[np.str_]  # event, person, noise record: never on both sides of a split
    record: npt.NDArray[np.str_]
    number: npt.NDArray[np.int16]  # of the pass; 0: as recorded, what is judged

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def is_quake(self) -> npt.NDArray[np.bool_]:
        return np.asarray((self.kind == QUAKE) | (self.kind == SIMULATED_QUAKE))

    def chosen(self, rows: npt.NDArray[np.bool_]) -> "Examples":
        return Examples(*[getattr(self, field.name)[rows] for field in fields(self)])


def joined(parts: Iterable[Examples]) -> Examples:
    parts = list(parts)
    return Examples(
        *[np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(Examples)]
    )


def save(examples: Examples, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, **{field.name: getattr(examples, field.name) for field in fields(Examples)})
    partial.replace(path)


def load(path: Path) -> Examples:
    """Raises Failure for a file that is none of ours."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            found = Examples(*[archive[field.name] for field in fields(Examples)])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}; remove it") from error
    if found.inputs.shape[1:] != (FRAMES, CHANNELS):
        raise Failure(f"{path} holds windows of another shape; remove it")
    return found


def clear(examples: Examples) -> npt.NDArray[np.bool_]:
    """Return which rows teach: all of what is no earthquake, and earthquakes that are clear."""
    return np.asarray(~examples.is_quake | (highest_ratio(examples) >= CLEAR_RATIO))


def teaching(examples: Examples) -> npt.NDArray[np.bool_]:
    """Return which rows a network is fitted to: clear ones, and of the plain quiet, of which there
    is most, all detections that a node would have, and of the weaker ones one in QUIET_EVERY."""
    is_weak = highest_ratio(examples) < LOUD_QUIET_RATIO
    is_much = (examples.kind == QUIET) & (examples.number == 0) & is_weak
    kept = [
        not much or zlib.crc32(f"{record} {trigger_s:.3f}".encode()) % QUIET_EVERY == 0
        for much, record, trigger_s in zip(
            is_much, examples.record, examples.trigger_s, strict=True
        )
    ]
    return np.asarray(clear(examples) & np.array(kept, np.bool_))


def highest_ratio(examples: Examples) -> npt.NDArray[np.float32]:
    """Return for each row the highest ratio that its detection ever reached."""
    keys = detections(examples)
    top: defaultdict[tuple[str, int, float], float] = defaultdict(float)
    for key, ratio in zip(keys, examples.ratio, strict=True):
        top[key] = max(top[key], float(ratio))
    return np.array([top[key] for key in keys], np.float32)


def detections(examples: Examples) -> list[tuple[str, int, float]]:
    """Return for each row which detection it belongs to."""
    return [
        (str(record), int(number), float(trigger_s))
        for record, number, trigger_s in zip(
            examples.record, examples.number, examples.trigger_s, strict=True
        )
    ]


def fold_of(groups: npt.NDArray[np.str_]) -> npt.NDArray[np.int8]:
    """Return the fold of each row, by the name of its group alone."""
    number = {name: zlib.crc32(name.encode()) % FOLDS for name in set(groups.tolist())}
    return np.array([number[name] for name in groups.tolist()], np.int8)
