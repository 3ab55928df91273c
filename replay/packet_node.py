"""One OpenEEW station as one of our nodes, whose detector runs where its packets arrive."""

import itertools
from array import array
from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean, median
from typing import Any

from groundswell import wire
from groundswell.reporter import PROCESSING_US, Identity, Reporter

from replay.device_clock import DeviceClock
from replay.packets import LSB_NM_S2, Counters, Packet, Station

# The rate is measured from the device's own clock before the first sample is looked at: OpenEEW's
# are 30.05 and 31.07 to 31.31 Hz where the packets say 31.25. The detector then warms up on these.
RATE_PACKETS = 8
LEAST_RATE_MHZ, MOST_RATE_MHZ = 25_000, 500_000  # what the detector is made for
STATUS_EVERY_US = 30_000_000
LATE_AFTER_US = 5_000_000  # as aggregator.ingest: older news may confirm an alert, never start one
CHUNK_US = 250_000  # looked at in pieces of this, so that a refinement is due where it should be
# Packets that never came leave a hole. One so short is filled with the mean of the packet before:
# a level that stays is no information for the detector (the last sample would be a step that
# grows, integrated). After a longer hole its averages begin anew: it is deaf for 5 s.
FILLED_MOST_US = 3_000_000
HOLE_LEAST_US = 100_000  # below it is the clock (groundswell/timeline.py)
# So many packets in a row from before what was already played, each following the one before it:
# the device's clock has been set back. Packets of a backlog come in any order.
STEP_PACKETS = 5


class PacketNode:
    """Packets in, in the order of arrival; messages out. Keeps RATE_PACKETS packets at most."""

    def __init__(self, station: Station, counters: Counters) -> None:
        self.station = station
        self._counters = counters
        self._clock = DeviceClock()
        self._boot_id = 1
        self._reporter: Reporter | None = None
        self._rate_mhz = 0  # measured before there is a reporter
        self._first: list[Packet] = []  # before the rate is known
        self._old: list[Packet] = []  # a clock that was set back, or a backlog
        self._last: Packet | None = None
        self._status_us: int | None = None
        self._state = wire.STATE_STARTING

    def take(self, packet: Packet, arrival_us: int) -> list[Any]:
        """Return what the node says when this packet arrives."""
        last = self._last
        if last is not None and packet.device_us <= last.device_us:
            return self._take_old(packet, arrival_us)
        self._old = []
        self._clock.observe(packet.device_us, arrival_us)
        self._last = packet
        if self._reporter is None or last is None:
            return self._begin(packet, arrival_us)
        self._counters.played += 1
        filler = filling(last, packet, self._rate_mhz)
        messages = [] if filler is None else self._play(self._reporter, filler, arrival_us)
        return messages + self._play(self._reporter, packet, arrival_us)

    def _restart(self) -> None:
        self._boot_id += 1
        self._clock = DeviceClock()  # what was known of the other clock is worth nothing
        self._reporter = None
        self._first, self._old, self._last = [], [], None
        self._status_us = None
        self._state = wire.STATE_STARTING

    def _take_old(self, packet: Packet, arrival_us: int) -> list[Any]:
        self._counters.duplicate_or_old += 1
        self._old = [*self._old, packet] if self._follows(packet) else [packet]
        if len(self._old) < STEP_PACKETS:
            return []
        self._restart()
        return self.take(packet, arrival_us)

    def _follows(self, packet: Packet) -> bool:
        if not self._old:
            return True
        device_us: int = packet.device_us - self._old[-1].device_us
        cloud_us: int = packet.cloud_us - self._old[-1].cloud_us
        return device_us > 0 and abs(device_us - cloud_us) < LATE_AFTER_US // 5

    def _begin(self, packet: Packet, arrival_us: int) -> list[Any]:
        self._first.append(packet)
        if len(self._first) < RATE_PACKETS:
            return []
        waiting, self._first = self._first, []
        rate_mhz = measured_rate_mhz(waiting)
        if rate_mhz is None:
            self._counters.unplayable += len(waiting)
            self._restart()
            return []
        self._rate_mhz = rate_mhz
        self._reporter = Reporter(self._identity(), rate_mhz, LSB_NM_S2, self._clock)
        messages = []
        for old in waiting:
            self._counters.played += 1
            messages += self._play(self._reporter, old, arrival_us)
        return messages

    def _identity(self) -> Identity:
        return Identity(
            node_id=self.station.node_id,
            boot_id=self._boot_id,
            lat_udeg=round(self.station.lat_deg * 1e6),
            lon_udeg=round(self.station.lon_deg * 1e6),
            elevation_m=0,  # the stations file has none
            sensor=wire.SENSOR_UNKNOWN,
        )

    def _play(self, reporter: Reporter, packet: Packet, arrival_us: int) -> list[Any]:
        messages: list[Any] = []
        for counts, sample_count, end_us in chunks(packet, self._rate_mhz):
            messages += reporter.add_block(counts, sample_count, end_us)
        messages += self._status(reporter, packet, arrival_us)
        return [self._as_sent(message, arrival_us + PROCESSING_US) for message in messages]

    def _status(self, reporter: Reporter, packet: Packet, arrival_us: int) -> list[Any]:
        """At the start, when armed, and every 30 s as long as packets come."""
        is_due = self._status_us is None or arrival_us - self._status_us >= STATUS_EVERY_US
        if not is_due and reporter.state == self._state:
            return []
        self._state, self._status_us = reporter.state, arrival_us
        return [reporter.status(packet.device_us)]

    def _as_sent(self, message: Any, sent_us: int) -> Any:
        """Give a message the time at which it leaves, and the mark of what comes late."""
        if isinstance(message, wire.Status):
            return message._replace(sent_us=sent_us)
        if isinstance(message, wire.Trigger):
            return _marked(message, sent_us - message.sample_us)._replace(sent_us=sent_us)
        if isinstance(message, wire.Shaking):
            return _marked(message, sent_us - message.end_us)
        return message


def measured_rate_mhz(packets: list[Packet]) -> int | None:
    """Return the rate by the device's clock, or None where it is none that a sensor has."""
    rates_mhz = [
        round(later.sample_count * 1e9 / (later.device_us - earlier.device_us))
        for earlier, later in itertools.pairwise(packets)
    ]
    rate_mhz = round(median(rates_mhz))
    return rate_mhz if LEAST_RATE_MHZ <= rate_mhz <= MOST_RATE_MHZ else None


def chunks(packet: Packet, rate_mhz: int) -> Iterator[tuple["array[int]", int, int]]:
    """Yield (counts, number of samples, time of the last one) for each CHUNK_US of a packet."""
    size = max(1, CHUNK_US * rate_mhz // 1_000_000_000)
    for start in range(0, packet.sample_count, size):
        end = min(start + size, packet.sample_count)
        behind_us = (packet.sample_count - end) * 1_000_000_000 // rate_mhz
        yield packet.counts[3 * start : 3 * end], end - start, packet.device_us - behind_us


def filling(last: Packet, packet: Packet, rate_mhz: int) -> Packet | None:
    """Return what stands for the samples between two packets, if they are missing."""
    until_us = packet.device_us - packet.sample_count * 1_000_000_000 // rate_mhz
    if not HOLE_LEAST_US <= until_us - last.device_us <= FILLED_MOST_US:
        return None
    count = max(1, (until_us - last.device_us) * rate_mhz // 1_000_000_000)
    level = array("i", (round(fmean(last.counts[axis::3])) for axis in range(3)))
    return replace(last, device_us=until_us, counts=level * count, sample_count=count)


def _marked(message: Any, age_us: int) -> Any:
    if age_us <= LATE_AFTER_US or message.flags & wire.FLAG_UNSYNCHRONISED:
        return message
    return message._replace(flags=message.flags | wire.FLAG_LATE)
