"""What an engine knows again when it starts: its nodes, what they have taught it, what runs.

Everything comes from the record; where that cannot be read, the engine starts as a new one.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from groundswell import wire

from aggregator.reader import Reader
from vote.account import Account
from vote.alert import Alert, alert_of
from vote.decision import KEEP_EVENT_US, Decider
from vote.fleet import LIVE_FOR_US, Learnt
from vote.known import NAMES_KEPT
from vote.picks import KEEP_US
from vote.resume import Said, resume

# Of the last ten minutes, the newest: the peaks of what runs, and what may still start something.
# An M7 makes some 40 messages a node; 13,440 are heard again in 0.3 s.
MAX_REHEARD = 10_000

_log = logging.getLogger(__name__)


class Recalled(NamedTuple):
    """What was found."""

    nodes: int
    names: int
    triggers: int
    told: list[list[Alert]]  # of each earthquake that ran lately, all that was said, in order


def recall(reader: Reader, decider: Decider, now_us: int) -> Recalled:
    """Bring the record's knowledge into a new decider. Raises sqlite3.Error."""
    told = reader.events(NAMES_KEPT)[::-1]
    lately = [row for row in told if now_us - row["last_issued_us"] <= KEEP_EVENT_US]
    _recall_learnt(reader, decider)
    frames = reader.status_frames(now_us - LIVE_FOR_US)
    for heard_us, frame in frames:
        _hear_status(decider, heard_us, frame)
    decider.known.note_told(row["event_id"] for row in told)
    since_us = min([now_us, *(row["origin_us"] for row in lately)]) - KEEP_US
    said = [
        Said(row["received_us"], _trigger_of(row), bool(row["is_late"]))
        for row in reader.triggers_since(since_us, MAX_REHEARD)
    ]
    series = [alerts for row in lately if (alerts := _alerts_of(reader, row["event_id"]))]
    resume(decider, series, said, now_us)
    return Recalled(len(frames), len(told), len(said), series)


def document_of(learnt: Learnt) -> str:
    """Return what learnt_of() understands."""
    accounts = {f"{node_id:08x}": asdict(account) for node_id, account in learnt.accounts.items()}
    return json.dumps({"false_mark": learnt.false_mark, "accounts": accounts})


def learnt_of(document: str) -> Learnt:
    """Raises ValueError for what document_of() did not make."""
    try:
        found: Mapping[str, Any] = json.loads(document)
        accounts = {int(n, 16): _account_of(one) for n, one in found["accounts"].items()}
        return Learnt(float(found["false_mark"]), accounts)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not what was learnt: {error}") from error


def _account_of(found: Mapping[str, Any]) -> Account:
    since = found["quarantined_us"]
    return Account(
        float(found["false_count"]),
        float(found["false_hours"]),
        int(found["counted_us"]),
        None if since is None else int(since),
    )


def _recall_learnt(reader: Reader, decider: Decider) -> None:
    document = reader.learnt()
    try:
        if document is not None:
            decider.fleet.restore(learnt_of(document))
    except ValueError as error:
        _log.warning("false triggers are counted anew: %s", error)


def _hear_status(decider: Decider, heard_us: int, frame: bytes) -> None:
    try:
        status = wire.decode(frame)
    except wire.WireError:  # written by another version of the wire
        return
    if isinstance(status, wire.Status):
        decider.hear(status, heard_us)


def _trigger_of(row: Mapping[str, Any]) -> wire.Trigger:
    return wire.Trigger(*list(row.values())[: len(wire.Trigger._fields)])


def _alerts_of(reader: Reader, event_id: str) -> list[Alert]:
    found = []
    for line in reader.alerts_of(event_id):
        try:
            found.append(alert_of(json.loads(line)))
        except ValueError as error:  # written by another version
            _log.warning("%s cannot be read any more: %s", event_id, error)
    return found
