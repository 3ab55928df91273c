"""Random and extreme arguments for every kernel, with what its NumPy twin makes of them.

    .venv/bin/python -m tools.kernel_cases FILE

writes a line a call for tools/check_kernels.py. Arguments stay within what the kernels promise to
compute exactly; within that, ends of the range, halves to be rounded and wrapped rings are sought.
"""

import copy
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from groundswell import filters, motion, onset, requirements, sta_lta

from firmware.twins import TWINS

Case = tuple[str, list[Any]]  # a kernel's name, its arguments
Generator = np.random.Generator

RATES_MHZ = (25000, 31250, 100000, 125000, 333000, 500000)
SCRATCH = {  # arguments whose contents mean nothing afterwards
    "groundswell.inference.convolve": (12,),
    "groundswell.inference.convolve_depthwise": (8,),
}
_OUTPUTS = 255
_SUM_LIMIT = requirements.ACCUMULATOR_LIMIT - 1


def words(numbers: Any) -> "array[int]":
    return array("i", np.asarray(numbers, np.int64).astype(np.int32).tobytes())


def octets(numbers: Any) -> "array[int]":
    return array("B", np.asarray(numbers, np.uint8).tobytes())


def signal(rng: Generator, count: int, limit: int) -> Any:
    """Return noise of any strength, square waves, silence, steps."""
    kind = rng.integers(6)
    if kind == 0:
        return np.zeros(count, np.int64)
    if kind == 1:
        return np.where(np.arange(count) // rng.integers(1, 20) % 2, limit, -limit)
    if kind == 2:
        return np.where(np.arange(count) < rng.integers(count), -limit, limit)
    strength = 2.0 ** rng.uniform(0, np.log2(limit))
    return rng.normal(0, strength, count).clip(-limit, limit).astype(np.int64)


def ring(rng: Generator, length: int, limit: int) -> "array[int]":
    return words([length - 1, *np.abs(signal(rng, length, limit))])


def filter_cases(rng: Generator) -> Iterator[Case]:
    limit = filters.LIMIT - 1
    for rate_mhz in RATES_MHZ:
        for design in (
            filters.high_pass(motion.ACCELERATION_CORNER_MHZ, rate_mhz),
            filters.high_pass(motion.BAND_LOW_MHZ, rate_mhz),
            filters.low_pass(min(motion.BAND_HIGH_MHZ, rate_mhz * 2 // 5), rate_mhz),
            filters.integrate(motion.VELOCITY_CORNER_MHZ, rate_mhz, motion.VELOCITY_GAIN),
            filters.integrate(motion.DISPLACEMENT_CORNER_MHZ, rate_mhz, motion.DISPLACEMENT_GAIN),
        ):
            for stride in (1, 3):
                n, at = int(rng.integers(1, 65)), int(rng.integers(stride))
                channels = int(rng.integers(1, stride - at + 1))
                state: list[int] = []
                for _ in range(channels):
                    state += [*signal(rng, 4, limit), *rng.integers(0, 1 << 15, 2)]
                both = words(signal(rng, n * stride, limit)), words(np.zeros(n * stride))
                arguments = [0, 0, *both, n, at, channels, stride, design, words(state)]
                yield "groundswell.filters.biquad", arguments


def average_cases(rng: Generator) -> Iterator[Case]:
    """Stretches of one signal after another, so that the scale goes up and down."""
    for rate in (25, 125, 500):
        averages = sta_lta.StaLta(rate // 2, 10 * rate, int(rng.integers(8, 80)), 5)
        state, to, pos = averages.state, words([255] + [0] * 256), int(rng.integers(1 << 30))
        for _ in range(20):
            n = int(rng.integers(1, 65))
            state[sta_lta.IS_FROZEN], state[sta_lta.IS_ARMED] = (
                int(one) for one in rng.integers(2, size=2)
            )
            band = words(signal(rng, 3 * n, filters.LIMIT - 1))
            still = words(rng.random(n) < 0.1)
            at = int(rng.integers(n))
            arguments = [band, still, at, n, state, to, pos]
            yield "groundswell.sta_lta.follow", copy.deepcopy(arguments)
            TWINS["groundswell.sta_lta.follow"](*arguments)
            pos = (pos + n) & ((1 << 30) - 1)


def motion_cases(rng: Generator) -> Iterator[Case]:
    for lsb_nm_s2 in (1, 600, 5000, 38246, 598550, 9806650):
        for _ in range(8):
            n, at = int(rng.integers(1, 65)), int(rng.integers(3))
            range_counts = int(2.0 ** rng.uniform(8, 30))
            loading = motion.Motion(100000, lsb_nm_s2, range_counts, 1)._loading
            counts = signal(rng, 3 * (at + n), (1 << 31) - 1).repeat(rng.integers(1, 3))
            blank = [words(np.zeros(3 * n)), words(np.zeros(n))]
            yield "groundswell.motion.load", [words(counts), at, n, *blank, loading]
    for first, axes in ((0, 3), (2, 1)) * 20:
        n, pos = int(rng.integers(1, 65)), int(rng.integers(1 << 30))
        source = words(signal(rng, 3 * n, filters.LIMIT - 1))
        to = ring(rng, 64, 1000)
        yield "groundswell.motion.peaks", [source, first, axes, n, to, pos]
    for _ in range(40):
        n, pos = int(rng.integers(0, 257)), int(rng.integers(1 << 30))
        yield "groundswell.motion.largest", [ring(rng, 256, (1 << 31) - 1), pos, n]
        arguments = [ring(rng, 256, 1 << int(rng.integers(4, 30))), pos, n, 64]
        yield "groundswell.detector.change_point", arguments
        n, at = int(rng.integers(0, 33)), int(rng.integers(4))
        counts = words(signal(rng, 3 * (n + at) + 3, (1 << 31) - 1))
        page = array("B", rng.bytes(9 * 64))
        place, axis = int(rng.integers(0, 65 - n)), int(rng.integers(3))
        yield "groundswell.recorder.store", [counts, at, n, page, place]
        yield "groundswell.recorder.read", [page, place, n, axis, words(np.zeros(n + at)), at]


def onset_cases(rng: Generator) -> Iterator[Case]:
    for _ in range(40):
        size, n = int(rng.integers(1, 33)), int(rng.integers(1, onset.MOST_PIECES + 1))
        to = ring(rng, 2048, 1 << int(rng.integers(4, 30)))
        blank = words(np.zeros(onset.MOST_PIECES))
        yield "groundswell.onset.pieces", [to, int(rng.integers(1 << 30)), size, n, blank]
        energies = words(np.minimum(2.0 ** rng.uniform(0, rng.uniform(5, 14), size=n), 8192))
        count = int(rng.integers(1, n + 1))
        yield "groundswell.onset.beginnings", [energies, n, count, words(np.zeros(3 * count))]


def window_cases(rng: Generator) -> Iterator[Case]:
    for rate_mhz in RATES_MHZ:
        for band in range(4):
            n = int(rng.integers(1, 65))
            state = [0, 0, 0, 0, int(rng.integers(16000)), rate_mhz]
            state += [max(1, rate_mhz * 64 // 1_000_000), int(rng.integers(1 << 29)), 2 * band]
            state[0], state[2] = (int(one) for one in rng.integers(1 << 28, size=2))
            to = words(np.abs(signal(rng, 512, 1 << 28)))
            samples = words(signal(rng, 3 * n, filters.LIMIT - 1))
            yield "groundswell.window.envelope", [samples, to, words(state), n]
            blank = words(np.zeros(512))
            floor = int(rng.integers(1, 1000))
            yield "groundswell.window.levels", [to, int(rng.integers(1 << 29)), floor, blank]
            heights = words(rng.integers(449, size=512))
            above = int(rng.integers(-128, 128))
            yield "groundswell.window.scale", [heights, octets(np.zeros(576)), 448, above]


def requantisation(rng: Generator) -> tuple[int, tuple[int, ...]]:
    """Return a sum and the numbers of its channel; mostly such that it comes next to a half."""
    m = int(rng.choice([1 << 30, (1 << 31) - 1, int(rng.integers(1 << 30, 1 << 31))]))
    e = int(rng.integers(1, 32))
    if rng.random() < 0.2:
        x = int(rng.integers(-_SUM_LIMIT, _SUM_LIMIT + 1))
    else:
        halves = 2 * int(rng.integers(-_OUTPUTS, _OUTPUTS)) + 1
        x = (halves << (30 + e)) // m + int(rng.integers(-1, 2))
    entry = (0, 0, 1, 1) if rng.random() < 0.02 else requirements.requantisation(m, -e)
    return max(-_SUM_LIMIT, min(_SUM_LIMIT, x)), entry


def convolution_cases(rng: Generator, planes: int, name: str) -> Iterator[Case]:
    for _ in range(150):
        channels, rows = int(rng.integers(1, 20)), int(rng.integers(1, 12))
        taps, windows, step = (int(one) for one in rng.integers(1, (9, 7, 4)))
        start, blocks = -int(rng.integers(0, taps)), (channels + planes - 1) // planes
        weights = [octets(rng.integers(1, 256, blocks * taps)) for _ in range(planes)]
        zero = int(rng.integers(256))
        is_deep = planes == 4
        source = rng.integers(256, size=rows * (channels if is_deep else 1) + 3)
        room = 128 * 255 * taps
        table: list[int] = []
        for _ in range(channels):
            x, entry = requantisation(rng)
            table += [max(room - _SUM_LIMIT, min(_SUM_LIMIT - room, x)), *entry]
        low, high = sorted(rng.choice([0, 255, int(rng.integers(256))], 2).tolist())
        # a window beyond the input would be one without a tap: the loader refuses that
        windows = min(windows, (rows - 1 - start) // step + 1)
        rounds_once = 0 if is_deep else int(rng.integers(2))
        numbers = [windows, step, taps, blocks, channels, zero, int(rng.integers(256))]
        numbers += [low, high, start, rows, rounds_once]
        to, row = octets(np.zeros(windows * channels)), words(np.zeros(blocks * planes))
        yield name, [0, 0, *weights, octets(source), to, row, words(table), words(numbers)]


def layer_cases(rng: Generator) -> Iterator[Case]:
    yield from convolution_cases(rng, 8, "groundswell.inference.convolve")
    yield from convolution_cases(rng, 4, "groundswell.inference.convolve_depthwise")
    place = "groundswell.elementwise."
    for _ in range(40):
        n = int(rng.integers(1, 300))
        a, b, table = (octets(rng.integers(256, size=size)) for size in (n, n, 256))
        to = octets(np.zeros(n))
        x, entry = requantisation(rng)
        sums = [words(rng.integers(-abs(x), abs(x) + 1, 256) // 2) for _ in range(2)]
        parameters = words([n, *entry, rng.integers(256), 0, 255])
        yield place + "add", [a, b, to, *sums, parameters]
        step = int(rng.integers(abs(x) // 1020 + 1))
        base = int(rng.integers(-abs(x) // 2, abs(x) // 2 + 1))
        yield place + "add_alike", [a, b, to, words([*parameters, step, base])]
        yield place + "look_up", [a, to, table, n]
        yield place + "move_in", [a, to, n]
        yield place + "move_out", [a, array("b", bytes(n)), n]
        before, after, value = (int(one) for one in rng.integers(0, (9, 9, 256)))
        yield place + "pad", [a, octets(np.zeros(before + n + after)), before, n, after, value]
        channels, taps, step = (int(one) for one in rng.integers(1, (6, 9, 4)))
        rows, start = max(1, n // channels), -int(rng.integers(taps))
        windows = (rows - 1 - start) // step + 1
        for is_mean in (0, 1):
            sizes = [windows, step, taps, channels, is_mean, 3, 250, start, rows]
            source = octets(rng.integers(256, size=rows * channels))
            blank = octets(np.zeros(windows * channels))
            yield place + "pool", [0, 0, source, blank, words(sizes)]


def sample_cases(rng: Generator) -> Iterator[Case]:
    place = "firmware.sensors."
    for index in range(40):
        n, at = int(rng.integers(1, 33)), int(rng.integers(3))
        raw = rng.integers(256, size=at + 9 * n)
        counts = words(np.zeros(3 * n + 9))
        low_first, shift, to = (int(one) for one in rng.integers(0, (2, 7, 3)))
        arguments = [octets(raw), at, n, low_first, shift, counts, to]
        yield place + "unpack.unpack_16", arguments
        lasts = raw[at + 2 :: 3]
        lasts[:] = lasts & 0xF0 | (np.arange(len(lasts)) % 3 == 0)
        if index % 3 == 0:
            lasts[rng.integers(len(lasts))] ^= 1 << int(rng.integers(4))
        yield place + "adxl355.unpack_20", [octets(raw), at, n, counts]
        lost = 3 * int(rng.integers(3))
        yield place + "adxl355.first_x", [octets(raw), at + lost, max(0, 3 * n - lost // 3)]
        tagged = rng.integers(256, size=at + 7 * n)
        tagged[at::7] = tagged[at::7] & 7 | 2 << 3
        if index % 3 == 0:
            tagged[at + 7 * int(rng.integers(n))] ^= 8
        yield place + "lsm6dso.unpack_tagged", [octets(tagged), at, n, counts]
        turned = words(rng.integers(-9, 9, 3 * n))
        yield "firmware.sampler.turn", [turned, n, int(rng.integers(3))]
        repeated = rng.integers(-2, 3, (n, 3)).repeat(rng.integers(1, 5), axis=0)
        last = words([*repeated[0], rng.integers(200)])
        yield place + "unpack.same_run", [words(repeated), len(repeated), last]


def cases(seed: int) -> Iterator[Case]:
    rng = np.random.default_rng(seed)
    for make in (
        filter_cases,
        average_cases,
        motion_cases,
        onset_cases,
        window_cases,
        layer_cases,
        sample_cases,
    ):
        yield from make(rng)


def line_of(name: str, arguments: list[Any]) -> str:
    """Run the twin and write down what was before and after."""
    before = copy.deepcopy(arguments)
    answer = TWINS[name](*arguments)
    parts = [name, str(answer)]
    for place, (old, new) in enumerate(zip(before, arguments)):
        if isinstance(old, int):
            parts.append(str(old))
            continue
        after = "" if old == new else new.tobytes().hex()
        is_scratch = place in SCRATCH.get(name, ())
        parts.append(f"{old.typecode}:{old.tobytes().hex()}:{'?' if is_scratch else after}")
    return " ".join(parts)


def write(path: Path, seed: int = 1) -> None:
    path.write_text("".join([line_of(*case) + "\n" for case in cases(seed)]))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
