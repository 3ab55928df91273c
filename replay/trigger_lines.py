"""What a node would have published about one record, as the lines of `detect`."""

import json
from typing import Any

from groundswell import wire

from replay import sensors
from replay.node import messages_of
from replay.records import Record, Unusable


def lines_of(record: Record, sensor: str, seed: int, judge: Any = None) -> list[str]:
    """Return the JSON lines of one record, the last one `done` or the only one `error`.

    judge: another than the node's own, for what was not trained on this record
    """
    try:
        acc_mps2 = record.load()
        counts, lsb_nm_s2 = sensors.counts_of(record, acc_mps2, sensor, seed)
        lines = [
            json.dumps(_fields(record, message))
            for message in messages_of(record, counts, lsb_nm_s2, judge)
            if isinstance(message, wire.Trigger)
        ]
    except Unusable as reason:
        return [json.dumps({"record_id": record.record_id, "error": str(reason)})]
    processed_s = round(acc_mps2.shape[1] / record.rate_hz, 3)
    done = {"record_id": record.record_id, "done": True, "processed_s": processed_s}
    return [*lines, json.dumps(done)]


def _fields(record: Record, trigger: Any) -> dict[str, Any]:
    return {
        "record_id": record.record_id,
        "detection_id": trigger.detection_id,
        "update": trigger.update,
        "onset_s": round((trigger.onset_us - record.start_us) / 1e6, 6),
        "published_s": round((trigger.sent_us - record.start_us) / 1e6, 6),
        "p_quake": trigger.p_quake_permille / 1000,
        "pga_mps2": trigger.pga_um_s2 / 1e6,
        "pgv_mps": trigger.pgv_nm_s / 1e9,
        "pd_m": trigger.pd_nm / 1e9,
        "is_retracted": bool(trigger.flags & wire.FLAG_RETRACTED),
    }
