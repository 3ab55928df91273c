"""What `run` itself hears on the broker: alerts, the heartbeat, views. Without a thread.

A process that starts children should have no threads: paho's loop is called from the supervisor's
own turns. The times that matter are in the messages, so being called ten times a second is enough.
"""

import contextlib
from typing import Any

from groundswell import topics
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from system import heard

MAX_HEARD = 1000  # messages between two calls of take(); the oldest go first
_LOOPS_PER_STEP = 20  # each reads one packet


class Listener:
    """Connects when it can, as often as it must. `take` returns (topic, document) pairs."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._heard: list[tuple[str, dict[str, Any]]] = []
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id="run", protocol=MQTTProtocolVersion.MQTTv311
        )
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(topics.ALL_ALERTS, 0), (topics.ALL_VIEWS, 0)]
        )
        self._client.on_message = lambda _client, _data, message: self._hear(message)

    def take(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what came since the last call."""
        for _ in range(_LOOPS_PER_STEP):
            if self._client.loop(timeout=0.0) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                with contextlib.suppress(OSError):
                    self._client.connect(*self._address)
                break
        found, self._heard = self._heard, []
        return found

    def close(self) -> None:
        self._client.disconnect()

    def _hear(self, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:  # MQTT 3.1.1 forbids it; not every broker enforces that
            return
        document = None if message.retain else heard.document_of(topic, bytes(message.payload))
        if document is not None:
            self._heard.append((topic, document))
            del self._heard[:-MAX_HEARD]
