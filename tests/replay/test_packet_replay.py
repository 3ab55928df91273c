"""A synthetic network's packets, with everything that goes wrong on the way to the cloud."""

import dataclasses
import random
from array import array

import pytest

from replay.catalogue import distance_km
from replay.packet_node import filling, measured_rate_mhz
from replay.packet_replay import PacketReplay
from replay.packets import LSB_NM_S2, Counters, Packet, Station
from tests.replay.synthetic import EPICENTRE, ORIGIN_US, PLACES, QUIET_S, motion, place_deg
from vote.alert import Alert

pytestmark = pytest.mark.usefixtures("compiled")

RATE_HZ = 30.05  # what OpenEEW's early devices have, where they say 31.25
SAMPLES = 32
STATIONS = {
    name: Station(f"OE.{name}", *place_deg(east_km, north_km))
    for name, east_km, north_km in PLACES
}


def station_packets(number: int, clock_ahead_us: int = 0) -> list[Packet]:
    """Return one station's packets; its device's clock is ahead by so much."""
    name, east_km, north_km = PLACES[number]
    source = random.Random(number)
    samples = motion(east_km, north_km, seed=number, rate_hz=RATE_HZ)
    counts = (samples.T * 1e9 / LSB_NM_S2).round().astype(int)
    packets = []
    for end in range(SAMPLES, len(counts) + 1, SAMPLES):
        last_us = ORIGIN_US + round((-QUIET_S + (end - 1) / RATE_HZ) * 1e6)
        delay_us = 120_000 + round(source.expovariate(1 / 60_000))
        values = counts[end - SAMPLES : end].reshape(-1).tolist()
        packets.append(
            Packet(name, last_us + clock_ahead_us, last_us + delay_us, array("i", values), SAMPLES)
        )
    return packets


def in_order(*stations: list[Packet]) -> list[Packet]:
    return sorted((p for packets in stations for p in packets), key=lambda p: p.cloud_us)


def play(packets: list[Packet]) -> tuple[list[Alert], Counters]:
    counters = Counters()
    return list(PacketReplay(STATIONS, counters).play(packets)), counters


def apart_km(alert: Alert) -> float:
    return distance_km(alert.lat_deg, alert.lon_deg, *EPICENTRE)


ALL = [station_packets(number) for number in range(len(PLACES))]


def test_the_earthquake_is_declared_once_where_and_when_it_was() -> None:
    alerts, counters = play(in_order(*ALL))

    assert [alert.type for alert in alerts].count("new") == 1
    assert alerts[-1].type == "final"
    assert apart_km(alerts[-1]) < 15
    assert abs(alerts[-1].origin_us - ORIGIN_US) < 2_000_000
    assert alerts[0].issued_us - ORIGIN_US < 8_000_000
    assert counters.malformed == counters.duplicate_or_old == 0


@pytest.mark.parametrize("ahead_s", [-3258, -75, 0.4, 685])
def test_a_station_with_a_wrong_clock_votes_by_its_arrivals(ahead_s: float) -> None:
    nearest = station_packets(0, clock_ahead_us=round(ahead_s * 1e6))

    alerts, _ = play(in_order(nearest, *ALL[1:]))

    assert [alert.type for alert in alerts].count("new") == 1
    assert alerts[-1].nodes_triggered == len(PLACES)
    assert apart_km(alerts[-1]) < 15


def test_every_packet_twice_is_every_packet_once() -> None:
    once, _ = play(in_order(*ALL))
    twice, counters = play([packet for packet in in_order(*ALL) for _ in range(2)])

    assert twice == once
    assert counters.duplicate_or_old == len(in_order(*ALL))


def test_packets_in_the_wrong_order_are_dropped_and_the_earthquake_is_found() -> None:
    stations = []
    for packets in ALL:
        changed = list(packets)
        for index in range(3, len(packets) - 1, 16):  # one comes half a second after the next
            after_us = packets[index + 1].cloud_us + 500_000
            changed[index] = dataclasses.replace(packets[index], cloud_us=after_us)
        stations.append(changed)

    alerts, counters = play(in_order(*stations))

    assert counters.duplicate_or_old > 20
    assert [alert.type for alert in alerts].count("new") == 1
    assert apart_km(alerts[-1]) < 15


def test_one_packet_in_twenty_lost_loses_no_earthquake() -> None:
    source = random.Random(0)

    alerts, _ = play([packet for packet in in_order(*ALL) if source.random() > 0.05])

    assert [alert.type for alert in alerts].count("new") == 1
    assert apart_km(alerts[-1]) < 15


def test_a_lost_packet_makes_no_node_deaf() -> None:
    # each one cost five seconds of warming up: with one in five lost nobody heard the earthquake
    whole, _ = play(in_order(*ALL))
    source = random.Random(1)

    alerts, _ = play([packet for packet in in_order(*ALL) if source.random() > 0.2])

    assert [alert.type for alert in alerts].count("new") == 1
    assert alerts[0].issued_us - whole[0].issued_us < 3_000_000
    assert apart_km(alerts[-1]) < 15


def test_a_hole_of_seconds_is_filled_with_a_level_and_a_longer_one_is_not() -> None:
    first, after = ALL[0][10], ALL[0][12]
    rate_mhz = round(RATE_HZ * 1000)

    filler = filling(first, after, rate_mhz)

    assert filler is not None and filler.sample_count in (SAMPLES - 1, SAMPLES)
    assert filler.device_us < after.device_us - (SAMPLES - 1) / RATE_HZ * 1e6
    assert filler.counts == filler.counts[:3] * filler.sample_count
    assert filling(first, ALL[0][11], rate_mhz) is None
    assert filling(first, ALL[0][13], rate_mhz) is not None
    assert filling(first, ALL[0][14], rate_mhz) is None


def test_a_batch_is_played_in_the_order_of_its_samples() -> None:
    # two seconds of packets at once, in any order: of each batch all but the last were dropped
    source = random.Random(2)
    together = [
        dataclasses.replace(packet, cloud_us=-(-packet.cloud_us // 2_000_000) * 2_000_000)
        for packet in in_order(*ALL)
    ]
    shuffled = sorted(together, key=lambda packet: (packet.cloud_us, source.random()))

    alerts, counters = play(shuffled)

    assert counters.duplicate_or_old == 0
    assert [alert.type for alert in alerts].count("new") == 1
    assert apart_km(alerts[-1]) < 15


def test_what_comes_five_minutes_late_starts_no_alert() -> None:
    arrival_us = ORIGIN_US + 300_000_000
    backlog = [
        dataclasses.replace(packet, cloud_us=arrival_us + number)
        for number, packet in enumerate(in_order(*ALL))
    ]

    assert play(backlog)[0] == []


def test_a_clock_that_is_set_back_costs_a_few_packets_and_not_the_station() -> None:
    before, after = ALL[0][:10], ALL[0][10:]
    ahead = [dataclasses.replace(p, device_us=p.device_us + 600_000_000) for p in before]

    alerts, counters = play(in_order(ahead + after, *ALL[1:]))

    assert 1 <= counters.duplicate_or_old < 10
    assert alerts[-1].nodes_triggered == len(PLACES)


def test_one_impossible_arrival_does_not_stop_the_clock_of_all() -> None:
    packets = in_order(*ALL)
    once, _ = play(packets)
    packets.insert(50, dataclasses.replace(packets[50], cloud_us=4_000_000_000_000_000))

    alerts, counters = play(packets)

    assert counters.impossible_arrival == 1
    assert alerts == once


def test_the_future_never_changes_what_was_published() -> None:
    packets = in_order(*ALL)
    whole, _ = play(packets)
    cut_us = whole[0].issued_us + 1_000_000

    part, _ = play([packet for packet in packets if packet.cloud_us <= cut_us])

    published = [alert for alert in whole if alert.issued_us <= cut_us]
    assert published
    assert part[: len(published)] == published


def test_unknown_stations_are_counted() -> None:
    stranger = [dataclasses.replace(packet, device_id="?") for packet in ALL[0]]

    alerts, counters = play(in_order(stranger, *ALL[1:]))

    assert counters.unknown_station == len(stranger)
    assert alerts


def test_the_rate_is_the_devices_own() -> None:
    assert measured_rate_mhz(ALL[0][:8]) == pytest.approx(30_050, abs=2)


@pytest.mark.parametrize("step_us", [1, 1_000, 60_000_000])
def test_a_rate_that_no_sensor_has_is_refused(step_us: int) -> None:
    first = ALL[0][0]
    packets = [dataclasses.replace(first, device_us=number * step_us + 1) for number in range(8)]

    assert measured_rate_mhz(packets) is None
