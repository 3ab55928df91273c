"""Lists of earthquakes as others give them: every format, and what is wrong with it."""

import io

import pytest
from obspy import UTCDateTime
from obspy.core.event import Catalog, Event, Magnitude, Origin

from failure import Failure
from replay.event_lists import Known, read_event_list

QUAKE = Known("ci1", 1_562_383_193_040_000, 35.77, -117.599, 7.1)
USGS = """time,latitude,longitude,depth,mag,magType,id,place
2019-07-06T03:19:53.040Z,35.77,-117.599,8,7.1,mw,ci1,"Ridgecrest, CA"
"""
FDSN = """#EventID | Time | Latitude | Longitude | Depth/km | Author | Magnitude
ci1|2019-07-06T03:19:53.04|35.77|-117.599|8|ci|7.1
"""
OURS = (
    '{"event_id": "ci1", "origin_time": "2019-07-06T03:19:53.040000Z", "ev_lat": 35.77, '
    '"ev_lon": -117.599, "magnitude": 7.1}\n'
)


@pytest.mark.parametrize("text", [USGS, FDSN, OURS, "\ufeff" + USGS])
def test_the_same_earthquake_is_read_from_every_format(text: str):
    assert read_event_list(text.encode(), "list").events == [QUAKE]


def test_quakeml_gives_the_preferred_origin_and_magnitude():
    when = UTCDateTime(ns=QUAKE.origin_us * 1000)
    good = Origin(time=when, latitude=35.77, longitude=-117.599, depth=8000)
    bad = Origin(time=when + 5, latitude=0, longitude=0, depth=0)
    event = Event(origins=[bad, good], magnitudes=[Magnitude(mag=7.1)])
    event.preferred_origin_id = good.resource_id
    file = io.BytesIO()
    Catalog([event]).write(file, format="QUAKEML")

    (found,) = read_event_list(file.getvalue(), "list").events

    assert found == Known(event.resource_id.id, QUAKE.origin_us, 35.77, -117.599, 7.1)


def test_an_earthquake_without_a_magnitude_is_one_too():
    (found,) = read_event_list(USGS.replace("8,7.1", "8,").encode(), "list").events

    assert found.magnitude is None


@pytest.mark.parametrize("wrong", ["2019-07-06T03:19:53.040Z", "35.77", "-117.599"])
def test_a_row_without_time_or_place_is_counted_and_passed_over(wrong: str):
    two = USGS + USGS.splitlines()[1].replace(wrong, "nonsense") + "\n"

    found = read_event_list(two.encode(), "list")

    assert found.events == [QUAKE]
    assert found.unreadable == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"latitude,longitude\n1,2\n", "time"),
        (b"<quakeml", "no XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "document type"),
        (b"{not json\n", "none of 1 rows"),
        (b"", "names no column"),
    ],
)
def test_what_is_no_list_is_refused_in_one_line(content: bytes, complaint: str):
    with pytest.raises(Failure, match=complaint) as refusal:
        read_event_list(content, "list")

    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("text", [USGS, FDSN, OURS])
def test_no_piece_of_a_list_crashes_the_reader(text: str):
    for end in range(len(text)):
        try:
            read_event_list(text[:end].encode(), "list")
        except Failure:
            continue
