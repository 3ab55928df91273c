"""Where the nodes are, and what happens to them: a network and its story, as values."""

import datetime
import unicodedata
from dataclasses import dataclass, replace

from replay.sensors import CHIPS
from training.disturbances import Door, Local, PowerCut, SupplyGlitch, Thunder, Train
from training.mounting import Gaps, Mounting, drawn_mounting
from training.noise import Background
from training.wavefield import Earthquake, Motion, generator, motion_at, number_of

Happening = Earthquake | Thunder | Train | PowerCut | SupplyGlitch | Door | Local

CLOCK_SIGMA_MS = 5.0  # NTP over Wi-Fi, least delay of eight: under 2 ms; some networks are worse
DEFAULT_START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Place:
    """A node of the scenario."""

    name: str
    lat_deg: float
    lon_deg: float
    elevation_m: float = 0.0
    sensor: str = "adxl355"
    clock_error_ms: float | None = None  # None: drawn, as are the two below
    tilt_deg: float | None = None
    rotation_deg: float | None = None
    gaps_per_hour: float = 0.0

    @property
    def code(self) -> str:
        """The station code: letters and digits of the name, without accents."""
        plain = unicodedata.normalize("NFKD", self.name)
        return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())


@dataclass(frozen=True)
class Scenario:
    name: str
    nodes: tuple[Place, ...]
    happenings: tuple[Happening, ...]
    seed: int = 1
    rate_hz: float = 125.0  # an ADXL355 has no 100 Hz
    start_us: int = int(DEFAULT_START.timestamp()) * 1_000_000
    lead_s: float = 60.0  # of each record before the origin
    tail_s: float = 60.0  # and after S

    def motion_of(self, happening: Happening, place: Place) -> Motion | None:
        """Return what a happening does to a node, as its axes see it; None where nobody would
        notice."""
        where = (place.name, place.lat_deg, place.lon_deg, self.rate_hz, self.seed)
        motion: Motion | None
        if isinstance(happening, Earthquake):
            motion = motion_at(happening, *where)
        else:
            motion = happening.motion_at(*where)
        if motion is None:
            return None
        seen = self.mounting_of(place).seen(motion.acceleration_mps2)
        return replace(motion, acceleration_mps2=seen)

    def mounting_of(self, place: Place) -> Mounting:
        drawn = drawn_mounting(generator(self.seed, "mounting", place.name))
        return replace(
            drawn,
            tilt_deg=drawn.tilt_deg if place.tilt_deg is None else place.tilt_deg,
            rotation_deg=drawn.rotation_deg if place.rotation_deg is None else place.rotation_deg,
        )

    def gaps_of(self, place: Place) -> Gaps:
        return Gaps((self.seed, number_of("gaps"), number_of(place.name)), place.gaps_per_hour)

    def background_of(self, place: Place) -> Background:
        chip = CHIPS[place.sensor]
        return Background(
            place.name,
            self.seed,
            self.rate_hz,
            chip.noise_g_rthz,
            chip.vertical_noise,
            chip.drift_g_per_k,
        )

    def clock_error_us(self, place: Place) -> int:
        """Return how much the node's clock is ahead of the truth."""
        if place.clock_error_ms is not None:
            return round(1000 * place.clock_error_ms)
        drawn = generator(self.seed, "clock", place.name).standard_normal()
        return round(1000 * CLOCK_SIGMA_MS * drawn)
