"""What happens in a running system by default: an earthquake now and then, near the network."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from training.scenario import Place
from training.wavefield import Earthquake, generator

FIRST_AFTER_S = 20.0  # time to look at the console, and for detectors to learn the noise
EVERY_S = 180.0
FIRST_MAGNITUDE = 6.0
SMALLEST, LARGEST = 4.5, 7.0
# b = 1 of Gutenberg-Richter would show a 4.6 nearly every time; this is a show
B_VALUE = 0.5


@dataclass(frozen=True)
class Story:
    """An endless, seeded list of earthquakes; `limit` ends it."""

    network: tuple[Place, ...]
    seed: int
    every_s: float = EVERY_S
    first_after_s: float = FIRST_AFTER_S
    magnitude: float | None = None  # the same for all; None: 6 first, then drawn
    limit: int | None = None

    def earthquakes(self, start_us: int) -> Iterator[Earthquake]:
        number = 0
        while self.limit is None or number < self.limit:
            after_s = self.first_after_s + number * self.every_s
            yield self._earthquake(number, start_us + round(after_s * 1e6))
            number += 1

    def _earthquake(self, number: int, origin_us: int) -> Earthquake:
        event_id = f"story{number + 1}"
        rng = generator(self.seed, event_id)
        home = self.network[int(rng.integers(len(self.network)))]
        # the Cocos plate goes under from the south-west: sources lie offshore and below the coast
        towards = math.radians(210.0 + 40.0 * (2 * rng.random() - 1))
        away_km = 5.0 + 35.0 * rng.random()
        drawn = self._drawn_magnitude(rng.random())
        if number == 0:
            drawn = FIRST_MAGNITUDE
        return Earthquake(
            event_id=event_id,
            origin_us=origin_us,
            lat_deg=home.lat_deg + away_km * math.cos(towards) / 111.195,
            lon_deg=home.lon_deg
            + away_km * math.sin(towards) / (111.195 * math.cos(math.radians(home.lat_deg))),
            depth_km=10.0 + 20.0 * rng.random(),
            magnitude=drawn if self.magnitude is None else self.magnitude,
        )

    def _drawn_magnitude(self, share: float) -> float:
        """Return the magnitude that this share of a Gutenberg-Richter population stays below."""
        span = 1 - 10 ** (-B_VALUE * (LARGEST - SMALLEST))
        return round(SMALLEST - math.log10(1 - share * span) / B_VALUE, 1)


def nearest(network: tuple[Place, ...], lat_deg: float, lon_deg: float) -> Place:
    """Return the node's place that is nearest, for people to read."""
    return min(
        network,
        key=lambda place: math.hypot(
            place.lat_deg - lat_deg, (place.lon_deg - lon_deg) * math.cos(math.radians(lat_deg))
        ),
    )
