"""What a node makes of the ground's motion, without samples: when it triggers, and how sure it is.

Tables from what today's detector says about recorded P waves (models that had not seen the event,
ADXL355 noise, analysts' and automatic picks; study/fit_triggers.py writes them).
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from study.networks import Array
from vote.nodes.picks import mark

# Half of the P waves with a peak of five times the noise trigger: of 349 records with a P, found
# before S were 31 % at a PGA of 3 to 10 mm/s^2, 79 % at 10 to 30, 96 % at 30 to 100, with S five
# times P (Cua & Heaton 2009) and a noise of 0.45 mm/s^2.
TRIGGER_RATIO = 5.0
RATIO_LOG10_SIGMA = 0.3
S_MAY_TRIGGER_AFTER_S = 0.2

SHARES = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0)
TABLE = Path(__file__).with_name("node_today.json")
# Rows by the peak of a P wave's first second, log10 m/s^2: quantiles of publication after the
# onset, of the onset after P, of p_quake in the first message and after a second.
# false_p_quake: the surest of each false detection's first two seconds (worn sensors, quiet).
NODE: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
# Of field nodes in the quiet before earthquakes (Jeffreys' mean of few), and of what people do
# around: five moments a day like the recordings of worn and shaken sensors
FALSE_PER_HOUR = (NODE["false_in_quiet_mems"] + 0.5) / NODE["quiet_mems_h"] + (
    NODE["false_in_activity"] / NODE["activity_records"] * 5 / 24
)
FALSE_LN_SIGMA = 0.7  # between nodes
FALSE_MARK = float(np.mean([mark(p) for p in NODE["false_p_quake"]]))  # what a network learns


@dataclass(frozen=True)
class Onset:
    """One detection. Times are seconds after the origin, by a perfect clock."""

    onset_s: float
    published_s: float
    p_first: float
    p_later: float


def onset_of(arrival_s: float, peak_mps2: float, rng: np.random.Generator) -> Onset:
    """Return the detection of a phase that is known to trigger."""
    row = next(row for row in NODE["rows"] if math.log10(peak_mps2) < _up_to(row))
    chance = rng.uniform(size=3)
    waits_s = float(np.interp(chance[0], SHARES, row["published_s"]))
    late_s = float(np.interp(chance[1], SHARES, row["late_s"]))
    onset_s = arrival_s + late_s
    # a node cannot speak of a wave before it is there
    published_s = max(onset_s + waits_s, arrival_s + 0.04)
    names = ("p_first", "p_later")
    first, later = (float(np.interp(chance[2], SHARES, row[name])) for name in names)
    return Onset(onset_s, published_s, first, later)


def _up_to(row: dict[str, Any]) -> float:
    return math.inf if row["log10_up_to"] is None else float(row["log10_up_to"])


def triggers(peak_mps2: Array, noise_mps2: Array, rng: np.random.Generator) -> np.ndarray:
    """Return which nodes notice a peak in their noise."""
    ratio = np.log10(np.maximum(peak_mps2, 1e-9) / (TRIGGER_RATIO * noise_mps2))
    return np.asarray(ratio + RATIO_LOG10_SIGMA * rng.standard_normal(ratio.shape) > 0)


def false_p_quake(rng: np.random.Generator, count: int) -> Array:
    said = NODE["false_p_quake"]
    return np.asarray(np.interp(rng.uniform(size=count), np.linspace(0, 1, len(said)), said))


def false_rates_h(rng: np.random.Generator, count: int) -> Array:
    """Return each node's own false rate, whose mean is FALSE_PER_HOUR."""
    spread = np.exp(FALSE_LN_SIGMA * rng.standard_normal(count) - FALSE_LN_SIGMA**2 / 2)
    return np.asarray(FALSE_PER_HOUR * spread)
