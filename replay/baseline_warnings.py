"""Warnings from measured peaks alone, to compare ours with: of neighbours (PLUM), of oneself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from replay.baseline_hearing import PEAKS_HZ, Heard
from replay.catalogue import Catalogue, distance_km
from replay.intensity import MMI_LEAST, mmi_of_pga
from replay.intervals import Share
from replay.shaking_score import WARNED_FROM_MMI

PLUM_KM = 30.0


def warning_figures(heard: Sequence[Heard], catalogue: Catalogue) -> dict[str, object]:
    """PLUM: the largest of the neighbours within 30 km; persistence: one's own so far."""
    plum, own = _Forecasts(), _Forecasts()
    for target in heard:
        truth = catalogue.records.get(target.record.record_id)
        if truth is None or truth.pga_mps2 is None or truth.s_s is None:
            continue
        s_us = truth.after_start_us(truth.s_s)
        neighbours = list(_neighbours(target, heard))
        if mmi_of_pga(truth.pga_mps2) >= WARNED_FROM_MMI:
            own.warned.append(_is_before(target, s_us))
            plum.warned.append(any(_is_before(one, s_us) for one in neighbours))
        if truth.event_id in catalogue.events:
            plum.note(mmi_of_pga(truth.pga_mps2), neighbours, s_us)
            own.note(mmi_of_pga(truth.pga_mps2), [target], s_us)
    own.final_hits.clear()  # in the end everybody knows what shook him
    return {
        "PLUM: neighbours within 30 km": plum.as_dict(),
        "persistence: one's own so far": own.as_dict(),
    }


@dataclass
class _Forecasts:
    """Places that a forecast by measured peaks was right or in time for."""

    warned: list[bool] = field(default_factory=list)
    final_hits: list[bool] = field(default_factory=list)
    hits_at_s: list[bool] = field(default_factory=list)

    def note(self, recorded_mmi: float, measuring: Sequence[Heard], s_us: int) -> None:
        """Compare with the largest that these have measured, in the end and when S comes."""
        final = max((_mmi_until(one, None) for one in measuring), default=MMI_LEAST)
        at_s = max((_mmi_until(one, s_us) for one in measuring), default=MMI_LEAST)
        self.final_hits.append(abs(final - recorded_mmi) <= 1.0)
        self.hits_at_s.append(abs(at_s - recorded_mmi) <= 1.0)

    def as_dict(self) -> dict[str, object]:
        named = {
            "warned_before_s": self.warned,
            "mmi_within_one_final": self.final_hits,
            "mmi_within_one_when_s_comes": self.hits_at_s,
        }
        return {name: Share(sum(hits), len(hits)).as_dict() for name, hits in named.items()}


def _mmi_until(heard: Heard, time_us: int | None) -> float:
    """Return the intensity of what a record shows up to a time, or in all."""
    known = len(heard.peaks_mps2)
    if time_us is not None:
        passed_s = (time_us - heard.record.start_us) / 1e6
        known = min(known, int(passed_s * PEAKS_HZ))
    return mmi_of_pga(float(heard.peaks_mps2[known - 1])) if known > 0 else MMI_LEAST


def _neighbours(target: Heard, heard: Sequence[Heard]) -> Iterator[Heard]:
    here = target.record
    for one in heard:
        there = one.record
        if there.event_id != here.event_id or there.place == here.place:
            continue
        if distance_km(here.lat_deg, here.lon_deg, there.lat_deg, there.lon_deg) <= PLUM_KM:
            yield one


def _is_before(heard: Heard, time_us: int) -> bool:
    if heard.warning_s is None:
        return False
    return heard.record.start_us + round(heard.warning_s * 1e6) < time_us
