"""The way of a sample with the heap locked, on MicroPython: whether it allocates anything.

    heap_of_the_sample_path.py SAMPLES

First from the chip's FIFO over driver, filters, averages, peaks, rings, recorder and window to the
detector's state, quiet and shaking. Then whole blocks of a quiet place with the times of their
samples (sampler, timeline, reporter), by a board's counter that runs since 20 minutes, since five
days, and that is about to wrap: a device's small integers end at 2**30 us, 18 minutes. With the
heap locked any allocation is a MemoryError. Prints samples and bytes of each, the first with the
changes of the detector's state.
"""

import gc
import sys

import micropython
from groundswell import clock, detector, recorder, reporter

from firmware.sampler import Sampler
from firmware.sensors.adxl355 import Adxl355
from firmware.sensors.bus import SpiBus

BLOCK = 4
BLOCK_US = 32000
MINUTE_US = 60000000
WRAP_US = 1 << 30  # of a board's ticks_us
LAST_US = WRAP_US - 1
STARTS_US = (20 * MINUTE_US, 5 * 24 * 60 * MINUTE_US, 3 * WRAP_US - 5000000)
RANGE_COUNTS = (1 << 19) - 1


class QuietSpi:
    """An ADXL355 on its bus that makes no garbage; what is in its FIFO repeats after a while."""

    def __init__(self, triplets, tape):
        """triplets: a poll; tape: bytes of a FIFO, 9 a triplet."""
        self._triplets = triplets
        self._tape = tape
        self._at = 0
        self._registers = bytearray(128)
        self._registers[:3] = b"\xad\x1d\xed"

    def write_readinto(self, sent, received):
        register = sent[0] >> 1
        if not sent[0] & 1:
            self._registers[register] = sent[1]
        elif register == 0x11:
            self._pour(received)
        elif register == 0x05:
            received[1] = 3 * self._triplets
        elif register == 0x04:
            received[1] = 1
        else:
            for place in range(1, len(received)):
                received[place] = self._registers[register + place - 1]

    def _pour(self, received):
        tape = self._tape
        at = self._at
        for place in range(1, len(received)):
            received[place] = tape[at]
            at += 1
            if at == len(tape):
                at = 0
        self._at = at


def tape(triplets, loud_counts):
    """Return a FIFO's bytes: noise of this size on 1 g of gravity."""
    content = bytearray()
    random = 12345
    for place in range(3 * triplets):
        random = random * 75 % 65537  # Park and Miller's kind, small
        count = (256000 if place % 3 == 2 else 0) + random % (2 * loud_counts + 1) - loud_counts
        count &= 0xFFFFF
        is_x = place % 3 == 0
        content.extend(bytes((count >> 12, count >> 4 & 255, (count & 15) << 4 | is_x)))
    return bytes(content)


def run(chip, found, kept, samples):
    """Take at least so many samples; return how often the detector's state changed."""
    taken = 0
    changes = 0
    state = found.state
    while taken < samples:
        n = chip.poll()
        kept.keep(chip.counts, 0, n)
        found.take(chip.counts, 0, n)
        taken += n
        if found.state != state:
            state = found.state
            changes += 1
    return changes


class Counter:
    """A board's, since so long."""

    def __init__(self, start_us):
        self._us = start_us % WRAP_US
        self._extender = clock.TickExtender()
        for _ in range(start_us // WRAP_US):
            self._extender.extend(LAST_US)
            self._extender.extend(0)

    def pass_us(self, us):
        left_us = LAST_US - self._us  # no number above it
        self._us = us - left_us - 1 if us > left_us else self._us + us

    def now(self):
        return self._extender.extend(self._us)


def hear(node, sampler, counter, samples):
    """Let so many samples go their whole way; return how many did."""
    taken = 0
    while taken < samples:
        counter.pass_us(BLOCK_US)
        n = sampler.poll()
        node.take(sampler.counts, n, sampler.end)
        taken += n
    return taken


def of_blocks(start_us, samples):
    """Return how many samples went their whole way, and what that allocated."""
    chip = Adxl355(SpiBus(QuietSpi(BLOCK, tape(1750, 60)), lambda level: None), lambda ms: None)
    counter = Counter(start_us)
    sampler = Sampler(chip, counter.now)
    sampler.start()
    who = reporter.Identity(1, 2, 3, 4, 5, 1)
    node = reporter.Reporter(who, chip.rate_mhz, chip.lsb_nm_s2, clock.Clock(), judge=object())
    hear(node, sampler, counter, 100)  # the first block is a beginning
    gc.collect()
    before = gc.mem_alloc()
    micropython.heap_lock()
    try:
        taken = hear(node, sampler, counter, samples)
    finally:
        micropython.heap_unlock()
    return taken, gc.mem_alloc() - before, sampler.end.ticks_us // MINUTE_US


def main(samples):
    # 16 s: the noise of a quiet place, then 2 s of 0.1 m/s^2
    content = tape(1750, 60) + tape(250, 5000)
    chip = Adxl355(SpiBus(QuietSpi(BLOCK, content), lambda level: None), lambda ms: None)
    chip.start()
    found = detector.Detector(chip.rate_mhz, chip.lsb_nm_s2, RANGE_COUNTS)
    kept = recorder.Recorder(chip.rate_mhz)
    run(chip, found, kept, 100)
    gc.collect()
    before = gc.mem_alloc()
    micropython.heap_lock()
    try:
        changes = run(chip, found, kept, samples)
    finally:
        micropython.heap_unlock()
    print(found.samples, gc.mem_alloc() - before, changes)
    for start_us in STARTS_US:
        print(*of_blocks(start_us, samples))


if __name__ == "__main__":
    main(int(sys.argv[1]))
