"""The definitions of contracts.md section 6 for the network, one claim each."""

import dataclasses

import pytest

from replay.catalogue import Arrival, Catalogue, EventTruth, RecordTruth
from replay.network_score import EventScore, score_event
from replay.outcomes import Thread, Version

ORIGIN_US = 1_700_000_000_000_000
KM_PER_DEG = 111.195  # of a sphere of 6371 km
EVENT = EventTruth("e", "an earthquake", ORIGIN_US, 0.0, 0.0, 6.0)


def record(number: int, p_s: float, **changes: object) -> RecordTruth:
    """A station that starts to record at the origin; stations are 1 degree apart."""
    truth = RecordTruth(
        record_id=f"r{number}", event_id="e", place=f"XX.{number}", lat_deg=float(number),
        lon_deg=0.0, start_us=ORIGIN_US, has_absolute_time=True, is_mems=True, is_synthetic=False,
        duration_s=120.0, distance_km=20.0 * number, pga_mps2=0.5,
        arrival=Arrival(p_s, "pick"), s_s=1.75 * p_s, quiet_s=0.0,
    )  # fmt: skip
    return dataclasses.replace(truth, **changes)


RECORDS = [record(number, 2.0 * number) for number in (1, 2, 3, 4, 5)]


def version(
    number: int = 1, after_s: float = 8.5, apart_s: float = 0.0, apart_km: float = 0.0,
    level: str = "be_aware", mmi: float = 4.0, magnitude: float = 5.5,
) -> Version:  # fmt: skip
    return Version(
        version=number, type="new" if number == 1 else "update",
        issued_us=ORIGIN_US + round(after_s * 1e6), level=level,
        origin_us=ORIGIN_US + round(apart_s * 1e6), lat_deg=apart_km / KM_PER_DEG, lon_deg=0.0,
        magnitude=magnitude, mmi={record.place: mmi for record in RECORDS},
    )  # fmt: skip


def score(*threads: list[Version], records: list[RecordTruth] | None = None) -> EventScore:
    catalogue = Catalogue({r.record_id: r for r in records or RECORDS}, {"e": EVENT})
    named = [Thread(f"gs{n}", "live", versions) for n, versions in enumerate(threads)]
    return score_event("e", named, catalogue)


@pytest.mark.parametrize(
    ("apart_s", "apart_km", "fits"),
    [(30.0, 0.0, True), (30.1, 0.0, False), (-29.0, 99.9, True), (0.0, 100.2, False)],
)
def test_an_alert_fits_within_thirty_seconds_and_a_hundred_km(
    apart_s: float, apart_km: float, fits: bool
) -> None:
    found = score([version(apart_s=apart_s, apart_km=apart_km)])

    assert found.is_declared == fits
    assert found.wrong == (0 if fits else 1)


def test_the_first_version_that_fits_gives_the_time_and_the_first_error() -> None:
    found = score([version(1, 7.0, apart_km=150), version(2, 8.6, apart_km=50), version(3, 9.0)])

    assert found.delay_s(found.fourth_p_us) == pytest.approx(0.6)
    assert found.delay_s(found.third_p_us) == pytest.approx(2.6)
    assert found.first is not None and found.final is not None
    assert (found.first.version, found.final.version) == (2, 3)
    assert found.first.location_km == pytest.approx(50, abs=0.1)
    assert found.final.location_km == pytest.approx(0, abs=1e-6)


def test_two_alerts_for_one_earthquake_are_one_duplicate_and_nothing_wrong() -> None:
    found = score([version(after_s=20.0)], [version(after_s=9.0)])

    assert (found.duplicates, found.wrong) == (1, 0)
    assert found.delay_s(found.fourth_p_us) == pytest.approx(1.0)


def test_a_wrong_alert_counts_above_none_if_its_level_ever_was() -> None:
    quiet = [version(1, apart_s=60, level="none"), version(2, apart_s=60, level="none")]
    loud = [version(1, apart_s=60, level="none"), version(2, apart_s=60, level="take_action")]

    found = score(quiet, loud)

    assert (found.wrong, found.wrong_with_level) == (2, 1)


def test_an_exercise_declares_nothing() -> None:
    catalogue = Catalogue({r.record_id: r for r in RECORDS}, {"e": EVENT})

    found = score_event("e", [Thread("gs", "exercise", [version()])], catalogue)

    assert not found.is_declared
    assert found.wrong == 0


def test_four_strong_stations_with_absolute_time_within_200_km_must_be_declared() -> None:
    weak = dataclasses.replace(RECORDS[4], pga_mps2=0.0199)
    far = dataclasses.replace(RECORDS[3], distance_km=200.1)
    untimed = dataclasses.replace(RECORDS[3], has_absolute_time=False)

    assert score(records=[*RECORDS[:4], weak]).must_be_declared
    assert not score(records=[*RECORDS[:3], weak]).must_be_declared
    assert not score(records=[*RECORDS[:3], far]).must_be_declared
    assert not score(records=[*RECORDS[:3], untimed]).must_be_declared


def test_two_stations_at_one_site_are_one_p() -> None:
    twin = record(6, 2.5, lat_deg=1.001)  # 111 m from station 1

    found = score(records=[*RECORDS, twin])

    assert found.fourth_p_us == ORIGIN_US + 8_000_000


def test_a_predicted_p_among_the_first_four_is_named() -> None:
    guessed = record(2, 4.0, arrival=Arrival(4.0, "ak135"))

    assert score(records=[RECORDS[0], guessed, *RECORDS[2:]]).predicted_of_four == 1


def test_warned_is_who_got_an_intensity_of_three_and_a_half_before_the_s_wave() -> None:
    low, high = version(1, 6.0, mmi=3.4), version(2, 8.0, mmi=3.5)  # S: 3.5, 7.0, 10.5, 14, 17.5

    found = score([low, high])

    assert [warning.is_before_s for warning in found.warnings] == [False, False, True, True, True]
    assert found.warnings[2].lead_s == pytest.approx(2.5)


def test_no_vote_of_three_can_warn_where_s_came_before_the_third_p() -> None:
    late, early = score([version(after_s=8.5)]), score([version(after_s=3.0)])

    assert late.in_blind_zone == 1  # S after 3.5 s, the third P after 6; the next S after 7
    assert early.in_blind_zone == 0  # it was warned all the same
    assert score([version()], records=RECORDS[:2]).in_blind_zone == 0  # there is no third P


def test_who_felt_less_than_four_need_not_be_warned() -> None:
    # 0.1 m/s^2 is 10 gal: 1.78 + 1.55 = 3.33
    calm = [dataclasses.replace(r, pga_mps2=0.1) for r in RECORDS]

    assert score([version()], records=calm).warnings == ()


def test_intensities_are_compared_at_every_station_of_the_alert() -> None:
    # 0.5 m/s^2: -1.60 + 3.70 * log10(50) = 4.69
    found = score([version(1, mmi=4.0), version(2, mmi=3.0)])

    assert len(found.intensity_first) == 5
    assert found.intensity_first[0] == pytest.approx((4.0, 4.686), abs=1e-3)
    assert found.intensity_final[0] == pytest.approx((3.0, 4.686), abs=1e-3)


def test_an_alert_during_noise_is_wrong() -> None:
    noise = Catalogue({}, {})

    found = score_event("n", [Thread("gs", "live", [version()])], noise)

    assert (found.wrong, found.is_listed) == (1, False)


def test_what_counts_when_s_comes_is_what_had_been_said_by_then() -> None:
    # S at 3.5, 7.0, 10.5, 14.0 and 17.5 s
    found = score([version(1, 8.5, mmi=4.0), version(2, 12.0, mmi=6.0)])

    expected = [pair[0] for pair in found.intensity_when_s_comes]
    assert expected == [1.0, 1.0, 4.0, 6.0, 6.0]
    assert score().intensity_when_s_comes[0][0] == 1.0
