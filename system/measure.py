"""How long everything takes: from the sample that completed the vote to the alert, stage by stage.

Virtual nodes have wrong clocks, and `sent_us` in a trigger is what a device would need, not what
this machine needed. So the first two stages are taken from the nodes' process, which knows the
true times of the sample and of the departure (facts "trigger"); the others are stamps of gateway
and engine, which share this machine's clock. Nodes on MicroPython do not know the true time of
their sample: for those their own clock is used, wrong by some milliseconds.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from training.wavefield import distance_km

STAGES = (
    "sample to trigger",
    "node to gateway",
    "gateway to engine",
    "engine to alert",
    "sample to alert",
    "origin to alert",
)
MATCHED_S = 30.0  # contracts.md section 6
MATCHED_KM = 100.0
MAX_TRIGGERS = 5000  # facts kept while waiting for the alert that they led to

Document = dict[str, Any]


@dataclass
class Measurement:
    """Takes facts of the nodes, alerts and delays, in any order; gives the table."""

    earthquakes: list[Document] = field(default_factory=list)
    alerts: dict[str, list[Document]] = field(default_factory=dict)  # by event_id
    delays: dict[str, Document] = field(default_factory=dict)  # by event_id
    _departures: dict[tuple[int, int], Document] = field(default_factory=dict)

    def add_fact(self, fact: Document) -> None:
        if fact["kind"] == "earthquake":
            self.earthquakes.append(fact)
        elif fact["kind"] == "trigger":
            self._departures[(fact["sample_us"], fact["node_sent_us"])] = fact
            while len(self._departures) > MAX_TRIGGERS:
                del self._departures[next(iter(self._departures))]

    def add_alert(self, alert: Document) -> None:
        self.alerts.setdefault(alert["event_id"], []).append(alert)

    def add_delays(self, stamps: Document) -> None:
        departure = self._departures.get((stamps["sample_us"], stamps["node_sent_us"]))
        self.delays.setdefault(stamps["event_id"], {**stamps, "departure": departure})

    def report(self) -> Document:
        """Return counts and, for each stage, n, p50_ms, p99_ms and max_ms."""
        matches = {quake["event_id"]: self._alerts_of(quake) for quake in self.earthquakes}
        declared = {event_id for found in matches.values() for event_id in found}
        events = [self._event(quake, matches[quake["event_id"]]) for quake in self.earthquakes]
        spans_ms = {
            stage: [e["spans_ms"][stage] for e in events if stage in e["spans_ms"]]
            for stage in STAGES
        }
        return {
            "earthquakes": len(self.earthquakes),
            "alerted": sum(bool(found) for found in matches.values()),
            "declared_twice": sum(len(found) > 1 for found in matches.values()),
            "wrong": len(set(self.alerts) - declared),
            "stages": {stage: summary(spans_ms[stage]) for stage in STAGES},
            "events": events,
        }

    def _event(self, quake: Document, event_ids: list[str]) -> Document:
        return {**quake, "alerts": event_ids, "spans_ms": self._spans_ms(quake, event_ids)}

    def _alerts_of(self, quake: Document) -> list[str]:
        """Return the event_ids that a version of matches this earthquake, the first one first."""
        return [
            event_id
            for event_id, versions in self.alerts.items()
            if any(_is_match(alert, quake) for alert in versions)
        ]

    def _spans_ms(self, quake: Document, event_ids: list[str]) -> dict[str, float]:
        if not event_ids:
            return {}
        event_id = event_ids[0]
        first = self.alerts[event_id][0]
        spans_us: dict[str, int] = {"origin to alert": first["issued_us"] - quake["origin_us"]}
        stamps = self.delays.get(event_id)
        if stamps is not None:
            alert_us, engine_us = stamps["alert_us"], stamps["engine_received_us"]
            gateway_us, departure = stamps["gateway_received_us"], stamps["departure"]
            spans_us["gateway to engine"] = engine_us - gateway_us
            spans_us["engine to alert"] = alert_us - engine_us
            if departure is not None:
                sample_us = departure["true_sample_us"] or departure["sample_us"]
                spans_us["sample to trigger"] = departure["true_sent_us"] - sample_us
                spans_us["node to gateway"] = gateway_us - departure["true_sent_us"]
                spans_us["sample to alert"] = alert_us - sample_us
        return {stage: span_us / 1000 for stage, span_us in spans_us.items()}


def summary(spans_ms: list[float]) -> Document:
    """Return n and quantiles by nearest rank: p99 of 50 values is the largest."""
    if not spans_ms:
        return {"n": 0, "p50_ms": None, "p99_ms": None, "max_ms": None}
    ranked = sorted(spans_ms)
    return {
        "n": len(ranked),
        "p50_ms": round(ranked[math.ceil(0.50 * len(ranked)) - 1], 2),
        "p99_ms": round(ranked[math.ceil(0.99 * len(ranked)) - 1], 2),
        "max_ms": round(ranked[-1], 2),
    }


def _is_match(alert: Document, quake: Document) -> bool:
    if alert["type"] == "cancel" or alert.get("origin_us") is None:
        return False
    apart_s = abs(alert["origin_us"] - quake["origin_us"]) / 1e6
    apart_km = distance_km(alert["lat_deg"], alert["lon_deg"], quake["lat_deg"], quake["lon_deg"])
    return apart_s <= MATCHED_S and apart_km <= MATCHED_KM
