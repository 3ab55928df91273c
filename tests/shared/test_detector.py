from array import array

from groundswell import detector

from signals import add_offset, add_shaking, noise

RATE_HZ = 100
LSB_NM_S2 = 38246  # ADXL355
RANGE_COUNTS = (1 << 19) - 1
QUIET = noise(RATE_HZ * 30, 40)


def new_detector(rate_hz=RATE_HZ):
    return detector.Detector(rate_hz * 1000, LSB_NM_S2, RANGE_COUNTS)


def events(one, counts, block=4):
    """Feed a signal block by block; return (event, samples taken so far) of each event."""
    found = []
    total = len(counts) // 3
    for at in range(0, total, block):
        event = one.take(counts, at, min(block, total - at))
        if event != detector.NOTHING:
            found.append((event, one.samples))
    return found


def shaken(start_s=20, peak_counts=4000, decay_s=4, seed=2):
    counts = array("i", QUIET)
    add_shaking(counts, start_s * RATE_HZ, peak_counts, decay_s * RATE_HZ, seed)
    return counts


def test_sensor_noise_alone_never_triggers():
    assert events(new_detector(), noise(RATE_HZ * 120, 40, seed=9)) == []


def test_shaking_triggers_at_once_and_its_onset_is_found_again():
    one = new_detector()

    found = events(one, shaken(), block=1)

    assert found[0][0] == detector.BEGINS
    assert 2000 < found[0][1] <= 2030
    assert abs(one.onset - 2000) <= 5


def test_the_size_of_the_blocks_changes_neither_the_onset_nor_the_peaks():
    results = []
    for block in (1, 4, 7, detector.LONGEST_BLOCK):
        one = new_detector()
        counts = shaken()
        found = [event for event, _ in events(one, counts, block)]
        results.append((found[0], one.onset, one.noise_um_s2, one.peaks))

    assert results.count(results[0]) == len(results)


def test_a_block_longer_than_there_is_room_for_is_refused():
    longer = detector.Detector(RATE_HZ * 1000, LSB_NM_S2, RANGE_COUNTS, longest_block=20)
    assert longer.take(QUIET, 0, 20) == detector.NOTHING
    for one, n in ((longer, 21), (new_detector(), detector.LONGEST_BLOCK + 1)):
        try:
            one.take(QUIET, 0, n)
            raise AssertionError("accepted")
        except ValueError:
            pass


def test_nothing_triggers_before_the_averages_are_warm():
    one = new_detector()

    events(one, shaken(start_s=2, decay_s=1))

    assert one.onset == 0


def test_gravity_on_any_axis_makes_no_difference():
    found = []
    for offsets in ((0, 0, 0), (256000, 0, 0), (-90000, 120000, 200000)):
        one = new_detector()
        counts = shaken()
        add_offset(counts, offsets)
        events(one, counts)
        found.append((one.onset, one.peaks[0] // 100))

    assert found.count(found[0]) == len(found)


def test_a_node_turned_on_its_wall_says_the_same():
    counts = shaken()
    turned = array("i", counts)
    for i in range(0, len(turned), 3):
        turned[i], turned[i + 1] = counts[i + 1], -counts[i]
    one, other = new_detector(), new_detector()

    assert events(one, counts) == events(other, turned)
    assert (one.onset, one.peaks) == (other.onset, other.peaks)


def test_the_noise_level_is_frozen_while_it_shakes():
    one = new_detector()
    counts = shaken(decay_s=1000)

    events(one, counts)

    assert one.state == detector.TRIGGERED
    assert one.noise_now_um_s2() == one.noise_um_s2


def test_a_sensor_that_repeats_itself_does_not_look_like_silence():
    counts = array("i", noise(RATE_HZ * 20, 40))
    counts.extend(array("i", tuple(counts[-3:]) * (RATE_HZ * 20)))
    counts.extend(noise(RATE_HZ * 20, 40, seed=5))

    assert events(new_detector(), counts) == []


def test_a_sensor_that_says_nothing_at_first_is_not_trusted_at_once():
    counts = array("i", (5,) * (3 * RATE_HZ * 20))
    counts.extend(noise(RATE_HZ * 4, 40))
    one = new_detector()

    assert events(one, counts) == []
    assert one.state == detector.WARMING_UP


def test_after_a_gap_nothing_is_believed_until_the_averages_are_warm_again():
    one = new_detector()
    events(one, QUIET)

    one.lost()

    assert one.state == detector.WARMING_UP
    counts = noise(RATE_HZ * 5, 40)
    add_offset(counts, (50000, 50000, 50000))  # another level after the gap
    assert events(one, counts) == []


def test_a_shaking_that_ends_re_arms_the_node_after_the_dead_time():
    one = new_detector()
    counts = shaken(decay_s=1)
    counts.extend(noise(RATE_HZ * 20, 40, seed=6))

    found = [event for event, _ in events(one, counts)]

    assert found == [detector.BEGINS, detector.ENDS]
    assert one.state == detector.ARMED


def test_a_noise_that_does_not_end_becomes_the_background():
    one = new_detector()
    counts = array("i", QUIET)
    counts.extend(noise(RATE_HZ * 90, 400, seed=7))

    found = [event for event, _ in events(one, counts)]

    assert found == [detector.BEGINS, detector.ENDS]
    assert one.state == detector.ARMED


def test_reaching_the_end_of_the_range_is_told():
    one = new_detector()
    events(one, shaken(peak_counts=4000))
    assert not one.is_clipped()

    two = new_detector()
    events(two, shaken(peak_counts=RANGE_COUNTS * 4))
    assert two.is_clipped()


def test_peaks_are_those_of_the_ground():
    # a 5 Hz sine that grows to 1 m/s^2: velocity 1/(2 pi 5) m/s, displacement 1/(2 pi 5)^2 m
    sine = (0, 309, 588, 809, 951, 1000, 951, 809, 588, 309)
    one = new_detector()
    counts = noise(RATE_HZ * 15, 40)
    for i in range(RATE_HZ * 6):
        swing = sine[i % 10] if i // 10 % 2 == 0 else -sine[i % 10]
        counts.extend(array("i", (0, 0, swing * min(i, 500) * 26147 // 500000)))

    events(one, counts)

    pga_um_s2, pgv_nm_s, pd_nm = one.peaks
    assert abs(pga_um_s2 / 1e6 - 1) < 0.03
    assert abs(pgv_nm_s / 1e9 - 0.0318) < 0.0318 * 0.05
    assert abs(pd_nm / 1e9 - 0.00101) < 0.00101 * 0.05


def test_every_rate_works_and_others_are_refused():
    for rate_hz in (25, 26, 31, 125, 333, 500):
        one = new_detector(rate_hz)
        counts = noise(rate_hz * 14, 40)
        add_shaking(counts, rate_hz * 12, 20000, rate_hz)
        assert [event for event, _ in events(one, counts)][:1] == [detector.BEGINS], rate_hz
        assert abs(one.onset - rate_hz * 12) <= max(4, rate_hz // 10), (rate_hz, one.onset)
    for rate_mhz in (0, 24999, 500001):
        try:
            detector.Detector(rate_mhz, LSB_NM_S2, RANGE_COUNTS)
            raise AssertionError("accepted")
        except ValueError:
            pass
