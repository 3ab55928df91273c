from groundswell import timeline
from groundswell.moment import moment

SECOND = 1000000


def steady(line, blocks, first_end_us, block=4, period_us=8000):
    for i in range(blocks):
        line.add(block, moment(first_end_us + i * block * period_us))


def test_a_sample_number_has_the_tick_at_which_it_was_taken():
    line = timeline.Timeline(125000)
    steady(line, 100, 50 * SECOND)

    assert line.samples == 400
    assert line.ticks_us(399) == line.end_ticks_us
    assert line.ticks_us(3) == 50 * SECOND


def test_jitter_of_a_late_reader_is_no_gap():
    line = timeline.Timeline(125000)

    assert line.add(4, moment(32000)) == timeline.STEADY
    assert line.add(4, moment(64000 + 90000)) == timeline.STEADY
    assert line.lost_samples == 0
    assert not line.has_gap(200000)


def test_a_gap_is_counted_and_remembered_for_ten_seconds():
    line = timeline.Timeline(125000)
    line.add(4, moment(32000))

    assert line.add(4, moment(64000 + 200000)) == timeline.SHORT_GAP
    assert line.lost_samples == 25
    assert line.has_gap(264000 + 9 * SECOND)
    assert not line.has_gap(264000 + 10 * SECOND)

    assert line.add(4, moment(20 * SECOND)) == timeline.LONG_GAP


def test_the_rate_is_the_nominal_one_until_it_is_measured():
    line = timeline.Timeline(125000)  # the crystal makes it 126.98 Hz: 31.5 ms for four samples
    line.add(4, moment(SECOND))
    assert line.rate_mhz() == 125000

    for i in range(1, 1000):
        line.add(4, moment(SECOND + i * 31500))

    assert abs(line.rate_mhz() - 126984) < 30


def test_uptime_begins_with_the_first_sample():
    line = timeline.Timeline(100000)
    assert line.uptime_s(77 * SECOND) == 0

    line.add(1, moment(10 * SECOND))

    assert line.uptime_s(70 * SECOND) == 60
