"""Nodes without a vote: a file that people write by hand, followed while the engine runs."""

from pathlib import Path

import pytest

from aggregator.without_vote import WithoutVoteError, WithoutVoteFile, read_without_vote

ONE = '[[node]]\nid = "0000002a"\nsince = 2026-11-20\nreason = "on a washing machine"\n'
WHY = "no vote since 2026-11-20: on a washing machine"


def write(path: Path, text: str) -> Path:
    file = path / "without-vote.toml"
    file.write_text(text)
    return file


def test_a_node_has_a_dated_reason(tmp_path: Path):
    assert read_without_vote(write(tmp_path, ONE)) == {0x2A: WHY}
    assert read_without_vote(write(tmp_path, "# nobody\n")) == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("node = 3", "needs"),
        ("[[node]]\nsince = 2026-11-20", "no node"),
        (ONE.replace("0000002a", "42"), "eight digits"),
        (ONE.replace("2026-11-20", '"yesterday"'), "a date"),
        (ONE.replace("on a washing machine", " "), "1 to 120"),
        (ONE.replace("on a washing machine", "x" * 121), "1 to 120"),
        (ONE.replace("on a washing machine", "\\u001b[31m"), "one line"),
        (ONE + "colour = 1\n", "unknown key 'colour'"),
        ("[[node]", "Expected"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, complaint: str):
    with pytest.raises(WithoutVoteError, match=complaint):
        read_without_vote(write(tmp_path, text))


def test_no_file_and_no_text_are_said(tmp_path: Path):
    with pytest.raises(WithoutVoteError, match="No such file"):
        read_without_vote(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(WithoutVoteError, match="utf-8"):
        read_without_vote(tmp_path / "bytes.toml")


def test_a_change_is_taken_and_a_mistake_leaves_what_was(tmp_path: Path, caplog):
    said: list[dict[int, str]] = []
    file = write(tmp_path, ONE)
    followed = WithoutVoteFile(file, lambda doubts: said.append(dict(doubts)))
    followed.look()
    assert said == [{0x2A: WHY}]

    write(tmp_path, ONE + "colour = 1\n")
    followed.look()
    followed.look()
    assert len(said) == 1
    assert caplog.text.count("not taken") == 1

    write(tmp_path, "")
    followed.look()
    assert said[1:] == [{}]

    file.unlink()
    followed.look()
    assert len(said) == 2
