from typing import Any

from system.measure import Measurement, summary

ORIGIN_US = 1_770_000_000_000_000


def quake(number: int = 1) -> dict[str, Any]:
    return {
        "kind": "earthquake",
        "event_id": f"story{number}",
        "origin_us": ORIGIN_US + number * 180_000_000,
        "lat_deg": 17.0,
        "lon_deg": -100.0,
    }


def alert(event_id: str, number: int = 1, lat_deg: float = 17.3, **more: Any) -> dict[str, Any]:
    origin_us = ORIGIN_US + number * 180_000_000
    return {
        "event_id": event_id,
        "type": "new",
        "issued_us": origin_us + 6_000_000,
        "origin_us": origin_us + 400_000,
        "lat_deg": lat_deg,
        "lon_deg": -100.1,
        **more,
    }


def delays(event_id: str, sample_us: int) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "sample_us": sample_us + 3_000,  # the node's clock is 3 ms ahead
        "node_sent_us": sample_us + 45_000,
        "gateway_received_us": sample_us + 22_000,
        "gateway_sent_us": sample_us + 23_000,
        "engine_received_us": sample_us + 24_000,
        "alert_us": sample_us + 30_000,
    }


def departure(sample_us: int) -> dict[str, Any]:
    return {
        "kind": "trigger",
        "sample_us": sample_us + 3_000,
        "node_sent_us": sample_us + 45_000,
        "true_sample_us": sample_us,
        "true_sent_us": sample_us + 20_000,
    }


def test_stages_are_differences_of_true_times_and_add_up() -> None:
    measurement = Measurement()
    sample_us = ORIGIN_US + 185_000_000
    for fact in (quake(), departure(sample_us)):
        measurement.add_fact(fact)
    measurement.add_alert(alert("gs1"))
    measurement.add_delays(delays("gs1", sample_us))
    report = measurement.report()

    p50_ms = {stage: row["p50_ms"] for stage, row in report["stages"].items()}
    assert p50_ms == {
        "sample to trigger": 20.0,
        "node to gateway": 2.0,
        "gateway to engine": 2.0,
        "engine to alert": 6.0,
        "sample to alert": 30.0,
        "origin to alert": 6000.0,
    }
    assert (report["alerted"], report["earthquakes"], report["wrong"]) == (1, 1, 0)


def test_an_alert_elsewhere_is_wrong_and_its_earthquake_missed() -> None:
    measurement = Measurement()
    measurement.add_fact(quake())
    measurement.add_alert(alert("gs1", lat_deg=18.5))
    report = measurement.report()

    assert (report["alerted"], report["wrong"]) == (0, 1)
    assert [(e["event_id"], e["alerts"]) for e in report["events"]] == [("story1", [])]


def test_an_alert_that_finds_the_place_later_counts_with_its_first_version() -> None:
    measurement = Measurement()
    measurement.add_fact(quake())
    measurement.add_alert(alert("gs1", lat_deg=18.5))
    measurement.add_alert(alert("gs1", type="update", issued_us=ORIGIN_US + 189_000_000))
    report = measurement.report()

    assert (report["alerted"], report["wrong"]) == (1, 0)
    assert report["stages"]["origin to alert"]["p50_ms"] == 6000.0


def test_two_events_for_one_earthquake_are_one_duplicate() -> None:
    measurement = Measurement()
    measurement.add_fact(quake())
    measurement.add_alert(alert("gs1"))
    measurement.add_alert(alert("gs2"))

    assert measurement.report()["declared_twice"] == 1


def test_without_the_true_times_the_stages_that_need_them_are_empty() -> None:
    measurement = Measurement()
    measurement.add_fact(quake())
    measurement.add_alert(alert("gs1"))
    measurement.add_delays(delays("gs1", ORIGIN_US))
    stages = measurement.report()["stages"]

    assert stages["gateway to engine"]["n"] == 1 and stages["sample to trigger"]["n"] == 0


def test_quantiles_are_by_nearest_rank() -> None:
    row = summary([float(number) for number in range(200, 0, -1)])

    assert (row["n"], row["p50_ms"], row["p99_ms"], row["max_ms"]) == (200, 100.0, 198.0, 200.0)
    assert summary([])["p50_ms"] is None
