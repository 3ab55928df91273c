"""CAP 1.2: what the OASIS schema demands, and what its words mean."""

import dataclasses
import itertools
import xml.etree.ElementTree as ET

import pytest
from capvalidator.validate import Validator

from aggregator.cap import NAMESPACE, CapSeries, series_of
from tests.aggregator.samples import NOW_US, alert
from tests.vote.world import Quake, grid, listening
from vote.alert import Alert, AreaForecast
from vote.decision import Decider
from vote.ground.shaking import Area

SCHOOL = Area("school", 17.3, -99.5, "School, north <gate> & yard")


def real_alerts(size: float, category: str = "live") -> list[Alert]:
    world = listening(grid(5, 20))
    world.shake(Quake(17.03, -99.95, size))
    return world.play(Decider("engine 1, the <first>", category, targets=[SCHOOL]))


def only(alert_: Alert) -> ET.Element:
    ((_, document),) = series_of([alert_])
    return ET.fromstring(document)


def texts(element: ET.Element, name: str) -> list[str]:
    return [found.text or "" for found in element.iter(f"{{{NAMESPACE}}}{name}")]


@pytest.mark.parametrize("size", [4.5, 6.0, 7.2])
@pytest.mark.parametrize("category", ["live", "exercise", "test"])
def test_every_message_of_an_earthquake_is_valid_by_the_schema_of_oasis(size, category):
    documents = series_of(real_alerts(size, category))

    assert len(documents) > 1
    for _, document in documents:
        assert Validator(document).schema() == (True, "CAP alert follows the CAP v1.2 schema.")


def test_the_validator_would_have_found_a_wrong_time():
    ((_, document),) = series_of([alert()])

    assert not Validator(document.replace(b"-00:00</sent>", b"Z</sent>")).schema()[0]


def test_each_message_names_all_earlier_ones_and_the_first_none():
    documents = [ET.fromstring(document) for _, document in series_of(real_alerts(6.5))]
    named: list[str] = []

    for number, root in enumerate(documents):
        assert texts(root, "references") == ([" ".join(named)] if number else [])
        assert texts(root, "msgType") == ["Update" if number else "Alert"]
        (sender,), (identifier,), (sent,) = (
            texts(root, name) for name in ("sender", "identifier", "sent")
        )
        assert not set(" ,<&") & set(sender + identifier)
        named.append(f"{sender},{identifier},{sent}")
    assert len(set(named)) == len(named)


def test_a_withdrawn_alert_is_a_cancel_that_names_what_it_cancels():
    first, gone = alert(), alert(2, "cancel", issued_us=NOW_US + 2_000_000)
    gone = dataclasses.replace(gone, level="none", reason="Withdrawn: it was thunder.")

    _, (_, document) = series_of([first, gone])

    root = ET.fromstring(document)
    assert Validator(document).schema()[0]
    assert texts(root, "msgType") == ["Cancel"]
    assert texts(root, "references") == ["test,test.gs1.1,2026-09-21T14:13:20-00:00"]
    assert texts(root, "responseType") == ["AllClear"]
    assert texts(root, "description") == ["Withdrawn: it was thunder."]


@pytest.mark.parametrize(
    ("category", "status"), [("live", "Actual"), ("exercise", "Exercise"), ("test", "Test")]
)
def test_an_exercise_cannot_be_taken_for_a_warning(category: str, status: str):
    root = only(alert(category=category))

    assert texts(root, "status") == [status]
    is_real = category == "live"
    assert bool(texts(root, "note")) != is_real
    assert texts(root, "headline")[0].startswith("Earthquake") == is_real
    assert texts(root, "instruction")[0].startswith("This is") != is_real


def test_what_calls_for_nothing_is_not_announced_until_it_does():
    quiet = dataclasses.replace(alert(), level="none")

    assert series_of([quiet]) == []
    (said,) = series_of([quiet, alert(2, "update")])
    assert said[0].version == 2
    assert texts(ET.fromstring(said[1]), "msgType") == ["Alert"]


def test_a_level_that_falls_away_is_announced_too():
    lower = dataclasses.replace(alert(2, "update"), level="none")

    _, (_, document) = series_of([alert(), lower])

    assert Validator(document).schema()[0]
    assert texts(ET.fromstring(document), "responseType") == ["AllClear"]


@pytest.mark.parametrize(("after_s", "urgency"), [(10, "Immediate"), (60, "Past")])
def test_a_last_word_long_after_the_shaking_is_of_the_past(after_s: int, urgency: str):
    first = alert()
    arrives_us = max(area.s_arrival_us for area in first.areas)
    last = alert(2, "final", issued_us=arrives_us + after_s * 1_000_000)
    last = dataclasses.replace(last, areas=first.areas)

    _, (_, document) = series_of([first, last])

    assert texts(ET.fromstring(document), "urgency") == [urgency]


def test_places_that_must_act_and_places_that_need_know_are_apart():
    last = real_alerts(6.5)[-1]
    root = ET.fromstring(series_of([last])[0][1])

    assert {area.level for area in last.areas} >= {"be_aware", "take_action"}
    assert texts(root, "responseType") == ["Shelter", "Prepare"]


def test_a_target_is_a_circle_with_its_name_and_cells_are_closed_polygons():
    last = real_alerts(6.5)[-1]
    root = ET.fromstring(series_of([last])[0][1])

    assert "School, north <gate> & yard" in texts(root, "areaDesc")
    assert "17.3000,-99.5000 2.0" in texts(root, "circle")
    polygons = [polygon.split() for polygon in texts(root, "polygon")]
    assert polygons and all(p[0] == p[-1] and len(p) >= 4 for p in polygons)
    corners = [tuple(map(float, corner.split(","))) for p in polygons for corner in p]
    assert all(10 < lat < 24 and -107 < lon < -93 for lat, lon in corners)


def test_onset_is_when_the_shaking_first_begins_where_it_has_not():
    later = dataclasses.replace(
        alert(),
        areas=(
            AreaForecast("8a", 17.0, -100.0, 6.2, 0.5, NOW_US - 3_000_000, True),
            AreaForecast("8b", 17.0, -100.0, 6.2, 0.5, NOW_US + 9_000_000, False),
        ),
    )

    assert texts(only(later), "onset") == ["2026-09-21T14:13:29-00:00"]


@pytest.mark.parametrize(
    ("mmi", "severity"), [(4.0, "Minor"), (5.5, "Moderate"), (7.0, "Severe"), (8.5, "Extreme")]
)
def test_severity_comes_from_the_intensity(mmi: float, severity: str):
    place = AreaForecast("8a", 17.0, -100.0, mmi, 0.5, NOW_US, False)

    assert texts(only(dataclasses.replace(alert(), areas=(place,))), "severity") == [severity]


def test_no_more_events_are_remembered_than_the_bound():
    series = CapSeries()
    first = alert(event_id="gs0")
    for number in itertools.chain(range(64), [64]):
        series.next(alert(event_id=f"gs{number}"))

    again = series.next(dataclasses.replace(first, version=2, type="update"))

    assert again is not None and texts(ET.fromstring(again), "msgType") == ["Alert"]
