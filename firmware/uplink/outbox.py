"""What a node still has to say, the urgent first: a trigger never waits behind a waveform.

Holds MAX_FRAMES frames and MAX_BYTES bytes. When full it drops the oldest frame of the least
urgent kind, which may be the newcomer. A frame whose deadline has passed never goes out as if it
were new: its late version takes its place, behind what is current, MAX_LATE of them at most; what
has none is dropped. Every drop is counted.
"""

from collections import namedtuple

from firmware.uplink import mqtt

MAX_FRAMES = 64  # 5 triggers with refinements, a minute of shaking, some waveform
MAX_BYTES = 16384  # a Pico W has about 150 kB free; the rest belongs to samples and the model
MAX_LATE = (
    24  # five detections with their refinements: 2.5 kB, and the newest are what is asked for
)

# urgency: the smaller number goes first
TRIGGER = 0
STATUS = 1  # liveness is what makes silence evidence
SHAKING = 2
LATE = 3
WAVEFORM = 4

Frame = namedtuple(
    "Frame",
    (
        "topic",
        "payload",
        "urgency",
        "qos",
        "is_retained",  # only the newest retained frame of a topic is kept
        "expires_ticks_us",  # None: never
        "late",  # (topic, payload) to send once it has expired; None: it is dropped then
    ),
)


class Outbox:
    def __init__(self, max_frames: int = MAX_FRAMES, max_bytes: int = MAX_BYTES) -> None:
        self._queues: "list[list[Frame]]" = [[], [], [], [], []]  # one an urgency, oldest first
        self._max_frames = max_frames
        self.max_bytes = max_bytes
        self._bytes = 0
        self.drops = 0

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._queues)

    def put(self, frame: Frame) -> None:
        if frame.is_retained:
            self._forget_older(frame)
        self._queues[frame.urgency].append(frame)
        self._bytes += len(frame.payload)
        while len(self) > self._max_frames or self._bytes > self.max_bytes:
            self._drop_least_urgent()

    def take(self, now_ticks_us: int) -> "Frame | None":
        """Return the next frame to send and forget it, or None."""
        for queue in self._queues:
            while queue:
                frame = queue.pop(0)
                self._bytes -= len(frame.payload)
                if not is_expired(frame, now_ticks_us):
                    return frame
                self.put_late(frame)
        return None

    def put_late(self, frame: Frame) -> None:
        """Keep the late version of a frame that has expired, if it has one."""
        if frame.late is None:
            self.drops += 1
            return
        topic, payload = frame.late
        queue = self._queues[LATE]
        queue.append(Frame(topic, payload, LATE, 1, False, None, None))
        self._bytes += len(payload)
        if len(queue) > MAX_LATE:
            self._bytes -= len(queue.pop(0).payload)
            self.drops += 1

    def _forget_older(self, newer: Frame) -> None:
        """A state that was never sent and is no longer true is no loss."""
        queue = self._queues[newer.urgency]
        for frame in queue:
            if frame.is_retained and frame.topic == newer.topic:
                self._bytes -= len(frame.payload)
        queue[:] = [f for f in queue if not (f.is_retained and f.topic == newer.topic)]

    def _drop_least_urgent(self) -> None:
        for urgency in range(len(self._queues) - 1, -1, -1):
            if self._queues[urgency]:
                self._bytes -= len(self._queues[urgency].pop(0).payload)
                self.drops += 1
                return


def packet_of(frame: Frame, packet_id: int, is_again: bool) -> bytes:
    """Return the MQTT packet that publishes a frame."""
    return mqtt.publish(
        frame.topic, frame.payload, frame.qos, frame.is_retained, packet_id, is_again
    )


def is_expired(frame: Frame, now_ticks_us: int) -> bool:
    expires_ticks_us: "int | None" = frame.expires_ticks_us
    return expires_ticks_us is not None and now_ticks_us > expires_ticks_us
