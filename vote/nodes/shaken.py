"""What each node's ground did of late: an earthquake that is told now may have done it."""

from collections import deque
from collections.abc import Iterator

from groundswell import wire

from vote.nodes.fleet import Fleet, Node

PEAKS_KEPT = 90  # Shaking messages of one node: as many seconds


class Shaken:
    """Peaks by node, PEAKS_KEPT of each."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._peaks: dict[int, deque[tuple[int, float, float]]] = {}

    def keep(self, node_id: int, end_us: int, pga_mps2: float, pgv_mps: float) -> None:
        """Keep the peaks of a time that ended then."""
        if len(self._peaks) > len(self._fleet.nodes):  # some were forgotten
            self._peaks = {n: kept for n, kept in self._peaks.items() if self._fleet.get(n)}
        kept = self._peaks.setdefault(node_id, deque(maxlen=PEAKS_KEPT))
        kept.append((end_us, pga_mps2, pgv_mps))

    def since(self, from_us: int) -> Iterator[tuple[int, int, float, float]]:
        """Yield node, end (us), acceleration (m/s^2) and velocity (m/s) of what ended later."""
        for node_id, kept in self._peaks.items():
            for end_us, pga_mps2, pgv_mps in kept:
                if end_us >= from_us:
                    yield node_id, end_us, pga_mps2, pgv_mps


def measures(node: Node) -> bool:
    """Tell whether what a node says of its ground is believed: whose triggers are not, whose
    peaks are not."""
    is_out = node.status.state == wire.STATE_FAULT or node.account.quarantined_us is not None
    return not (node.doubt or node.is_astray or node.clock_is_bad or is_out)
