"""The node's line to its broker: MQTT 3.1.1, never blocking, one `step` at a time.

The same file on MicroPython and CPython, with plain sockets and no asyncio, because a sample loop
of 10 ms cannot wait for anybody. The states, all changed in this class only:

    WAITING     no connection; a new attempt after a jittered back-off
    CONNECTING  TCP and our CONNECT are under way
    GREETING    CONNECT is out; waits for CONNACK
    SUBSCRIBING waits for the SUBACK of the command topic
    ONLINE      frames flow

Any error of the world (OSError) and any nonsense from the broker (MqttError) closes the line, is
counted, and leads back to WAITING. Frames of QoS 1 that were not confirmed are sent again with
DUP after reconnecting, unless their deadline has passed. Not here yet: TLS.
"""

import random

from firmware import mqtt, tcp
from firmware.outbox import Frame, Outbox, is_expired

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

WAITING = 0
CONNECTING = 1
GREETING = 2
SUBSCRIBING = 3
ONLINE = 4

KEEPALIVE_S = 20  # the broker tells everybody after 1.5 times this that we are gone (3.1.2.10)
PATIENCE_US = 10000000  # for TCP, CONNACK, SUBACK, PINGRESP: a healthy broker needs 10 ms
PUBACK_PATIENCE_US = 20000000  # longer: a broker may have to write to an SD card first
BACKOFF_FIRST_US = 1000000
BACKOFF_LONGEST_US = 60000000  # 1,000 nodes after a power cut: 17 connects/s at most
MAX_IN_FLIGHT = 16  # NATS takes 1,024, mosquitto 20 by default
_READ_BYTES = 1024
_PACKETS_PER_STEP = 8  # bounds the time of one step


class Uplink:
    """
    client_id       unique at the broker
    command_topic   what we listen to
    open_line       returns a non-blocking socket, or raises OSError; see tcp.py
    random_bits     random_bits(16) spreads the reconnects of many nodes
    """

    def __init__(
        self,
        client_id: str,
        command_topic: str,
        open_line: "Callable[[], socket.socket]",
        random_bits: "Callable[[int], int]" = random.getrandbits,
    ) -> None:
        self._client_id = client_id
        self._command_topic = command_topic
        self._open_line = open_line
        self._random_bits = random_bits
        self._last_words: "Callable[[], tuple[str, bytes]]" = _nothing_to_say
        self._line: "socket.socket | None" = None
        self._incoming = mqtt.Incoming()
        self._unsent = b""
        self._in_flight: "dict[int, Frame]" = {}  # packet id -> Frame, in the order of sending
        self._sent_at_us: "dict[int, int]" = {}  # packet id -> ticks
        self._again: "list[int]" = []  # packet ids to send again after a reconnect
        self._packet_id = 0
        self._state_since_us = 0
        self._retry_at_us = 0
        self._failures = 0
        self._heard_us = 0
        self._spoke_us = 0
        self._ping_us: "int | None" = None
        self.outbox = Outbox()
        self.state = WAITING
        self.connects = 0
        self.disconnects = 0
        self.malformed = 0
        self.retained = 0  # dropped: a command that the broker kept would come at every connect
        self.resends = 0
        self.expired_in_flight = 0

    @property
    def is_online(self) -> bool:
        return self.state == ONLINE

    @property
    def drops(self) -> int:
        return self.outbox.drops + self.expired_in_flight

    def set_last_words(self, last_words: "Callable[[], tuple[str, bytes]]") -> None:
        """last_words() -> (topic, payload), asked for before each connection."""
        self._last_words = last_words

    def publish(self, frame: Frame) -> None:
        """Keep a frame until it can be sent. What is dropped is counted in `drops`."""
        self.outbox.put(frame)

    def step(self, now_us: int) -> "list[tuple[str, bytes]]":
        """Do what can be done at once; return the (topic, payload) pairs that came in.

        now_us: ticks that never go back, not the time of day.
        """
        if self._line is None:
            if now_us >= self._retry_at_us:
                self._call(now_us)
            return []
        try:
            received = self._read(self._line, now_us)
            self._write(self._line, now_us)
            self._watch(now_us)
            return received
        except mqtt.MqttError:
            self.malformed += 1
        except OSError:
            pass  # the world is down: seen in `disconnects` and in the state
        self._hang_up(now_us)
        return []

    def close(self, now_us: int) -> None:
        """Say goodbye: the broker does not send the last will after that.

        What it said is read first: TCP resets a line that is closed with bytes unread, and a
        broker that sees a reset may not see our last words.
        """
        if self._line is not None and self.state == ONLINE:
            try:
                self._read(self._line, now_us)
                self._write(self._line, now_us)
                self._line.send(self._unsent + mqtt.DISCONNECT)
            except (OSError, mqtt.MqttError):
                pass  # then the last will speaks for us
        self._hang_up(now_us)

    def _enter(self, state: int, now_us: int) -> None:
        self.state = state
        self._state_since_us = now_us

    def _call(self, now_us: int) -> None:
        topic, payload = self._last_words()
        self._incoming = mqtt.Incoming()
        self._unsent = mqtt.connect(self._client_id, KEEPALIVE_S, topic, payload)
        self._ping_us = None
        self._again = list(self._in_flight)
        self._enter(CONNECTING, now_us)
        try:
            self._line = self._open_line()
        except OSError:
            self._hang_up(now_us)

    def _hang_up(self, now_us: int) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        self.disconnects += 1 if self.state == ONLINE else 0
        longest_us = min(BACKOFF_FIRST_US << min(self._failures, 10), BACKOFF_LONGEST_US)
        self._failures += 1
        # half fixed, half random: full jitter would let some nodes come back at once
        self._retry_at_us = now_us + longest_us // 2 + longest_us * self._random_bits(16) // 131072
        self._unsent = b""
        self._enter(WAITING, now_us)

    def _read(self, line: "socket.socket", now_us: int) -> "list[tuple[str, bytes]]":
        received: "list[tuple[str, bytes]]" = []
        while True:
            try:
                chunk = line.recv(_READ_BYTES)
            except OSError as error:
                if error.errno in tcp.NOT_YET:
                    return received
                raise
            if not chunk:
                raise OSError("the broker hung up")
            self._heard_us = now_us
            self._ping_us = None
            for packet in self._incoming.feed(chunk):
                if isinstance(packet, mqtt.Publish):
                    if packet.is_retained:
                        self.retained += 1
                    else:
                        received.append((packet.topic, packet.payload))
                    if packet.qos:
                        self._unsent += mqtt.puback(packet.packet_id)
                else:
                    self._answer(packet, now_us)
            if len(chunk) < _READ_BYTES:
                return received

    def _answer(self, packet: object, now_us: int) -> None:
        if isinstance(packet, mqtt.Connack) and self.state == GREETING:
            if packet.code:
                raise OSError(f"the broker refused us: {packet.code}")
            self._unsent += mqtt.subscribe(self._new_packet_id(), self._command_topic, 0)
            self._enter(SUBSCRIBING, now_us)
        elif isinstance(packet, mqtt.Suback) and self.state == SUBSCRIBING:
            # a node without commands still warns: a refusal (128) is no reason to stay silent
            self.connects += 1
            self._failures = 0
            self._enter(ONLINE, now_us)
        elif isinstance(packet, mqtt.Puback):
            self._in_flight.pop(packet.packet_id, None)  # unknown: confirmed twice, harmless
            self._sent_at_us.pop(packet.packet_id, None)
        elif not isinstance(packet, mqtt.Pong):
            raise mqtt.MqttError("not now: " + repr(packet))

    def _write(self, line: "socket.socket", now_us: int) -> None:
        self._flush(line, now_us)
        if self.state == CONNECTING and not self._unsent:
            self._enter(GREETING, now_us)
        if self.state != ONLINE:
            return
        for _ in range(_PACKETS_PER_STEP):
            if self._unsent:
                return
            self._unsent = self._next_packet(now_us)
            self._flush(line, now_us)

    def _flush(self, line: "socket.socket", now_us: int) -> None:
        if not self._unsent:
            return
        try:
            sent = line.send(self._unsent)
        except OSError as error:
            if error.errno in tcp.NOT_YET:
                return
            raise
        self._unsent = self._unsent[sent:]
        self._spoke_us = now_us

    def _next_packet(self, now_us: int) -> bytes:
        """Return the most urgent packet that may go now, or nothing."""
        while self._again:
            packet_id = self._again.pop(0)
            frame = self._in_flight.get(packet_id)
            if frame is None:
                continue
            if is_expired(frame, now_us):
                del self._in_flight[packet_id]
                self._sent_at_us.pop(packet_id, None)
                self.expired_in_flight += 1
                continue
            self.resends += 1
            return self._packet(frame, packet_id, True, now_us)
        if len(self._in_flight) >= MAX_IN_FLIGHT:
            return b""
        frame = self.outbox.take(now_us)
        if frame is None:
            return b""
        packet_id = self._new_packet_id() if frame.qos else 0
        if frame.qos:
            self._in_flight[packet_id] = frame
        return self._packet(frame, packet_id, False, now_us)

    def _packet(self, frame: Frame, packet_id: int, is_again: bool, now_us: int) -> bytes:
        if frame.qos:
            self._sent_at_us[packet_id] = now_us
        return mqtt.publish(
            frame.topic, frame.payload, frame.qos, frame.is_retained, packet_id, is_again
        )

    def _new_packet_id(self) -> int:
        self._packet_id = mqtt.next_packet_id(self._packet_id)
        while self._packet_id in self._in_flight:
            self._packet_id = mqtt.next_packet_id(self._packet_id)
        return self._packet_id

    def _watch(self, now_us: int) -> None:
        """Notice a line that is dead without saying so."""
        if self.state != ONLINE:
            if now_us - self._state_since_us > PATIENCE_US:
                raise OSError("no answer")
            return
        for packet_id, sent_us in self._sent_at_us.items():
            if now_us - sent_us > PUBACK_PATIENCE_US and packet_id not in self._again:
                raise OSError("no PUBACK")
        if self._ping_us is not None:
            if now_us - self._ping_us > PATIENCE_US:
                raise OSError("no PINGRESP")
        elif now_us - min(self._spoke_us, self._heard_us) > KEEPALIVE_S * 500000:
            self._unsent += mqtt.PING
            self._ping_us = now_us


def _nothing_to_say() -> "tuple[str, bytes]":
    raise RuntimeError("set_last_words comes before the first step")
