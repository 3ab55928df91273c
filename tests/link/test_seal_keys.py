"""The file of nodes' keys: what is added is read, and nonsense is refused without being shown."""

from pathlib import Path

import pytest

from link.seal_keys import SealKeysError, add_seal_key, read_seal_keys

KEY = "ab" * 32


def test_what_was_added_is_read_and_others_may_not_look(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    add_seal_key(path, 0x2A, bytes(range(32)))
    add_seal_key(path, 0x2B, bytes(32))
    path.write_text("# ours\n\n" + path.read_text())

    assert read_seal_keys(path) == {0x2A: bytes(range(32)), 0x2B: bytes(32)}
    assert path.stat().st_mode & 0o077 == 0


def test_a_key_is_added_below_a_line_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"0000002a {KEY}")
    add_seal_key(path, 0x2B, bytes(32))

    assert read_seal_keys(path) == {0x2A: bytes.fromhex(KEY), 0x2B: bytes(32)}


@pytest.mark.parametrize(
    "line",
    [
        KEY, f"2a {KEY}", f"0000002a {KEY[2:]}", f"0000002a {KEY} x", f"0000002a {'zz' * 32}",
        f"0000002a {KEY}\n0000002a {KEY}", "0000002a \xe4",
    ],
)  # fmt: skip
def test_a_line_that_is_none_is_refused_with_its_number_and_no_key_is_shown(
    tmp_path: Path, line: str
) -> None:
    path = tmp_path / "keys"
    path.write_text(line + "\n", encoding="latin-1")

    with pytest.raises(SealKeysError) as error:
        read_seal_keys(path)
    assert str(path) in str(error.value) and KEY[:8] not in str(error.value)


def test_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SealKeysError, match="No such file"):
        read_seal_keys(tmp_path / "keys")
