"""What the page shows: nodes, events, the log of alerts, the heartbeat. Pure.

`hear` takes a message from the broker and `tick` the passing of time; both return the server-sent
events that follow. All state lives here, and all of it is bounded:
    nodes     border.MAX_NODES; the engine's latest list replaces the one before
    events    KEPT_EVENTS with their areas; the oldest goes first
    log       LOG_LENGTH alerts without their areas; the oldest goes first
    versions  KEPT_VERSIONS event ids, so that a second copy of an alert is dropped
    engines   KEPT_ENGINES senders of heartbeats; the longest silent goes first
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import h3  # type: ignore[import-untyped]  # it publishes no types
import numpy as np
from groundswell import topics

from aggregator.console import border
from aggregator.console.border import Document, MalformedError
from aggregator.console.places import Place
from vote.waves.travel import p_time_s, s_time_s

KEPT_EVENTS = 8
LOG_LENGTH = 200
KEPT_VERSIONS = 1024
KEPT_ENGINES = 16
# The engine says every 5 s that it lives; two missed beats are an outage (peers.md (d): EEWD's
# keep-alive is 10 s).
STALE_AFTER_US = 10_000_000
# After this time an event is history: it stays in the log, but a console that starts does not put
# it on the map.
RECENT_US = 1_800_000_000

# Distances of the table of travel times: dense near the epicentre, where the curve bends.
TRAVEL_KM = (700 * np.linspace(0, 1, 81) ** 1.7).round(3)

_OF_CATEGORY = {topics.of_alert(category): category for category in ("live", "exercise", "test")}


class Event(NamedTuple):
    """One server-sent event: its name and its JSON document."""

    name: str
    document: Document


class Feed:
    def __init__(self, started_us: int, places: Sequence[Place] = ()) -> None:
        self.places = tuple(places)
        self.counts: Counter[str] = Counter()
        self._started_us = started_us
        self._nodes: dict[str, Document] = {}
        self._nodes_heard_us: int | None = None
        self._events: OrderedDict[str, Document] = OrderedDict()
        self._log: deque[Document] = deque(maxlen=LOG_LENGTH)
        self._versions: OrderedDict[str, tuple[int, bool]] = OrderedDict()
        self._engines: OrderedDict[str, str] = OrderedDict()  # sender -> category it runs as
        self._heartbeat: Document | None = None
        self._delays: Document | None = None
        self._is_connected = False
        self._link_since_us = started_us

    def hear(self, topic: str, payload: bytes, now_us: int) -> list[Event]:
        """Return what follows from one message. What is malformed is counted, and that is all."""
        try:
            return self._hear(topic, payload, now_us)
        except MalformedError:
            self.counts["malformed"] += 1
            return []

    def _hear(self, topic: str, payload: bytes, now_us: int) -> list[Event]:
        if topic == topics.HEARTBEAT:
            return self._hear_heartbeat(border.heartbeat(payload), now_us)
        if topic in _OF_CATEGORY:
            return self._hear_alert(border.alert(payload, _OF_CATEGORY[topic]), now_us)
        if topic == topics.of_view("nodes"):
            return self._hear_nodes(border.nodes(payload), now_us)
        if topic == topics.of_view("delays"):
            self._delays = border.delays(payload)
            return [Event("delays", self._delays)]
        self.counts["unknown_topic"] += 1
        return []

    def recall(self, alerts: Iterable[bytes], now_us: int) -> list[Event]:
        """Take alerts from the store, oldest first, as if they had been heard when issued."""
        for payload in alerts:
            try:
                document = border.alert(payload, _category_of(payload))
            except MalformedError:
                self.counts["malformed"] += 1
                continue
            self._take_alert(document, document["issued_us"], now_us)
        self._log = deque(sorted(self._log, key=_heard_us), LOG_LENGTH)
        self._events = OrderedDict(
            sorted(self._events.items(), key=lambda item: _heard_us(item[1]))
        )
        return [Event("state", self.state(now_us))]

    def tick(self, now_us: int, is_connected: bool) -> list[Event]:
        """Call once a second: says what time it is, and how the console's own links are."""
        if is_connected != self._is_connected:
            self._is_connected = is_connected
            self._link_since_us = now_us
        return [Event("system", self.system(now_us))]

    def system(self, now_us: int) -> Document:
        return {
            "now_us": now_us,
            "started_us": self._started_us,
            "stale_after_us": STALE_AFTER_US,
            "heartbeat": self._heartbeat,
            "link": {"is_connected": self._is_connected, "since_us": self._link_since_us},
            "nodes_heard_us": self._nodes_heard_us,
            "counts": dict(self.counts),
        }

    def state(self, now_us: int) -> Document:
        """Return everything that a page needs to begin with."""
        return {"system": self.system(now_us), **self.content()}

    def content(self) -> Document:
        """Return the part of the state that changes only with an event other than `system`."""
        return {
            "nodes": list(self._nodes.values()),
            "events": list(self._events.values()),
            "log": list(reversed(self._log)),
            "delays": self._delays,
            "places": [place._asdict() for place in self.places],
        }

    def is_stale(self, now_us: int) -> bool:
        heard_us = self._started_us if self._heartbeat is None else self._heartbeat["heard_us"]
        return not self._is_connected or now_us - heard_us > STALE_AFTER_US

    def _hear_heartbeat(self, heartbeat: Document, now_us: int) -> list[Event]:
        self._engines[heartbeat["sender"]] = heartbeat["category"]
        self._engines.move_to_end(heartbeat["sender"])
        if len(self._engines) > KEPT_ENGINES:
            self._engines.popitem(last=False)
        # a beat that was under way for long proves nothing about now
        heartbeat["heard_us"] = min(now_us, heartbeat["sent_us"])
        if self._heartbeat is None or heartbeat["heard_us"] >= self._heartbeat["heard_us"]:
            self._heartbeat = heartbeat
        return [Event("system", self.system(now_us))]

    def _hear_nodes(self, nodes: list[Document], now_us: int) -> list[Event]:
        """Return the difference only: a page needs not hear of 10,000 quiet nodes every second."""
        latest = {node["node_id"]: node for node in nodes}
        changed = [node for key, node in latest.items() if self._nodes.get(key) != node]
        gone = [key for key in self._nodes if key not in latest]
        self._nodes = latest
        self._nodes_heard_us = now_us
        if not changed and not gone:
            return []
        return [Event("nodes", {"changed": changed, "gone": gone})]

    def _hear_alert(self, alert: Document, now_us: int) -> list[Event]:
        if not self._take_alert(alert, now_us, now_us):
            return []
        return [Event("alert", {"alert": alert, "entry": self._log[-1]})]

    def _take_alert(self, alert: Document, heard_us: int, now_us: int) -> bool:
        """Return whether it is news; its place is then the end of the log."""
        seen, is_over = self._versions.get(alert["event_id"], (0, False))
        if is_over or alert["version"] <= seen:
            self.counts["duplicate"] += 1
            return False
        self._remember_version(alert)
        expires_us = alert["expires_us"]
        alert["was_expired"] = expires_us is not None and heard_us > expires_us
        alert["heard_us"] = heard_us
        # until a heartbeat was heard, nobody can tell
        engine_category = self._engines.get(alert["sender"])
        alert["is_strange"] = bool(self._engines) and engine_category != alert["category"]
        alert["travel"] = None
        if alert["type"] == "cancel":
            _keep_source(alert, self._events.get(alert["event_id"]))
        self._log.append({key: value for key, value in alert.items() if key != "areas"})
        if alert["was_expired"]:
            self.counts["expired"] += 1
        elif now_us - alert["issued_us"] <= RECENT_US:
            self._show(alert)
        return True

    def _remember_version(self, alert: Document) -> None:
        is_over = alert["type"] in ("cancel", "final")
        self._versions[alert["event_id"]] = (alert["version"], is_over)
        self._versions.move_to_end(alert["event_id"])
        if len(self._versions) > KEPT_VERSIONS:
            self._versions.popitem(last=False)

    def _show(self, alert: Document) -> None:
        for area in alert["areas"]:
            area["outline_deg"] = _outline_deg(area["id"])
        if alert["type"] != "cancel":
            alert["travel"] = _travel_times(alert["depth_km"])
        self._events[alert["event_id"]] = alert
        self._events.move_to_end(alert["event_id"])
        if len(self._events) > KEPT_EVENTS:
            self._events.popitem(last=False)


def _heard_us(alert: Document) -> int:
    return int(alert["heard_us"])


def _keep_source(cancel: Document, before: Document | None) -> None:
    """A cancel needs not repeat what it withdraws; people want to see what that was."""
    for key, value in (before or {}).items():
        if cancel.get(key) is None:
            cancel[key] = value
    cancel["areas"] = []


def _travel_times(depth_km: float) -> Document:
    """Return how long P and S take: the page draws its circles by the engine's own physics."""
    return {
        "km": TRAVEL_KM.tolist(),
        "p_s": p_time_s(TRAVEL_KM, depth_km).round(3).tolist(),
        "s_s": s_time_s(TRAVEL_KM, depth_km).round(3).tolist(),
    }


def _outline_deg(area_id: str) -> list[list[float]] | None:
    """Return the corners (latitude, longitude) of an H3 cell, or None for any other area."""
    if len(area_id) != 15 or not h3.is_valid_cell(area_id):
        return None
    return [[round(lat, 4), round(lon, 4)] for lat, lon in h3.cell_to_boundary(area_id)]


def _category_of(payload: Any) -> str:
    """Return what an alert calls itself: the store keeps no topics."""
    return str(border.document_of(payload).get("category"))
