"""What a data folder that nobody has seen may hold: the recorded waves under other conditions.

Each change takes the records of one event and gives them back as another recorder, another clock
or another index would have them; what is drawn depends on the record's or the event's id only.
The catalogue is looked at for where to cut, never by what is played.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import cos, radians

import numpy as np
import numpy.typing as npt

from replay.catalogue import RecordTruth
from replay.records import Record, without_zeros

Samples = npt.NDArray[np.float64]  # (3, n), m/s^2, vertical last
Truths = Mapping[str, RecordTruth]
Change = Callable[[Sequence[Record], Truths], list[Record]]

SHARE = 0.25  # of the stations that have what others have not
BEFORE_P_S, AFTER_S_S = 5.0, 10.0
AFTER_P_S = 15.0  # where nobody knows S
WRONG_CLOCK_S = 60.0, 600.0  # OpenEEW's wrong ones: 75 to 3,258 s
KM_A_DEGREE = 111.2
GRAVITY_MPS2 = 9.81
SPIKE_MPS2, SPIKE_EVERY_S = 2.0, 20.0
GAP_EVERY_S, GAP_S = 30.0, 0.5


@dataclass(frozen=True)
class Changed(Record):
    """A record whose samples go through something before they are played."""

    through: Callable[[Samples, "Changed"], Samples] = lambda samples, _: samples

    def load(self) -> Samples:
        return without_zeros(self.through(super().load(), self))


def _changed(record: Record, through: Callable[[Samples, Changed], Samples]) -> Changed:
    own = {field.name: getattr(record, field.name) for field in fields(Record)}
    return Changed(**own, through=through)


def _rng(name: str) -> random.Random:
    return random.Random(name)


def as_they_are(records: Sequence[Record], _: Truths) -> list[Record]:
    return list(records)


def start_late(records: Sequence[Record], truths: Truths) -> list[Record]:
    """Start BEFORE_P_S before P: a node that has just been switched on."""
    return [_cut(record, _p_s(record, truths) - BEFORE_P_S, None) for record in records]


def end_early(records: Sequence[Record], truths: Truths) -> list[Record]:
    """End AFTER_S_S after S, as a recorder that saves memory would."""

    def end_s(record: Record) -> float:
        s_s = truths[record.record_id].s_s
        return _p_s(record, truths) + AFTER_P_S if s_s is None else s_s + AFTER_S_S

    return [_cut(record, 0.0, end_s(record)) for record in records]


def _p_s(record: Record, truths: Truths) -> float:
    arrival = truths[record.record_id].arrival
    return arrival.p_s if arrival else 0.0


def _cut(record: Record, from_s: float, to_s: float | None) -> Record:
    """Cut a record; one that ends before is left as it is."""
    first = max(0, round(from_s * record.rate_hz))
    last = None if to_s is None else round(to_s * record.rate_hz)

    def through(samples: Samples, _: Changed) -> Samples:
        return samples[:, first:last]

    start_us = record.start_us + round(first * 1e6 / record.rate_hz)
    return replace(_changed(record, through), start_us=start_us)


def wrong_clocks(records: Sequence[Record], _: Truths) -> list[Record]:
    """A quarter of the stations believe in another time, early or late, each in its own."""

    def of(record: Record) -> Record:
        rng = _rng(f"clock/{record.place}")
        if rng.random() >= SHARE:
            return record
        off_s = rng.choice((-1, 1)) * rng.uniform(*WRONG_CLOCK_S)
        return replace(record, start_us=record.start_us + round(off_s * 1e6))

    return [of(record) for record in records]


def one_elsewhere(records: Sequence[Record], _: Truths) -> list[Record]:
    """One station stands 30 km from where its row says."""
    one = _one_of(records)
    rng = _rng(one)
    north_km, east_km = rng.choice(((30, 0), (-30, 0), (0, 30), (0, -30)))

    def of(record: Record) -> Record:
        if record.place != one:
            return record
        return replace(
            record,
            lat_deg=record.lat_deg + north_km / KM_A_DEGREE,
            lon_deg=record.lon_deg + east_km / KM_A_DEGREE / cos(radians(record.lat_deg)),
        )

    return [of(record) for record in records]


def nearest_elsewhere(records: Sequence[Record], truths: Truths) -> list[Record]:
    """The station whose P comes first stands 30 km further north."""
    one = _nearest(records, truths, 1)[:1]
    return [
        replace(record, lat_deg=record.lat_deg + 30 / KM_A_DEGREE)
        if record.place in one
        else record
        for record in records
    ]


def one_times_ten(records: Sequence[Record], truths: Truths) -> list[Record]:
    """The nearest station's row has its unit wrong by ten."""
    one = _nearest(records, truths, 1)[:1]
    return [
        _changed(record, lambda samples, _: 10.0 * samples) if record.place in one else record
        for record in records
    ]


def upside_down(records: Sequence[Record], _: Truths) -> list[Record]:
    """Every station has its axes the wrong way round."""
    return [_changed(record, lambda samples, _: -samples) for record in records]


def one_axis_dead(records: Sequence[Record], _: Truths) -> list[Record]:
    """One horizontal of every station, and the vertical of every fifth, says nothing."""

    def through(samples: Samples, record: Changed) -> Samples:
        alive = samples.copy()
        alive[2 if _rng(record.place).random() < 0.2 else 0] = 0.0
        return alive

    return [_changed(record, through) for record in records]


def with_gravity(records: Sequence[Record], _: Truths) -> list[Record]:
    """Gravity is left in, and the others have an offset."""

    def through(samples: Samples, _: Changed) -> Samples:
        offset: Samples = np.array([[0.4], [-0.3], [GRAVITY_MPS2]])
        return offset + samples

    return [_changed(record, through) for record in records]


def spikes(records: Sequence[Record], _: Truths) -> list[Record]:
    """A single sample of SPIKE_MPS2 every SPIKE_EVERY_S at a quarter of the stations."""

    def through(samples: Samples, record: Changed) -> Samples:
        rng = _rng(record.record_id)
        spiky = samples.copy()
        at = rng.expovariate(1 / SPIKE_EVERY_S)
        while (sample := int(at * record.rate_hz)) < samples.shape[1]:
            spiky[rng.randrange(3), sample] += rng.choice((-1, 1)) * SPIKE_MPS2
            at += rng.expovariate(1 / SPIKE_EVERY_S)
        return spiky

    def is_spiky(record: Record) -> bool:
        return _rng(f"spikes/{record.place}").random() < SHARE

    return [_changed(record, through) if is_spiky(record) else record for record in records]


def _with_gaps(samples: Samples, record: Changed, is_held: bool) -> Samples:
    """Put gaps in: zeros, or the last sample again."""
    rng = _rng(record.record_id)
    holed = samples.copy()
    at = rng.expovariate(1 / GAP_EVERY_S)
    while (first := int(at * record.rate_hz)) < samples.shape[1]:
        last = first + max(1, int(rng.expovariate(1 / GAP_S) * record.rate_hz))
        holed[:, first:last] = samples[:, first : first + 1] if is_held else 0.0
        at += rng.expovariate(1 / GAP_EVERY_S)
    return holed


def gaps_of_zeros(records: Sequence[Record], _: Truths) -> list[Record]:
    """Zeros where samples were lost, as recordings of OpenEEW have them; read as any record."""
    return [
        _changed(record, lambda samples, own: _with_gaps(samples, own, False))
        for record in records
    ]


def gaps_held(records: Sequence[Record], _: Truths) -> list[Record]:
    """The last sample again and again where samples were lost."""
    return [
        _changed(record, lambda samples, own: _with_gaps(samples, own, True)) for record in records
    ]


def at_double_rate(records: Sequence[Record], _: Truths) -> list[Record]:
    """Twice as many samples a second, nothing new in them."""
    return [_resampled(record, 2.0) for record in records]


def at_half_rate(records: Sequence[Record], _: Truths) -> list[Record]:
    """Half the rate, where a node can run at it."""
    return [_resampled(record, 0.5) if record.rate_hz >= 100.0 else record for record in records]


def _resampled(record: Record, factor: float) -> Record:
    """Another rate by the spectrum: nothing is added above the recording's own band."""

    def through(samples: Samples, _: Changed) -> Samples:
        length, count = samples.shape[1], round(samples.shape[1] * factor)
        level = samples.mean(axis=1, keepdims=True)
        spectrum = np.fft.rfft(samples - level, axis=1)
        spectrum[:, -1] = 0.0  # at Nyquist it would count twice
        finer: Samples = np.fft.irfft(spectrum, count, axis=1) * (count / length) + level
        return finer

    return replace(_changed(record, through), rate_hz=record.rate_hz * factor)


def three_nearest(records: Sequence[Record], truths: Truths) -> list[Record]:
    """Only the three stations nearest to the earthquake are there."""
    places = _nearest(records, truths, 3)
    return [record for record in records if record.place in places]


def without_nearest(records: Sequence[Record], truths: Truths) -> list[Record]:
    """The three stations nearest to the earthquake are down."""
    places = _nearest(records, truths, 3)
    return [record for record in records if record.place not in places]


def _nearest(records: Sequence[Record], truths: Truths, count: int) -> list[str]:
    def km(record: Record) -> float:
        return truths[record.record_id].distance_km or 0.0

    return list(dict.fromkeys(record.place for record in sorted(records, key=km)))[:count]


def _one_of(records: Sequence[Record]) -> str:
    places = sorted({record.place for record in records})
    return _rng(records[0].event_id).choice(places) if records else ""


CHANGES: tuple[Change, ...] = (
    start_late, end_early, wrong_clocks, one_elsewhere, nearest_elsewhere, one_times_ten,
    upside_down, one_axis_dead, with_gravity, spikes, gaps_of_zeros, gaps_held,
    at_double_rate, at_half_rate, three_nearest, without_nearest,
)  # fmt: skip
