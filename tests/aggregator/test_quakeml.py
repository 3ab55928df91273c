"""QuakeML 1.2, read back by ObsPy and held to its schema."""

import dataclasses
import io

import pytest
from obspy import read_events
from obspy.io.quakeml.core import _validate

from aggregator import quakeml
from tests.aggregator.samples import NOW_US, alert
from vote.alert import Alert


def three() -> list[Alert]:
    return [
        alert(category="live"),
        dataclasses.replace(
            alert(2, "update", issued_us=NOW_US + 1_000_000, category="live"), magnitude=6.4
        ),
        dataclasses.replace(
            alert(3, "final", issued_us=NOW_US + 40_000_000, category="live"),
            magnitude=6.3, origin_us=NOW_US - 4_900_001,
        ),
    ]  # fmt: skip


def read(alerts: list[Alert]):
    (event,) = read_events(io.BytesIO(quakeml.document(alerts)), format="QUAKEML")
    return event


@pytest.mark.parametrize("alerts", [three(), three()[:1], [alert(), alert(2, "cancel")]])
def test_it_is_valid_by_the_schema_of_quakeml(alerts: list[Alert]):
    assert _validate(io.BytesIO(quakeml.document(alerts)))


def test_every_estimate_is_there_and_the_last_is_preferred():
    event = read(three())

    assert [round(m.mag, 2) for m in event.magnitudes] == [6.1, 6.4, 6.3]
    assert event.preferred_magnitude().mag == pytest.approx(6.3)
    origin = event.preferred_origin()
    assert origin.time.ns == (NOW_US - 4_900_001) * 1000
    assert (origin.latitude, origin.longitude, origin.depth) == (17.1, -100.2, 20_000.0)
    assert origin.evaluation_status == "final"


def test_errors_are_in_the_units_of_quakeml():
    origin = read(three()).preferred_origin()

    assert origin.origin_uncertainty.horizontal_uncertainty == 8000  # metres
    assert origin.time_errors.uncertainty == 0.5
    wide = dataclasses.replace(
        alert(), ellipse_major_km=12.5, ellipse_minor_km=4.0, ellipse_azimuth_deg=30.0
    )
    uncertainty = read([wide]).preferred_origin().origin_uncertainty
    assert uncertainty.max_horizontal_uncertainty == 12_500
    assert uncertainty.min_horizontal_uncertainty == 4_000
    assert uncertainty.azimuth_max_horizontal_uncertainty == 30
    assert read(three()).preferred_magnitude().mag_errors.uncertainty == pytest.approx(0.4)


def test_what_was_withdrawn_does_not_exist_and_keeps_its_last_estimate():
    event = read([alert(), alert(2, "cancel")])

    assert event.event_type == "not existing"
    assert len(event.origins) == 1


def test_an_exercise_says_so_in_its_description():
    assert read([alert()]).event_descriptions[0].text.startswith("EXERCISE, not an earthquake.")
    assert not read(three()).event_descriptions[0].text.startswith("EXERCISE")
