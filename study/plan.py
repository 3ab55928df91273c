"""What the study runs: pieces that can be done in any order, and each of which is done once."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from study.networks import NETWORKS
from study.node_messages import Conditions


@dataclass(frozen=True)
class Variant:
    """One change to the system or its world."""

    name: str
    about: str
    conditions: Conditions = field(default_factory=Conditions)
    guards_moveout: bool = True
    share: float = 1.0  # of the plain one's earthquakes and years, and the same ones


PLAIN = "plain"
CHANCE = "chance"  # the cause of false alerts that have none
VARIANTS = {
    variant.name: variant
    for variant in (
        Variant(PLAIN, "clock errors of 0.05 s (one sigma)"),
        Variant("clock 0.3 s", "clock errors of 0.3 s", Conditions(0.3), share=0.2),
        Variant("clock 1 s", "clock errors of 1 s", Conditions(1.0), share=0.2),
        Variant(
            "no silence", "a node that listens and says nothing says nothing",
            Conditions(heeds_silence=False), share=0.1,
        ),
        Variant(
            "no p_quake", "every node is as sure of an earthquake as a coin",
            Conditions(heeds_p_quake=False), share=0.1,
        ),
        Variant(
            "no move-out guard", "many nodes in one instant may be an earthquake",
            guards_moveout=False, share=0.1,
        ),
    )
}  # fmt: skip
# What an ablation is for shows in false alerts: these also run through years of false triggers.
NOISE_VARIANTS = (PLAIN, "no silence", "no p_quake", "no move-out guard")


@dataclass(frozen=True)
class Piece:
    """An earthquake (number of a network), or a year of false triggers."""

    kind: str  # "quake", "year"
    network: str
    variant: str
    number: int
    of: int

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.network}/{self.variant}/{self.number}/{self.of}"


def pieces(earthquakes: int, years: int) -> list[Piece]:
    """Return all, so mixed that what an early end leaves is an even sample of the whole."""
    groups = [
        group
        for network in NETWORKS
        for variant in VARIANTS.values()
        for group in _groups(network, variant, earthquakes, years)
    ]
    rng = np.random.default_rng(1)
    placed: list[tuple[float, str, Piece]] = []
    for group in groups:
        shares = (rng.permutation(len(group)) + 0.5) / len(group)
        placed += [(float(share), piece.key, piece) for share, piece in zip(shares, group)]
    return [piece for _, _, piece in sorted(placed, key=lambda entry: entry[:2])]


def _groups(network: str, variant: Variant, earthquakes: int, years: int) -> Iterator[list[Piece]]:
    """Yield the earthquakes of a network and variant, and its years if it has any."""
    kinds = [("quake", earthquakes)]
    if variant.name in NOISE_VARIANTS:
        kinds.append(("year", years))
    for kind, total in kinds:
        of = max(1, -(-total // len(NETWORKS)))
        count = max(1, round(of * variant.share))
        numbers = [k * of // count for k in range(count)]
        yield [Piece(kind, network, variant.name, number, of) for number in numbers]
