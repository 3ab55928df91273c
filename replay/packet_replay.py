"""The packets of a whole network through nodes, gateway and engine, in the order of arrival."""

import itertools
from collections.abc import Iterable, Iterator, Mapping

from replay.chain import Chain, Uplink
from replay.packet_node import PacketNode
from replay.packets import Counters, Packet, Station
from vote.alert import Alert
from vote.ground.shaking import Area

FINAL_AFTER_US = 120_000_000  # the window of an event stays open for 40 s after its last change
# One arrival that is further from the others than this is a broken line; if the next ones agree
# with it, the recording has a gap.
JUMP_US = 3_600_000_000
AGREE_US = 10_000_000
PACKETS_TO_AGREE = 5
MAX_BATCH = 1_000  # packets that arrive in one moment and are put in order


class PacketReplay:
    """Feeds packets to their stations' nodes and lets the chain follow. Holds one node a station;
    the stations file bounds them."""

    def __init__(self, stations: Mapping[str, Station], counters: Counters) -> None:
        self._stations = stations
        self._counters = counters
        self._nodes: dict[str, PacketNode] = {}
        areas = [
            Area(station.place, station.lat_deg, station.lon_deg)
            for station in sorted(stations.values(), key=lambda station: station.place)
        ]
        self._chain = Chain(areas, Uplink(latency_us=0))
        self._now_us: int | None = None
        self._elsewhere: list[int] = []  # arrivals far from now that agree with each other

    def play(self, packets: Iterable[Packet]) -> Iterator[Alert]:
        """Yield the alerts in the order in which they are published."""
        for packet in in_order(packets):
            yield from self._take(packet)
        if self._now_us is not None:
            yield from self._chain.advance(self._now_us + FINAL_AFTER_US)

    def _take(self, packet: Packet) -> list[Alert]:
        station = self._stations.get(packet.device_id)
        if station is None:
            self._counters.unknown_station += 1
            return []
        if not self._is_possible(packet.cloud_us):
            self._counters.impossible_arrival += 1
            return []
        now_us = max(packet.cloud_us, self._now_us or 0)
        self._now_us = now_us
        alerts = self._chain.advance(now_us)
        node = self._nodes.get(packet.device_id)
        if node is None:
            node = self._nodes[packet.device_id] = PacketNode(station, self._counters)
        for message in node.take(packet, now_us):
            self._chain.publish(message, now_us)
        return alerts

    def _is_possible(self, cloud_us: int) -> bool:
        """Arrivals only go on; far ahead they are believed when several agree, never backwards."""
        if self._now_us is None or abs(cloud_us - self._now_us) <= JUMP_US:
            self._elsewhere = []
            return True
        if self._elsewhere and abs(cloud_us - self._elsewhere[-1]) > AGREE_US:
            self._elsewhere = []
        self._elsewhere.append(cloud_us)
        return len(self._elsewhere) >= PACKETS_TO_AGREE and cloud_us > self._now_us


def in_order(packets: Iterable[Packet]) -> Iterator[Packet]:
    """Yield packets as they arrive; of one device, what arrives in one moment, by its clock."""
    for _, group in itertools.groupby(packets, lambda packet: packet.cloud_us):
        while batch := list(itertools.islice(group, MAX_BATCH)):
            yield from _by_clock(batch)


def _by_clock(batch: list[Packet]) -> Iterator[Packet]:
    own: dict[str, list[Packet]] = {}
    for packet in sorted(batch, key=lambda packet: -packet.device_us):
        own.setdefault(packet.device_id, []).append(packet)
    return (own[packet.device_id].pop() for packet in batch)
