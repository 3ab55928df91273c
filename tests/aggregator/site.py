"""Twelve nodes on a coast and what they say in an earthquake, for the end-to-end tests."""

import json
import math
import queue
import time

from groundswell import topics, wire

from link.mqtt import MqttLink
from tests.aggregator.samples import status, trigger

PATIENCE_S = 15.0
BOOT = 77
P_KM_S = 6.0
NODES = [(100 + i, 17.0 + 0.15 * (i // 4), -100.5 + 0.18 * (i % 4)) for i in range(12)]


def now_us() -> int:
    return time.time_ns() // 1000


class Site:
    """Publishes as the nodes do, on their broker."""

    def __init__(self, address: str) -> None:
        self.link = MqttLink(address, "site", [])
        self.link.start()
        assert self.link.wait_until_ready(PATIENCE_S)
        self._seq = 0

    def say(self, message) -> None:
        is_status = isinstance(message, wire.Status)
        payload = wire.encode(message)
        assert self.link.publish(topics.of_message(message), payload, 1, retain=is_status)

    def live(self) -> None:
        for node_id, lat_deg, lon_deg in NODES:
            self._seq += 1
            self.say(status(
                self._seq, now_us(), boot_id=BOOT, node_id=node_id, lat_deg=lat_deg,
                lon_deg=lon_deg,
            ))  # fmt: skip

    def shake(self, lat_deg: float, lon_deg: float) -> None:
        """Tell of an earthquake whose P wave has just reached the last of the nodes."""
        distances = []
        for node_id, lat, lon in NODES:
            north_km, east_km = (lat - lat_deg) * 111.2, (lon - lon_deg) * 106.0
            distances.append((math.sqrt(north_km**2 + east_km**2 + 15.0**2), node_id))
        origin_us = now_us() - 100_000 - int(max(distances)[0] / P_KM_S * 1e6)
        for distance_km, node_id in sorted(distances):
            self._seq += 1
            self.say(trigger(
                self._seq, now_us(), boot_id=BOOT, node_id=node_id,
                onset_us=origin_us + int(distance_km / P_KM_S * 1e6),
                pga_um_s2=int(2e7 / distance_km),
            ))  # fmt: skip


class Ear:
    """A client like any other; `retained` are the topics of what the broker had kept."""

    def __init__(self, address: str, *subscriptions: str, client_id: str = "ear") -> None:
        self._heard: queue.Queue[tuple[str, bytes, int]] = queue.Queue()
        self.retained: list[str] = []
        self.link = MqttLink(
            address,
            client_id,
            subscriptions,
            lambda *heard: self._heard.put(heard),
            on_retained=lambda topic, *_: self.retained.append(topic),
        )
        self.link.start()
        assert self.link.wait_until_ready(PATIENCE_S)

    def next(self, topic: str, accept=lambda _: True, patience_s: float = PATIENCE_S) -> dict:
        """Return the next document on a topic that is accepted; what else comes is dropped.

        Raises queue.Empty if there is none for so long."""
        deadline = time.monotonic() + patience_s
        while True:
            left_s = max(0.0, deadline - time.monotonic())
            heard_topic, payload, _ = self._heard.get(timeout=left_s)
            if heard_topic == topic and accept(document := json.loads(payload)):
                return document
