"""The way of a sample with the heap locked, on MicroPython: whether it allocates anything.

    heap_of_the_sample_path.py SAMPLES

From the chip's FIFO over driver, filters, averages, peaks, rings, recorder and window to the
detector's state, quiet and shaking. With the heap locked any allocation is a MemoryError. Prints
samples, bytes, changes of state.

And what a quiet block allocates with the times of its samples (sampler, timeline), just after a
start and an hour later: a device's small integers end at 2**30 us, 18 minutes, and from then on
each of a few times is an object of 16 or 32 bytes, which lives for a block.
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
HOUR_US = 3600000000
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


def of_a_block(start_us, blocks):
    """Return the most bytes that one block of a node allocates, from these ticks on."""
    chip = Adxl355(SpiBus(QuietSpi(BLOCK, tape(1750, 60)), lambda level: None), lambda ms: None)
    now_us = [start_us]
    sampler = Sampler(chip, lambda: now_us[0])
    sampler.start()
    who = reporter.Identity(1, 2, 3, 4, 5, 1)
    node = reporter.Reporter(who, chip.rate_mhz, chip.lsb_nm_s2, clock.Clock(), judge=object())
    gc.collect()
    most = 0
    for number in range(2 * blocks):
        now_us[0] += BLOCK_US
        before = gc.mem_alloc()
        node.add_block(sampler.counts, sampler.poll(), sampler.end_ticks_us)
        if number >= blocks:
            most = max(most, gc.mem_alloc() - before)
    return most


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
    allocated = gc.mem_alloc() - before
    print(found.samples, allocated, changes, of_a_block(BLOCK_US, 500), of_a_block(HOUR_US, 500))


if __name__ == "__main__":
    main(int(sys.argv[1]))
