"""When an earthquake speaks: new, update, cancel, final (contracts.md section 4)."""

import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from vote.alert import SCHEMA, Alert, AreaForecast
from vote.ground import shaking
from vote.ground.levels import LEVELS, highest, level_of
from vote.ground.shaking import Area
from vote.running.event import OPEN_US, Event
from vote.settings import Settings
from vote.waves import travel

UPDATE_EVERY_US = 1_000_000
MAGNITUDE_STEP = 0.1
MOVED_KM = 5.0
MMI_STEP = 0.5
KEEPS_LEVEL_US = 10_000_000  # a siren that stops after a second is not believed the next time
EXPIRES_AFTER_S_US = 30_000_000
EXPIRES_AT_MOST_US = 300_000_000


def event_id(origin_us: int, first_node: int, first_onset_us: int, taken: set[str]) -> str:
    """Return an id that two engines with the same data agree on; taken: ids in use or told."""
    day = datetime.fromtimestamp(origin_us / 1e6, UTC).strftime("%Y%m%d")
    seed = zlib.crc32(f"{first_node}/{first_onset_us}".encode())
    while True:
        name = f"gs{day}{seed & 0xFFFFFFFF:08x}"
        if name not in taken:
            return name
        seed += 1


def has_to_wait(event: Event, now_us: int) -> bool:
    """Tell whether no message can be due, whatever is forecast: the last one is young, and has the
    highest level."""
    return event.last is not None and _is_young(event, event.last, LEVELS[-1], now_us)


def next_alert(
    event: Event,
    areas: Sequence[Area],
    forecast: shaking.Forecast,
    sender: str,
    category: str,
    settings: Settings,
    now_us: int,
) -> Alert | None:
    """Return the message that is due now, or None."""
    last = event.last
    held = {} if last is None else {area.id: area.level for area in last.areas}
    levels = [
        level_of(mmi, sigma, area, settings, held.get(area.area_id, "none"))
        for area, mmi, sigma in zip(areas, forecast.mmi.tolist(), forecast.mmi_sigma.tolist())
    ]
    if now_us - event.declared_us < KEEPS_LEVEL_US:
        levels = [highest([level, held.get(a.area_id, "none")]) for level, a in zip(levels, areas)]
    if last is not None and _is_young(event, last, highest(levels), now_us):
        return None
    draft = _draft(event, areas, forecast, levels, sender, category, settings, now_us)
    if last is None:
        return draft
    if now_us - event.declared_us > OPEN_US:
        return _with(draft, type="final", reason="No longer changing. " + draft.reason)
    if _matters(draft, last):
        return _with(draft, type="update")
    return None


def _is_young(event: Event, last: Alert, level: str, now_us: int) -> bool:
    """Tell whether an update to this level would follow the last message too soon."""
    is_open = now_us - event.declared_us <= OPEN_US
    rises = LEVELS.index(level) > LEVELS.index(last.level)
    return is_open and now_us - last.issued_us < UPDATE_EVERY_US and not rises


def cancel(event: Event, reason: str, now_us: int) -> Alert:
    assert event.last is not None
    return _with(
        event.last, type="cancel", version=event.version + 1, issued_us=now_us, reason=reason,
        level="none", likelihood=0.0, expires_us=now_us + EXPIRES_AFTER_S_US,
        areas=tuple(replace(area, level="none") for area in event.last.areas),
    )  # fmt: skip


def last_word(event: Event, now_us: int) -> Alert | None:
    """Return the final, when it is due, of what cannot be followed any more; its levels as long as
    they are valid."""
    last = event.last
    if last is None or now_us - event.declared_us <= OPEN_US:
        return None
    final = _with(
        last, type="final", version=last.version + 1, issued_us=now_us,
        expires_us=max(last.expires_us, now_us + EXPIRES_AFTER_S_US),
        reason="Followed no longer: what it rests on was lost when the engine started again.",
    )  # fmt: skip
    if last.expires_us > now_us:
        return final
    quiet = tuple(replace(area, level="none") for area in last.areas)
    return _with(final, level="none", areas=quiet)


def _matters(draft: Alert, last: Alert) -> bool:
    moved = travel.distance_km(
        draft.lat_deg, draft.lon_deg,
        last.lat_deg, last.lon_deg,
    )  # fmt: skip
    before = {area.id: area.mmi for area in last.areas}
    stronger = max(
        (
            abs(area.mmi - before.get(area.id, 1.0))
            for area in draft.areas
            if max(area.mmi, before.get(area.id, 1.0)) >= 3.0
        ),
        default=0.0,
    )
    return bool(
        abs(draft.magnitude - last.magnitude) >= MAGNITUDE_STEP
        or draft.level != last.level
        or _targets(draft) != _targets(last)
        or moved >= MOVED_KM
        or stronger >= MMI_STEP
    )


def _targets(alert: Alert) -> dict[str, str]:
    """Return the levels of the registered targets: each may have its own siren."""
    return {area.id: area.level for area in alert.areas if area.name}


def _draft(
    event: Event,
    areas: Sequence[Area],
    forecast: shaking.Forecast,
    levels: list[str],
    sender: str,
    category: str,
    settings: Settings,
    now_us: int,
) -> Alert:
    arrivals = [event.origin_us + round(s * 1e6) for s in forecast.s_arrival_s.tolist()]
    rows = tuple(
        AreaForecast(
            area.area_id, area.lat_deg, area.lon_deg, round(mmi, 2), round(sigma, 2),
            arrival, arrival <= now_us, level, area.name,
        )
        for area, mmi, sigma, arrival, level in zip(
            areas, forecast.mmi.tolist(), forecast.mmi_sigma.tolist(), arrivals, levels
        )
    )  # fmt: skip
    max_mmi = max((row.mmi for row in rows), default=1.0)
    felt = [row.s_arrival_us for row in rows if row.mmi >= settings.be_aware_mmi]
    expires = max([now_us, *felt]) + EXPIRES_AFTER_S_US
    return Alert(
        SCHEMA, event.event_id, event.version + 1, "new", category,
        now_us, min(expires, now_us + EXPIRES_AT_MOST_US), sender,
        event.origin_us, round(event.lat_deg, 4), round(event.lon_deg, 4), event.depth_km,
        round(event.size.magnitude, 2), round(event.origin_sigma_s, 2),
        round(event.ellipse.sigma_km, 1),
        round(event.size.sigma, 2), round(float(1 / (1 + np.exp(-event.ln_odds))), 4), False,
        len(event.votes), event.nodes_live_nearby, max_mmi,
        highest(levels),
        _reason(event), rows,
        round(event.ellipse.major_km, 1), round(event.ellipse.minor_km, 1),
        round(event.ellipse.azimuth_deg),
    )  # fmt: skip


def _reason(event: Event) -> str:
    sites = len({pick.node.site for pick in event.votes.values()})
    return (
        f"P wave at {len(event.votes)} nodes on {sites} sites, "
        f"{event.nodes_live_nearby} live ones within its reach."
    )


def _with(alert: Alert, **changes: object) -> Alert:
    return replace(alert, **changes)  # type: ignore[arg-type]
