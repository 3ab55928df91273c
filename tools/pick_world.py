"""A network and its earthquakes without waveforms: what the nodes would say, quickly, by the
thousand. For the speed of the vote, and for whether its stated errors are true.

Another Earth than the vote's: speed grows steadily with depth over a faster half-space, so rays
are bent (vote/waves/travel.py: straight ones), and regions and paths differ (study/crust.py).
Onsets are as late as measured ones are (study/trigger_model.py). Amplitudes are Cua & Heaton's
(2009) with errors of their own for the earthquake and for the place, Pd Kuyuk & Allen's (2013);
weak P waves are missed, and then the S wave is picked instead.
"""

from dataclasses import dataclass, field

import numpy as np
from groundswell import wire
from numpy.typing import NDArray

from study import crust, trigger_model

Array = NDArray[np.float64]
Mail = list[tuple[int, object]]  # (received_us, message)

START_US = 1_764_000_000_000_000
KM_PER_DEG = 111.195

SURFACE_KM_S, GRADIENT_PER_S, MOHO_KM, MANTLE_KM_S = 5.6, 0.035, 32.0, 7.9
VP_OVER_VS = 1.76

LATENCY_S = 0.08
STATUS_EVERY_S = 30.0
WINDOWS_S = np.array([0.15, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30])
NOISE_MPS2 = 4e-4
TRIGGER_OVER_NOISE = 5.0
EVENT_SIGMA, NODE_SIGMA = 0.25, 0.22  # log10 of an amplitude
PD_EVENT_SIGMA, PD_NODE_SIGMA = 0.25, 0.25
# log10 of Pd's final value over its value by then, as if the source ended in 10^(0.5 M - 2.2) s
RISE = 1.0


@dataclass(frozen=True)
class Quake:
    lat_deg: float
    lon_deg: float
    depth_km: float
    magnitude: float
    origin_s: float  # after START_US


@dataclass
class Network:
    lat_deg: Array
    lon_deg: Array
    clock_sigma_s: float = 0.05
    noise_mps2: float = NOISE_MPS2

    @classmethod
    def scattered(
        cls,
        count: int,
        spacing_km: float,
        rng: np.random.Generator,
        lat_deg: float = 17.0,
        lon_deg: float = -100.0,
    ) -> "Network":
        """Return nodes in a square, as many as stand so far apart on average."""
        half = spacing_km * np.sqrt(count) / 2
        east, north = rng.uniform(-half, half, (2, count))
        lat = lat_deg + north / KM_PER_DEG
        return cls(lat, lon_deg + east / (KM_PER_DEG * np.cos(np.radians(lat))))


@dataclass
class Played:
    mail: Mail = field(default_factory=list)
    cause: dict[tuple[int, int], int] = field(default_factory=dict)  # (node, detection): quake, -1

    def in_order(self) -> Mail:
        return sorted(self.mail, key=lambda entry: entry[0])


def distance_km(network: Network, quake: Quake) -> Array:
    return np.asarray(np.hypot(*_offsets_km(network, quake)))


def _offsets_km(network: Network, quake: Quake) -> tuple[Array, Array]:
    """Return how far east and north of the epicentre the nodes stand."""
    middle = np.radians((network.lat_deg + quake.lat_deg) / 2)
    east = (network.lon_deg - quake.lon_deg) * KM_PER_DEG * np.cos(middle)
    return east, (network.lat_deg - quake.lat_deg) * KM_PER_DEG


def p_time_s(epicentral_km: Array, depth_km: float) -> Array:
    """Return the first of the bent ray through the crust and the head wave."""
    bottom = SURFACE_KM_S + GRADIENT_PER_S * depth_km
    square = epicentral_km**2 + depth_km**2
    bent = np.arccosh(1 + GRADIENT_PER_S**2 * square / (2 * SURFACE_KM_S * bottom))
    through = bent / GRADIENT_PER_S
    if depth_km >= MOHO_KM:
        return np.asarray(through)
    down, up = (_leg_s(top) for top in (depth_km, 0.0))
    head = epicentral_km / MANTLE_KM_S + down + up
    return np.asarray(np.minimum(through, np.where(epicentral_km > 80.0, head, np.inf)))


def _leg_s(top_km: float) -> float:
    depth = np.linspace(top_km, MOHO_KM, 200)
    speed = SURFACE_KM_S + GRADIENT_PER_S * depth
    return float(np.trapezoid(np.sqrt(1 / speed**2 - 1 / MANTLE_KM_S**2), depth))


def statuses(network: Network, until_s: float, played: Played) -> None:
    """Let every node say every 30 s that it is there."""
    for k, (lat, lon) in enumerate(zip(network.lat_deg, network.lon_deg)):
        for at_s in np.arange(-60.0 + (k % 30), until_s, STATUS_EVERY_S):
            sent_us = START_US + round(at_s * 1e6)
            played.mail.append((sent_us + round(LATENCY_S * 1e6), wire.Status(
                k + 1, 1, 0, wire.STATE_ARMED, 0, wire.SENSOR_ADXL355, sent_us,
                round(network.clock_sigma_s * 1e6), 0, round(lat * 1e6), round(lon * 1e6), 0,
                125_000, round(network.noise_mps2 * 1e6), 0, 1000, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
            )))  # fmt: skip


def shake(
    network: Network,
    quake: Quake,
    name: int,
    played: Played,
    rng: np.random.Generator,
    refined: int = len(WINDOWS_S),
) -> None:
    """Let an earthquake happen: each node that notices it triggers once."""
    epicentral = distance_km(network, quake)
    hypocentral = np.hypot(epicentral, quake.depth_km)
    p_s = p_time_s(epicentral, quake.depth_km)
    event, pd_event = EVENT_SIGMA * rng.normal(), PD_EVENT_SIGMA * rng.normal()
    peak = 10 ** (
        _p_peak_log10(quake.magnitude, hypocentral)
        + event
        + NODE_SIGMA * rng.normal(size=len(p_s))
    )
    pd_final = 10 ** (
        (quake.magnitude - 5.59 - 1.38 * np.log10(np.maximum(hypocentral, 3))) / 1.23
    )
    pd_final *= 10 ** (pd_event + PD_NODE_SIGMA * rng.normal(size=len(p_s))) / 100
    clock_s = network.clock_sigma_s * rng.normal(size=len(p_s))
    p_s = p_s * (1 + crust.late_shares(0.0, 0.0, *_offsets_km(network, quake), rng))
    needed = TRIGGER_OVER_NOISE * network.noise_mps2
    rise_s = 10 ** (0.5 * quake.magnitude - 2.2)
    for k in np.flatnonzero(5 * peak > needed):
        is_p = peak[k] > needed
        s_minus_p = (VP_OVER_VS - 1) * p_s[k]
        wave_s = quake.origin_s + (p_s[k] if is_p else VP_OVER_VS * p_s[k])
        loud_mps2 = float(peak[k] if is_p else 5 * peak[k])
        true_s = trigger_model.onset_of(wave_s, loud_mps2, rng).onset_s
        has_s = s_minus_p < WINDOWS_S if is_p else np.ones(len(WINDOWS_S), dtype=bool)
        pga = peak[k] * np.where(has_s, 5.0, np.minimum(1.0, 0.4 + WINDOWS_S))
        missing = RISE * np.exp(-WINDOWS_S / max(rise_s, 0.3) * 1.5)
        pd = pd_final[k] * 10 ** (-missing) * np.where(has_s, 4.0, 1.0)
        trigger(network, k, true_s, clock_s[k], pga, pd, name, played, refined)


def err(
    network: Network,
    per_node_h: float,
    until_s: float,
    played: Played,
    rng: np.random.Generator,
    refined: int = 3,
) -> None:
    """Let nodes trigger on nothing."""
    count = rng.poisson(per_node_h * len(network.lat_deg) * until_s / 3600)
    for k, at_s in zip(
        rng.integers(0, len(network.lat_deg), count), rng.uniform(0, until_s, count)
    ):
        pga = np.full(len(WINDOWS_S), 10 ** rng.normal(-2.3, 0.3))
        trigger(network, int(k), at_s, 0.0, pga, pga * 1e-3, -1, played, refined)


def trigger(
    network: Network,
    k: int,
    true_s: float,
    clock_s: float,
    pga: Array,
    pd: Array,
    name: int,
    played: Played,
    refined: int,
) -> None:
    detection = len(played.cause)
    played.cause[k + 1, detection] = name
    onset_us = START_US + round((true_s + clock_s) * 1e6)
    for update, window_s in enumerate(WINDOWS_S[:refined]):
        sample_us = onset_us + round(window_s * 1e6)
        received_us = START_US + round((true_s + window_s + LATENCY_S) * 1e6)
        played.mail.append((received_us, wire.Trigger(
            k + 1, 1, update, detection, update, 0, onset_us, sample_us, sample_us,
            round(network.clock_sigma_s * 1e6), 800, 8_000, round(pga[update] * 1e6),
            round(pga[update] / 40 * 1e9), round(pd[update] * 1e9),
            round(network.noise_mps2 * 1e6),
        )))  # fmt: skip


def _p_peak_log10(magnitude: float, hypocentral_km: Array) -> Array:
    """Cua & Heaton (2009), P on rock, log10 of m/s^2."""
    reach = np.hypot(hypocentral_km, 3.0)
    reach = reach + 1.6 * np.exp(1.05 * (magnitude - 5)) * (np.arctan(magnitude - 5) + 1.4)
    return np.asarray(0.72 * magnitude - 3.3e-3 * reach - 1.2 * np.log10(reach) - 3.06)


def magnitudes(count: int, least: float, rng: np.random.Generator) -> Array:
    """Return Gutenberg-Richter magnitudes, b = 1, 7.8 at most."""
    share = 1 - 10 ** (least - 7.8)
    return np.asarray(least - np.log10(1 - share * rng.random(count)))
