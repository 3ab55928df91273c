"""Recordings of a data folder, as a node may know them: no catalogue, no pick, no label.

Of `eq_index.csv` and `noise_index.csv` only the columns in COLUMNS are ever looked at
(contracts.md section 0).
"""

import csv
import json
import math
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from failure import Failure, reason_of
from replay.iso_time import unix_us

COLUMNS = (
    "record_id",
    "event_id",
    "network",
    "station",
    "location",
    "sta_lat",
    "sta_lon",
    "sta_elev_m",
    "start_time",
    "time_quality",
    "sampling_rate_hz",
    "components",
    "units",
    "sensor_class",
    "file",
)
_NEEDED_COLUMNS = ("record_id", "sampling_rate_hz", "file")  # what detect cannot do without
KINDS = ("eq", "noise", "all")
NO_TIME_US = 1600000000000000  # where a record without a time is put: any time does
CLOCK_ERRORS_US = (  # one sigma, by what time_quality begins with; the first that fits
    ("absolute (NTP", 200000),
    ("absolute (start rounded", 300000),
    ("absolute", 10000),
)
UNKNOWN_CLOCK_US = 3600000000
MAX_RATE_HZ = 4000.0
AXES = 3
ZEROS_LEAST = 3  # in a row, on all axes: one alone may be a sample
MAX_ARRAY_BYTES = 268_435_456  # unpacked: six hours of three components at 500 Hz as float64


class Unusable(ValueError):  # noqa: N818 - it is a finding, not a fault of ours
    """This record cannot be read, and why."""


@dataclass(frozen=True)
class Record:
    record_id: str
    event_id: str  # "" for noise
    network: str
    station: str
    location: str
    lat_deg: float  # 0 where has_place is False
    lon_deg: float
    elevation_m: float
    has_place: bool
    start_us: int  # first sample, Unix time; NO_TIME_US where the record has none
    rate_hz: float
    has_absolute_time: bool
    clock_error_us: int  # one sigma
    sensor_class: str
    path: Path
    problem: str = ""  # why its row of the index cannot be used
    vertical: int = 2  # row of the file that holds it

    @property
    def node_id(self) -> int:
        return zlib.crc32(self.record_id.encode())

    @property
    def place(self) -> str:
        return f"{self.network}.{self.station}"

    @property
    def rate_mhz(self) -> int:
        return round(self.rate_hz * 1000)

    def load(self) -> npt.NDArray[np.float64]:
        """Return the samples, (3, n), m/s^2, vertical last. Raises Unusable."""
        if self.problem:
            raise Unusable(self.problem)
        try:
            with self.path.open("rb") as file:
                if not zipfile.is_zipfile(file):  # numpy would advise to load it as a pickle
                    raise Unusable(f"{self.path.name} is no .npz file")
                file.seek(0)
                with np.load(file, allow_pickle=False) as archive:
                    _check_size(archive.zip)
                    samples = _checked(np.asarray(archive["data"]))
                    return np.concatenate(
                        [np.delete(samples, self.vertical, axis=0), samples[[self.vertical]]]
                    )
        except Unusable:
            raise
        except (OSError, ValueError, KeyError, EOFError, TypeError) as error:
            raise Unusable(f"cannot read {self.path.name}: {reason_of(error)}") from error
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, MemoryError) as error:
            raise Unusable(f"cannot read {self.path.name}: {reason_of(error)}") from error


def read_records(data_dir: Path, kind: str) -> list[Record]:
    """Return the records of a data folder, in the order of its indices.

    Raises Failure where the folder or every index that was asked for is missing or broken.
    """
    if not data_dir.is_dir():
        raise Failure(f"no data folder {data_dir}")
    names = {"eq": ["eq_index.csv"], "noise": ["noise_index.csv"]}.get(
        kind, ["eq_index.csv", "noise_index.csv"]
    )
    present = [name for name in names if (data_dir / name).is_file()]
    if not present:
        raise Failure(f"{data_dir} holds no {' and no '.join(names)}")
    records: list[Record] = []
    for name in present:
        records += [_record(row, data_dir) for row in _rows(data_dir / name)]
    return records


def event_ids(data_dir: Path) -> list[str]:
    """Return the event_id of every line of events.jsonl; nothing else of it is read."""
    path = data_dir / "events.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [str(json.loads(line)["event_id"]) for line in lines if line.strip()]
        "".join(found).encode()  # half a surrogate pair is JSON, and nothing that can be written
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or ()
            rows = [{name: (row.get(name) or "").strip() for name in COLUMNS} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error
    absent = [name for name in _NEEDED_COLUMNS if name not in columns]
    if absent:
        raise Failure(f"{path} has no column {', '.join(absent)}")
    missing = [row for row in rows if not row["record_id"]]
    if missing:
        raise Failure(f"{path}: {len(missing)} rows without a record_id")
    return rows


def _record(row: dict[str, str], data_dir: Path) -> Record:
    lat_deg, lon_deg = _number(row["sta_lat"]), _number(row["sta_lon"])
    rate_hz = _number(row["sampling_rate_hz"])
    start_us = unix_us(row["start_time"])
    quality = row["time_quality"]
    is_timed = quality.startswith("absolute") and start_us is not None
    return Record(
        record_id=row["record_id"],
        event_id=row["event_id"],
        network=row["network"],
        station=row["station"],
        location=row["location"],
        lat_deg=lat_deg or 0.0,
        lon_deg=lon_deg or 0.0,
        elevation_m=_number(row["sta_elev_m"]) or 0.0,
        has_place=_is_place(lat_deg, lon_deg),
        start_us=NO_TIME_US if start_us is None else start_us,
        rate_hz=rate_hz or 0.0,
        has_absolute_time=is_timed,
        clock_error_us=_clock_error_us(quality) if is_timed else UNKNOWN_CLOCK_US,
        sensor_class=row["sensor_class"] or ("" if row["event_id"] else "MEMS"),
        path=data_dir / row["file"],
        problem=_problem(row, rate_hz),
        vertical=_vertical(row["components"]),
    )


def _problem(row: dict[str, str], rate_hz: float | None) -> str:
    if not row["file"]:
        return "its row of the index names no file"
    if Path(row["file"]).is_absolute() or ".." in Path(row["file"]).parts:
        return "its file is not inside the data folder"
    if rate_hz is None or not 0.0 < rate_hz <= MAX_RATE_HZ:
        return f"sampling_rate_hz {row['sampling_rate_hz']!r} is no usable rate"
    if row["units"] and row["units"] != "m/s^2":
        return f"units {row['units']!r}, not m/s^2"
    return ""


def _vertical(components: str) -> int:
    """Return which of three is the vertical; the last, where the index names none or several."""
    names = [name.strip().upper() for name in components.split(",")]
    found = [at for at, name in enumerate(names) if name.endswith("Z") or name in ("UD", "U")]
    return found[0] if len(names) == AXES and len(found) == 1 else AXES - 1


def _is_place(lat_deg: float | None, lon_deg: float | None) -> bool:
    if lat_deg is None or lon_deg is None:
        return False
    return abs(lat_deg) <= 90.0 and abs(lon_deg) <= 180.0


def _clock_error_us(quality: str) -> int:
    for beginning, error_us in CLOCK_ERRORS_US:
        if quality.startswith(beginning):
            return error_us
    return UNKNOWN_CLOCK_US


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _check_size(archive: zipfile.ZipFile) -> None:
    """Refuse a small file that fills the memory; zipfile never unpacks more than it announces."""
    largest = max((entry.file_size for entry in archive.infolist()), default=0)
    if largest > MAX_ARRAY_BYTES:
        raise Unusable(f"{largest} bytes of samples, more than {MAX_ARRAY_BYTES}")


def _checked(samples: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    if samples.ndim != 2 or samples.shape[0] != AXES:
        raise Unusable(f"samples of shape {samples.shape}, not (3, n)")
    if samples.shape[1] == 0:
        raise Unusable("no samples")
    if samples.dtype.kind not in "fiu":
        raise Unusable(f"samples of type {samples.dtype}")
    numbers = samples.astype(np.float64)
    if not np.isfinite(numbers).any():
        raise Unusable("no sample is finite")
    numbers = np.stack([_without_gaps(axis) for axis in numbers])
    if not numbers.any():
        raise Unusable("all samples are zero")
    return without_zeros(numbers)


def without_zeros(samples: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Hold the level where zeros stand for lost samples: (3, n) with a number everywhere.

    Of a record that has an offset (0 is not among the middle half of its samples) they would be a
    step, which integrated is an earthquake of M7.
    """
    is_lost = _runs(np.asarray(~samples.any(axis=0)), ZEROS_LEAST)
    if not is_lost.any() or is_lost.all():
        return samples
    low, level, high = np.quantile(samples[:, ~is_lost], (0.25, 0.5, 0.75), axis=1)
    if ((low <= 0) & (high >= 0)).all():
        return samples
    return np.where(is_lost, level[:, None], samples)


def _runs(yes: npt.NDArray[np.bool_], least: int) -> npt.NDArray[np.bool_]:
    """Keep of what is true only so many and more in a row, (n,)."""
    edges = np.flatnonzero(np.diff(yes, prepend=False, append=False))
    kept = np.zeros_like(yes)
    for first, end in edges.reshape(-1, 2):
        kept[first:end] = end - first >= least
    return kept


def _without_gaps(axis: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Hold the last number where there is none, (n,): what a node takes for no information.

    An axis that has no number at all is a dead one, 0.
    """
    known = np.isfinite(axis)
    if known.all():
        return axis
    if not known.any():
        return np.zeros_like(axis)
    last = np.maximum.accumulate(np.where(known, np.arange(len(axis)), np.argmax(known)))
    return axis[last]
