"""The life of an alert: ids, versions, levels, expiry, the words of contracts.md section 4."""

import copy
import json
from dataclasses import replace

import pytest
from groundswell import wire

from tests.vote.world import Place, Quake, World, arrivals, grid, listening
from vote import lifecycle
from vote.alert import Alert
from vote.decision import Decider
from vote.ground import shaking
from vote.ground.shaking import Area
from vote.lifecycle import has_to_wait

TOWNS = (Area("XX.NEAR", 17.05, -99.97), Area("XX.FAR", 19.4, -99.1))
QUAKE = Quake(17.03, -99.95, 6.0)


def alerts_of(quake: Quake = QUAKE, places: list[Place] | None = None) -> list[Alert]:
    world = World(places or grid(5, 20))
    world.alive()
    world.shake(quake, noise_s=0.2)
    return world.play(Decider("engine-1", "live", TOWNS))


def test_a_message_has_exactly_the_fields_of_the_contract_and_its_ellipse():
    message = json.loads(alerts_of()[0].as_json())

    assert list(message) == [
        "schema", "event_id", "version", "type", "category", "issued_us", "expires_us", "sender",
        "origin_us", "lat_deg", "lon_deg", "depth_km", "magnitude", "origin_sigma_s",
        "location_sigma_km", "magnitude_sigma", "likelihood", "source_is_assumed",
        "nodes_triggered", "nodes_live_nearby", "max_mmi", "level", "reason", "areas",
        "ellipse_major_km", "ellipse_minor_km", "ellipse_azimuth_deg",
    ]  # fmt: skip
    assert list(message["areas"][0]) == [
        "id", "lat_deg", "lon_deg", "mmi", "mmi_sigma", "s_arrival_us", "in_blind_zone",
        "level", "name",
    ]  # fmt: skip


def test_a_message_is_one_line_of_plain_numbers():
    for alert in alerts_of():
        line = alert.as_json()
        assert "\n" not in line and "NaN" not in line and "Infinity" not in line
        times = ("issued_us", "expires_us", "origin_us")
        assert all(type(alert.as_dict()[name]) is int for name in times)
        assert all(type(area.s_arrival_us) is int for area in alert.areas)


def test_every_message_lists_every_area_and_the_largest_intensity():
    for alert in alerts_of():
        assert [area.id for area in alert.areas] == ["XX.NEAR", "XX.FAR"]
        assert alert.max_mmi == max(area.mmi for area in alert.areas)


def test_the_blind_zone_is_where_s_has_already_been():
    for alert in alerts_of():
        for area in alert.areas:
            assert area.in_blind_zone == (area.s_arrival_us <= alert.issued_us)
    assert not alerts_of()[0].areas[1].in_blind_zone


def test_an_alert_expires_after_the_shaking_and_within_five_minutes():
    for alert in alerts_of():
        felt = [area.s_arrival_us for area in alert.areas if area.mmi >= 3.5]
        assert max([alert.issued_us, *felt]) < alert.expires_us
        assert alert.expires_us <= alert.issued_us + 300_000_000


def test_an_estimate_stays_open_for_40_s_and_then_ends():
    alerts = alerts_of()

    assert 40e6 < alerts[-1].issued_us - alerts[0].issued_us < 45e6
    assert [alert.type for alert in alerts].count("final") == 1


def test_a_small_earthquake_has_no_level_and_a_large_one_calls_for_action():
    small = alerts_of(Quake(17.03, -99.95, 3.6))
    large = alerts_of(Quake(17.03, -99.95, 6.8))

    assert {alert.level for alert in small} <= {"none", "be_aware"}
    assert large[-1].level == "take_action"


def test_what_is_not_forecast_could_not_have_been_told(monkeypatch: pytest.MonkeyPatch):
    told, waits = alerts_of(Quake(17.03, -99.95, 6.8)), []
    monkeypatch.setattr(
        lifecycle, "has_to_wait", lambda *a: waits.append(has_to_wait(*a)) and False
    )

    assert alerts_of(Quake(17.03, -99.95, 6.8)) == told
    assert any(waits) and not all(waits)


def test_only_a_young_message_of_the_highest_level_holds_all_others_back():
    world = World(grid(5, 20))
    world.alive()
    world.shake(QUAKE, noise_s=0.2)
    decider = Decider("engine-1", "live", TOWNS)
    first = world.play(decider)[0]
    event = decider.known.events[0]
    at_us = event.declared_us

    for level, after_s, waits in (
        ("take_action", 0.9, True), ("be_aware", 0.9, False), ("none", 0.9, False),
        ("take_action", 1.0, False),
    ):  # fmt: skip
        event.last = replace(first, level=level, issued_us=at_us)
        assert has_to_wait(event, at_us + round(after_s * 1e6)) is waits
    event.last = replace(first, level="take_action", issued_us=at_us + 39_900_000)
    assert has_to_wait(event, at_us + 40_000_000)
    assert not has_to_wait(event, at_us + 40_000_001)  # the final
    event.last = None
    assert not has_to_wait(event, at_us)


def test_a_level_that_was_given_is_kept_for_ten_seconds(monkeypatch: pytest.MonkeyPatch):
    def fades(*given: object) -> shaking.Forecast:
        found = forecast_for(*given)
        forecasts.append(found)
        return found if len(forecasts) == 1 else replace(found, mmi=found.mmi - 3.0)

    forecasts: list[shaking.Forecast] = []
    forecast_for = shaking.forecast_for
    monkeypatch.setattr(shaking, "forecast_for", fades)
    alerts = alerts_of(Quake(17.03, -99.95, 6.8))

    since_s = [(alert.issued_us - alerts[0].issued_us) / 1e6 for alert in alerts]
    levels = [alert.level for alert in alerts]
    early = [level for level, after_s in zip(levels, since_s) if after_s < 10]
    assert set(early) == {"take_action"} and len(early) > 1
    assert levels[-1] == "be_aware"


def test_ids_name_the_day_and_come_from_the_first_trigger_alone():
    one = lifecycle.event_id(1_764_000_000_000_000, 7, 1_764_000_003_000_000, set())

    assert one == lifecycle.event_id(1_764_000_000_400_000, 7, 1_764_000_003_000_000, set())
    assert one != lifecycle.event_id(1_764_000_000_000_000, 8, 1_764_000_003_000_000, set())
    assert one.startswith("gs20251124") and len(one) == 18


def test_an_id_that_is_taken_is_not_given_twice():
    one = lifecycle.event_id(0, 7, 0, set())

    assert lifecycle.event_id(0, 7, 0, {one}) != one


def after_a_cancel() -> list[Alert]:
    """An earthquake that is told, taken back as two of its nodes retract, and told again."""
    world = listening(grid(5, 20))
    world.shake(QUAKE)
    decider, said, alerts = Decider("engine-1"), {}, []
    for at_us, message in sorted(world.mail, key=lambda letter: letter[0]):
        if isinstance(message, wire.Trigger):
            said.setdefault(message.node_id, message)
        decider.hear(message, at_us)
        new = decider.tick(at_us)
        if new and not alerts:
            for one in list(said.values())[1:]:
                decider.hear(one._replace(flags=wire.FLAG_RETRACTED), at_us)
        alerts += new
    return alerts


def test_an_earthquake_that_is_told_again_after_a_cancel_has_another_name():
    alerts = after_a_cancel()

    names = list(dict.fromkeys(alert.event_id for alert in alerts))
    assert [alert.type for alert in alerts].count("new") == len(names) == 2
    for name in names:
        of_it = [alert for alert in alerts if alert.event_id == name]
        assert [alert.version for alert in of_it] == list(range(1, len(of_it) + 1))
        assert {"cancel", "final"}.isdisjoint(alert.type for alert in of_it[:-1])


def test_names_that_were_told_before_a_restart_are_not_given_again():
    first = alerts_of()[0].event_id
    decider = Decider("engine-1", "live", TOWNS)
    decider.known.note_told([first])
    world = World(grid(5, 20))
    world.alive()
    world.shake(QUAKE, noise_s=0.2)

    assert world.play(decider)[0].event_id != first


def test_one_that_was_told_is_not_taken_back_for_one_that_nobody_heard_of():
    world = listening(grid(5, 20))
    world.shake(QUAKE)
    decider, alerts = Decider("engine-1"), []
    for at_us, message in sorted(world.mail, key=lambda letter: letter[0]):
        decider.hear(message, at_us)
        new = decider.tick(at_us)
        if new and not alerts:
            (event,) = decider.known.events
            older = copy.copy(event)
            older.event_id, older.last, older.ln_odds = "gs-untold", None, 0.0
            older.declared_us -= 1_000_000
            decider.known.events.insert(0, older)
        alerts += new

    assert [alert.type for alert in alerts].count("final") == 1
    assert "cancel" not in {alert.type for alert in alerts}


def test_areas_are_cells_around_the_source_when_nobody_names_any():
    world = World(grid(5, 20))
    world.alive()
    world.shake(QUAKE)
    alert = world.play(Decider("engine-1"))[0]

    assert len(alert.areas) > 10
    nearest = min(arrivals(QUAKE, Place(0, a.lat_deg, a.lon_deg))[2] for a in alert.areas)
    assert nearest < 30


def test_the_reason_says_in_words_how_many_nodes_and_sites():
    assert alerts_of()[0].reason.startswith("P wave at 3 nodes on 3 sites")
