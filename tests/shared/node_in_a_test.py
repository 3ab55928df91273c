"""A Reporter that lives through a seeded signal; used by several test modules."""

from array import array

from groundswell import clock, reporter, wire
from groundswell.window import CHANNELS, FRAMES

from signals import add_offset, add_shaking, noise

RATE_HZ = 125
LSB_NM_S2 = 38246
UTC_US = 1700000000000000
PERIOD_US = 8000


class Credulous:
    """A judge that believes everything: what a node says is looked at here, not whether."""

    def p_permille(self, window, age_us, noise_um_s2):
        assert len(window) == FRAMES * CHANNELS
        return 900


def new_reporter(rate_hz=RATE_HZ, clock_error_us=10000, sends_waveforms=False, judge=None):
    identity = reporter.Identity(42, 7, 16863611, -99882222, 30, wire.SENSOR_ADXL355)
    return reporter.Reporter(
        identity,
        rate_hz * 1000,
        LSB_NM_S2,
        clock.fixed(UTC_US, clock_error_us),
        sends_waveforms=sends_waveforms,
        judge=Credulous() if judge is None else judge,
    )


def quake(rate_hz=RATE_HZ, start_s=20, seconds=40, decay_s=4, peak_counts=6000):
    counts = noise(rate_hz * seconds, 40)
    add_shaking(counts, start_s * rate_hz, peak_counts, max(1, int(decay_s * rate_hz)))
    add_offset(counts, (1000, -3000, 256000))
    return counts


def messages_of(node, counts, rate_hz=RATE_HZ):
    """Feed everything, block by block; return a list of the messages of each block."""
    total = len(counts) // 3
    block = node.block_samples
    blocks = []
    for at in range(0, total, block):
        n = min(block, total - at)
        end_ticks_us = (at + n - 1) * 1000000 // rate_hz
        blocks.append(node.add_block(array("i", counts[3 * at : 3 * (at + n)]), n, end_ticks_us))
    return blocks


def flat(blocks, kind=None):
    found = [message for block in blocks for message in block]
    return [m for m in found if kind is None or isinstance(m, kind)]
