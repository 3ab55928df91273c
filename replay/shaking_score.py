"""What was expected of the shaking at each place, and how early, against what was recorded there.

Intensities are MMI; the recorded ones follow from the largest acceleration (intensity.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from replay.catalogue import RecordTruth
from replay.intensity import MMI_LEAST, mmi_of_pga
from replay.outcomes import Version

WARNING_MMI = 3.5  # contracts.md section 6, like the next
WARNED_FROM_MMI = 4.0
FELT_MMI = 3.0


@dataclass(frozen=True)
class Warned:
    """One place whose recorded intensity reached WARNED_FROM_MMI."""

    place: str
    s_us: int  # when S came
    lead_s: float | None  # S minus the first warning's issue, where there was a warning

    @property
    def is_before_s(self) -> bool:
        return self.lead_s is not None and self.lead_s > 0


def recorded_mmi(records: Iterable[RecordTruth]) -> dict[str, float]:
    """Return the largest recorded intensity of each place."""
    mmi: dict[str, float] = {}
    for record in records:
        if record.pga_mps2 is not None:
            value = mmi_of_pga(record.pga_mps2)
            mmi[record.place] = max(value, mmi.get(record.place, MMI_LEAST))
    return mmi


def intensities(
    versions: list[Version], recorded: Mapping[str, float]
) -> tuple[tuple[float, float], ...]:
    """Return (expected, recorded) at each place that these versions speak of."""
    return tuple(
        (max(MMI_LEAST, expected), recorded[place])
        for version in versions
        for place, expected in sorted(version.mmi.items())
        if place in recorded
    )


def intensities_when_s_comes(
    records: Iterable[RecordTruth], recorded: Mapping[str, float], versions: list[Version]
) -> tuple[tuple[float, float], ...]:
    """Return (expected when S came, recorded); where nothing was said, nothing was expected."""
    pairs = []
    for place, s_us in sorted(_s_times(records).items()):
        if place in recorded:
            said = [v.mmi.get(place, MMI_LEAST) for v in versions if v.issued_us < s_us]
            pairs.append((max([MMI_LEAST, *said[-1:]]), recorded[place]))
    return tuple(pairs)


def _s_times(records: Iterable[RecordTruth]) -> dict[str, int]:
    """Return when S came to each place, where that is known."""
    times: dict[str, int] = {}
    for record in records:
        if record.s_s is not None:
            s_us = record.after_start_us(record.s_s)
            times[record.place] = min(s_us, times.get(record.place, s_us))
    return times


def warnings_of(
    records: Iterable[RecordTruth], mmi: Mapping[str, float], versions: list[Version]
) -> tuple[Warned, ...]:
    """Return the places to be warned, by recorded MMI (mmi), and how early they were."""
    return tuple(
        Warned(place, s_us, _lead_s(place, s_us, versions))
        for place, s_us in sorted(_s_times(records).items())
        if mmi.get(place, 0.0) >= WARNED_FROM_MMI
    )


def _lead_s(place: str, s_us: int, versions: list[Version]) -> float | None:
    for version in versions:
        if version.mmi.get(place, 0.0) >= WARNING_MMI:
            return (s_us - version.issued_us) / 1e6
    return None
