"""Samples in, alert out: through the real wire, gateway, ingest and vote, in virtual time.

No socket is opened and nothing sleeps; this is the end-to-end test of the whole system.
"""

import json
from pathlib import Path

import pytest
from groundswell import wire

from replay.catalogue import distance_km
from replay.chain import IDLE_US, Chain, Uplink
from replay.event import EventReplay, areas_of, replay_event, timed, usable_records
from tests.replay.synthetic import EPICENTRE, EVENT_ID, ORIGIN_US, PLACES
from vote.ground.shaking import Area

pytestmark = pytest.mark.usefixtures("compiled")

NOW_US = 1_700_000_000_000_000


def replayed(data_dir: Path, uplink: Uplink | None = None, seed: int = 0) -> EventReplay:
    records = usable_records(data_dir, [EVENT_ID])[EVENT_ID]
    return replay_event(EVENT_ID, records, "adxl355", seed, uplink or Uplink())


@pytest.fixture(scope="module")
def result(synthetic_dir: Path, compiled: None) -> EventReplay:
    return replayed(synthetic_dir)


def test_ground_motion_at_eight_stations_becomes_one_alert_in_time(result: EventReplay) -> None:
    first, last = result.alerts[0], result.alerts[-1]
    apart_km = distance_km(last["lat_deg"], last["lon_deg"], *EPICENTRE)

    assert [alert["type"] for alert in result.alerts].count("new") == 1
    assert first["category"] == "live"
    # the third P comes 3.4 s after the origin, the fourth 4.0 s
    assert 3_400_000 < first["issued_us"] - ORIGIN_US < 6_500_000
    assert apart_km < 15
    assert abs(last["magnitude"] - 5.5) < 1.5
    assert last["type"] == "final"


def test_versions_rise_by_one_and_the_last_message_is_final(result: EventReplay) -> None:
    versions = [alert["version"] for alert in result.alerts]
    issued_us = [alert["issued_us"] for alert in result.alerts]

    assert versions == list(range(1, len(versions) + 1))
    assert issued_us == sorted(issued_us)
    assert {alert["event_id"] for alert in result.alerts} == {result.alerts[0]["event_id"]}


def test_each_message_lists_every_station_of_the_event(result: EventReplay) -> None:
    places = [f"XX.{name}" for name, _, _ in PLACES]

    for alert in result.alerts:
        assert [area["id"] for area in alert["areas"]] == places
        assert alert["max_mmi"] == max(area["mmi"] for area in alert["areas"])


def test_the_same_seed_gives_the_same_bytes(synthetic_dir: Path, result: EventReplay) -> None:
    again = replayed(synthetic_dir)

    assert json.dumps(again.lines()) == json.dumps(result.lines())


def test_a_longer_way_delays_the_alert_by_as_much(
    synthetic_dir: Path, result: EventReplay
) -> None:
    slow = replayed(synthetic_dir, Uplink(latency_us=1_050_000))

    later_us = slow.alerts[0]["issued_us"] - result.alerts[0]["issued_us"]
    assert 900_000 <= later_us <= 1_200_000


def test_a_tenth_of_the_frames_lost_loses_no_earthquake(synthetic_dir: Path) -> None:
    lossy = replayed(synthetic_dir, Uplink(drop_share=0.1))

    assert lossy.lost_frames > 0
    assert [alert["type"] for alert in lossy.alerts].count("new") == 1


def test_where_every_frame_is_lost_nothing_is_said(synthetic_dir: Path) -> None:
    assert replayed(synthetic_dir, Uplink(drop_share=1.0)).alerts == []


def test_another_seed_loses_other_frames() -> None:
    frames = [wire.Shaking(7, 1, seq, 0, NOW_US, 0, 1, 1) for seq in range(1000)]

    lost = [
        [uplink.loses(frame) for frame in frames]
        for uplink in (Uplink(0, 0.2, 0), Uplink(0, 0.2, 1))
    ]

    assert lost[0] != lost[1]
    assert all(150 < sum(losses) < 250 for losses in lost)


def test_messages_leave_a_node_in_their_order_whatever_their_stamps() -> None:
    late = wire.Shaking(7, 1, 1, 0, NOW_US + 5, 0, 1, 1)
    early = wire.Shaking(7, 1, 2, 0, NOW_US, 0, 1, 1)

    assert [at_us for at_us, _, _ in timed([late, early], "r")] == [NOW_US + 5, NOW_US + 5]


def test_a_long_silence_costs_no_time() -> None:
    chain = Chain([Area("a", 0.0, 0.0)])
    status = wire.Shaking(7, 1, 1, 0, NOW_US, 0, 1, 1)
    chain.publish(status, NOW_US)

    assert chain.advance(NOW_US + IDLE_US + 365 * 86_400_000_000) == []


def test_stations_are_areas_once(synthetic_dir: Path) -> None:
    records = usable_records(synthetic_dir, [EVENT_ID])[EVENT_ID]

    assert areas_of(records * 2) == areas_of(records)
