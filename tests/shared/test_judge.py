from array import array

from groundswell import judge, trained
from groundswell.flatbuffer import ModelError
from groundswell.window import CHANNELS, FRAMES

SECOND = 1000000


class Said:
    """A model that says what it is told to."""

    input_count = FRAMES * CHANNELS
    output_count = judge.HEADS
    output_zero = 0

    def __init__(self, *outputs):
        self.outputs = array("b", outputs)
        self.asked = 0

    def run(self, window):
        self.asked += 1
        return self.outputs

    noise_um_s2 = 1000

    def look(self):
        return None


class Convinced(judge.Judge):
    def __init__(self, said):
        self.model = said


def test_each_age_has_its_own_output():
    one = Convinced(Said(-8, 0, 8, 16, 24))

    ages_us = (0, 500000, SECOND, 2 * SECOND, 9 * SECOND)
    found = [one.p_permille(None, age_us, 1000) for age_us in ages_us]

    assert found == [333, 500, 667, 800, 889]


def test_a_probability_never_falls_with_the_output_and_nobody_is_ever_sure():
    values = [judge.permille_of(eighths) for eighths in range(-128, 128)]

    assert values == sorted(values)
    assert (values[0], values[128], values[-1]) == (30, 500, 941)


def test_odds_of_two_to_one_are_eight_steps():
    assert judge.permille_of(8) == 667
    assert judge.permille_of(-8) == 333


def test_a_node_in_a_pocket_is_hardly_believed():
    one = Convinced(Said(40, 40, 40, 40, 40))

    values = [one.p_permille(None, 0, noise) for noise in (0, judge.LOUD_UM_S2, 40000, 160000)]
    assert values == [941, 941, 667, 30]


def test_a_busy_place_must_be_surer():
    quiet, busy = judge.BUSY_UM_S2 - 1, judge.BUSY_UM_S2

    assert judge.send_from_permille(500, quiet) == 500
    assert judge.send_from_permille(500, busy) == judge.BUSY_SEND_FROM_PERMILLE
    assert judge.send_from_permille(900, busy) == 900
    assert judge.send_from_permille(500, busy, 0, 700) == 700
    assert judge.send_from_permille(500, quiet, 0, 700) == 500
    assert judge.send_from_permille(500, quiet, 5, 700) == 700
    assert judge.permille_of(judge.STEPS * judge.MOST) >= judge.BUSY_SEND_FROM_PERMILLE


def test_a_node_that_says_too_much_must_be_surer_until_it_is_quiet_again():
    hour = judge.EACH_US
    one = judge.Allowance()
    for _ in range(judge.AT_ONCE):
        assert one.steps(0) == 0
        one.spend(0)

    found = []
    for _ in range(7):
        one.spend(0)
        found.append(one.steps(0))
    assert found == [1, 2, 3, 4, 5, 5, 5]
    assert [one.steps(h * hour) for h in (1, 2, 4, 5, 100)] == [4, 3, 1, 0, 0]
    assert [judge.send_from_permille(400, 0, steps) for steps in (0, 1, 5)] == [400, 500, 900]
    assert judge.send_from_permille(400, judge.BUSY_UM_S2, 5) == 900
    assert judge.send_from_permille(950, 0, 5) == 950
    assert judge.send_from_permille(0, 0, 5) == 0, "all is published"


def test_one_detection_an_hour_is_never_too_much():
    one = judge.Allowance()
    for hour in range(200):
        one.spend(hour * judge.EACH_US)
        assert one.steps(hour * judge.EACH_US) == 0


def test_what_is_doubted_is_looked_at_again_and_what_is_believed_is_not_for_ever():
    said = Said(80, 80, 80, 80, 80)
    opinion = judge.Opinion(Convinced(said))
    opinion.begin(0)

    opinion.ask(said, 0, True)
    assert not opinion.is_due(judge.LOOK_EVERY_US - 1)
    assert opinion.is_due(judge.LOOK_EVERY_US)
    opinion.ask(said, 3 * SECOND, False)
    assert said.asked == 2
    opinion.ask(said, 9 * SECOND, False)
    assert said.asked == 2
    opinion.ask(said, 9 * SECOND, True)
    assert said.asked == 3


def test_a_model_that_was_made_for_something_else_is_refused():
    try:
        judge.Judge(b"no model at all, of whatever length")
        raise AssertionError("accepted")
    except ModelError:
        pass


def test_the_trained_model_takes_any_window():
    one = trained.judge()
    for byte in (0, 127, 128, 255):
        window = array("B", bytes([byte]) * (FRAMES * CHANNELS))
        assert 2 <= one.p_permille(window, 0, 1000) <= 998
