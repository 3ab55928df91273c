"""Seeded integer signals, the same on both interpreters: interleaved x, y, z, vertical last."""

from array import array

from random_numbers import RandomNumbers


def noise(samples, rms_counts, seed=1):
    """Nearly Gaussian: the sum of eight uniform numbers."""
    random = RandomNumbers(seed)
    counts = array("i")
    for _ in range(3 * samples):
        total = -8 * 500
        for _ in range(8):
            total += random.below(1001)
        counts.append(total * rms_counts // 817)  # 817 = 1000 * sqrt(8 / 12)
    return counts


def add_shaking(counts, start, peak_counts, decay_samples, seed=2):
    """Add random shaking that begins suddenly at sample `start` and dies away."""
    random = RandomNumbers(seed)
    level = peak_counts << 12
    for i in range(3 * start, len(counts)):
        counts[i] += (level * (random.below(2001) - 1000) // 1000) >> 12
        if i % 3 == 2:
            level -= level // decay_samples


def add_offset(counts, offsets):
    for i in range(len(counts)):
        counts[i] += offsets[i % 3]
