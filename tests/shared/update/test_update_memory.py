"""An update that finds too little memory: told, and over."""

from firmware.update import updater
from groundswell import wire

from simulated_flash import SimulatedFlash
from update_bench import Bench, Release


class Narrow(SimulatedFlash):
    """Reads of the other copy find no memory while `is_narrow`."""

    is_narrow = False
    fails_with = MemoryError

    def read(self, path, offset=0, limit=-1):
        if self.is_narrow and path.startswith("b/"):
            raise self.fails_with
        return SimulatedFlash.read(self, path, offset, limit)


def broken_off(bench, release, fails_with):
    """Return the answer after reading the other copy has failed in the middle."""
    for folder in ("state", "a", "a/firmware"):
        bench.flash.make_folder(folder)
    bench.send(release, until=lambda text: text.startswith(b"send 1 "))
    bench.flash.fails_with = fails_with
    bench.flash.is_narrow = True
    answer = bench.send(release)
    bench.step(200)
    return answer


def test_an_update_that_finds_no_memory_is_over_says_so_and_can_be_asked_for_again():
    # the work is a generator: one that failed must not look like one that is done
    bench, release = Bench(files=Narrow()), Release()
    answer = broken_off(bench, release, MemoryError)

    assert answer[0] == wire.RESULT_FAILED and b"memory" in answer[1]
    assert not bench.updater.wants_restart and bench.updater.is_busy is False
    bench.flash.is_narrow = False
    assert bench.send(release)[1] == b"checking" and bench.updater.wants_restart


def test_a_mistake_of_ours_is_a_failure_too():
    bench = Bench(files=Narrow())
    answer = broken_off(bench, Release(), KeyError)

    assert answer[0] == wire.RESULT_FAILED and b"KeyError" in answer[1]
    assert not bench.updater.wants_restart


def test_with_too_little_memory_it_is_not_begun_and_what_runs_already_is_told_all_the_same():
    bench = Bench()
    bench.send(Release())
    bench.start((0, 2, 0))
    bench.confirm()
    room_b, updater.ROOM_B = updater.ROOM_B, 1 << 30
    known, new = bench.ask(Release()), bench.ask(Release(version=(0, 9, 0)))
    updater.ROOM_B = room_b

    assert known == (wire.RESULT_DONE, b"done")
    if hasattr(updater.gc, "mem_free"):  # CPython has enough
        assert new[0] == wire.RESULT_FAILED and b"bytes of memory are free" in new[1]
        assert not bench.updater.is_busy
