"""What came of one simulated earthquake: ours and the simple rules, on the same messages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from replay.baseline_rules import ASTUTI, ASTUTI_LEVEL_MPS2, TRIGGER_RULES, Declared, Station
from replay.baseline_rules import Mark as RuleMark
from replay.catalogue import distance_km
from replay.intensity import MMI_LEAST, mmi_of_pga
from replay.network_score import MATCH_KM, MATCH_S
from replay.shaking_score import WARNED_FROM_MMI, WARNING_MMI
from study.ground import Ground
from study.networks import Array, Network
from study.node_messages import START_US, Mark, place_of
from study.shocks import Quake
from vote.alert import Alert
from vote.waves import travel
from vote.waves.plane import Plane

STRONG_MMI = 5.0
PLUM_KM = 30.0
PLUM_LATENCY_S = 0.2
MARKS_HEARD = (
    15  # by the rules: their search is slow, and the sixteenth trigger is too late anyway
)
STEP_S = 0.1


@dataclass
class Outcome:
    """One line of the study. Pairs are [hits, trials]."""

    quake: str
    network: str
    magnitude: float
    depth_km: float
    weight: float
    nodes_live: int
    nodes_strong: int  # live ones where the true intensity reached STRONG_MMI
    declared: bool = False
    after_origin_s: float | None = None
    after_third_p_s: float | None = None
    after_fourth_p_s: float | None = None
    first_km: float | None = None
    final_km: float | None = None
    first_magnitude_error: float | None = None
    final_magnitude_error: float | None = None
    first_magnitude_sigma: float | None = None
    final_magnitude_sigma: float | None = None
    final_sigma_km: float | None = None
    first_in_ellipse: bool | None = None  # of 68 %
    final_in_ellipse: bool | None = None
    duplicates: int = 0
    wrong: int = 0
    wrong_above_none: int = 0
    within_one: dict[str, list[int]] = field(default_factory=dict)
    warned: dict[str, list[int]] = field(default_factory=dict)
    rules: dict[str, dict[str, float | int | None]] = field(default_factory=dict)


def outcome_of(
    network: Network, quake: Quake, alerts: Sequence[Alert], marks: Sequence[Mark] | None
) -> Outcome:
    """Return the line of an earthquake. marks: for the simple rules; None leaves them out."""
    mmi = np.array([mmi_of_pga(float(pga)) for pga in quake.pga_mps2])
    live = ~quake.is_dead
    found = Outcome(
        quake.name, network.name, round(quake.magnitude, 3), round(quake.depth_km, 1),
        quake.weight, int(live.sum()), int((live & (mmi >= STRONG_MMI)).sum()),
    )  # fmt: skip
    matched = _note_alerts(found, quake, alerts)
    places = _Places(network, quake, mmi)
    places.note(found, "groundswell", _final(matched, network), _at_s(matched, places))
    found.warned["groundswell"] = places.warned(_first_warnings_s(matched, network))
    if marks is not None:
        _note_neighbours(found, places)
        _note_rules(found, network, quake, marks)
    return found


def _note_alerts(found: Outcome, quake: Quake, alerts: Sequence[Alert]) -> list[Alert]:
    """Fill in what was declared; return the versions of the first matching event, from its first
    fit on."""
    threads: dict[str, list[Alert]] = {}
    for alert in alerts:
        threads.setdefault(alert.event_id, []).append(alert)
    matching = [one for one in threads.values() if any(_fits(alert, quake) for alert in one)]
    wrong = [one for one in threads.values() if one not in matching]
    found.wrong = len(wrong)
    found.wrong_above_none = sum(any(a.level != "none" for a in one) for one in wrong)
    if not matching:
        return []
    best = min(matching, key=lambda one: next(a.issued_us for a in one if _fits(a, quake)))
    start = next(k for k, alert in enumerate(best) if _fits(alert, quake))
    versions = [alert for alert in best[start:] if alert.type != "cancel"]
    first, last = versions[0], versions[-1]
    found.declared, found.duplicates = True, len(matching) - 1
    found.after_origin_s = (first.issued_us - START_US) / 1e6
    p_s = np.sort(quake.motion.p_s[~quake.is_dead])
    found.after_third_p_s = found.after_origin_s - float(p_s[2])
    found.after_fourth_p_s = found.after_origin_s - float(p_s[3])
    found.first_km, found.final_km = _apart_km(first, quake), _apart_km(last, quake)
    found.first_magnitude_error = round(first.magnitude - quake.magnitude, 3)
    found.final_magnitude_error = round(last.magnitude - quake.magnitude, 3)
    found.first_magnitude_sigma = first.magnitude_sigma
    found.final_magnitude_sigma = last.magnitude_sigma
    found.final_sigma_km = last.location_sigma_km
    found.first_in_ellipse, found.final_in_ellipse = _holds(first, quake), _holds(last, quake)
    return versions


@dataclass
class _Places:
    """Every node's place: people live there whether its node is alive or not."""

    network: Network
    quake: Quake
    mmi: Array  # the truth

    @property
    def s_s(self) -> Array:
        return self.quake.motion.s_s

    def note(self, found: Outcome, name: str, final: Array, at_s: Array) -> None:
        felt = self.mmi >= 3.0
        found.within_one[name] = _pair(np.abs(final - self.mmi)[felt] <= 1.0)
        found.within_one[name + ", when S comes"] = _pair(np.abs(at_s - self.mmi)[felt] <= 1.0)

    def warned(self, first_s: Array) -> list[int]:
        """first_s: when each place was first told of WARNING_MMI; infinity for never."""
        return _pair((first_s < self.s_s)[self.mmi >= WARNED_FROM_MMI])


def _note_neighbours(found: Outcome, places: _Places) -> None:
    """PLUM: the largest of the others within 30 km; persistence: a place's own node so far."""
    network, quake = places.network, places.quake
    grounds = [Ground.at(node, network, quake) for node in range(network.size)]
    times_s = np.arange(0.0, float(places.s_s.max()) + 1.0, STEP_S)
    so_far = np.array(
        [[mmi_of_pga(g.pga_mps2(float(t))) if t > g.p_s else MMI_LEAST for t in times_s]
         for g in grounds]
    )  # fmt: skip
    so_far[quake.is_dead] = MMI_LEAST
    apart = np.hypot(
        network.east_km[:, None] - network.east_km, network.north_km[:, None] - network.north_km
    )
    near = (apart <= PLUM_KM) & ~np.eye(network.size, dtype=bool)
    own_final = np.where(quake.is_dead, MMI_LEAST, places.mmi)
    others_final = np.where(near, own_final, MMI_LEAST).max(axis=1)
    others = np.array([so_far[row].max(axis=0, initial=MMI_LEAST) for row in near])
    column = np.minimum(np.searchsorted(times_s, places.s_s), len(times_s) - 1)
    late = np.maximum(column - round(PLUM_LATENCY_S / STEP_S), 0)
    rows = np.arange(network.size)
    places.note(found, "PLUM-like", others_final, others[rows, late])
    places.note(found, "persistence", own_final, so_far[rows, column])
    del found.within_one["persistence"]  # in the end everybody knows what shook him
    found.warned["PLUM-like"] = places.warned(_reached_s(others, times_s) + PLUM_LATENCY_S)
    found.warned["persistence"] = places.warned(_reached_s(so_far, times_s))


def _reached_s(mmi: Array, times_s: Array) -> Array:
    reached = mmi >= WARNING_MMI
    return np.where(reached.any(axis=1), times_s[reached.argmax(axis=1)], np.inf)


def _note_rules(found: Outcome, network: Network, quake: Quake, marks: Sequence[Mark]) -> None:
    begin_us, end_us = START_US - 300_000_000, START_US + 300_000_000
    stations = {
        node: Station(f"N{node}", *place_of(network, node), begin_us, end_us)
        for node in range(network.size)
        if not quake.is_dead[node]
    }
    heard = sorted(marks, key=lambda mark: mark.received_us)[:MARKS_HEARD]
    triggers = [RuleMark(stations[mark.node], mark.received_us) for mark in heard]
    for rule in TRIGGER_RULES:
        _note_rule(found, rule.name, rule.declare(triggers, list(stations.values())), quake)
    crossings = _crossings(network, quake, stations)
    _note_rule(found, ASTUTI.name, ASTUTI.declare(crossings, list(stations.values())), quake)


def _crossings(network: Network, quake: Quake, stations: dict[int, Station]) -> list[RuleMark]:
    """Return when each node's acceleration passed ASTUTI's level."""
    times_s = np.arange(0.0, 120.0, STEP_S)
    crossed = []
    for node, station in stations.items():
        ground = Ground.at(node, network, quake)
        if quake.pga_mps2[node] >= ASTUTI_LEVEL_MPS2:
            level = [ground.pga_mps2(float(t)) >= ASTUTI_LEVEL_MPS2 for t in times_s]
            after_s = float(times_s[int(np.argmax(level))]) + PLUM_LATENCY_S
            crossed.append(RuleMark(station, START_US + round(after_s * 1e6)))
    return sorted(crossed, key=lambda mark: mark.time_us)[:MARKS_HEARD]


def _note_rule(found: Outcome, name: str, declared: Sequence[Declared], quake: Quake) -> None:
    fitting = [one for one in declared if _rule_fits(one, quake)]
    first_us = min((one.issued_us for one in fitting), default=None)
    found.rules[name] = {
        "declared": int(bool(fitting)),
        "wrong": len(declared) - len(fitting),
        "after_origin_s": None if first_us is None else (first_us - START_US) / 1e6,
    }


def _final(versions: Sequence[Alert], network: Network) -> Array:
    return _mmi_of(versions[-1] if versions else None, network)


def _at_s(versions: Sequence[Alert], places: _Places) -> Array:
    """Return what was forecast for each place when its S wave came."""
    known = np.full(places.network.size, MMI_LEAST)
    for alert in versions:
        is_before = (alert.issued_us - START_US) / 1e6 < places.s_s
        known = np.where(is_before, _mmi_of(alert, places.network), known)
    return known


def _first_warnings_s(versions: Sequence[Alert], network: Network) -> Array:
    first_s = np.full(network.size, np.inf)
    for alert in versions:
        warns = (_mmi_of(alert, network) >= WARNING_MMI) & np.isinf(first_s)
        first_s[warns] = (alert.issued_us - START_US) / 1e6
    return first_s


def _mmi_of(alert: Alert | None, network: Network) -> Array:
    """Areas are the nodes' places, in their order."""
    if alert is None:
        return np.full(network.size, MMI_LEAST)
    return np.array([area.mmi for area in alert.areas])


def _fits(alert: Alert, quake: Quake) -> bool:
    if alert.type == "cancel" or abs(alert.origin_us - START_US) > MATCH_S * 1e6:
        return False
    return _apart_km(alert, quake) <= MATCH_KM


def _rule_fits(one: Declared, quake: Quake) -> bool:
    apart_km = distance_km(one.lat_deg, one.lon_deg, quake.lat_deg, quake.lon_deg)
    return abs(one.origin_us - START_US) <= MATCH_S * 1e6 and apart_km <= MATCH_KM


def _apart_km(alert: Alert, quake: Quake) -> float:
    apart = travel.distance_km(alert.lat_deg, alert.lon_deg, quake.lat_deg, quake.lon_deg)
    return round(float(apart), 2)


def _holds(alert: Alert, quake: Quake) -> bool | None:
    """Tell whether the ellipse of an alert holds the epicentre."""
    if not (alert.ellipse_major_km and alert.ellipse_minor_km):
        return None
    east, north = Plane(alert.lat_deg, alert.lon_deg).lay(quake.lat_deg, quake.lon_deg)
    azimuth = math.radians(alert.ellipse_azimuth_deg or 0.0)
    along = east * math.sin(azimuth) + north * math.cos(azimuth)
    across = east * math.cos(azimuth) - north * math.sin(azimuth)
    sigmas = np.hypot(along / alert.ellipse_major_km, across / alert.ellipse_minor_km)
    return bool(sigmas <= 1)


def _pair(hits: np.ndarray) -> list[int]:
    return [int(hits.sum()), int(hits.size)]
