"""What to do at a place: nothing, be aware, or take action.

Act where the intensity that matters is at least as probable as a needless alarm is dear: P(MMI >=
x) >= r with r = C_false / (C_false + C_missed), the least expected cost (Minson et al. 2019,
Scientific Reports 9:2478). A place may have its own x and its own r.
"""

from functools import lru_cache
from statistics import NormalDist

from vote.ground.shaking import Area
from vote.settings import Settings

LEVELS = ("none", "be_aware", "take_action")
HYSTERESIS_MMI = 0.3  # or an estimate at the edge rings and stops and rings again


def level_of(mmi: float, mmi_sigma: float, area: Area, settings: Settings, held: str) -> str:
    """Return the level; one that was given (held) is kept until the forecast is clearly below."""
    rank = LEVELS.index(held)
    level = 0
    for number, (needed_mmi, ratio) in enumerate(_choices(area, settings), start=1):
        kept_mmi = HYSTERESIS_MMI if number <= rank else 0.0
        if mmi + kept_mmi >= needed_mmi + mmi_sigma * _sigmas(ratio):
            level = number
    return LEVELS[level]


def highest(levels: list[str]) -> str:
    return max(levels, key=LEVELS.index, default="none")


def _choices(area: Area, settings: Settings) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return intensity and cost ratio of each level: the place's own, else the settings'."""
    aware_mmi, action_mmi, ratio = area.be_aware_mmi, area.take_action_mmi, area.cost_ratio
    return (
        (
            settings.be_aware_mmi if aware_mmi is None else aware_mmi,
            settings.be_aware_cost_ratio if ratio is None else ratio,
        ),
        (
            settings.take_action_mmi if action_mmi is None else action_mmi,
            settings.take_action_cost_ratio if ratio is None else ratio,
        ),
    )


@lru_cache(maxsize=256)
def _sigmas(probability: float) -> float:
    """Return how far a median must lie above a value that is exceeded so probably."""
    return NormalDist().inv_cdf(probability)
