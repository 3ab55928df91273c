"""The node's line to its broker: MQTT 3.1.1, never blocking, one `step` at a time.

The same file on MicroPython and CPython, with plain sockets and no asyncio, because a sample loop
of 10 ms cannot wait for anybody. The states, all changed in this class only:

    WAITING     no connection; rota.py says which broker is called next, and when
    CONNECTING  name, TCP, TLS (way.py) and our CONNECT are under way
    GREETING    CONNECT is out; waits for CONNACK
    SUBSCRIBING waits for the SUBACK of the command topic
    ONLINE      frames flow; away from the preferred broker, lookout.py looks for it

Any error of the world (OSError), any nonsense from the broker (MqttError) and a memory too full
for a line (MemoryError) closes it, is counted, and leads back to WAITING. Frames of QoS 1 that
were not confirmed are sent again with DUP; those whose deadline has passed go out as late.
"""

import gc
import random

from firmware.net import tcp
from firmware.uplink import mqtt
from firmware.uplink.in_flight import InFlight
from firmware.uplink.outbox import Frame, Outbox
from firmware.uplink.rota import Rota

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firmware.uplink.lookout import Lookout
    from firmware.uplink.way import Line, Way

WAITING = 0
CONNECTING = 1
GREETING = 2
SUBSCRIBING = 3
ONLINE = 4

KEEPALIVE_S = 20  # the broker tells everybody after 1.5 times this that we are gone (3.1.2.10)
PATIENCE_US = 10000000  # for CONNACK, SUBACK, PINGRESP: a healthy broker needs 10 ms
CONNECT_PATIENCE_US = 15000000  # name, TCP, TLS: 2 s on an ESP32, perhaps 5 on a Pico W
PUBACK_PATIENCE_US = 20000000  # longer: a broker may have to write to an SD card first
CALM_US = 60000000  # since the last trigger, before we leave a broker for the preferred one
# What a read reserves, 30 times a second: a kB in one piece is rare in a heap that is nearly full.
_READ_BYTES = 256
_READS_PER_STEP = 8  # with the packets of both ways they bound the time of one step
_PACKETS_PER_STEP = 8
_HEARD_PER_STEP = 16  # of two bytes each, at least; as many as are ever in flight
_MOST_UNSENT_B = 4096  # nothing is read while so much waits; our largest packet has a kB


class Uplink:
    """
    client_id       unique at the broker
    command_topic   what we listen to
    ways            to each broker, the preferred one first; see way.py
    random_bits     random_bits(16) spreads the reconnects of many nodes
    """

    def __init__(
        self,
        client_id: str,
        command_topic: str,
        ways: "Sequence[Way]",
        random_bits: "Callable[[int], int]" = random.getrandbits,
    ) -> None:
        self._client_id = client_id
        self._command_topic = command_topic
        self._ways = ways
        self._rota = Rota(len(ways), random_bits)
        self._lookout: "Lookout | None" = None  # for who stands at another broker
        self._last_words: "Callable[[], tuple[str, bytes]]" = _nothing_to_say
        self._line: "Line | None" = None
        self._incoming = mqtt.Incoming()
        self._unsent = b""
        self._in_flight = InFlight()
        self._state_since_us = 0
        self._heard_us = 0
        self._spoke_us = 0
        self._ping_us: "int | None" = None
        self.outbox = Outbox()
        self.state = WAITING
        self.error: "Exception | None" = None  # why the last line broke; none once home stands
        self.may_hear = False  # commands, at the broker it is or was at
        self.connects = 0
        self.disconnects = 0
        self.malformed = 0
        self.out_of_memory = 0  # lines and calls that ended so, since the last that stood
        self.retained = 0  # dropped: a command that the broker kept would come at every connect

    @property
    def is_online(self) -> bool:
        return self.state == ONLINE

    @property
    def broker(self) -> int:
        """Which broker of the list we are at, or call next."""
        return self._rota.index

    @property
    def trouble(self) -> str:
        """Why the last line broke, in words, for the technician."""
        return "" if self.error is None else str(self.error) or repr(self.error)

    @property
    def drops(self) -> int:
        return self.outbox.drops

    def set_last_words(self, last_words: "Callable[[], tuple[str, bytes]]") -> None:
        """last_words() -> (topic, payload), asked for at each call."""
        self._last_words = last_words

    def publish(self, frame: Frame) -> None:
        """Keep a frame until it can be sent. What is dropped is counted in `drops`."""
        self.outbox.put(frame)

    def hurry(self, now_us: int) -> None:
        """The network is back."""
        if self._line is None:
            self._rota.hurry(now_us)

    def step(self, now_us: int) -> "list[tuple[str, bytes]]":
        """Do what can be done at once, at these ticks; return what came in: (topic, payload)."""
        try:
            if self._line is None:
                if now_us >= self._rota.call_at_us:
                    self._call(now_us)
                return []
            received = self._read(self._line, now_us)
            self._write(self._line, now_us)
            self._watch(now_us)
            if self._is_home_back(now_us):
                self.close(now_us)
                self._rota.go_back(now_us)
            return received
        except (mqtt.MqttError, OSError, MemoryError) as error:
            self.error = error
            self.malformed += isinstance(error, mqtt.MqttError)
            self.out_of_memory += isinstance(error, MemoryError)
        self._hang_up(now_us)
        return []

    def close(self, now_us: int) -> None:
        """Say goodbye: the broker does not send the last will after that.

        What it said is read first: TCP resets a line that is closed with bytes unread, and a
        broker that sees a reset may not see our last words.
        """
        if self._line is not None and self.state == ONLINE:
            try:
                for _ in range(_READS_PER_STEP):
                    if not self._receive(self._line, now_us):
                        break
                self._write(self._line, now_us)
                self._line.send(self._unsent + mqtt.DISCONNECT)
            except OSError:
                pass  # then the last will speaks for us
        self._hang_up(now_us)

    def _is_home_back(self, now_us: int) -> bool:
        if self.state != ONLINE or not self._rota.index:
            return False
        is_calm = now_us - self._in_flight.triggered_us > CALM_US and not self._in_flight
        try:
            from firmware.uplink.lookout import Lookout
        except MemoryError:
            return False  # no room to look for a better line: no reason to leave a good one
        self._lookout = self._lookout or Lookout(self._ways[0], self._rota)
        return self._lookout.is_back(now_us, is_calm)

    def _enter(self, state: int, now_us: int) -> None:
        self.state = state
        self._state_since_us = now_us

    def _call(self, now_us: int) -> None:
        if hasattr(gc, "mem_free"):  # on a device TLS wants 20 kB in one piece or two
            gc.collect()
        topic, payload = self._last_words()
        self._incoming = mqtt.Incoming()
        self._unsent = mqtt.connect(self._client_id, KEEPALIVE_S, topic, payload)
        self._ping_us = None
        self._in_flight.line_broke()
        self._enter(CONNECTING, now_us)
        self._line = self._ways[self._rota.index].open_line()

    def _hang_up(self, now_us: int) -> None:
        if self._lookout is not None:
            self._lookout.close()
        if self._line is not None:
            self._line.close()
            self._line = None
        self.disconnects += 1 if self.state == ONLINE else 0
        self._rota.ended(now_us)
        self._unsent = b""
        self._enter(WAITING, now_us)

    def _read(self, line: "Line", now_us: int) -> "list[tuple[str, bytes]]":
        """Return what came in: one message at most, for what it asks for may take a second."""
        if len(self._unsent) > _MOST_UNSENT_B:
            return []
        reads = _READS_PER_STEP
        for _ in range(_HEARD_PER_STEP):
            packet = self._incoming.next()
            while packet is None and reads:
                chunk = self._receive(line, now_us)
                reads = reads - 1 if len(chunk) == _READ_BYTES else 0
                self._incoming.add(chunk)
                packet = self._incoming.next()
            if packet is None:
                break
            if isinstance(packet, mqtt.Publish):
                if packet.qos:
                    self._unsent += mqtt.puback(packet.packet_id)
                if not packet.is_retained:
                    return [(packet.topic, packet.payload)]
                self.retained += 1
            else:
                self._answer(packet, now_us)
                line.is_proved = self.is_online
        return []

    def _receive(self, line: "Line", now_us: int) -> bytes:
        """Return what there is, b"" if there is nothing now. Raises OSError."""
        try:
            chunk = line.recv(_READ_BYTES)
        except OSError as error:
            if error.errno in tcp.NOT_YET:
                return b""
            raise
        if not chunk:
            raise OSError("the broker hung up")
        self._heard_us = now_us
        self._ping_us = None
        return chunk

    def _answer(self, packet: object, now_us: int) -> None:
        if isinstance(packet, mqtt.Connack) and self.state == GREETING:
            if packet.code:
                raise OSError(f"the broker refused us: {packet.code}")
            self._unsent += mqtt.subscribe(self._in_flight.new_id(), self._command_topic, 0)
            self._enter(SUBSCRIBING, now_us)
        elif isinstance(packet, mqtt.Suback) and self.state == SUBSCRIBING:
            # a node without commands still warns: a refusal is no reason to stay silent
            self.may_hear = packet.code != mqtt.REFUSED
            self.connects += 1
            self.out_of_memory = 0
            self._rota.stands(now_us)
            self.error = self.error if self._rota.index else None
            self._enter(ONLINE, now_us)
        elif isinstance(packet, mqtt.Puback):
            self._in_flight.confirm(packet.packet_id)
        elif not isinstance(packet, mqtt.Pong):
            raise mqtt.MqttError("not now: " + repr(packet))

    def _write(self, line: "Line", now_us: int) -> None:
        self._flush(line, now_us)
        if self.state == CONNECTING and not self._unsent:
            self._enter(GREETING, now_us)
        if self.state != ONLINE:
            return
        for _ in range(_PACKETS_PER_STEP):
            if self._unsent:
                return
            self._unsent = self._in_flight.next_packet(self.outbox, now_us)
            self._flush(line, now_us)

    def _flush(self, line: "Line", now_us: int) -> None:
        if not self._unsent:
            return
        try:
            sent = line.send(self._unsent)
        except OSError as error:
            if error.errno in tcp.NOT_YET:
                return
            raise
        self._unsent = self._unsent[sent:]
        if sent:
            self._spoke_us = now_us

    def _watch(self, now_us: int) -> None:
        """Notice a line that is dead without saying so."""
        if self.state != ONLINE:
            patience_us = CONNECT_PATIENCE_US if self.state == CONNECTING else PATIENCE_US
            if now_us - self._state_since_us > patience_us:
                raise OSError("no answer")
            return
        if self._in_flight.longest_wait_us(now_us) > PUBACK_PATIENCE_US:
            raise OSError("no PUBACK")
        if self._unsent and now_us - self._spoke_us > PUBACK_PATIENCE_US:
            raise OSError("nothing goes out")
        if self._ping_us is not None:
            if now_us - self._ping_us > PATIENCE_US:
                raise OSError("no PINGRESP")
        elif now_us - min(self._spoke_us, self._heard_us) > KEEPALIVE_S * 500000:
            self._unsent += mqtt.PING
            self._ping_us = now_us


def _nothing_to_say() -> "tuple[str, bytes]":
    raise RuntimeError("set_last_words comes before the first step")
