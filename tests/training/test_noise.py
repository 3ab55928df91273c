import numpy as np

from training.noise import Background


def test_any_window_is_a_slice_of_the_same_noise() -> None:
    whole = Background("here", 1, 125.0, 22.5e-6).window(1000, 3000)
    blocks = Background("here", 1, 125.0, 22.5e-6)
    pieces = [blocks.window(1000 + at, 4) for at in range(0, 3000, 4)]

    assert np.array_equal(whole, np.concatenate(pieces, axis=1))


def test_the_chip_alone_has_the_density_of_its_data_sheet() -> None:
    """ADXL355: 22.5 ug/rtHz to 62.5 Hz is 1.74 mm/s^2; above 12 Hz the place adds nothing."""
    noise = Background("here", 1, 125.0, 22.5e-6).window(0, 60 * 125).astype(float)
    power = np.abs(np.fft.rfft(noise, axis=1)) ** 2 * 2 / (125.0 * noise.shape[1])
    frequency_hz = np.fft.rfftfreq(noise.shape[1], 1 / 125.0)
    density = np.sqrt(power[:, frequency_hz > 30].mean()) / 9.80665

    assert 0.97 * 22.5e-6 < density < 1.05 * 22.5e-6


def test_two_places_and_two_seeds_do_not_share_their_noise() -> None:
    windows = [
        Background(place, seed, 125.0, 22.5e-6).window(0, 1000)
        for place, seed in (("here", 1), ("there", 1), ("here", 2))
    ]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert abs(np.corrcoef(windows[one][0], windows[other][0])[0, 1]) < 0.2
