"""Whether what nodes feel now is clearly less than what an earthquake did to them before.

Then it is one of its aftershocks, or several that seem one, whatever place and size are found.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vote.nodes.picks import Pick

# A new P wave's peak so far is compared with an old S wave's, 0.6 more than P; and half a
# magnitude (Cua & Heaton 2009: 0.72 for each)
CLEARLY_LOG10 = -1.0


@dataclass(slots=True)
class Peaks:
    pga_mps2: float = 0.0
    pgv_mps: float = 0.0


def is_weaker(
    picks: Collection[Pick],
    now: Mapping[int, Peaks],
    before: Mapping[int, Peaks],
    less_log10: Sequence[float] | None = None,
) -> bool:
    """Tell whether these nodes, half of them at least, feel less than a tenth of what they felt.

    now, before: by node; the picks' own first seconds count as now. less_log10: of each pick,
    how much less is to be expected.
    """
    ratios = []
    for pick, less in zip(picks, less_log10 or [0.0] * len(picks)):
        node_id = pick.node.node_id
        known, felt = now.get(node_id), before.get(node_id)
        now_mps2 = max(pick.early_pga_mps2, 0.0 if known is None else known.pga_mps2)
        if felt is not None and felt.pga_mps2 > 0 and now_mps2 > 0:  # a node may say 0
            ratios.append(np.log10(now_mps2 / felt.pga_mps2) + less)
    return 2 * len(ratios) >= len(picks) > 0 and float(np.median(ratios)) < CLEARLY_LOG10
