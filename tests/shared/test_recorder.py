from array import array

from firmware.assembly import shares
from groundswell.recorder import KEPT_S, LEAST_S, PAGE, Recorder, pages_of

RATE_MHZ = 62500


def filled(recorder, samples):
    for number in range(samples):
        recorder.keep(array("i", (number, -number, 7)), 0, 1)
    return recorder


def test_a_recorder_that_was_made_short_keeps_as_much_as_it_is_given():
    short = filled(Recorder(RATE_MHZ, LEAST_S), 2000)
    assert 2000 - short.oldest == PAGE * pages_of(RATE_MHZ, LEAST_S) >= 62 * LEAST_S

    longer = Recorder(RATE_MHZ, LEAST_S)
    longer.lengthen(3)
    filled(longer, 2000)
    assert longer.oldest == short.oldest - 3 * PAGE
    assert [list(part) for part in longer.packet(longer.oldest, 2)] == [
        [longer.oldest, longer.oldest + 1],
        [-longer.oldest, -longer.oldest - 1],
        [7, 7],
    ]
    full = filled(Recorder(RATE_MHZ), 2000)
    assert 2000 - full.oldest == PAGE * pages_of(RATE_MHZ, KEPT_S) > 2000 - longer.oldest


def test_what_is_kept_follows_the_memory_that_is_free():
    assert shares(0) == (4096, 0)
    assert shares(24000 + 2 * 9 * PAGE) == (8384, 2)
    outbox_b, pages = shares(1 << 20)
    assert outbox_b == 16384 and pages > pages_of(500000, KEPT_S)
