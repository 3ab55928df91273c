"""The things we compare ourselves with must be what they are called."""

import math

import numpy as np
import pytest

from replay import baseline_hearing, baseline_warnings
from replay.baseline_detectors import (
    DETECTORS,
    band_pass,
    classic_sta_lta,
    high_pass,
    trailing_mean,
)
from replay.baseline_rules import ASTUTI, TRIGGER_RULES, Mark, Station

START_US = 1_700_000_000_000_000
EPIC = TRIGGER_RULES[0]


def noise(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(count)


def test_sta_lta_is_obspys_at_every_sample() -> None:
    trigger = pytest.importorskip("obspy.signal.trigger")
    values = noise(3000) * np.where(np.arange(3000) > 2000, 5.0, 1.0)

    ours = classic_sta_lta(values, 32, 320)

    assert ours == pytest.approx(trigger.classic_sta_lta(values, 32, 320), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("rate_hz", [31.25, 100.0])
def test_the_filters_are_scipys_butterworths(rate_hz: float) -> None:
    signal = pytest.importorskip("scipy.signal")
    values = noise(2000)
    values[0] = 0.0  # from rest
    high = signal.butter(2, 1.0, "highpass", fs=rate_hz)
    low = signal.butter(2, 12.0, "lowpass", fs=rate_hz)

    assert high_pass(values, 1.0, rate_hz) == pytest.approx(signal.lfilter(*high, values))
    assert band_pass(values, 1.0, 12.0, rate_hz) == pytest.approx(
        signal.lfilter(*low, signal.lfilter(*high, values))
    )


def test_gravity_is_no_trigger() -> None:
    samples = 0.01 * noise(3 * 3000).reshape(3, -1) + np.array([[0.0], [0.0], [9.81]])

    assert [detector.detections(samples, 100.0) for detector in DETECTORS] == [[], [], []]


def test_a_tremor_is_found_once_a_minute_at_most() -> None:
    samples = 0.001 * noise(3 * 6000).reshape(3, -1)
    samples[:, 3000:3400] *= 30
    samples[:, 5000:5400] *= 30  # 20 s later

    for detector in DETECTORS:
        (found,) = detector.detections(samples, 100.0)
        assert found.onset_s == pytest.approx(30.0, abs=0.3)


def test_a_trailing_mean_looks_back_only() -> None:
    assert list(trailing_mean(np.array([2.0, 4.0, 6.0, 8.0]), 2)) == [2.0, 3.0, 5.0, 7.0]


def station(number: int, east_km: float, north_km: float) -> Station:
    return Station(f"XX.{number}", north_km / 111.19, east_km / 111.19, START_US, START_US + 10**9)


STATIONS = [
    station(number, 25 * math.cos(angle), 25 * math.sin(angle))
    for number, angle in enumerate(np.linspace(0, 5, 6))
]


def marks(times_s: list[float]) -> list[Mark]:
    return [Mark(s, START_US + round(t * 1e6)) for s, t in zip(STATIONS, times_s)]


def test_four_triggers_that_fit_one_origin_are_declared_there() -> None:
    p_s = [math.hypot(25, 8) / 6.5 + 10 for _ in STATIONS]  # from the middle of the circle

    (found,) = EPIC.declare(marks(p_s), STATIONS)

    assert abs(found.lat_deg) < 0.15 and abs(found.lon_deg) < 0.15
    assert found.origin_us == pytest.approx(START_US + 10_000_000, abs=1_000_000)


def test_triggers_that_fit_no_origin_are_not_declared() -> None:
    assert EPIC.declare(marks([0.0, 20.0, 40.0, 59.0]), STATIONS) == []


def test_too_many_silent_neighbours_forbid_it() -> None:
    p_s = [math.hypot(25, 8) / 6.5 + 10 for _ in STATIONS[:4]]
    silent = [station(10 + number, number - 6.0, 1.0) for number in range(12)]

    assert EPIC.declare(marks(p_s), STATIONS) != []
    assert EPIC.declare(marks(p_s), STATIONS + silent) == []


def test_astuti_wants_four_neighbours_and_alerts_once() -> None:
    assert ASTUTI.declare(marks([10.0, 11.0, 12.0]), STATIONS) == []
    assert len(ASTUTI.declare(marks([10.0, 11.0, 12.0, 13.0, 14.0]), STATIONS)) == 1


class FakeRecord:
    start_us = START_US


def heard_peaks(*peaks_mps2: float) -> baseline_hearing.Heard:
    """A record that starts at START_US; its largest peak so far, one value a tenth of a second."""
    return baseline_hearing.Heard(FakeRecord(), 1.0, {}, None, None, np.array(peaks_mps2))  # type: ignore[arg-type]


def test_a_forecast_by_measured_peaks_knows_no_more_than_has_been_measured() -> None:
    forecasts = baseline_warnings._Forecasts()
    neighbour = heard_peaks(0.001, 0.001, 1.0, 1.0)

    forecasts.note(5.9, [neighbour], START_US + 200_000)  # 1 m/s^2 is MMI 5.8
    forecasts.note(5.9, [neighbour], START_US + 300_000)
    forecasts.note(1.2, [], START_US)

    assert forecasts.final_hits == [True, True, True]
    assert forecasts.hits_at_s == [False, True, True]


def test_the_peaks_of_a_record_are_those_of_every_tenth_of_a_second() -> None:
    assert baseline_hearing._instants(320, 31.25).tolist()[:4] == [3, 6, 9, 12]
    for rate_hz in (31.25, 50.0, 99.7, 100.0, 200.0, 250.0):
        for count in range(0, 2000, 7):
            instants = baseline_hearing._instants(count, rate_hz)
            assert len(instants) == int(count / rate_hz * 10)
            assert (instants < max(count, 1)).all() and (instants >= 0).all()
