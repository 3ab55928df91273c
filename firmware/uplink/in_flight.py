"""Frames that the broker has not confirmed yet, by packet id, in the order of sending; and which
packet goes next. Pure.

Holds MAX_IN_FLIGHT: the uplink sends nothing more of QoS 1 until one is confirmed.
"""

from firmware.uplink.mqtt import next_packet_id
from firmware.uplink.outbox import TRIGGER, is_expired, packet_of

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from firmware.uplink.outbox import Frame, Outbox

MAX_IN_FLIGHT = 16  # NATS takes 1,024, mosquitto 20 by default


class InFlight:
    def __init__(self) -> None:
        self._frames: "dict[int, Frame]" = {}  # MicroPython's dict forgets the order: see _order
        self._sent_us: "dict[int, int]" = {}
        self._order: "list[int]" = []
        self._again: "list[int]" = []
        self._last_id = 0
        self.resends = 0
        self.triggered_us = 0  # when a trigger went out last

    def __len__(self) -> int:
        return len(self._order)

    @property
    def is_full(self) -> bool:
        return len(self._order) >= MAX_IN_FLIGHT

    def new_id(self) -> int:
        """Return a packet id that nothing in flight has."""
        self._last_id = next_packet_id(self._last_id)
        while self._last_id in self._frames:
            self._last_id = next_packet_id(self._last_id)
        return self._last_id

    def add(self, frame: "Frame", now_us: int) -> int:
        """Return the packet id of a frame that goes out now."""
        packet_id = self.new_id()
        self._frames[packet_id] = frame
        self._sent_us[packet_id] = now_us
        self._order.append(packet_id)
        return packet_id

    def confirm(self, packet_id: int) -> None:
        """Forget a frame. An id that we do not know was confirmed twice: harmless."""
        if packet_id in self._frames:
            del self._frames[packet_id]
            del self._sent_us[packet_id]
            self._order.remove(packet_id)

    def line_broke(self) -> None:
        """All of them are to be sent again."""
        self._again = list(self._order)

    def next_packet(self, outbox: "Outbox", now_us: int) -> bytes:
        """Return the most urgent packet that may go now, or nothing."""
        while True:
            again = self.next_again(now_us)
            if again is None:
                break
            packet_id, frame = again
            if not is_expired(frame, now_us):
                self.resends += 1
                return packet_of(frame, packet_id, True)
            self.confirm(packet_id)
            outbox.put_late(frame)
        if self.is_full:
            return b""
        fresh = outbox.take(now_us)
        if fresh is None:
            return b""
        if fresh.urgency == TRIGGER:
            self.triggered_us = now_us
        return packet_of(fresh, self.add(fresh, now_us) if fresh.qos else 0, False)

    def next_again(self, now_us: int) -> "tuple[int, Frame] | None":
        """Return packet id and frame of the next one to send again."""
        while self._again:
            packet_id = self._again.pop(0)
            frame = self._frames.get(packet_id)
            if frame is not None:
                self._sent_us[packet_id] = now_us
                return packet_id, frame
        return None

    def longest_wait_us(self, now_us: int) -> int:
        """Return how long the first frame on this line has waited for its confirmation."""
        waits = [now_us - at for key, at in self._sent_us.items() if key not in self._again]
        return max(waits) if waits else 0
