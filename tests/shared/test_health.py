from firmware.health import CRASH_AFTER, KEPT_US, REST_US, CrashError, Health
from groundswell import faults

SECOND = 1000000


def fail():
    raise KeyError("ours")


def test_a_condition_is_told_until_it_is_over():
    health = Health()
    health.hold(faults.CLOCK, True)
    assert health.bits(0) == faults.CLOCK
    health.hold(faults.MEMORY, False)
    health.hold(faults.CLOCK, False)

    assert health.bits(0) == 0


def test_an_event_is_told_for_minutes():
    health = Health()
    health.note(faults.OVERRUN, 10 * SECOND)

    assert health.bits(10 * SECOND + KEPT_US - 1) == faults.OVERRUN
    assert health.bits(10 * SECOND + KEPT_US) == 0


def test_a_task_that_fails_is_counted_told_and_rests():
    said = []
    health = Health(said.append)
    assert health.guard(faults.TASK_TIME, 0, fail) is None
    assert health.guard(faults.TASK_TIME, REST_US - 1, lambda: 7) is None
    assert health.guard(faults.TASK_TIME, REST_US, lambda: 7) == 7

    assert health.failures == {faults.TASK_TIME: 1}
    assert health.bits(REST_US) == faults.TASK_TIME
    assert len(said) == 1 and "ours" in said[0]


def test_after_a_command_that_fails_the_next_is_obeyed_at_once():
    health = Health()
    assert health.guard(faults.TASK_COMMANDS, 0, fail) is None

    assert health.guard(faults.TASK_COMMANDS, 0, lambda: 7) == 7


def test_a_vital_task_is_tried_again_at_once_and_in_the_end_it_is_a_crash():
    health = Health()
    for _ in range(CRASH_AFTER - 1):
        health.guard(faults.TASK_UPLINK, 0, fail)
    health.guard(faults.TASK_UPLINK, 0, lambda: None)
    for _ in range(CRASH_AFTER - 1):
        health.guard(faults.TASK_UPLINK, 0, fail)
    try:
        health.guard(faults.TASK_UPLINK, 0, fail)
    except CrashError as error:
        assert "ours" in str(error)
    else:
        raise AssertionError("no crash")


def test_a_full_memory_is_told():
    def allocate():
        raise MemoryError

    health = Health()
    health.guard(faults.TASK_SAMPLING, 0, allocate)

    assert health.bits(0) == faults.TASK_SAMPLING | faults.MEMORY
