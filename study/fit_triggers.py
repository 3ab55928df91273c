"""`python -m study.fit_triggers DATA_DIR --triggers FILE`: what today's node makes of P waves.

Writes study/node_today.json, which trigger_model draws from: how late, how sure and how often
wrong the detector was on the recordings, by models that had not seen the event or the record
(`python -m training.evaluate DATA_DIR --out FILE`). After a change of the detector or its model
run both again.
"""

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from failure import Failure, reason_of
from replay.catalogue import RecordTruth, read_catalogue
from study.trigger_model import SHARES, TABLE

EARLY_S, LATE_S = 1.0, 4.0  # an onset so near P is this wave's
# Between the rows, m/s^2. Of 181 waves 37 are above the last: late by 0.15 s in the mean, the 62
# below it by 0.28 (with one row for both strong onsets scattered like weak ones)
LOG10_PEAKS = (-2.3, -1.9, -1.3)
FIRST_PEAK_S = 1.0
FALSE_WITHIN_S = 2.0  # what a vote has heard when it is won

Messages = Sequence[Mapping[str, Any]]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m study.fit_triggers", description=__doc__)
    parser.add_argument("data_dir", metavar="DATA_DIR", type=Path)
    parser.add_argument("--triggers", type=Path, required=True, help="of `training.evaluate`")
    arguments = parser.parse_args(argv)
    records = read_catalogue(arguments.data_dir).records
    table = fitted(records, read_detections(arguments.triggers))
    TABLE.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    return 0


def read_detections(path: Path) -> dict[str, list[Messages]]:
    """Return the messages of every detection, by record. Raises Failure for another file."""
    found: dict[str, dict[int, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    try:
        for text in path.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            if "detection_id" in line:
                found[line["record_id"]][line["detection_id"]].append(line)
            elif line.get("done"):
                found[line["record_id"]]  # was looked at, with or without a detection
    except (OSError, ValueError, KeyError) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error
    return {record_id: list(each.values()) for record_id, each in found.items()}


def fitted(
    records: Mapping[str, RecordTruth], detections: Mapping[str, Sequence[Messages]]
) -> dict[str, Any]:
    """Return the table."""
    known = {r: records[r] for r in detections if r in records}
    waves = [found for r, truth in known.items() for found in _of_p(truth, detections[r])]
    if len(waves) < len(LOG10_PEAKS) + 1:
        raise Failure("too few P waves were detected to say anything")
    row_of = np.digitize([wave[0] for wave in waves], LOG10_PEAKS)
    rows = [
        _row(up_to, [w for w, at in zip(waves, row_of) if at == k])
        for k, up_to in enumerate((*LOG10_PEAKS, None))
    ]
    false = [
        messages
        for r, truth in known.items()
        for messages in detections[r]
        if not truth.event_id or messages[0]["onset_s"] < truth.quiet_s
    ]
    quiet = [truth for truth in known.values() if truth.event_id and truth.is_mems]
    hours = sum(truth.quiet_s for truth in quiet) / 3600
    count = sum(m[0]["onset_s"] < t.quiet_s for t in quiet for m in detections[t.record_id])
    return {
        "rows": [row for row in rows if row["detections"]],
        "false_p_quake": sorted(round(_surest(messages), 3) for messages in false),
        "quiet_mems_h": round(hours, 2),
        "false_in_quiet_mems": int(count),
        "activity_records": sum(not truth.event_id for truth in known.values()),
        "false_in_activity": sum(
            len(detections[r]) for r, truth in known.items() if not truth.event_id
        ),
    }


def _of_p(
    truth: RecordTruth, detections: Sequence[Messages]
) -> Iterator[tuple[float, float, float, float, float]]:
    """Yield log10 of the first second's peak, publication after onset, onset after P, and p."""
    if truth.arrival is None or not truth.arrival.is_measured:
        return
    for messages in sorted(detections, key=lambda each: each[0]["onset_s"]):
        late_s = messages[0]["onset_s"] - truth.arrival.p_s
        if -EARLY_S <= late_s <= LATE_S:
            second = min(messages, key=lambda m: abs(_age_s(m) - FIRST_PEAK_S))
            yield (
                math.log10(max(second["pga_mps2"], 1e-6)), _age_s(messages[0]), late_s,
                messages[0]["p_quake"], second["p_quake"],
            )  # fmt: skip
            return


def _age_s(message: Mapping[str, Any]) -> float:
    return float(message["published_s"] - message["onset_s"])


def _row(up_to: float | None, waves: Sequence[Sequence[float]]) -> dict[str, Any]:
    columns = np.array(waves).reshape(-1, 5).T[1:]
    tables = [
        np.round(np.quantile(each, SHARES), 3).tolist() if len(each) else [] for each in columns
    ]
    names = ("published_s", "late_s", "p_first", "p_later")
    return {"log10_up_to": up_to, "detections": len(waves), **dict(zip(names, tables))}


def _surest(messages: Messages) -> float:
    said = [m["p_quake"] for m in messages if _age_s(m) <= FALSE_WITHIN_S]
    return float(max([messages[0]["p_quake"], *said]))


if __name__ == "__main__":
    raise SystemExit(main())
