"""`groundswell flash-layout`: what it writes, and what it refuses in one line."""

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from commands.main import main
from link.seal_keys import read_seal_keys
from system.flash_layout import BOARDS

ID = ["--node-id", "0000002a"]
PLACE = ("lat_udeg=17000000", "lon_udeg=-101000000")
WORDS = ["--board", "esp32", *ID]
WORDS += ["--set", "brokers=gw1.local:8883", *PLACE, "wifi_ssid=2026", "wifi_key=12345678"]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Return a folder as `make firmware` makes it, with a few files in it."""
    place = tmp_path / "built" / BOARDS["esp32"].architecture
    for path in (
        *("boot/firmware/launch.mpy", "firmware/core.mpy", "firmware/sensors/lis3dh.mpy"),
        *(f"firmware/boards/{name}.mpy" for name in ("__init__", "micro", "esp32", "pico_w")),
    ):
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(path.encode())
    return place.parent


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    folder = tmp_path / "certs"
    assert main(["certificates", str(folder), "--client", "node-0000002a"]) == 0
    return folder


def test_what_goes_on_a_board_lies_as_it_goes_there(
    built: Path, certificates: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "flash"
    words = ["--built", str(built), "--tls", str(certificates / "node-0000002a")]
    words += ["--key", "0a" * 32]

    assert main(["flash-layout", str(out), *WORDS, *words]) == 0

    assert f"mpremote cp -r {out}/. :" in capsys.readouterr().out
    assert out.stat().st_mode & 0o077 == 0  # keys are in it
    there = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert there == {
        *("main.py", "node.json", "release_keys", "tls/ca.pem", "tls/node.pem", "tls/node.key"),
        *("boot/firmware/launch.mpy", "a/firmware/core.mpy", "a/firmware/sensors/lis3dh.mpy"),
        *(f"a/firmware/boards/{name}.mpy" for name in ("__init__", "micro", "esp32")),
    }
    settings = json.loads((out / "node.json").read_text())
    assert settings["node_id"] == 42 and settings["has_tls"] is True
    assert settings["brokers"] == ["gw1.local:8883"] and settings["lat_udeg"] == 17000000
    assert settings["wifi_ssid"] == "2026" and settings["wifi_key"] == "12345678"
    assert 'launch.run("firmware.boards.esp32")' in (out / "main.py").read_text()


def test_what_comes_as_an_image_of_a_rom_does_not_come_as_files_too(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = built / BOARDS["esp32"].architecture / "rom.img"
    image.write_bytes(b"an image")
    out = tmp_path / "flash"

    assert main(["flash-layout", str(out), *WORDS, "--built", str(built), "--rom"]) == 0

    assert f"mpremote romfs deploy {image}" in capsys.readouterr().out
    there = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert there == {"main.py", "node.json", "boot/firmware/launch.mpy"}


def test_a_key_is_drawn_once_for_each_node_and_noted(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "keys"
    words = [*WORDS, "--built", str(built), "--seal-keys", str(keys)]

    assert main(["flash-layout", str(tmp_path / "nowhere" / "flash"), *words]) == 0
    assert "start the engine again" in capsys.readouterr().out
    assert main(["flash-layout", str(tmp_path / "again"), *words]) == 0
    assert "engine" not in capsys.readouterr().out  # it has this key already

    noted = read_seal_keys(keys)
    for out in (tmp_path / "nowhere" / "flash", tmp_path / "again"):
        assert json.loads((out / "node.json").read_text())["seal_key"] == noted[42].hex()
    assert len(noted) == 1 and any(noted[42])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*WORDS, "--rom"], "rom.img"),
        (["--board", "esp32", *ID, "--set", "lat_udeg=99000000000"], "lat_udeg"),
        (["--board", "esp32", *ID, "--set", "colour=red"], "colour"),
        (["--board", "esp32", *ID, "--set", "has_tls=true"], "--tls"),
        (["--board", "esp32", *ID, "--set", "wifi_ssid=x"], "brokers, lat_udeg, lon_udeg"),
        (["--board", "esp32", "--node-id", "0"], "node-id"),
        (["--board", "pico-w", *ID], "make firmware"),
        ([*WORDS, "--key", "abc"], "public key"),
        ([*WORDS, "--tls", "nowhere/node"], "nowhere"),
        ([*WORDS, "pps_pin=7"], "pps_pin 7: it is the flash's"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    words: list[str], said: str, built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["flash-layout", str(tmp_path / "flash"), *words, "--built", str(built)])

    error = capsys.readouterr().err
    assert code == 2 and said in error and error.count("\n") == 1


def test_a_folder_is_never_written_over(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "flash").mkdir()

    assert main(["flash-layout", str(tmp_path / "flash"), *WORDS, "--built", str(built)]) == 2
    assert "there already" in capsys.readouterr().err


def test_a_board_that_was_in_use_is_emptied_first(
    built: Path, tmp_path: Path, micropython: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board = tmp_path / "board"
    for name in ("state/settings.0", "a/firmware/x.mpy", "b/firmware/x.mpy", "main.py", "boot.py"):
        (board / name).parent.mkdir(parents=True, exist_ok=True)
        (board / name).write_bytes(b"old")
    assert main(["flash-layout", str(tmp_path / "flash"), *WORDS, "--built", str(built)]) == 0
    first = capsys.readouterr().out.splitlines()[1]
    _, command, code, *_ = shlex.split(first)
    assert command == "exec"

    for _ in range(2):  # on an empty one it does nothing
        subprocess.run([micropython, "-c", code], cwd=board, check=True)
        assert [path.name for path in board.iterdir()] == ["boot.py"]  # not ours
