"""The updater from announcement to confirmation, and what it refuses."""

from firmware.update import trial, updater
from firmware.update.selection import Selection
from groundswell import wire

from signer import Signer
from simulated_flash import SimulatedFlash
from update_bench import NEW, OLD, Bench, QuickSigner, Release, new_flash


def updated_bench():
    bench = Bench()
    bench.send(Release())
    return bench


def test_a_release_is_fetched_tried_and_confirmed():
    bench = Bench()
    release = Release()

    assert bench.send(release) == (wire.RESULT_DONE, b"checking")
    assert bench.updater.wants_restart
    bench.start((0, 2, 0))
    assert bench.slot == "b"
    assert bench.runs(NEW)
    assert bench.ask(release) == (wire.RESULT_DONE, b"trial")
    bench.confirm()

    assert bench.ask(release) == (wire.RESULT_DONE, b"done")
    for _ in range(5):
        bench.start((0, 2, 0))
        assert bench.slot == "b"


def test_a_real_signature_is_verified_and_a_forged_one_refused():
    signer = Signer()
    release = Release(signer=signer)
    keys = [QuickSigner.public_key, signer.public_key]
    bench = Bench(keys=keys, verify=updater.ed25519.verification)
    assert bench.send(release)[1] == b"checking"
    assert bench.updater.wants_restart

    for at in (44, 75, 76, 107):
        forged = Release(signer=signer)
        payload = forged.announcement
        forged.announcement = payload[:at] + bytes((payload[at] ^ 1,)) + payload[at + 1 :]
        bench = Bench(keys=[signer.public_key], verify=updater.ed25519.verification)
        assert bench.send(forged) == (wire.RESULT_FAILED, b"the signature is wrong"), at
        assert bench.asked == []


def test_what_is_not_for_this_node_is_refused_before_the_other_copy_is_touched():
    refusals = (
        (Release(board="pico-w"), b"for pico-w, and this is esp32"),
        (Release(version=(0, 2, 0), needs=(0, 0, 9)), b"0.2.0 is not newer than 0.2.0"),
        (Release(version=(0, 1, 9)), b"0.1.9 is not newer than 0.2.0"),
        (Release(version=(0, 4, 0), needs=(0, 3, 0)), b"needs 0.3.0 first"),
    )
    bench = updated_bench()
    bench.start((0, 2, 0))
    bench.confirm()
    for release, reason in refusals:
        assert bench.send(release) == (wire.RESULT_FAILED, reason)
        assert {index for index, _ in bench.asked} <= {0, 1, 2, 3, 4}
    bench.selection.roll_back("the way back is still there")
    bench.start((0, 1, 0))

    assert bench.runs(OLD)


def test_once_confirmed_a_version_is_never_gone_below_even_by_an_older_firmware():
    bench = updated_bench()
    bench.start((0, 2, 0))
    bench.confirm()
    bench.start((0, 1, 0))  # says that it is 0.1.0

    assert bench.send(Release(version=(0, 2, 0), needs=(0, 0, 1)))[1] == (
        b"0.2.0 is not newer than 0.2.0"
    )


def test_unknown_keys_and_what_is_no_announcement_are_refused():
    bench = Bench(keys=[b"k" * 32])
    assert bench.send(Release()) == (
        wire.RESULT_FAILED,
        b"signed with a key that this node does not know",
    )
    good = Release().announcement
    for payload in (b"", good[:-1], good + b"x", good[:8] + bytes(4) + good[12:], b"\xff" * 108):
        assert bench.updater.begin(payload, 0)[0] == wire.RESULT_REFUSED


def test_a_file_that_is_not_what_was_signed_is_refused_and_nothing_is_tried():
    for index in (0, 1, 3):
        bench = Bench()
        release = Release()
        content = release.contents[index]
        release.contents[index] = content[:-1] + bytes((content[-1] ^ 1,))

        result, text = bench.send(release)

        assert result == wire.RESULT_FAILED
        assert text.endswith(b"did not arrive as it was signed"), text
        bench.start()
        assert bench.runs(OLD)
        assert bench.send(Release())[0] == wire.RESULT_DONE  # and again, without the mistake
        bench.start()
        assert bench.runs(NEW)


def test_only_the_next_piece_of_this_release_is_taken():
    bench = Bench()
    release, other = Release(), Release(version=(0, 3, 0))
    bench.send(release, until=lambda text: text == b"send 1 0")
    main = release.contents[1]

    for wrong in (
        (release, 1, 1024, main[1024:2048]),
        (release, 2, 0, b"x"),
        (release, 1, 0, b""),
        (release, 1, 0, main[:1025]),
        (other, 1, 0, main[:1024]),
    ):
        bench.chunk(*wrong)
    assert bench.updater.unwanted_chunks == 5
    for at in range(0, 5120, 1024):  # a block is held, not more
        bench.chunk(release, 1, at, main[at : at + 1024])
    assert bench.updater.unwanted_chunks == 6
    assert bench.ask(release)[1] == b"checking"  # until it is written
    bench.step()
    assert bench.ask(release)[1] == b"send 1 4096"
    bench.send(release)
    bench.start()

    assert bench.runs(NEW)
    bench.chunk(release, 1, 0, b"x")
    assert bench.updater.unwanted_chunks == 1


def test_what_is_whole_is_not_asked_for_again_after_a_start():
    bench = Bench()
    release = Release()
    bench.send(release, until=lambda text: text == b"send 3 0")
    bench.start()
    bench.asked = []
    bench.send(release)

    assert {index for index, _ in bench.asked} == {3}
    bench.start()
    assert bench.runs(NEW)


def test_what_the_running_copy_has_too_is_copied_from_there():
    bench = updated_bench()

    assert {index for index, _ in bench.asked} == {0, 1, 3}  # not the empty one, not the same one


def test_another_release_clears_what_the_first_left_half_done():
    bench = Bench()
    half = Release({"firmware/odd.py": b"odd", "firmware/zodd.py": b"x" * 9000}, version=(0, 9, 0))
    bench.send(half, until=lambda text: text == b"send 2 4096")
    assert bench.ask(Release()) == (wire.RESULT_REFUSED, b"another update is under way")
    bench.start()
    bench.send(Release())
    bench.start()

    assert bench.runs(NEW)


def test_a_trial_that_is_never_confirmed_has_two_starts():
    release = Release()
    bench = updated_bench()
    for _ in range(2):
        bench.start()
        assert bench.slot == "b"
        assert bench.selection.is_on_trial
    bench.start()

    assert bench.slot == "a"
    assert bench.runs(OLD)
    assert not bench.selection.is_on_trial
    reason = b"rolled back: it was started and never confirmed"
    assert bench.ask(release) == (wire.RESULT_FAILED, reason)
    assert bench.send(Release(version=(0, 2, 1)))[0] == wire.RESULT_DONE  # mended


def test_a_trial_that_does_not_connect_in_time_ends_itself():
    bench = updated_bench()
    bench.start()
    assert bench.slot == "b"
    bench.step(trial.CONFIRM_WITHIN_US // 32000)
    assert not bench.trial.wants_restart
    bench.step(3)

    assert bench.trial.wants_restart
    bench.start()
    assert bench.slot == "a"
    assert bench.ask(Release())[1].startswith(b"rolled back: it did not connect")


def test_a_trial_takes_no_other_update():
    bench = updated_bench()
    bench.start()

    assert bench.ask(Release(version=(0, 3, 0)))[0] == wire.RESULT_REFUSED


def test_a_sender_who_goes_away_leaves_no_work_behind():
    bench = Bench()
    release = Release()
    bench.send(release, until=lambda text: text == b"send 1 0")
    bench.now_us += updater.IDLE_US + 1
    bench.step(2)

    bench.chunk(release, 1, 0, release.contents[1][:1024])
    assert bench.updater.unwanted_chunks == 1
    assert bench.send(release)[0] == wire.RESULT_DONE
    bench.start()
    assert bench.runs(NEW)


def test_a_full_flash_is_told_and_leaves_the_running_copy():
    bench = Bench(new_flash(capacity_bytes=11000))

    result, text = bench.send(Release())

    assert result == wire.RESULT_FAILED
    # two blocks, and two files of up to 1,024 bytes that littlefs keeps in their folder
    assert text.startswith(b"needs 10016 bytes of flash, "), text
    bench.start()
    assert bench.runs(OLD)


def test_a_flash_that_fails_is_told():
    class Worn(SimulatedFlash):
        def append(self, path, content):
            raise OSError(5)

        write = append

    bench = Bench(new_flash())
    worn = Worn()
    worn.files, worn.folders = bench.flash.files, bench.flash.folders
    bench = Bench(worn)

    result, text = bench.send(Release())

    assert result == wire.RESULT_FAILED
    assert text.startswith(b"the flash: ")


def test_keys_are_read_from_their_file_or_there_are_none():
    flash = SimulatedFlash()
    assert updater.read_keys(flash) == []
    for content, keys in (
        (b"00" * 32 + b"\n" + b"ff" * 32 + b"\n", [bytes(32), b"\xff" * 32]),
        (b"00" * 31, []),
        (b"zz" * 32, []),
        (b"\xff\xfe", []),
        ((b"00" * 32 + b"\n") * 5, []),
    ):
        flash.write(updater.KEYS_FILE, content)
        assert updater.read_keys(flash) == keys, content


def test_a_copy_that_leaves_cannot_confirm_the_one_that_comes():
    bench = updated_bench()
    bench.confirm()
    assert bench.ask(Release()) == (wire.RESULT_DONE, b"checking")
    bench.start()

    assert bench.slot == "b"
    assert bench.selection.is_on_trial


def test_no_step_does_more_than_two_things_to_the_flash():
    assert 1 <= updated_bench().most_changes <= 2


def test_what_has_switched_to_another_copy_confirms_nothing_any_more():
    bench = updated_bench()
    leaving = bench.selection  # of the copy that ran before the switch
    leaving.confirm((9, 9, 9))

    assert Selection(bench.flash).is_on_trial
