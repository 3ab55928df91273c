"""After the event: true, qualified or false, by the distances that the rule names."""

import dataclasses

import pytest

from replay.event_lists import Known
from replay.follow_up import judge, missed
from replay.outcomes import Thread, Version

ORIGIN_US = 1_790_000_000_000_000
QUAKE = Known("us1", ORIGIN_US, 17.0, -100.0, 6.0)
GOOD = Version(1, "new", ORIGIN_US + 6_000_000, "be_aware", ORIGIN_US, 17.0, -100.0, 6.1, {})


def verdict(*versions: Version, known: tuple[Known, ...] = (QUAKE,)) -> str:
    return judge(Thread("gs1", "exercise", list(versions)), known).verdict


def changed(**fields: object) -> Version:
    return dataclasses.replace(GOOD, **fields)  # type: ignore[arg-type]


def gone() -> Version:
    return Version(2, "cancel", ORIGIN_US + 9_000_000, "none", None, 0.0, 0.0, 0.0, {})


def test_an_alert_near_a_known_earthquake_is_true_and_says_how_near():
    found = judge(Thread("gs1", "exercise", [GOOD, changed(lat_deg=17.1)]), [QUAKE])

    assert (found.verdict, found.known_id) == ("true", "us1")
    assert found.after_origin_s == 6.0
    assert found.location_km == pytest.approx(11.1, abs=0.1)
    assert found.magnitude_error == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (changed(lat_deg=17.89), "true"),  # 99 km
        (changed(lat_deg=17.91), "qualified"),  # 101 km
        (changed(lat_deg=19.68), "qualified"),  # 298 km
        (changed(lat_deg=19.72), "false"),  # 302 km
        (changed(origin_us=ORIGIN_US + 29_000_000), "true"),
        (changed(origin_us=ORIGIN_US - 31_000_000), "qualified"),
        (changed(origin_us=ORIGIN_US - 61_000_000), "false"),
        (changed(magnitude=6.9), "true"),
        (changed(magnitude=7.1), "qualified"),
    ],
)
def test_the_borders_are_where_the_rule_puts_them(version: Version, expected: str):
    assert verdict(version) == expected


def test_one_version_that_fits_is_enough():
    assert verdict(changed(lat_deg=18.5), GOOD) == "true"


def test_what_was_withdrawn_though_it_was_real_is_qualified():
    found = judge(Thread("gs1", "live", [GOOD, gone()]), [QUAKE])

    assert (found.verdict, found.was_withdrawn) == ("qualified", True)
    assert "withdrawn though it was real" in found.why


def test_what_nobody_knows_is_false_even_when_it_was_withdrawn():
    assert verdict(GOOD, known=()) == "false"
    assert verdict(GOOD, gone(), known=()) == "false"
    assert verdict(gone(), known=(QUAKE,)) == "false"


def test_of_two_earthquakes_the_nearer_one_is_meant():
    other = Known("us2", ORIGIN_US + 10_000_000, 17.5, -100.0, 4.0)

    assert judge(Thread("gs1", "live", [GOOD]), [other, QUAKE]).known_id == "us1"


def test_earthquakes_that_no_alert_spoke_of_are_missed_if_large_and_near_enough():
    small = Known("us2", ORIGIN_US, 17.0, -100.0, 4.0)
    far = Known("us3", ORIGIN_US, 27.0, -100.0, 7.0)
    unseen = Known("us4", ORIGIN_US + 10**10, 17.5, -100.0, 5.0)
    judged = [judge(Thread("gs1", "live", [GOOD]), [QUAKE])]

    found = missed([QUAKE, small, far, unseen], judged, 4.5, (17.0, -100.0, 300.0))

    assert found == [unseen]
