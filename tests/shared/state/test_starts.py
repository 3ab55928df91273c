from firmware.state.starts import CRASHES_BORNE, Starts
from groundswell import wire

from simulated_flash import TORN, PowerCut, SimulatedFlash


def started(files, cause=wire.RESET_UNKNOWN):
    starts = Starts(files)
    starts.begin(cause)
    return starts


def test_starts_are_counted_and_know_why_they_are():
    files = SimulatedFlash()
    first = started(files, wire.RESET_POWER)
    assert (first.restarts, first.reset_cause, first.crashes) == (1, wire.RESET_POWER, 0)
    first.plan(wire.RESET_COMMAND)
    second = started(files)
    assert (second.restarts, second.reset_cause) == (2, wire.RESET_COMMAND)

    assert started(files, wire.RESET_POWER).reset_cause == wire.RESET_POWER


def test_crashes_in_a_row_lead_to_a_safe_start():
    files = SimulatedFlash()
    for number in range(CRASHES_BORNE):
        start = started(files)
        assert not start.is_safe
        start.crashed(f"crash {number}")
    start = started(files)

    assert start.is_safe and start.reset_cause == wire.RESET_CRASH
    assert start.last_crash == f"crash {CRASHES_BORNE - 1}"


def test_a_watchdog_counts_as_a_crash_and_a_cut_of_power_does_not():
    files = SimulatedFlash()
    for _ in range(5):
        assert not started(files, wire.RESET_POWER).is_safe
    for _ in range(CRASHES_BORNE):
        start = started(files, wire.RESET_WATCHDOG)
    assert start.is_safe and start.reset_cause == wire.RESET_WATCHDOG


def test_a_pico_that_starts_as_planned_says_watchdog_and_is_not_believed():
    files = SimulatedFlash()
    started(files).plan(wire.RESET_COMMAND)
    again = started(files, wire.RESET_WATCHDOG)
    assert (again.reset_cause, again.crashes) == (wire.RESET_COMMAND, 0)
    again.crashed("x")
    again = started(files, wire.RESET_WATCHDOG)
    assert (again.reset_cause, again.crashes, again.last_crash) == (wire.RESET_CRASH, 1, "x")
    again.nearly_safe()
    assert not started(files, wire.RESET_WATCHDOG).is_safe

    bitten = started(files, wire.RESET_WATCHDOG)
    assert bitten.reset_cause == wire.RESET_WATCHDOG and bitten.is_safe


def test_a_run_that_lasts_ends_the_row():
    files = SimulatedFlash()
    for _ in range(CRASHES_BORNE - 1):
        started(files).crashed("x")
    started(files).is_well()
    started(files).crashed("y")

    assert not started(files).is_safe


def test_after_a_safe_start_one_more_crash_leads_back():
    files = SimulatedFlash()
    for _ in range(CRASHES_BORNE):
        started(files).crashed("x")
    started(files).nearly_safe()
    again = started(files)
    assert not again.is_safe
    again.crashed("x")

    assert started(files).is_safe


def test_a_flash_that_takes_nothing_or_holds_nonsense_is_no_crash():
    full = SimulatedFlash(capacity_bytes=10)
    start = started(full, wire.RESET_POWER)
    assert start.restarts == 1 and not start.can_write

    for raw in (b"\xff", b"7", b'{"restarts": "x"}', b"[]"):
        files = SimulatedFlash()
        files.make_folder("state")
        from firmware.state import storage

        storage.save(files, "state/starts", raw)
        assert started(files).can_write, raw


def test_a_cut_of_power_at_any_write_is_survived():
    for how in TORN:
        for cut in range(4):
            files = SimulatedFlash()
            started(files)
            files.cut_at(cut, how)
            try:
                started(files).crashed("x")
                started(files)
            except PowerCut:
                pass
            files.restart()
            start = started(files)
            assert 2 <= start.restarts <= 4 and start.crashes <= 1, (how, cut)


def test_a_first_start_has_nothing_that_could_have_hung():
    first = started(SimulatedFlash(), wire.RESET_WATCHDOG)

    assert (first.reset_cause, first.crashes) == (wire.RESET_UNKNOWN, 0)
