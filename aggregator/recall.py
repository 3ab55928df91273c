"""What an engine knows again when it starts: its nodes, what they have taught it, what runs.

Everything comes from the record; where that cannot be read, the engine starts as a new one.
"""

import json
import logging
import math
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

from groundswell import wire

from aggregator.reader import Reader
from vote.alert import Alert, alert_of
from vote.decision import KEEP_EVENT_US, MAX_EVENTS, Decider
from vote.nodes.account import Account, Learnt
from vote.nodes.picks import KEEP_US
from vote.resume import Said, resume
from vote.running.known import NAMES_KEPT

# Of the last ten minutes, the newest: the peaks of what runs, and what may still start something.
# An M7 makes some 40 messages a node; 13,440 are heard again in 0.3 s.
MAX_REHEARD = 10_000

_log = logging.getLogger(__name__)

# What an earthquake is made of again
_NUMBERS = attrgetter(
    "version", "issued_us", "expires_us", "origin_us", "lat_deg", "lon_deg", "depth_km",
    "magnitude", "magnitude_sigma", "origin_sigma_s", "location_sigma_km", "likelihood",
    "nodes_live_nearby",
)  # fmt: skip


class Recalled(NamedTuple):
    """What was found."""

    nodes: int
    names: int
    triggers: int
    told: list[list[Alert]]  # of each earthquake that ran lately, all that was said, in order


Rule = Callable[[int, bool], bool]  # who is heard: by node, and whether it sealed what it said


def everybody(node_id: int, was_sealed: bool) -> bool:
    return True


def recall(
    reader: Reader, decider: Decider, now_us: int, would_hear: Rule = everybody
) -> Recalled:
    """Bring the record's knowledge into a new decider. Raises sqlite3.Error.

    would_hear: today's rule, which may be a stricter one than that of the record.
    """
    told = reader.events(NAMES_KEPT)[::-1]
    lately = [row for row in told if _is_within(row["last_issued_us"], now_us)][-MAX_EVENTS:]
    own = [row for row in lately if row["category"] == decider.category]
    _recall_learnt(reader, decider)
    spoken = reader.nodes_since(now_us - KEEP_EVENT_US)  # the dead have spoken, too
    nodes = [row for row in spoken if would_hear(row["node_id"], bool(row["is_sealed"]))]
    for row in nodes:
        _hear_status(decider, min(row["heard_us"], now_us), row["status_frame"])
    decider.known.note_told(row["event_id"] for row in told)
    series = [alerts for row in own if (alerts := _alerts_of(reader, row["event_id"]))]
    since_us = min([now_us, *(alerts[-1].origin_us for alerts in series)]) - KEEP_US
    # what shook a drill's nodes is no evidence for an engine whose alerts are real
    until_us = now_us + KEEP_EVENT_US
    is_one = len(own) == len(lately)
    rows = reader.triggers_between(since_us, until_us, MAX_REHEARD) if is_one else []
    rows = [row for row in rows if would_hear(row["node_id"], bool(row["is_sealed"]))]
    said = [one for row in rows if (one := _said_of(row, now_us)) is not None]
    resume(decider, series, said, now_us)
    return Recalled(len(nodes), len(told), len(said), series)


def _is_within(issued_us: object, now_us: int) -> bool:
    """Tell whether something is of the last minutes, by a clock that may have been set back."""
    return isinstance(issued_us, int) and abs(now_us - issued_us) <= KEEP_EVENT_US


def document_of(learnt: Learnt) -> str:
    """Return what learnt_of() understands."""
    accounts = {
        f"{node_id:08x}": (one.false_count, one.false_hours, one.counted_us, one.quarantined_us)
        for node_id, one in learnt.accounts.items()
    }
    return json.dumps({"false_mark": learnt.false_mark, "accounts": accounts})


def learnt_of(document: str) -> Learnt:
    """Raises ValueError for what document_of() did not make."""
    try:
        found: Mapping[str, Any] = json.loads(document)
        accounts = {int(n, 16): _account_of(*one) for n, one in found["accounts"].items()}
        return Learnt(_number(found["false_mark"], 1.0), accounts)
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"not what was learnt: {error}") from error


def _account_of(count: object, hours: object, counted_us: int, since_us: int | None) -> Account:
    if not isinstance(counted_us, int) or not isinstance(since_us, int | None):
        raise ValueError("no time")
    return Account(_number(count, 0.0), _number(hours, 0.0), counted_us, since_us)


def _number(found: Any, least: float) -> float:
    if not math.isfinite(found) or found < least:
        raise ValueError(f"{found}")
    return float(found)


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


def _said_of(row: Mapping[str, Any], now_us: int) -> Said | None:
    """Return what a node said, by now at the latest, unless the row is spoilt."""
    trigger = list(row.values())[: len(wire.Trigger._fields)]
    received_us = row["received_us"]
    if not all(isinstance(number, int) for number in (*trigger, received_us)):
        return None
    return Said(min(received_us, now_us), wire.Trigger(*trigger), bool(row["is_late"]))


def _alerts_of(reader: Reader, event_id: str) -> list[Alert]:
    found = []
    for line in reader.alerts_of(event_id):
        try:
            alert = alert_of(json.loads(line))
            for number in _NUMBERS(alert):
                _number(number, -1e18)
            found.append(alert)
        except (ValueError, TypeError, RecursionError) as error:  # another version's, or spoilt
            _log.warning("%s cannot be read any more: %s", event_id, error)
    return found
