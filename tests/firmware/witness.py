"""A client that hears everything that passes the broker below our root."""

from typing import Any

from groundswell import topics, wire

from link.mqtt import MqttLink
from tests.link.broker_process import BrokerProcess


class Witness:
    def __init__(self, broker: BrokerProcess, tls: str = "") -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.link = MqttLink(
            broker.address,
            "witness",
            ["#"],
            lambda topic, payload, _: self._hear(topic, payload),
            tls=tls,
        )
        self.link.start()
        assert self.link.wait_until_ready(10)

    def _hear(self, topic: str, payload: bytes) -> None:
        self.heard.append((topic, payload))

    def of(self, topic: str) -> list[bytes]:
        return [payload for heard, payload in self.heard if heard == topic]

    def messages(self, node_id: int, name: str) -> list[Any]:
        return [wire.decode(payload) for payload in self.of(topics.of_node(node_id, name))]
