"""How good the network's alerts were, event by event. Definitions: contracts.md section 6."""

from collections.abc import Iterable
from dataclasses import dataclass

from replay.catalogue import Catalogue, EventTruth, RecordTruth, distance_km
from replay.outcomes import Thread, Version
from replay.shaking_score import (
    Warned,
    intensities,
    intensities_when_s_comes,
    recorded_mmi,
    warnings_of,
)

NEAR_KM = 200.0
STRONG_MPS2 = 0.02
STATIONS_NEEDED = 4
MATCH_S = 30.0
MATCH_KM = 100.0
SITE_KM = 0.2  # stations closer than this are one site (contracts.md section 0)


@dataclass(frozen=True)
class SourceError:
    """One version's source against the catalogue."""

    version: int
    location_km: float
    magnitude: float


@dataclass(frozen=True)
class EventScore:
    event: EventTruth | None  # None: the index gives no origin, so nothing can match
    event_id: str
    stations_near: int
    stations_strong: int
    is_synthetic: bool
    span_h: float  # of the records together
    declared_us: int | None
    third_p_us: int | None
    fourth_p_us: int | None
    predicted_of_four: int  # how many of the first four P are only ak135's
    first: SourceError | None
    final: SourceError | None
    duplicates: int
    other_events: int  # threads that fit another event of the catalogue
    wrong: int
    wrong_with_level: int
    intensity_first: tuple[tuple[float, float], ...]  # (expected, recorded) at each place
    intensity_final: tuple[tuple[float, float], ...]
    intensity_when_s_comes: tuple[tuple[float, float], ...]  # what was expected at each place then
    warnings: tuple[Warned, ...]

    @property
    def must_be_declared(self) -> bool:
        return self.event is not None and self.stations_strong >= STATIONS_NEEDED

    @property
    def is_listed(self) -> bool:
        return self.event is not None and self.stations_near >= STATIONS_NEEDED

    @property
    def is_declared(self) -> bool:
        return self.declared_us is not None

    @property
    def in_blind_zone(self) -> int:
        """Return how many places were not warned where S had come by the third P: an alert of
        three nodes cannot be earlier."""
        return sum(
            not place.is_before_s and self.third_p_us is not None and place.s_us <= self.third_p_us
            for place in self.warnings
        )

    def delay_s(self, p_us: int | None) -> float | None:
        if self.declared_us is None or p_us is None:
            return None
        return (self.declared_us - p_us) / 1e6


def score_event(event_id: str, threads: Iterable[Thread], catalogue: Catalogue) -> EventScore:
    """Judge what was published while one event was replayed."""
    event = catalogue.events.get(event_id)
    records = [r for r in catalogue.records_of(event_id) if r.has_absolute_time]
    near = [r for r in records if r.distance_km is not None and r.distance_km <= NEAR_KM]
    live = [thread for thread in threads if thread.category == "live"]
    matched = _matched(live, event)
    rest = [thread for thread in live if thread not in matched]
    other = [thread for thread in rest if _fits_any(thread, catalogue.events.values())]
    wrong = [thread for thread in rest if thread not in other]
    versions = _from_first_match(matched, event)
    p_times = _p_times(near)
    mmi = recorded_mmi(records)
    return EventScore(
        event=event,
        event_id=event_id,
        stations_near=len({record.place for record in near}),
        stations_strong=len({record.place for record in near if _is_strong(record)}),
        is_synthetic=any(record.is_synthetic for record in records),
        span_h=_span_h(records),
        declared_us=versions[0].issued_us if versions else None,
        third_p_us=p_times[2][0] if len(p_times) > 2 else None,
        fourth_p_us=p_times[3][0] if len(p_times) > 3 else None,
        predicted_of_four=sum(not is_measured for _, is_measured in p_times[:4]),
        first=_source_error(versions[0], event) if versions and event else None,
        final=_source_error(versions[-1], event) if versions and event else None,
        duplicates=max(0, len(matched) - 1),
        other_events=len(other),
        wrong=len(wrong),
        wrong_with_level=sum(thread.has_level for thread in wrong),
        intensity_first=intensities(versions[:1], mmi),
        intensity_final=intensities(versions[-1:], mmi),
        intensity_when_s_comes=intensities_when_s_comes(records, mmi, versions) if event else (),
        warnings=warnings_of(records, mmi, versions) if event else (),
    )


def fits(version: Version, event: EventTruth) -> bool:
    if version.origin_us is None:
        return False
    apart_s = abs(version.origin_us - event.origin_us) / 1e6
    return apart_s <= MATCH_S and _apart_km(version, event) <= MATCH_KM


def _apart_km(version: Version, event: EventTruth) -> float:
    return distance_km(version.lat_deg, version.lon_deg, event.lat_deg, event.lon_deg)


def _fits_any(thread: Thread, events: Iterable[EventTruth]) -> bool:
    return any(fits(version, event) for event in events for version in thread.versions)


def _matched(threads: list[Thread], event: EventTruth | None) -> list[Thread]:
    """Return the threads that fit the event in any version, the earliest fit first."""
    if event is None:
        return []
    found = [thread for thread in threads if _fits_any(thread, [event])]
    return sorted(found, key=lambda thread: _first_fit(thread, event).issued_us)


def _first_fit(thread: Thread, event: EventTruth) -> Version:
    return next(version for version in thread.versions if fits(version, event))


def _from_first_match(matched: list[Thread], event: EventTruth | None) -> list[Version]:
    """Return the versions with a source of the earliest thread, from its first fit on."""
    if event is None or not matched:
        return []
    start = matched[0].versions.index(_first_fit(matched[0], event))
    return [version for version in matched[0].versions[start:] if version.origin_us is not None]


def _source_error(version: Version, event: EventTruth) -> SourceError:
    magnitude = version.magnitude - event.magnitude
    return SourceError(version.version, _apart_km(version, event), magnitude)


def _is_strong(record: RecordTruth) -> bool:
    return record.pga_mps2 is not None and record.pga_mps2 >= STRONG_MPS2


def _p_times(records: Iterable[RecordTruth]) -> list[tuple[int, bool]]:
    """Return (P time, is measured) of each site, in order; of the recorded Ps only."""
    arrivals = sorted(
        (
            (record.after_start_us(record.arrival.p_s), record.arrival.is_measured, record)
            for record in records
            if record.arrival is not None and 0.0 <= record.arrival.p_s <= record.duration_s
        ),
        key=lambda arrival: arrival[0],
    )
    sites: list[tuple[int, bool, RecordTruth]] = []
    for arrival in arrivals:
        if not any(_is_one_site(arrival[2], site[2]) for site in sites):
            sites.append(arrival)
    return [(p_us, is_measured) for p_us, is_measured, _ in sites]


def _is_one_site(one: RecordTruth, other: RecordTruth) -> bool:
    if one.lat_deg is None or one.lon_deg is None:
        return one.place == other.place
    if other.lat_deg is None or other.lon_deg is None:
        return one.place == other.place
    return distance_km(one.lat_deg, one.lon_deg, other.lat_deg, other.lon_deg) <= SITE_KM


def _span_h(records: list[RecordTruth]) -> float:
    if not records:
        return 0.0
    starts = [record.after_start_us(0) for record in records]
    ends = [record.after_start_us(record.duration_s) for record in records]
    return (max(ends) - min(starts)) / 3.6e9
