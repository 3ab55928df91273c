"""What an operator may choose: how often to be wrong, and from what intensity to speak."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    # The budget. Of what is declared, false_per_year / (false_per_year + earthquakes_per_year) may
    # be false: that is the posterior at which the vote is won. Chance and the causes that it knows
    # come to more: of 136.5 simulated years of 100 nodes (study/) 0.1 let 25 false ones pass, 0.18
    # a year, 0.05 lets 14, 0.025 10 and 0.0125 6; first alerts come 0.10, 0.26 and 0.39 s later
    # (124 simulated earthquakes), those of the recorded ones at 0.05 not at all.
    false_per_year: float = 0.05
    earthquakes_per_year: float = 30.0  # that three nodes notice, in one network's region

    min_nodes: int = 3
    min_sites: int = 2
    live_share: float = 0.4  # of live sites that the P wave has passed (EPIC: 40 %)
    live_share_kept: float = 0.25  # below it a declared earthquake is withdrawn
    guards_moveout: bool = (
        True  # many nodes in one instant are no earthquake; off for studies only
    )

    heeds_rivals: bool = True  # thunder, crowds (rivals.py); off for studies only

    be_aware_mmi: float = 3.5  # felt by most people indoors
    take_action_mmi: float = 5.0  # things fall
    # What a needless alarm costs, of that and what a missed one costs together. A level is given
    # where its intensity is at least so probable: 0.5 is at its median, 0.1 is long before.
    be_aware_cost_ratio: float = 0.5
    take_action_cost_ratio: float = 0.5

    def __post_init__(self) -> None:
        if not (self.false_per_year > 0 and self.earthquakes_per_year > 0):
            raise ValueError("false_per_year and earthquakes_per_year must be positive")
        if self.min_nodes < 3 or self.min_sites < 2:
            raise ValueError("an earthquake needs at least 3 nodes at 2 sites")
        if not self.be_aware_mmi <= self.take_action_mmi:
            raise ValueError("take_action_mmi must not be below be_aware_mmi")
        for ratio in (self.be_aware_cost_ratio, self.take_action_cost_ratio):
            if not 0 < ratio < 1:
                raise ValueError("a cost ratio lies between 0 and 1")

    @property
    def ln_odds_needed(self) -> float:
        return math.log(self.earthquakes_per_year / self.false_per_year)
