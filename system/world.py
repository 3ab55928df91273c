"""The ground under all virtual nodes: what each sensor reads, sample by sample, as it happens.

Each node's motion in each earthquake is computed once, some seconds before it begins, one node at
a time so that nobody waits; afterwards a block of samples is a slice and an addition.
"""

from array import array
from collections import deque

import numpy as np

from replay.sensors import CHIPS
from training.mounting import Gaps
from training.noise import Background
from training.scenario import Happening, Place, Scenario
from training.wavefield import Motion


class World:
    """Holds the motions that are not over yet, for each place. One owner: the nodes' loop."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.places: tuple[Place, ...] = scenario.nodes
        self._backgrounds: list[Background] = [scenario.background_of(p) for p in self.places]
        self._gaps: list[Gaps] = [scenario.gaps_of(p) for p in self.places]
        self._motions: list[list[Motion]] = [[] for _ in self.places]
        self._to_prepare: deque[tuple[Happening, int]] = deque()

    def add(self, happening: Happening) -> None:
        """Announce what will happen. It must not have begun before prepare() has had its turns."""
        self._to_prepare.extend((happening, number) for number in range(len(self.places)))

    def prepare(self) -> bool:
        """Compute one motion of one node; return whether any was waiting.

        That takes some milliseconds, for an M 8 a tenth of a second.
        """
        if not self._to_prepare:
            return False
        happening, number = self._to_prepare.popleft()
        motion = self.scenario.motion_of(happening, self.places[number])
        if motion is not None:
            self._motions[number].append(motion)
        return True

    def counts(self, number: int, first_index: int, n: int) -> "array[int]":
        """Return what the chip of node `number` reads: n triplets, interleaved, vertical last."""
        samples = self._backgrounds[number].window(first_index, n)
        motions = self._motions[number]
        for motion in motions:
            motion.add_to(samples, first_index)
        if any(_is_over(motion, first_index) for motion in motions):
            motions[:] = [motion for motion in motions if not _is_over(motion, first_index)]
        self._gaps[number].blank(samples, first_index, self.scenario.rate_hz)
        chip = CHIPS[self.places[number].sensor]
        steps = np.rint(samples * np.float32(1e9 / chip.lsb_nm_s2))
        limited = np.clip(steps, -chip.limit_counts, chip.limit_counts).astype(np.int32)
        return array("i", limited.T.tobytes())


def _is_over(motion: Motion, first_index: int) -> bool:
    return bool(motion.first_index + motion.acceleration_mps2.shape[1] < first_index)
