from array import array

from groundswell import sta_lta

from signals import noise

N_STA, N_LTA = 50, 1000


def new_averages(threshold_8=40, floor_counts=8):
    return sta_lta.StaLta(N_STA, N_LTA, threshold_8, floor_counts)


def follow(averages, counts, still=0, pos=0):
    n = len(counts) // 3
    ring = array("i", (63,) + (0,) * 64)
    return sta_lta.follow(counts, array("i", (still,) * n), 0, n, averages.state, ring, pos)


def test_the_ratio_of_steady_noise_is_one_however_loud():
    for rms_counts in (30, 300, 3000, 30000, 1000000):
        averages = new_averages()

        follow(averages, noise(5000, rms_counts))

        assert 600 < averages.ratio_milli() < 1600
        assert abs(averages.noise_counts() - rms_counts) < rms_counts // 10


def test_the_scale_follows_the_noise_up_and_down_again():
    averages = new_averages()

    follow(averages, noise(5000, 100000))
    follow(averages, noise(30000, 30, seed=3))

    assert averages.state[sta_lta.SHIFT] == 0
    assert abs(averages.noise_counts() - 30) <= 4


def test_a_signal_of_one_count_is_not_lost_in_rounding():
    averages = new_averages(floor_counts=1)
    ones = array("i", (1, 0, 1, -1, 0, -1) * 10000)

    follow(averages, ones)

    assert averages.state[sta_lta.LTA_Z] == 1 or averages.state[sta_lta.LTA_Z_REST] > 0
    energy = averages.state[sta_lta.LTA_Z] * N_LTA + averages.state[sta_lta.LTA_Z_REST]
    assert abs(energy - N_LTA) < N_LTA // 20


def test_while_it_warms_up_the_long_average_is_the_plain_mean():
    averages = new_averages()
    counts = noise(200, 100)

    follow(averages, counts)

    mean = sum([counts[i] * counts[i] for i in range(2, 600, 3)]) // 200
    assert abs(averages.state[sta_lta.LTA_Z] - mean) <= mean // 100 + 1
    assert averages.heard() == 200


def test_a_frozen_average_stays_as_it_is():
    averages = new_averages()
    follow(averages, noise(3000, 100))
    before = averages.noise_counts()

    averages.freeze(True)
    follow(averages, noise(3000, 1000))

    assert averages.noise_counts() == before
    assert averages.ratio_milli() > 50000


def test_samples_without_information_change_nothing():
    averages = new_averages()
    follow(averages, noise(3000, 100))
    before = array("i", averages.state)

    follow(averages, array("i", (0,) * 3000), still=1)

    assert averages.state == before


def test_it_stops_at_the_sample_that_exceeds_the_threshold_and_only_while_armed():
    averages = new_averages()
    follow(averages, noise(3000, 100))
    loud = noise(100, 3000)

    assert follow(averages, loud) == 0 and not averages.has_triggered()

    averages = new_averages()
    follow(averages, noise(3000, 100))
    averages.arm(True)
    rest = follow(averages, loud)
    assert averages.has_triggered() and 90 < rest < 100


def test_the_loudest_possible_signal_does_no_harm():
    averages = new_averages(threshold_8=255)
    averages.arm(True)
    top = (1 << 26) - 1
    square = array("i", (top, -top, top, -top, top, -top) * 5000)

    follow(averages, square)

    assert abs(averages.noise_counts() - top) < top // 50
    assert averages.ratio_milli() <= 1200
