"""Small files with the power cut at every write."""

from firmware.state import storage

from simulated_flash import TORN, PowerCut, SimulatedFlash

NAME = "state/thing"
CONTENTS = (b"", b"first", bytes(range(256)) * 5, b"first", b"x" * 700)


def new_flash():
    files = SimulatedFlash()
    files.make_folder("state")
    return files


def test_what_was_saved_last_is_loaded():
    files = new_flash()
    assert storage.load(files, NAME) is None

    for content in CONTENTS:
        storage.save(files, NAME, content)

        assert storage.load(files, NAME) == content
    assert storage.load(files, "state/other") is None


def test_saving_the_same_again_writes_nothing():
    files = new_flash()
    storage.save(files, NAME, b"same")
    changes = files.changes

    storage.save(files, NAME, b"same")

    assert files.changes == changes


def test_a_cut_of_power_at_any_write_leaves_the_last_content_or_the_new_one():
    cuts = 0
    for how in TORN:
        for change in range(len(CONTENTS)):
            files = new_flash()
            files.cut_at(change, how)
            before, during = None, None
            for content in CONTENTS:
                before, during = during, content
                try:
                    storage.save(files, NAME, content)
                except PowerCut:
                    break
            cuts += 1
            files.restart()

            found = storage.load(files, NAME)

            assert found == (during if how == "whole" else before), (how, change)
            storage.save(files, NAME, b"after")
            assert storage.load(files, NAME) == b"after"
    assert cuts == len(TORN) * len(CONTENTS)


def test_after_a_cut_another_cut_still_leaves_something():
    for first in TORN:
        for second in TORN:
            files = new_flash()
            storage.save(files, NAME, b"a")
            storage.save(files, NAME, b"b")
            for how in (first, second):
                files.cut_at(0, how)
                try:
                    storage.save(files, NAME, b"never" + how.encode())
                except PowerCut:
                    files.restart()

            assert storage.load(files, NAME) in (b"b", b"neverwhole"), (first, second)


def test_each_flipped_bit_of_the_newest_file_leads_back_to_the_one_before():
    files = new_flash()
    storage.save(files, NAME, b"older")
    storage.save(files, NAME, b"newer")
    newest = NAME + ".1"
    whole = files.files[newest]

    for at in range(len(whole)):
        for bit in (1, 128):
            files.files[newest] = whole[:at] + bytes((whole[at] ^ bit,)) + whole[at + 1 :]
            assert storage.load(files, NAME) == b"older", at
    for length in range(len(whole)):
        files.files[newest] = whole[:length]
        assert storage.load(files, NAME) == b"older", length


def test_what_is_too_large_is_refused_and_a_large_stranger_is_not_read():
    files = new_flash()
    storage.save(files, NAME, b"kept")
    try:
        storage.save(files, NAME, bytes(storage.MAX_BYTES + 1))
    except ValueError:
        pass
    else:
        raise AssertionError("took too much")
    storage.save(files, NAME, bytes(storage.MAX_BYTES))
    assert storage.load(files, NAME) == bytes(storage.MAX_BYTES)
    files.files[NAME + ".1"] += b"more"
    assert storage.load(files, NAME) == b"kept"


def test_a_flash_that_loses_what_is_written_is_noticed():
    class Forgetful(SimulatedFlash):
        def write(self, path, content):
            SimulatedFlash.write(self, path, content[:-1])

    files = Forgetful()
    files.make_folder("state")
    try:
        storage.save(files, NAME, b"content")
    except OSError:
        return
    raise AssertionError("said that it was saved")
