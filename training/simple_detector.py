"""The simple detector beside the node: ObsPy's recursive STA/LTA on the same samples.

python -m training.simple_detector DATA --out FILE [--sensor adxl355]: the lines of `groundswell
detect`; 0.5/10 s on 1-12 Hz, vertical, threshold 5: the best of five simple ones on the recordings
for which the node was made. It pays the node's own constant for block and processing.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from obspy.signal.trigger import recursive_sta_lta, trigger_onset
from rich.console import Console

from failure import Failure
from replay import baseline_detectors, sensors
from replay import records as recordings
from replay.baseline_detectors import PUBLISH_AFTER_S, band_pass
from replay.records import KINDS, Record, Unusable, read_records
from training.record_lines import files_sum, write_lines

STA_S, LTA_S, BAND_HZ, ON, OFF = 0.5, 10.0, (1.0, 12.0), 5.0, 1.5

_sensor: list[str] = []


def triggers_s(vertical: npt.NDArray[np.float64], rate_hz: float) -> list[float]:
    """Return when it triggers, in seconds after the first sample; any unit."""
    ratio = recursive_sta_lta(
        band_pass(vertical, *BAND_HZ, rate_hz), int(STA_S * rate_hz), int(LTA_S * rate_hz)
    )
    return [float(begin) / rate_hz for begin, _ in trigger_onset(ratio, ON, OFF)]


def _prepare(sensor: str) -> None:
    _sensor[:] = [sensor]


def _lines(record: Record) -> list[str]:
    name = {"record_id": record.record_id}
    try:
        acc_mps2 = record.load()
        counts, _ = sensors.counts_of(record, acc_mps2, _sensor[0], 0)
    except Unusable as reason:
        return [json.dumps(name | {"error": str(reason)})]
    vertical = counts.reshape(-1, 3)[:, 2].astype(np.float64)
    found = [
        name
        | {"detection_id": number, "update": 0, "onset_s": at_s, "p_quake": 1.0}
        | {"published_s": round(at_s + PUBLISH_AFTER_S, 6), "is_retracted": False}
        for number, at_s in enumerate(triggers_s(vertical, record.rate_hz))
    ]
    done = name | {"done": True, "processed_s": round(acc_mps2.shape[1] / record.rate_hz, 3)}
    return [json.dumps(line) for line in [*found, done]]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.simple_detector", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("data_dir", type=Path, metavar="DATA_DIR")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=KINDS, default="all")
    parser.add_argument("--sensor", choices=sensors.NAMES, default="adxl355")
    given = parser.parse_args(arguments)
    records = read_records(given.data_dir, given.kind)
    code = [Path(str(module.__file__)) for module in (sensors, baseline_detectors, recordings)]
    made_of = f"{given.sensor} {files_sum([Path(__file__), *code], given.data_dir)}"
    done = write_lines(given.out, records, _lines, _prepare, (given.sensor,), made_of)
    Console().print(f"{done} of {len(records)} records into {given.out}", highlight=False)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        sys.exit(f"training.simple_detector: {error}")
