"""What is wrong is said in one line, with exit code 2."""

import pytest

from commands.main import SUBCOMMANDS, main


@pytest.mark.parametrize(
    "words",
    [[], ["nonsense"], ["run", "--nodes", "abc"], ["detect"], ["score", "/no/such/folder"]],
)
def test_wrong_words_give_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(words)
    except SystemExit as ended:
        code = ended.code
    printed = capsys.readouterr()

    assert code == 2
    assert printed.out == ""
    assert printed.err.startswith("groundswell") and printed.err.count("\n") == 1


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_each_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    assert ended.value.code == 0
    assert f"usage: groundswell {name}" in capsys.readouterr().out
