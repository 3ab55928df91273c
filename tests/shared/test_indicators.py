from firmware.indicators import (
    ARMED,
    FAULT,
    IDENTIFY_US,
    MASKED_AFTER_US,
    PATTERNS,
    Indicators,
    is_lit,
)

MS = 1000


class Switch:
    def __init__(self):
        self.changes = []

    def __call__(self, is_on):
        self.changes.append(is_on)


def run(indicators, state, from_us, seconds):
    for now_us in range(from_us, from_us + seconds * 1000 * MS, 10 * MS):
        indicators.step(state, now_us)


def test_every_state_blinks_in_its_own_way_and_never_stands_still():
    seen = set()
    for pattern in PATTERNS.values():
        over_12_s = tuple([is_lit(pattern, ms) for ms in range(0, 12000, 50)])
        assert True in over_12_s and False in over_12_s
        seen.add(over_12_s)

    assert len(seen) == len(PATTERNS)


def test_an_armed_node_blinks_once_in_three_seconds():
    light = Switch()
    run(Indicators(light, None), ARMED, 0, 9)

    assert light.changes == [True, False] * 3


def test_identify_blinks_and_buzzes_for_ten_seconds_and_masks_a_little_longer():
    light, buzzer = Switch(), Switch()
    indicators = Indicators(light, buzzer)
    indicators.step(FAULT, 0)
    assert not indicators.is_masking(0)
    assert indicators.identify(0)
    run(indicators, ARMED, 0, 9)
    assert True in buzzer.changes and indicators.is_masking(9 * 1000 * MS)
    run(indicators, ARMED, 9000 * MS, 2)
    assert indicators.is_masking(IDENTIFY_US + MASKED_AFTER_US - 100 * MS)
    assert not indicators.is_masking(IDENTIFY_US + MASKED_AFTER_US)

    before = len(buzzer.changes)
    run(indicators, ARMED, 20000 * MS, 9)
    assert True not in buzzer.changes[before:]


def test_a_buzzer_that_is_not_wanted_is_silent_and_masks_nothing():
    light, buzzer = Switch(), Switch()
    indicators = Indicators(light, buzzer)
    indicators.may_buzz = False
    assert indicators.identify(0)
    run(indicators, ARMED, 0, 3)

    assert True in light.changes and True not in buzzer.changes
    assert not indicators.is_masking(3000 * MS)


def test_without_light_and_buzzer_there_is_nothing_to_identify_with():
    assert not Indicators(None, None).identify(0)
