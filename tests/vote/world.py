"""A small world for the vote: nodes on a map, earthquakes, false causes, and what nodes say.

Its physics is the vote's own travel times and published relations, without noise unless asked: a
test changes one thing and sees what that thing does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from groundswell import wire

from vote.alert import Alert
from vote.decision import Decider
from vote.waves import magnitude, tables, travel

START_US = 1_764_000_000_000_000
LATENCY_US = 80_000
WINDOWS_S = (0.15, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40)


@dataclass(frozen=True)
class Place:
    node_id: int
    lat_deg: float
    lon_deg: float


@dataclass(frozen=True)
class Quake:
    lat_deg: float
    lon_deg: float
    magnitude: float
    after_s: float = 60.0  # of the origin, after START_US
    depth_km: float = 8.0

    @property
    def origin_us(self) -> int:
        return START_US + round(self.after_s * 1e6)


@dataclass
class World:
    """Messages with the time at which the engine receives them."""

    places: Sequence[Place]
    mail: list[tuple[int, object]] = field(default_factory=list)
    detections: int = 0

    def alive(self, until_s: float = 200.0, dead: Iterable[int] = (), **changes: object) -> None:
        """Every node sends its status every 30 s, but for the dead, who did so only long ago."""
        for place in self.places:
            last_s = -100.0 if place.node_id in set(dead) else until_s
            for at_s in np.arange(-120.0, last_s + 0.1, 30.0):
                self.say(status(place, START_US + round(at_s * 1e6), **changes))

    def shake(
        self, quake: Quake, skip: Iterable[int] = (), noise_s: float = 0.0, longer: float = 0.0
    ) -> None:
        """Every node that hears the P wave triggers, and refines its trigger.

        longer: what share more time waves take than in the vote's crust."""
        rng = np.random.default_rng(round(quake.after_s * 10))
        for place in self.places:
            p_s, s_s, reach = arrivals(quake, place)
            p_s, s_s = p_s * (1 + longer), s_s * (1 + longer)
            hears = tables.p_peak_mps2(quake.magnitude, np.array(reach))
            if place.node_id in set(skip) or hears < 5 * 4e-4:
                continue
            onset_us = quake.origin_us + round((p_s + noise_s * rng.normal()) * 1e6)
            self.trigger(place, onset_us, *peaks(quake, reach, s_s - p_s))

    def trigger(
        self,
        place: Place,
        onset_us: int,
        pga_mps2: Sequence[float] = (0.01,) * len(WINDOWS_S),
        pgv_mps: Sequence[float] = (1e-4,) * len(WINDOWS_S),
        pd_m: Sequence[float] = (1e-5,) * len(WINDOWS_S),
        received_after_us: int = LATENCY_US,
        **changes: object,
    ) -> None:
        """One node detects something, and says so in several messages of one detection."""
        self.detections += 1
        for update, window_s in enumerate(WINDOWS_S):
            sample_us = onset_us + round(window_s * 1e6)
            message = wire.Trigger(
                place.node_id, 1, update, self.detections, update, 0, onset_us, sample_us,
                sample_us + 30_000, 10_000, 900, 12_000, round(pga_mps2[update] * 1e6),
                round(pgv_mps[update] * 1e9), round(pd_m[update] * 1e9), 400,
            )._replace(**changes)  # fmt: skip
            self.mail.append((sample_us + received_after_us, message))

    def say(self, message: object, received_us: int | None = None) -> None:
        at_us = message.sent_us + LATENCY_US if received_us is None else received_us  # type: ignore[attr-defined]
        self.mail.append((at_us, message))

    def play(self, decider: Decider, late: bool = False) -> list[Alert]:
        """Hand everything to a decider in the order of reception; return its alerts."""
        alerts: list[Alert] = []
        now_us = 0
        for received_us, message in sorted(self.mail, key=lambda entry: entry[0]):
            decider.hear(message, received_us, late and isinstance(message, wire.Trigger))
            alerts += decider.tick(received_us)
            now_us = received_us
        for step in range(1, 121):
            alerts += decider.tick(now_us + step * 500_000)
        return alerts


def status(place: Place, sent_us: int, **changes: object) -> wire.Status:
    return wire.Status(
        place.node_id, 1, 0, wire.STATE_ARMED, 0, wire.SENSOR_ADXL355, sent_us, 10_000, 0,
        round(place.lat_deg * 1e6), round(place.lon_deg * 1e6), 0, 125_000, 400,
        0, 1000, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
    )._replace(**changes)  # fmt: skip


def arrivals(quake: Quake, place: Place) -> tuple[float, float, float]:
    """Return P and S travel times and the hypocentral distance."""
    distance = travel.distance_km(place.lat_deg, place.lon_deg, quake.lat_deg, quake.lon_deg)
    return (
        float(travel.p_time_s(distance, quake.depth_km)),
        float(travel.s_time_s(distance, quake.depth_km)),
        float(np.hypot(distance, quake.depth_km)),
    )


def peaks(
    quake: Quake, reach_km: float, s_minus_p_s: float
) -> tuple[list[float], list[float], list[float]]:
    """Return acceleration, velocity and displacement so far, one value for each window."""
    p_mps2 = float(tables.p_peak_mps2(quake.magnitude, np.array(reach_km)))
    pga = [p_mps2 * (5.0 if w > s_minus_p_s + 0.5 else min(1.0, 0.4 + w)) for w in WINDOWS_S]
    full = (
        magnitude.PD_PIVOT
        + (quake.magnitude - magnitude.PD_PIVOT)
        / np.interp(WINDOWS_S, magnitude.WINDOW_S, magnitude.PD_GROWTH)
        - magnitude.PD_CONSTANT
        - magnitude.PD_DISTANCE * np.log10(reach_km)
        - np.interp(WINDOWS_S, magnitude.WINDOW_S, magnitude.PD_MISSING)
    )
    pd = [float(x) for x in 10 ** (full / magnitude.PD_SLOPE) / 100]
    return pga, [a / 40 for a in pga], pd


def grid(
    across: int, spacing_km: float, lat_deg: float = 17.0, lon_deg: float = -100.0
) -> list[Place]:
    """Return across x across nodes, numbered from 1, centred on a place."""
    ticks = (np.arange(across) - (across - 1) / 2) * spacing_km / travel.KM_PER_DEG
    shrink = float(np.cos(np.radians(lat_deg)))
    return [
        Place(1 + i * across + j, lat_deg + north, lon_deg + east / shrink)
        for i, north in enumerate(ticks)
        for j, east in enumerate(ticks)
    ]


def declared(alerts: Iterable[Alert]) -> list[str]:
    """Return the ids of what was declared, in order."""
    return [alert.event_id for alert in alerts if alert.type == "new"]


def listening(places: Sequence[Place], until_s: float = 200.0, dead: Iterable[int] = ()) -> World:
    """Return a world whose nodes are alive, but for the dead."""
    world = World(places)
    world.alive(until_s, dead)
    return world


def second(after_s: float) -> int:
    return START_US + round(after_s * 1e6)
