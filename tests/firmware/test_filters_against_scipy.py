"""The integer filters against scipy's in double precision."""

from array import array

import numpy as np
import pytest
from groundswell import filters, motion
from scipy import signal

RATES_HZ = (25.0, 26.0, 31.25, 50.0, 100.0, 125.0, 200.0, 250.0, 332.972, 500.0)
ONE_G_COUNTS = 1_024_000  # of an ADXL355 after the shift by two


def integers(coefficients, counts):
    section = filters.Filter(coefficients, 0, 1, 1)
    section.settle(array("i", [int(counts[0])]))
    out = array("i", counts.astype(np.int32).tobytes())
    section.run(out, out, len(out))
    return np.array(out, dtype=float)


def counts_of_a_node(rate_hz, seconds=120):
    """Gravity, sensor noise, and a strong shaking in the middle."""
    random = np.random.default_rng(int(rate_hz))
    t_s = np.arange(int(rate_hz * seconds)) / rate_hz
    shaking = 3e5 * np.exp(-((t_s - 60) ** 2) / 50) * np.sin(2 * np.pi * 2.3 * t_s)
    return np.rint(ONE_G_COUNTS + 80 * random.standard_normal(t_s.size) + shaking)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(("kind", "corner_hz"), [("high", 0.1), ("high", 1.0), ("low", 10.0)])
def test_a_butterworth_in_integers_is_within_a_count_of_double_precision(rate_hz, kind, corner_hz):
    rate_mhz, corner_mhz = round(rate_hz * 1000), round(corner_hz * 1000)
    design = filters.high_pass if kind == "high" else filters.low_pass
    counts = counts_of_a_node(rate_hz)
    sections = signal.butter(2, corner_hz, kind, fs=rate_hz, output="sos")
    start = signal.sosfilt_zi(sections) * counts[0]
    expected, _ = signal.sosfilt(sections, counts, zi=start)

    got = integers(design(corner_mhz, rate_mhz), counts)
    if kind == "low":  # settle() is for high-passes: skip its start
        got, expected = got[int(rate_hz) :], expected[int(rate_hz) :]

    error = got - expected
    # rounding errors go to the highest frequencies: near them a low-pass at 25 Hz lets more by
    scale = 2.0 if kind == "low" and rate_hz < 30 else 1.0
    assert np.sqrt(np.mean(error**2)) < 1.2 * scale
    assert abs(np.mean(error)) < 0.5
    assert np.abs(error).max() < 8 * scale


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_designed_coefficients_are_scipys(rate_hz):
    for design, kind, corner_hz in (
        (filters.high_pass, "high", 0.1),
        (filters.high_pass, "high", 1.0),
        (filters.low_pass, "low", 9.0),
    ):
        c = design(round(corner_hz * 1000), round(rate_hz * 1000))
        b, minus_a1, minus_a2 = ((c[i] * 65536 + c[i + 1]) / 2**29 for i in (0, 4, 6))
        expected_b, expected_a = signal.butter(2, corner_hz, kind, fs=rate_hz)

        got = [b, b * c[2], b * c[3], -minus_a1, -minus_a2]

        np.testing.assert_allclose(got, [*expected_b, *expected_a[1:]], atol=2.5e-9)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_an_integrated_sine_has_the_amplitude_that_calculus_gives(rate_hz):
    rate_mhz = round(rate_hz * 1000)
    settings = (motion.VELOCITY_CORNER_MHZ, rate_mhz, motion.VELOCITY_GAIN)
    t_s = np.arange(int(rate_hz * 60)) / rate_hz
    for frequency_hz in (1.0, 2.0):
        sine = np.rint(1e5 * np.sin(2 * np.pi * frequency_hz * t_s))

        out = integers(filters.integrate(*settings), sine)

        up, down = filters.integral_scale(*settings)
        amplitude = np.sqrt(2) * out[int(rate_hz * 30) :].std() * up / down
        expected = 1e5 / (2 * np.pi * frequency_hz)
        # the bilinear transform bends frequencies by (pi f / rate)^2 / 3: 2 % at 2 Hz and 25 Hz
        bend = 1 - (np.pi * frequency_hz / rate_hz) ** 2 / 3
        assert amplitude == pytest.approx(expected * bend, rel=0.01)
