"""What the baselines make of each record: detections, level crossings, peaks so far."""

import concurrent.futures
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from replay.baseline_detectors import DETECTORS, Samples, high_pass
from replay.baseline_rules import ASTUTI_LEVEL_MPS2, Station
from replay.intensity import mmi_of_pga
from replay.outcomes import Detection
from replay.records import Record, Unusable
from replay.sensors import counts_of
from replay.shaking_score import WARNING_MMI

SENSOR, SEED = "adxl355", 0  # the defaults of `detect` and `replay`
PEAK_CORNER_HZ = 0.1  # as the index's pga_ms2
PEAKS_HZ = 10.0
CHUNK = 8  # records a process takes at once


@dataclass(frozen=True)
class Heard:
    """What the baselines make of one record."""

    record: Record
    duration_s: float
    detections: dict[str, list[Detection]]  # by detector
    level_s: float | None  # the first sample above ASTUTI's level
    warning_s: float | None  # the first sample at WARNING_MMI
    peaks_mps2: Samples  # the largest so far, PEAKS_HZ

    @property
    def station(self) -> Station:
        record = self.record
        end_us = record.start_us + round(self.duration_s * 1e6)
        return Station(record.place, record.lat_deg, record.lon_deg, record.start_us, end_us)


def hear(record: Record) -> Heard | None:
    """Return what the detectors say of one record, or None where no node could use it."""
    try:
        counts, lsb_nm_s2 = counts_of(record, record.load(), SENSOR, SEED)
    except Unusable:
        return None
    acc_mps2: Samples = counts.astype(np.float64).reshape(-1, 3).T * (lsb_nm_s2 / 1e9)
    peaks_mps2 = _running_peak(acc_mps2, record.rate_hz)
    return Heard(
        record,
        acc_mps2.shape[1] / record.rate_hz,
        {d.name: d.detections(acc_mps2, record.rate_hz) for d in DETECTORS},
        _first_s(peaks_mps2, ASTUTI_LEVEL_MPS2, record.rate_hz),
        _first_s(peaks_mps2, _pga_of_mmi(WARNING_MMI), record.rate_hz),
        peaks_mps2[_instants(len(peaks_mps2), record.rate_hz)],
    )


def hear_all(records: Sequence[Record]) -> Iterator[Heard]:
    workers = min(os.cpu_count() or 1, max(1, len(records) // CHUNK))
    is_terminal = sys.stderr.isatty()
    with concurrent.futures.ProcessPoolExecutor(workers) as pool:
        for number, heard in enumerate(pool.map(hear, records, chunksize=CHUNK)):
            if is_terminal:
                sys.stderr.write(f"\rbaselines: {number + 1} of {len(records)} records ")
            if heard is not None:
                yield heard


def _running_peak(acc_mps2: Samples, rate_hz: float) -> Samples:
    axes = [np.abs(high_pass(axis, PEAK_CORNER_HZ, rate_hz)) for axis in acc_mps2]
    return np.asarray(np.maximum.accumulate(np.max(axes, axis=0)))


def _instants(count: int, rate_hz: float) -> np.ndarray:
    """Return the last sample of each tenth of a second."""
    ends_s = np.arange(1, int(count / rate_hz * PEAKS_HZ) + 1) / PEAKS_HZ
    return np.asarray(np.clip(np.ceil(ends_s * rate_hz).astype(int) - 1, 0, count - 1))


def _first_s(peaks_mps2: Samples, level_mps2: float, rate_hz: float) -> float | None:
    index = int(np.searchsorted(peaks_mps2, level_mps2))
    return index / rate_hz if index < len(peaks_mps2) else None


def _pga_of_mmi(mmi: float) -> float:
    """Return the acceleration at which the yardstick reaches an intensity, by bisection."""
    low_mps2, high_mps2 = 1e-4, 100.0
    for _ in range(60):
        middle_mps2 = (low_mps2 * high_mps2) ** 0.5
        if mmi_of_pga(middle_mps2) < mmi:
            low_mps2 = middle_mps2
        else:
            high_mps2 = middle_mps2
    return high_mps2
