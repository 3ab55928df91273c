"""The judge's window: loudness by band, the same for every rate, size and direction."""

from array import array

from groundswell.window import CHANNELS, FRAMES, Window

from signals import noise

UNIT_PM_S2 = 4780750  # an ADXL355's step, three bits finer
SINE = (0, 309, 588, 809, 951, 1000, 951, 809, 588, 309)


def look_at(counts, rate_hz, noise_counts=100):
    window = Window(rate_hz * 1000, UNIT_PM_S2, 64)
    total = len(counts) // 3
    for at in range(0, total, 64):
        n = min(64, total - at)
        samples = array("i", counts[3 * at : 3 * (at + n)])
        window.take(samples, samples, n)
    found = window.look(noise_counts)
    rows = [list(found[i : i + CHANNELS]) for i in range(0, FRAMES * CHANNELS, CHANNELS)]
    return [[v - 256 if v > 127 else v for v in row] for row in rows]


def sine(rate_hz, seconds, counts, axis=2):
    """5 Hz, at rates that are multiples of 50."""
    step = 50 * len(SINE) // rate_hz if rate_hz < 500 else 1
    signal = array("i")
    for i in range(rate_hz * seconds):
        place = i * 100 // rate_hz
        swing = SINE[place % 10] * (1 if place // 10 % 2 == 0 else -1)
        sample = [0, 0, 0]
        sample[axis] = swing * counts // 1000
        signal.extend(array("i", sample))
    assert step >= 1
    return signal


def test_the_band_in_which_it_shakes_is_the_loudest():
    last = look_at(sine(100, 8, 10000), 100)[-1]

    levels = last[: CHANNELS - 1]
    assert levels.index(max(levels)) == 4  # vertical, 2.5-6 Hz
    assert levels[4] > levels[2] > levels[0]


def test_the_size_of_the_motion_falls_out():
    weak = look_at(sine(100, 8, 10000), 100, 100)
    strong = look_at(sine(100, 8, 80000), 100, 800)

    moving = (0, 2, 4, 6, CHANNELS - 1)  # nothing moves sideways
    differences = [abs(x[i] - y[i]) for x, y in zip(weak, strong) for i in moving]
    assert max(differences) <= 1


def test_how_far_it_is_above_the_noise_is_told_in_eighths_of_an_octave():
    far = look_at(sine(100, 8, 10000), 100, 100)[-1][-1]

    assert look_at(sine(100, 8, 10000), 100, 400)[-1][-1] == far - 16
    assert look_at(sine(100, 8, 40000), 100, 100)[-1][-1] == far + 16


def test_every_rate_gives_the_same_window():
    rows = {rate_hz: look_at(sine(rate_hz, 8, 10000), rate_hz)[-1] for rate_hz in (50, 100, 200)}

    for rate_hz, row in rows.items():
        assert abs(row[4] - rows[100][4]) <= 6, (rate_hz, row)
        assert abs(row[2] - rows[100][2]) <= 8, (rate_hz, row)


def test_a_turn_about_the_vertical_hardly_matters():
    east = look_at(sine(100, 8, 10000, 0), 100)
    north = look_at(sine(100, 8, 10000, 1), 100)

    assert east == north
    diagonal = sine(100, 8, 7071, 0)
    for i in range(0, len(diagonal), 3):
        diagonal[i + 1] = diagonal[i]
    assert all(abs(a[5] - b[5]) <= 2 for a, b in zip(look_at(diagonal, 100)[16:], east[16:]))


def test_what_happened_stands_where_it_happened():
    counts = noise(100 * 8, 40)
    for i in range(100 * 6 + 0, 100 * 6 + 20):  # two seconds before the end
        counts[3 * i + 2] += 50000 if i % 20 < 10 else -50000

    rows = look_at(counts, 100)

    column = [row[6] for row in rows]
    loudest = column.index(max(column))
    assert FRAMES - 33 <= loudest <= FRAMES - 28
    assert rows[10][6] < rows[loudest][6] - 40


def test_the_largest_numbers_do_no_harm():
    counts = array("i", ((1 << 24) - 1, -(1 << 24), (1 << 24) - 1) * 50)
    counts.extend(array("i", (-(1 << 24), (1 << 24) - 1, -(1 << 24)) * 450))

    rows = look_at(counts, 100, (1 << 24) - 1)

    assert all(-128 <= v <= 127 for row in rows for v in row)
