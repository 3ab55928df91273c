from array import array

from groundswell import detector, motion, onset, wire

from node_in_a_test import UTC_US, flat, messages_of, new_reporter
from random_numbers import RandomNumbers
from signals import noise

SECOND = 1000000
RATE_HZ = 100
QUIET = 32  # what the ring holds of noise, in the mean


def ring_of(energies):
    """Return a detector's ring that ends with these, loud and quiet by turns, as noise is."""
    ring = motion.new_ring(RATE_HZ * 1000)
    random = RandomNumbers(5)
    for i, energy in enumerate(energies):
        ring[1 + (i & ring[0])] = energy * (500 + random.below(1001)) // 1000
    return ring


def found(energies, pick, first=0):
    one = onset.Beginning(RATE_HZ * 1000)
    return one.of(ring_of(energies), pick, first, len(energies))


def test_what_steps_up_began_where_it_was_picked():
    energies = [QUIET] * 300 + [100 * QUIET] * 60

    assert abs(found(energies, 300) - 300) <= 6


def growing(power):
    """Energies of noise, and from place 200 on of a wave that emerges from it."""
    return [QUIET] * 200 + [QUIET + 3 * QUIET * i**power // 50**power for i in range(160)]


def test_what_grows_from_the_noise_began_before_it_was_picked():
    for power, pick in ((1, 265), (2, 275)):
        began = found(growing(power), pick)

        assert abs(began - 200) < (pick - 200) // 2, (power, began)


def test_the_more_of_a_wave_is_known_the_better_is_its_beginning():
    errors = [abs(found(growing(2)[:end], 275) - 200) for end in (280, 320, 360)]

    assert errors[2] < errors[0]


def test_no_beginning_is_looked_for_too_far_back_or_in_what_is_not_known():
    energies = [QUIET] * 100 + [QUIET + QUIET * i // 20 for i in range(260)]

    assert found(energies, 300) >= 300 - onset.BACK_MS * RATE_HZ // 1000
    assert found(energies, 300, first=280) >= 280
    for first in (295, 300, 310):
        assert found(energies, 300, first) == 300


def test_noise_alone_and_nothing_at_all_leave_the_pick_where_it_is():
    assert found([0] * 360, 300) <= 300
    assert found([QUIET] * 300, 300) == 300


def test_any_rate_has_room_for_its_pieces():
    for rate_hz in range(25, 501):
        one = onset.Beginning(rate_hz * 1000)
        ring = motion.new_ring(rate_hz * 1000)
        now = 4 * rate_hz

        assert one.of(ring, now - rate_hz, now - ring[0] - 1, now) <= now - rate_hz


def emergent(peak_counts, grows_s, start_s=20):
    counts = noise(RATE_HZ * 40, 40)
    random = RandomNumbers(2)
    for i in range(RATE_HZ * start_s, RATE_HZ * 40):
        level = peak_counts * min(i - RATE_HZ * start_s, RATE_HZ * grows_s) // (RATE_HZ * grows_s)
        for axis in range(3):
            counts[3 * i + axis] += level * (random.below(2001) - 1000) // 1000
    return counts


def test_a_node_tells_its_onset_anew_until_a_second_after_the_pick():
    told = flat(messages_of(new_reporter(RATE_HZ), emergent(1000, 2), RATE_HZ), wire.Trigger)
    errors_us = [trigger.onset_us - UTC_US - 20 * SECOND for trigger in told]

    assert 100000 < errors_us[0] < 300000
    assert abs(errors_us[2]) < 100000
    assert set(errors_us[3:]) == {errors_us[2]}


def test_a_detection_in_the_coda_of_another_keeps_its_pick():
    counts = emergent(4000, grows_s=1)
    again = emergent(60000, grows_s=1, start_s=28)
    both = array("i", [a + b for a, b in zip(counts, again)])
    one = detector.Detector(RATE_HZ * 1000, 38246, (1 << 19) - 1)
    begins = []
    for at in range(0, len(both) // 3, 4):
        if one.take(both, at, 4) == detector.BEGINS:
            begins.append((one.onset, one.began()))

    assert len(begins) == 2
    assert begins[1][0] == begins[1][1]
