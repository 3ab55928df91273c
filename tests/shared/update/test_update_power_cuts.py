"""The power is cut at every single write of an update: the node starts, and the update goes on."""

from groundswell import wire

from simulated_flash import TORN, PowerCut
from update_bench import NEW, OLD, Bench, Release, new_flash

RELEASE = Release()


def story(bench):
    """From the announcement to the confirmation, as far as the power lets it come."""
    bench.send(RELEASE)
    if bench.updater.wants_restart:
        bench.start((0, 2, 0))
    if bench.selection.is_on_trial:
        bench.confirm()
    return bench.ask(RELEASE)


def changes_of_a_whole_story():
    bench = Bench()
    before = bench.flash.changes
    assert story(bench) == (wire.RESULT_DONE, b"done")
    return bench.flash.changes - before


def cut_and_go_on(change, how):
    bench = Bench()
    bench.flash.cut_at(change, how)
    try:
        story(bench)
        raise AssertionError("the power was never cut")
    except PowerCut:
        bench.flash.restart()
    bench.start()
    runs_new = bench.slot == "b"
    assert bench.runs(NEW if runs_new else OLD), (change, how)
    return bench


def test_after_a_cut_at_any_write_a_whole_copy_runs_and_the_update_is_completed():
    changes = changes_of_a_whole_story()
    assert changes > 20
    for how in TORN:
        for change in range(changes):
            bench = cut_and_go_on(change, how)
            assert story(bench) == (wire.RESULT_DONE, b"done"), (change, how)
            assert bench.runs(NEW), (change, how)


def test_a_second_cut_at_any_write_does_not_hurt_either():
    changes = changes_of_a_whole_story()
    for first in range(2, changes, 5):
        for second in range(changes):
            bench = cut_and_go_on(first, "spoilt")
            bench.flash.cut_at(second, "half")
            try:
                story(bench)
            except PowerCut:
                pass
            bench.flash.restart()
            bench.start()
            assert bench.runs(NEW if bench.slot == "b" else OLD), (first, second)
            assert story(bench) == (wire.RESULT_DONE, b"done"), (first, second)


def test_a_cut_while_a_broken_release_is_rolled_back_leads_back_all_the_same():
    for how in TORN:
        for change in range(3):
            bench = Bench(new_flash())
            bench.send(RELEASE)
            bench.flash.cut_at(change, how)
            for _ in range(6):
                try:
                    bench.start()
                except PowerCut:
                    pass
                bench.flash.restart()
            assert bench.slot == "a", (change, how)
            assert bench.runs(OLD)
            assert bench.ask(RELEASE)[0] == wire.RESULT_FAILED
