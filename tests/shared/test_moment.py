from groundswell.moment import Moment, moment

LAP_US = 1 << 29
EDGES = [0, 1, LAP_US - 1, LAP_US, 2 * LAP_US - 1, 2 * LAP_US, 432000000000]


def later(ticks_us, us):
    found = Moment()
    found.put(moment(ticks_us), us)
    return found.ticks_us


def test_a_moment_is_the_number_that_it_was_made_of():
    for ticks_us in EDGES + [-1, -LAP_US, -LAP_US - 1]:
        assert moment(ticks_us).ticks_us == ticks_us


def test_later_and_earlier_go_over_the_ends_of_laps():
    for ticks_us in EDGES:
        for us in (0, 1, -1, LAP_US - 1, 1 - LAP_US, 300000000, -300000000):
            assert later(ticks_us, us) == ticks_us + us


def test_a_moment_can_be_put_later_than_itself():
    one = moment(LAP_US - 3)
    one.put(one, 5)

    assert one.ticks_us == LAP_US + 2


def test_since_is_right_however_long_ago_it_was():
    for one in EDGES:
        for other in EDGES:
            assert moment(one).since_us(moment(other)) == one - other
