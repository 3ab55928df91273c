"""The examples that the judge learns from: windows of recordings and of what is simulated.

Each pass goes over everything once, differently augmented. A group (an event, a person, a
noise record) is never on both sides of a split.
"""

import math
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from replay.catalogue import Catalogue, RecordTruth
from replay.records import Record, Unusable, read_records
from training import augment, imagined
from training.augment import Samples, Take
from training.examples import (
    ACTIVITY,
    QUAKE,
    QUIET,
    SIMULATED_NOISE,
    SIMULATED_QUAKE,
    Examples,
)
from training.windows import Windows, cut

BEFORE_P_S = 0.3  # a pick may be late by so much
AK135_TOLERANCE_S = 3.0
QUIET_ENDS_S = 4.0  # before P: what is later may be its beginning
AFTER_S_S = 30.0
RATES_HZ = (26.0, 31.25, 50.0, 62.5, 100.0, 125.0)
LEAST_RATE_HZ, MOST_RATE_HZ = 25.0, 500.0  # of a recording that a node could have made
IMAGINED = 250  # a pass; about half are earthquakes, the others disturbances


def passes(
    data_dir: Path, catalogue: Catalogue, numbers: Iterable[int], seed: int
) -> Iterator[Examples]:
    """Yield the examples of each recording of each of these passes. Pass 0 is plain.

    What cannot be used is left out: usable.py tells which, and why.
    """
    records = [one for one in read_records(data_dir, "all") if one.record_id in catalogue.records]
    activity = _activity(records)
    for number in numbers:
        for record in records:
            rng = np.random.default_rng([seed, number, zlib.crc32(record.record_id.encode())])
            truth = catalogue.records[record.record_id]
            try:
                found = _of_record(record, truth, activity, rng, number)
            except Unusable:
                continue
            if found is not None:
                yield found
        if number:
            for index in range(IMAGINED):
                rng = np.random.default_rng([seed, number, index])
                yield _of_imagined(rng, number, index)


def _activity(records: list[Record]) -> list[Take]:
    """Return what people and machines did, gravity removed."""
    found = []
    for record in records:
        if record.event_id:
            continue
        try:
            samples = record.load()
        except Unusable:
            continue
        still = samples - samples.mean(axis=1, keepdims=True)
        found.append(Take(still, record.rate_hz))
    return found


def group_of(record: Record) -> str:
    """An event; a person (SisFall's names say who); else the recording itself."""
    if record.event_id:
        return record.event_id
    parts = record.record_id.split("_")
    return parts[1] if len(parts) == 3 and parts[1][:2] in ("SA", "SE") else record.record_id


def _of_record(
    record: Record,
    truth: RecordTruth,
    activity: list[Take],
    rng: np.random.Generator,
    number: int,
) -> Examples | None:
    is_plain = number == 0
    samples = record.load()
    if not LEAST_RATE_HZ <= record.rate_hz <= MOST_RATE_HZ:
        return None
    first_s = 0.0 if is_plain else _first_s(truth, rng)
    last_s = math.inf if truth.s_s is None else truth.s_s + 12.0
    if not is_plain:
        end = min(samples.shape[1], int(min(last_s, 1e5) * record.rate_hz))
        samples = samples[:, int(first_s * record.rate_hz) : end]
        if samples.shape[1] < 5 * record.rate_hz:
            return None
    take = Take(samples, record.rate_hz)
    is_mems = record.sensor_class == "MEMS"
    if is_plain:
        if not is_mems:
            take = augment.with_chip_noise(take, augment.NOISES_G[0], rng)
    elif record.event_id:
        take = _other_quake(take, is_mems, activity, rng)
    else:
        take = _other_activity(take, rng)
    jitter = 1.0 if is_plain else rng.uniform(0.97, 1.03)
    rate_mhz = min(500_000, max(25_000, round(take.rate_hz * jitter * 1000)))
    windows = cut(augment.counts_of(take), rate_mhz, augment.LSB_NM_S2)
    looks_s = first_s + (windows.trigger_s + windows.age_s) * jitter
    triggers_s = first_s + windows.trigger_s * jitter
    pairs = zip(triggers_s, looks_s, strict=True)
    kinds = np.array([_kind_of(truth, trigger_s, look_s) for trigger_s, look_s in pairs], np.int8)
    return _examples(windows, kinds, group_of(record), record.record_id, number)


def _first_s(truth: RecordTruth, rng: np.random.Generator) -> float:
    """Where an augmented record begins: most of the quiet before an earthquake is left out."""
    if truth.arrival is None:
        return 0.0
    return max(0.0, truth.arrival.p_s - float(rng.uniform(8.0, 45.0)))


def _kind_of(truth: RecordTruth, trigger_s: float, look_s: float) -> int:
    """Return QUAKE, QUIET, ACTIVITY, or -1 where nobody can know.

    What counts is when it is looked: noise may rouse a node just before P comes.
    """
    if not truth.event_id:
        return ACTIVITY
    if truth.arrival is None:
        return -1
    p_s = truth.arrival.p_s
    early_s = BEFORE_P_S if truth.arrival.is_measured else AK135_TOLERANCE_S
    if look_s < min(truth.quiet_s, p_s - QUIET_ENDS_S):
        return QUIET
    end_s = p_s + AFTER_S_S if truth.s_s is None else truth.s_s + AFTER_S_S
    is_roused_by_it = trigger_s >= p_s - early_s
    is_in_it = is_roused_by_it or look_s >= p_s + early_s
    return QUAKE if is_in_it and look_s <= end_s else -1


def _other_quake(
    take: Take, is_mems: bool, activity: list[Take], rng: np.random.Generator
) -> Take:
    samples = augment.turned(take.acc_mps2 - take.acc_mps2.mean(axis=1, keepdims=True), rng)
    pga_mps2 = float(np.abs(samples).max()) + 1e-9
    if rng.random() < 0.15:
        gain = np.exp(rng.uniform(np.log(0.5), np.log(20.0))) / pga_mps2
    else:
        gain = np.exp(rng.uniform(-1.5, 1.5))
    take = _slower(Take(samples * gain, take.rate_hz), rng)
    if activity and rng.random() < 0.4:
        take = Take(take.acc_mps2 + _company(take, pga_mps2 * gain, activity, rng), take.rate_hz)
    if not is_mems or rng.random() < 0.5:
        take = augment.with_chip_noise(take, augment.drawn_noise_g(rng), rng)
    return take


def _company(
    take: Take, pga_mps2: float, activity: list[Take], rng: np.random.Generator
) -> Samples:
    """What somebody did meanwhile: all along, weaker than the earthquake."""
    other = activity[int(rng.integers(len(activity)))]
    slower = augment.resampled(other, take.rate_hz)
    samples = augment.tiled(augment.worn(slower.acc_mps2, rng), take.acc_mps2.shape[1], rng)
    level = pga_mps2 * np.exp(rng.uniform(np.log(0.003), np.log(0.2)))
    return np.asarray(samples * (level / (samples.std() + 1e-9)))


def _other_activity(take: Take, rng: np.random.Generator) -> Take:
    samples = augment.worn(take.acc_mps2, rng) * np.exp(rng.uniform(-2.5, 1.0))
    take = _slower(Take(samples, take.rate_hz), rng)
    choice = rng.random()
    if choice < 0.5:  # somebody begins to do it where all was quiet
        n = max(take.acc_mps2.shape[1], int(25 * take.rate_hz))
        samples = augment.tiled(take.acc_mps2, n, rng)
        begins_s = rng.uniform(6.0, 0.7 * n / take.rate_hz)
        samples = augment.gated(samples, take.rate_hz, begins_s, float(rng.uniform(0.0, 0.4)))
        take = Take(samples, take.rate_hz)
    return augment.with_chip_noise(take, augment.drawn_noise_g(rng), rng)


def _slower(take: Take, rng: np.random.Generator) -> Take:
    lower = [rate_hz for rate_hz in RATES_HZ if rate_hz < 0.9 * take.rate_hz]
    if lower and rng.random() < 0.5:
        return augment.resampled(take, float(rng.choice(lower)))
    return take


def _of_imagined(rng: np.random.Generator, number: int, index: int) -> Examples:
    name = f"imagined-{number}-{index}"
    rate_hz = float(rng.choice(RATES_HZ))
    noise_g = augment.drawn_noise_g(rng)
    is_quake = rng.random() < 0.5
    tell = imagined.earthquake if is_quake else imagined.disturbance
    story = tell(rng, name, rate_hz)
    samples = augment.turned(story.acc_mps2, rng)
    take = augment.with_chip_noise(Take(samples, rate_hz), noise_g, rng)
    windows = cut(augment.counts_of(take), round(rate_hz * 1000), augment.LSB_NM_S2)
    kinds = np.where(windows.trigger_s >= story.p_s - 0.05, SIMULATED_QUAKE, SIMULATED_NOISE)
    return _examples(windows, kinds.astype(np.int8), name, name, number)


def _examples(
    windows: Windows, kinds: npt.NDArray[np.int8], group: str, record: str, number: int
) -> Examples:
    kept = kinds >= 0
    n = int(kept.sum())
    return Examples(
        windows.inputs[kept],
        windows.age_s[kept],
        windows.trigger_s[kept],
        windows.ratio[kept],
        kinds[kept],
        np.full(n, group),
        np.full(n, record),
        np.full(n, number, np.int16),
    )
