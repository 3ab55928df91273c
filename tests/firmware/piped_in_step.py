"""firmware.virtual.piped for a test: time stands between samples; each brings its own.

However long the machine lets the node or the test wait, no sample is late and no answer.
"""

import sys

from firmware.virtual import piped


class Ground(piped.PipedGround):
    def __init__(self):
        super().__init__()
        self.until_us = None  # due time of the last sample

    def put(self, first_us, period_us, counts):
        super().put(first_us, period_us, counts)
        self.until_us = first_us + (len(counts) // 12 - 1) * period_us


class GivenTime(piped.RealTime):
    def __init__(self, pipe, ground):
        super().__init__(pipe, ground)
        while ground.until_us is None:
            self._read_frame()

    def now_us(self):
        self.looked_us = self._ground.until_us
        return self.looked_us


piped.PipedGround = Ground
piped.RealTime = GivenTime
piped.main(sys.argv[1:])
