"""What an operator may choose: how often to be wrong, and from what intensity to speak."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    # The budget. Of what is declared, false_per_year / (false_per_year + earthquakes_per_year) may
    # be false: that is the posterior at which the vote is won.
    false_per_year: float = 0.1
    earthquakes_per_year: float = 30.0  # that three nodes notice, in one network's region

    min_nodes: int = 3
    min_sites: int = 2
    live_share: float = 0.4  # of live sites that the P wave has passed (EPIC: 40 %)
    live_share_kept: float = 0.25  # below it a declared earthquake is withdrawn

    be_aware_mmi: float = 3.5  # felt by most people indoors
    take_action_mmi: float = 5.0  # things fall

    @property
    def ln_odds_needed(self) -> float:
        return math.log(self.earthquakes_per_year / self.false_per_year)
