"""What every choice of threshold would have done: false alerts against missed and late ones.

The vote is run anew for every budget and every least number of nodes; cost ratios only decide when
a place acts on what the vote said, so they are tried on its messages.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import NormalDist

import numpy as np

from replay.catalogue import distance_km
from replay.network_score import MATCH_KM, MATCH_S
from study.engine import judged
from study.history import Case, Disturbance
from study.networks import Array
from vote.decision import Decider
from vote.settings import Settings

BUDGETS = (1000.0, 100.0, 10.0, 1.0, 0.1, 0.01)  # false alerts a year that the vote may aim at
NODES = (3, 4, 5)
RATIOS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
ACT_MMI = 5.0
STRONG_NODES = 3  # places at ACT_MMI that make an earthquake one that must be announced
DEARER = (1.0, 10.0, 100.0)  # a missed alarm than a needless one


@dataclass(frozen=True)
class Acts:
    """What places would have done at one cost ratio; by place and earthquake."""

    ratio: float
    in_time: int = 0
    late: int = 0  # after S
    missed: int = 0
    needless: int = 0
    rightly_quiet: int = 0

    def cost(self, dearer: float) -> float:
        """Return the cost in needless alarms; a late one helped nobody."""
        return self.needless + dearer * (self.late + self.missed)

    def plus(self, other: "Acts") -> "Acts":
        return Acts(
            self.ratio,
            *(
                getattr(self, name) + getattr(other, name)
                for name in ("in_time", "late", "missed", "needless", "rightly_quiet")
            ),
        )


@dataclass
class Choice:
    """One setting and what came of it."""

    false_per_year: float
    min_nodes: int
    ln_odds: float
    strong: int = 0  # earthquakes that must be announced
    missed: int = 0
    late: int = 0  # announced after S at half of the places that were to act
    wrong: int = 0  # announced beside a real one
    false: int = 0
    years: float = 0.0
    after_origin_s: list[float] = field(default_factory=list)
    acts: dict[float, Acts] = field(default_factory=dict)

    @property
    def false_a_year(self) -> float:
        return self.false / self.years if self.years else float("nan")

    @property
    def failed(self) -> float:
        """Return the share of strong earthquakes that were missed or announced late."""
        return (self.missed + self.late) / self.strong if self.strong else float("nan")

    def as_dict(self) -> dict[str, object]:
        told = sorted(self.after_origin_s)
        return {
            **{name: value for name, value in asdict(self).items() if name != "after_origin_s"},
            "acts": [asdict(acts) for acts in self.acts.values()],
            "false_a_year": self.false_a_year,
            "missed_or_late_share": self.failed,
            "after_origin_median_s": told[len(told) // 2] if told else None,
        }


def choices() -> list[Choice]:
    return [
        Choice(budget, nodes, settings_of(budget, nodes).ln_odds_needed)
        for nodes in NODES
        for budget in BUDGETS
    ]


def settings_of(false_per_year: float, min_nodes: int) -> Settings:
    return Settings(false_per_year=false_per_year, min_nodes=min_nodes)


def try_disturbance(choice: Choice, one: Disturbance) -> None:
    decider = one.decider(settings_of(choice.false_per_year, choice.min_nodes))
    choice.false += len({alert.event_id for alert in judged(decider, one.letters)})


def try_case(choice: Choice, case: Case) -> None:
    settings = settings_of(choice.false_per_year, choice.min_nodes)
    alerts = judged(Decider("thresholds", "live", case.areas, settings), case.letters)
    threads: dict[str, list[_Told]] = {}
    for alert in alerts:
        if alert.type != "cancel":
            told = _Told(
                alert.issued_us,
                _fits(case, alert.origin_us, alert.lat_deg, alert.lon_deg),
                np.array([area.mmi for area in alert.areas]),
                np.array([area.mmi_sigma for area in alert.areas]),
            )
            threads.setdefault(alert.event_id, []).append(told)
    right = [told for told in threads.values() if any(one.fits for one in told)]
    choice.wrong += len(threads) - len(right)
    versions = min(right, key=lambda told: told[0].issued_us, default=[])
    must_act = case.mmi >= ACT_MMI
    if must_act.sum() >= STRONG_NODES:
        choice.strong += 1
        choice.missed += not versions
        if versions:
            before = versions[0].issued_us < case.s_us[must_act]
            choice.late += bool(before.mean() < 0.5)
    if versions:
        choice.after_origin_s.append((versions[0].issued_us - case.origin_us) / 1e6)
    for ratio in RATIOS:
        acts = _acts(ratio, case, versions)
        choice.acts[ratio] = choice.acts.get(ratio, Acts(ratio)).plus(acts)


def picked(tried: Sequence[Choice], budget: float, dearer: float) -> tuple[Choice, float]:
    """Return the choice that keeps the budget and misses least, and the cheapest cost ratio.

    Of equals the one that aims at fewer false alerts is taken: it is surer in worse times.
    """
    kept = [choice for choice in tried if choice.false_a_year <= budget] or [
        min(tried, key=lambda choice: choice.false_a_year)
    ]
    best = min(kept, key=lambda choice: (choice.failed, choice.false_per_year, choice.min_nodes))
    return best, min(best.acts.values(), key=lambda acts: acts.cost(dearer)).ratio


@dataclass(frozen=True)
class _Told:
    issued_us: int
    fits: bool
    mmi: Array
    sigma: Array


def _fits(case: Case, origin_us: int, lat_deg: float, lon_deg: float) -> bool:
    apart_km = distance_km(lat_deg, lon_deg, case.lat_deg, case.lon_deg)
    return abs(origin_us - case.origin_us) <= MATCH_S * 1e6 and apart_km <= MATCH_KM


def _acts(ratio: float, case: Case, versions: Sequence[_Told]) -> Acts:
    """A place acts for good at the first message in which ACT_MMI is as probable as the ratio."""
    never = np.iinfo(np.int64).max
    acted_us = np.full(len(case.mmi), never)
    sigmas = NormalDist().inv_cdf(ratio)
    for told in versions:
        acts = (told.mmi >= ACT_MMI + sigmas * told.sigma) & (acted_us == never)
        acted_us[acts] = told.issued_us
    must = case.mmi >= ACT_MMI
    has_acted, is_early = acted_us < never, acted_us < case.s_us
    return Acts(
        ratio,
        int((must & is_early).sum()),
        int((must & has_acted & ~is_early).sum()),
        int((must & ~has_acted).sum()),
        int((~must & has_acted).sum()),
        int((~must & ~has_acted).sum()),
    )
