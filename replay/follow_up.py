"""After the event: was an alert true, qualified or false? And what was missed?

True by the rule of ShakeAlert's reviews (Lux et al. 2024): a known earthquake within 100 km and
30 s. Qualified: true, but with a wrong size or withdrawn; or there was an earthquake, and the
alert put it elsewhere. False: nobody knows of one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from replay.catalogue import distance_km
from replay.event_lists import Known
from replay.network_score import MATCH_KM, MATCH_S
from replay.outcomes import Thread, Version

TRUE, QUALIFIED, FALSE = "true", "qualified", "false"
VERDICTS = (TRUE, QUALIFIED, FALSE)
# Real, but so far off: all but one of ShakeAlert's seven unmatched alerts of 2019 to 2023 were
# real earthquakes in a wrong place or at a wrong time
NEAR_MISS_S, NEAR_MISS_KM = 60.0, 300.0
SIZE_OFF = 1.0  # magnitudes; MMI is off by about as much


@dataclass(frozen=True)
class Judged:
    """What became of one alert."""

    event_id: str
    category: str
    issued_us: int
    verdict: str
    why: str
    known_id: str | None = None
    after_origin_s: float | None = None  # when the first message was issued
    location_km: float | None = None  # of the last version with a source
    origin_s: float | None = None
    magnitude_error: float | None = None
    was_withdrawn: bool = False

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def judge(thread: Thread, known: Iterable[Known]) -> Judged:
    """Return the verdict on all messages of one alert."""
    versions = [version for version in thread.versions if version.type != "cancel"]
    issued_us = thread.versions[0].issued_us
    withdrawn = thread.versions[-1].type == "cancel"
    if not versions:
        return Judged(
            thread.alert_id, thread.category, issued_us, FALSE, "no source was ever given",
            was_withdrawn=withdrawn,
        )  # fmt: skip
    last = versions[-1]
    candidates = [event for event in known if _is_near(versions, event)]
    if not candidates:
        why = "no earthquake is known there and then"
        why += ", and the alert was withdrawn" if withdrawn else ""
        return Judged(
            thread.alert_id, thread.category, issued_us, FALSE, why, was_withdrawn=withdrawn
        )
    event = min(candidates, key=lambda one: min(_misfit(version, one) for version in versions))
    faults = _faults(versions, event, withdrawn)
    return Judged(
        thread.alert_id,
        thread.category,
        issued_us,
        QUALIFIED if faults else TRUE,
        "; ".join(faults) or "an earthquake is known there and then",
        event.event_id,
        (issued_us - event.origin_us) / 1e6,
        round(_apart_km(last, event), 1),
        round(_apart_s(last, event), 2),
        None if event.magnitude is None else round(last.magnitude - event.magnitude, 2),
        withdrawn,
    )


def missed(
    known: Iterable[Known],
    judged: Sequence[Judged],
    least_magnitude: float,
    around: tuple[float, float, float],
) -> list[Known]:
    """Return the earthquakes that no alert spoke of. around: latitude, longitude, km."""
    told = {one.known_id for one in judged}
    lat_deg, lon_deg, within_km = around
    return [
        event
        for event in known
        if event.event_id not in told
        and (event.magnitude or 0.0) >= least_magnitude
        and distance_km(event.lat_deg, event.lon_deg, lat_deg, lon_deg) <= within_km
    ]


def _faults(versions: Sequence[Version], event: Known, withdrawn: bool) -> list[str]:
    faults = []
    if not any(_fits(version, event) for version in versions):
        last = versions[-1]
        faults.append(
            f"there was one, {_apart_km(last, event):.0f} km and "
            f"{_apart_s(last, event):+.0f} s off"
        )
    if event.magnitude is not None:
        error = versions[-1].magnitude - event.magnitude
        if abs(error) > SIZE_OFF:
            faults.append(f"magnitude wrong by {error:+.1f}")
    if withdrawn:
        faults.append("withdrawn though it was real")
    return faults


def _is_near(versions: Sequence[Version], event: Known) -> bool:
    return any(
        abs(_apart_s(version, event)) <= NEAR_MISS_S and _apart_km(version, event) <= NEAR_MISS_KM
        for version in versions
        if version.origin_us is not None
    )


def _fits(version: Version, event: Known) -> bool:
    return abs(_apart_s(version, event)) <= MATCH_S and _apart_km(version, event) <= MATCH_KM


def _misfit(version: Version, event: Known) -> float:
    return abs(_apart_s(version, event)) / MATCH_S + _apart_km(version, event) / MATCH_KM


def _apart_s(version: Version, event: Known) -> float:
    """Positive: the alert's origin is later than it was."""
    assert version.origin_us is not None
    return (version.origin_us - event.origin_us) / 1e6


def _apart_km(version: Version, event: Known) -> float:
    return distance_km(version.lat_deg, version.lon_deg, event.lat_deg, event.lon_deg)
