"""Manifests and announcements from outside: what is not exactly so is refused."""

from groundswell import release
from groundswell.release import Announcement, Entry, Head, ReleaseError

from random_numbers import RandomNumbers

HASH = bytes(range(32))
LINE = "file 1234 " + "0001" * 16 + " firmware/node.py"


def test_an_announcement_is_108_bytes_and_comes_back_as_it_was():
    announcement = Announcement(b"k" * 8, 4096, HASH, b"s" * 64)
    payload = release.encode_announcement(announcement)

    assert len(payload) == 108
    assert payload[:12] == b"k" * 8 + b"\x00\x10\x00\x00"
    assert release.decode_announcement(payload) == announcement
    for length in range(108):
        assert is_refused(release.decode_announcement, payload[:length])
    for size in (0, release.MAX_MANIFEST_BYTES + 1, 0xFFFFFFFF):
        odd = release.encode_announcement(Announcement(b"k" * 8, size, HASH, b"s" * 64))
        assert is_refused(release.decode_announcement, odd)


def test_what_is_signed_says_what_it_is_and_fits_one_block_of_sha_512():
    assert release.signed_bytes(HASH) == b"groundswell 1 " + HASH
    assert 64 + len(release.signed_bytes(HASH)) <= 128 - 17


def test_head_and_entries_come_back_as_they_were():
    head = Head("pico-w", (1, 20, 255), (0, 9, 0))
    assert release.decode_head(release.encode_head(head).strip().split("\n")) == head
    entry = Entry("firmware/groundswell/node.py", 0, HASH)
    assert release.decode_entry(release.encode_entry(entry).strip(), "a.py") == entry
    assert release.decode_entry(LINE, "").size == 1234


def test_heads_that_are_none_are_refused():
    good = ["groundswell 1", "board esp32", "version 0.2.0", "needs 0.1.0"]
    release.decode_head(good)
    for at, line in (
        (0, "groundswell 2"),
        (1, "version 0.2.0"),
        (2, "version 0.2"),
        (2, "version 0.2.-1"),
        (2, "version 0.2.256"),
        (2, "version 0.2.0x"),
        (3, ""),
    ):
        assert is_refused(release.decode_head, good[:at] + [line] + good[at + 1 :]), line
    assert is_refused(release.decode_head, good[:3])


def test_lines_that_name_no_file_of_ours_are_refused():
    for line in (
        "",
        LINE + " x",
        LINE[1:],
        LINE.replace("1234", "-1"),
        LINE.replace("1234", "1e3"),
        LINE.replace("1234", ""),
        LINE.replace("1234", "262145"),
        LINE.replace("0001", "000g"),
        LINE.replace("0001", "001"),
    ):
        assert is_refused(release.decode_entry, line, ""), line
    assert is_refused(release.decode_entry, LINE, "firmware/node.py")
    assert is_refused(release.decode_entry, LINE, "firmware/zzz.py")


def test_paths_that_leave_the_folder_are_refused():
    for path in ("a.py", "firmware/a_1.mpy", "a/b/c/d.tflite"):
        assert release.is_safe(path), path
    for path in (
        "",
        ".py",
        "/a.py",
        "../a.py",
        "a/../b.py",
        "a/./b.py",
        "a//b.py",
        "a/.py",
        "a\\b.py",
        "A.py",
        "a.txt",
        "a",
        "a.py/",
        "a b.py",
        "a/b/c/d/e/f.py",
        "x" * 80 + ".py",
    ):
        assert not release.is_safe(path), path


def test_ten_thousand_spoilt_lines_do_nothing_but_be_refused_or_read():
    source = RandomNumbers(5)
    refused = 0
    for _ in range(10000):
        letters = list(LINE)
        for _ in range(1 + source.below(4)):
            letters[source.below(len(letters))] = chr(source.below(256))
        try:
            entry = release.decode_entry("".join(letters), "")
        except ReleaseError:
            refused += 1
        else:
            assert release.is_safe(entry.path)
            assert len(entry.sha256) == 32
    assert refused > 5000


def is_refused(function, *arguments):
    try:
        function(*arguments)
    except ReleaseError:
        return True
    return False
