"""JMA's intensity on signals whose answer can be worked out by hand."""

import math

import numpy as np
import pytest

from replay import jma


def sine(frequency_hz: float, peak_gal: float, seconds: float = 60.0, rate_hz: float = 100.0):
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    wave = peak_gal / 100 * np.sin(2 * math.pi * frequency_hz * t)
    return np.stack([wave, np.zeros_like(wave), np.zeros_like(wave)])


def gain_by_hand(f: float) -> float:
    """The three factors of the notice, written out once more."""
    y = f / 10
    tail = 1 + 0.694 * y**2 + 0.241 * y**4 + 0.0557 * y**6
    tail += 0.009664 * y**8 + 0.00134 * y**10 + 0.000155 * y**12
    return (1 / f) ** 0.5 * tail**-0.5 * (1 - math.exp(-((f / 0.5) ** 3))) ** 0.5


@pytest.mark.parametrize("frequency_hz", [0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0])
def test_a_steady_wave_has_the_intensity_of_its_filtered_peak(frequency_hz: float):
    # 0.3 s of 60 s lie above cos(0.3 / 60 * pi / 2) = 0.99997 of the peak
    by_hand = 2 * math.log10(80 * gain_by_hand(frequency_hz)) + 0.94

    found = jma.intensity(sine(frequency_hz, 80.0), 100.0)

    assert found is not None
    assert by_hand - 0.11 < found <= by_hand + 0.006  # published decimals are cut off


def test_one_hertz_and_a_hundred_gal_are_5_lower():
    found = jma.intensity(sine(1.0, 100.0), 100.0)

    assert found == 4.9
    assert jma.class_of(found) == "5-"


def test_what_lasts_less_than_three_tenths_of_a_second_does_not_count():
    burst = np.zeros((3, 6000))
    burst[0, 3000:3010] = 20.0  # 0.1 s of 2000 gal
    long = burst.copy()
    long[0, 3000:3100] = 20.0 * np.sin(2 * math.pi * np.arange(100) / 50)

    short_one, long_one = jma.intensity(burst, 100.0), jma.intensity(long, 100.0)

    assert short_one is not None and long_one is not None
    assert long_one > short_one + 1


def test_components_add_as_vectors_and_gravity_does_not():
    one = sine(2.0, 50.0)
    turned = np.stack([one[0] * 0.6, one[0] * 0.8, np.full_like(one[0], 9.81)])

    assert jma.intensity(turned, 100.0) == jma.intensity(one, 100.0)


def test_the_sample_rate_changes_nothing():
    at_100, at_31 = jma.intensity(sine(2.0, 50.0), 100.0), None
    at_31 = jma.intensity(sine(2.0, 50.0, rate_hz=31.25), 31.25)

    assert at_31 == pytest.approx(at_100, abs=0.1)


@pytest.mark.parametrize(
    ("value", "name"),
    [(-1.0, "0"), (0.4, "0"), (0.5, "1"), (4.4, "4"), (4.5, "5-"), (5.0, "5+"), (5.5, "6-"),
     (6.0, "6+"), (6.4, "6+"), (6.5, "7"), (7.2, "7")],
)  # fmt: skip
def test_classes_begin_where_the_agency_says(value: float, name: str):
    assert jma.class_of(value) == name


@pytest.mark.parametrize(("value", "decimal"), [(4.494, 4.4), (4.496, 4.5), (3.999, 4.0)])
def test_the_third_decimal_is_rounded_and_the_second_cut_off(value: float, decimal: float):
    assert jma.published(value) == pytest.approx(decimal)


def test_nothing_is_said_of_silence_and_of_a_moment():
    assert jma.intensity(np.zeros((3, 1000)), 100.0) is None
    assert jma.intensity(sine(1.0, 50.0, seconds=0.5), 100.0) is None
