"""A connection to one broker that comes back by itself: paho-mqtt as every service here uses it.

MQTT 3.1.1, clean session, subscriptions at QoS 0: what was meant for us while we were away is old,
and NATS hands a QoS 0 subscriber its message before it writes it to disk, a QoS 1 one afterwards.
What is published with QoS 1 and not yet acknowledged when the connection breaks is sent again.
"""

import contextlib
import logging
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from link.tls import Greeter

# A broken line without a word from TCP is noticed after one and a half of these.
KEEPALIVE_S = 10
CONNECT_TIMEOUT_S = 3.0
# A broker's restart takes one to three seconds; after 8 s between tries an outage is an outage.
FIRST_DELAY_S = 0.25
LAST_DELAY_S = 8.0
STOP_WITHIN_S = 2.0
MAX_UNSENT = 2000  # messages handed to paho and not sent (QoS 0) or acknowledged (QoS 1)

_CALLBACKS = (
    "on_connect", "on_connect_fail", "on_disconnect", "on_subscribe", "on_publish", "on_message",
)  # fmt: skip

_log = logging.getLogger(__name__)

OnMessage = Callable[[str, bytes, int], None]


class AddressError(ValueError):
    """This is not host:port."""


@dataclass
class Counters:
    connects: int = 0
    received: int = 0
    published: int = 0
    drops: int = 0  # not taken by publish(): no connection, or MAX_UNSENT waiting


def parse_address(address: str) -> tuple[str, int]:
    """Return host and port of "host:port"; an IPv6 address stands in brackets."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise AddressError(f"{address!r} is not HOST:PORT, for example 127.0.0.1:1883")
    return host.strip("[]"), int(port)


class MqttLink:
    """Calls on_message(topic, payload, received_us) in its own thread: queue it and return.

    Holds MAX_UNSENT messages; drops the newest; counts drops. An exception in on_message ends the
    thread: `raise_failure` brings it to whoever owns the process.
    """

    def __init__(
        self,
        address: str,
        client_id: str,
        subscriptions: Sequence[str],
        on_message: OnMessage | None = None,
        will: tuple[str, bytes] | None = None,
        on_retained: OnMessage | None = None,
        tls: str = "",
    ) -> None:
        """will: topic and payload, published with QoS 1 and retained when the line breaks.
        on_retained: called instead of on_message for what the broker had kept from before.
        tls: who we are, as in tls.py; empty: no TLS. Raises TlsError."""
        self.address = address
        self.counters = Counters()
        self._host, self._port = parse_address(address)
        self._subscriptions = list(subscriptions)
        self._on_fresh = on_message
        self._on_retained = on_retained or on_message
        self._ready = threading.Event()
        self._failures = 0
        self._failure: BaseException | None = None
        self._unsent = 0
        self._lock = threading.Lock()  # guards _unsent: publishers and paho's thread
        self._client = self._new_client(client_id, will)
        if tls:
            self._client.tls_set_context(cast(ssl.SSLContext, Greeter(tls)))

    def start(self) -> None:
        """Begin to connect, in the background, for ever."""
        self._draw_delay()
        self._client.connect_async(self._host, self._port, keepalive=KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """Say goodbye to the broker and end the thread, within about STOP_WITHIN_S."""
        self._ready.clear()
        self._client.disconnect()
        impatience = threading.Timer(STOP_WITHIN_S, self._cut_off)
        impatience.start()
        self._client.loop_stop()
        impatience.cancel()
        impatience.join()
        # the client is closed for good when nothing refers to it: our methods must not
        for name in _CALLBACKS:
            setattr(self._client, name, None)

    @property
    def is_connected(self) -> bool:
        return self._client.is_connected()

    def wait_until_ready(self, timeout_s: float) -> bool:
        """Return whether the broker has confirmed the subscriptions within that time."""
        return self._ready.wait(timeout_s)

    def publish(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> bool:
        """Hand a message over without waiting; False (and counted) if it cannot be taken now."""
        with self._lock:
            is_taken = self._unsent < MAX_UNSENT and self._client.is_connected()
            if is_taken:
                self._unsent += 1
        if not is_taken:
            self.counters.drops += 1
            return False
        info = self._client.publish(topic, payload, qos, retain)
        # at QoS 1 paho keeps the message for the next connection when this one has just broken
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS and not (
            qos and info.rc == MQTTErrorCode.MQTT_ERR_NO_CONN
        ):
            self._one_less_unsent()
            self.counters.drops += 1
            return False
        self.counters.published += 1
        return True

    def raise_failure(self) -> None:
        """Raise what on_message raised, if it did. For the loop that owns the process."""
        if self._failure is not None:
            raise self._failure

    def _cut_off(self) -> None:
        """Break a connection over which no goodbye gets through."""
        line = cast(socket.socket | None, self._client.socket())
        if line is not None:
            with contextlib.suppress(OSError):  # it may break by itself in this instant
                line.shutdown(socket.SHUT_RDWR)

    def _new_client(self, client_id: str, will: tuple[str, bytes] | None) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv311
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(MAX_UNSENT)
        client.max_queued_messages_set(MAX_UNSENT)
        if will is not None:
            client.will_set(will[0], will[1], qos=1, retain=True)
        client.on_socket_open = _send_at_once
        for name in _CALLBACKS:
            setattr(client, name, getattr(self, "_" + name))
        return client

    # Below: called in paho's thread.

    def _on_connect(
        self, client: paho.Client, _: Any, flags: Any, reason: Any, *rest: Any
    ) -> None:
        if reason.is_failure:
            _log.warning("broker %s refuses us: %s", self.address, reason)
            return
        self.counters.connects += 1
        self._failures = 0
        with self._lock:
            self._unsent = 0
        _log.info("connected to broker %s", self.address)
        if self._subscriptions:
            client.subscribe([(topic, 0) for topic in self._subscriptions])
        else:
            self._ready.set()

    def _on_subscribe(
        self, client: paho.Client, _: Any, mid: int, reasons: Any, *rest: Any
    ) -> None:
        for topic, reason in zip(self._subscriptions, reasons):
            if reason.is_failure:
                _log.error("broker %s does not let us subscribe to %s", self.address, topic)
        self._ready.set()

    def _on_connect_fail(self, client: paho.Client, _: Any) -> None:
        if self._failures == 0:
            _log.warning("broker %s does not answer; trying on", self.address)
        self._draw_delay()

    def _on_disconnect(
        self, client: paho.Client, _: Any, flags: Any, reason: Any, *rest: Any
    ) -> None:
        self._ready.clear()
        if reason.is_failure:
            _log.warning("connection to broker %s lost: %s", self.address, reason)
        self._draw_delay()

    def _on_publish(self, *_: Any) -> None:
        self._one_less_unsent()

    def _on_message(self, client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        received_us = time.time_ns() // 1000
        self.counters.received += 1
        try:
            topic = message.topic
        except UnicodeDecodeError:  # MQTT 3.1.1 forbids it; not every broker enforces that
            return
        try:
            deliver = self._on_retained if message.retain else self._on_fresh
            if deliver is not None:
                deliver(topic, bytes(message.payload), received_us)
        except BaseException as error:
            self._failure = error
            raise

    def _one_less_unsent(self) -> None:
        with self._lock:
            self._unsent = max(0, self._unsent - 1)

    def _draw_delay(self) -> None:
        """Set paho's next delay: doubling, and drawn from [1/2, 1] of that, so that a thousand
        clients of a broker that restarts do not come back in one instant."""
        longest_s = min(LAST_DELAY_S, FIRST_DELAY_S * 2**self._failures)
        self._failures = min(self._failures + 1, 16)
        delay_s = random.uniform(longest_s / 2, longest_s)
        # paho documents seconds as int and only ever adds and compares them
        self._client.reconnect_delay_set(delay_s, delay_s)  # type: ignore[arg-type]


def _send_at_once(client: paho.Client, _: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # paho 2 does not do it itself
