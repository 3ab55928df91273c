"""A board under MicroPython updates itself through a real broker, by the product's commands.

Its flash is a folder; it is started through launch.py, as a device is, again and again.
"""

import random
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.state.flash import Flash
from firmware.update.selection import Selection
from system.micropython import ROOT
from tests.firmware.test_launch import NEVER_UPDATED, copy_modules
from tests.link.broker_process import BrokerProcess
from tests.system.waiting import until

BOARD = Path(__file__).with_name("board_in_a_test.py")
MAIN = """
import sys
sys.path.insert(0, {root!r} + "/boot")
from firmware import launch
launch.run("firmware.board_in_a_test", {root!r}, lambda: sys.exit(0))
"""
LIMIT_S = 600  # on a busy machine
# This board has no chip, no judge and no loop: half of the bytes to send.
UNWANTED = ("__pycache__", "twins", "virtual", "pi", "launch.py", "sensors", "boards", "models")
UNWANTED += ("trained.py", "packing.py", "weighted.py", "layers.py", "graph.py", "scales.py")
UNWANTED += ("requirements.py", "budget.py", "operator_names.py", "codec.py", "timesync")
UNWANTED += ("main.py", "parts.py", "actions.py", "settings.py", "configuration.py", "sampler.py")
UNWANTED += ("wifi.py", "indicators.py", "starts.py", "node.py")


class Board:
    """Starts the firmware for ever, as the power does."""

    def __init__(self, program: Path, root: Path) -> None:
        self.is_waiting = root / "is_waiting"  # for a power cut, with the first pieces there
        self._command = [str(program), "-X", "heapsize=256k", "-c", MAIN.format(root=str(root))]
        self._is_on = True
        self._switch = threading.Lock()  # no start while the power is being switched off
        self._process: subprocess.Popen[bytes] | None = None
        self._log = root.with_name("log").open("wb")
        self.starts = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def cut_power(self) -> None:
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        with self._switch:
            self._is_on = False
            self.cut_power()
        self._thread.join()
        self._log.close()

    def _run(self) -> None:
        while True:
            with self._switch:
                if not self._is_on:
                    return
                self._process = subprocess.Popen(
                    self._command, env={"MICROPYPATH": ".frozen"}, stdout=self._log
                )
                self.starts += 1
            self._process.wait()


def tree(place: Path, version: str, board: str, model: bytes) -> Path:
    """Write a firmware of that version; return its folder."""
    unwanted = shutil.ignore_patterns(*UNWANTED)
    shutil.copytree(ROOT / "firmware", place / "firmware", ignore=unwanted)
    reporter = place / "firmware" / "groundswell" / "reporter.py"
    text, count = re.subn(r"(?m)^FIRMWARE = .*$", f"FIRMWARE = {version}", reporter.read_text())
    assert count == 1
    reporter.write_text(text)
    (place / "firmware" / "board_in_a_test.py").write_text(board)
    (place / "firmware" / "model.bin").write_bytes(model)
    return place


def groundswell(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    words = [str(argument) for argument in arguments]
    return subprocess.run(
        [sys.executable, "-m", "commands.main", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=LIMIT_S,
    )


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    (tmp_path / "public").write_text(groundswell("release", "new-key", path).stdout)
    return path


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[BrokerProcess]:
    process = BrokerProcess("nats", tmp_path)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def board(micropython: Path, broker: BrokerProcess, key: Path, tmp_path: Path) -> Iterator[Board]:
    flash = tmp_path / "flash"
    copy_modules(NEVER_UPDATED, flash / "boot" / "firmware")
    tree(flash / "a", "(0, 1, 0)", BOARD.read_text(), b"first model")
    (flash / "broker").write_text(str(broker.port))
    shutil.copy(tmp_path / "public", flash / "release_keys")
    made = Board(micropython, flash)
    yield made
    made.stop()


def test_a_board_updates_itself_despite_a_power_cut_and_leaves_a_broken_release(
    board: Board, broker: BrokerProcess, key: Path, tmp_path: Path
) -> None:
    second, third = tmp_path / "second.zip", tmp_path / "third.zip"
    model = random.Random(6).randbytes(60_000)
    broken = BOARD.read_text().replace("    files = ", "    files = nothing_of_ours or ")
    for out, version, text in (
        (second, "(0, 2, 0)", BOARD.read_text()),
        (third, "(0, 3, 0)", broken),
    ):
        made = tree(tmp_path / out.stem, version, text, model)
        built = groundswell(
            "release", "build", "--key", key, "--board", "virtual", "--tree", made, "--out", out
        )
        assert built.returncode == 0, built.stderr
    flash = tmp_path / "flash"
    pieces = flash / "b" / "firmware" / "model.bin"
    cutter = threading.Thread(
        target=lambda: (
            until(board.is_waiting.exists, LIMIT_S, "first pieces"),
            board.cut_power(),
        ),
        daemon=True,
    )
    cutter.start()

    updated = groundswell("update", "0000002a", second, "--broker", broker.address)
    cutter.join()
    log = tmp_path / "log"
    assert updated.stdout == "node 0000002a runs 0.2.0 and has confirmed it\n", log.read_text()
    assert pieces.read_bytes() == model
    assert board.starts == 3  # the first, after the cut, into the new copy

    refused = groundswell("update", "0000002a", third, "--broker", broker.address)
    assert refused.returncode == 2
    assert "rolled back: it was started and never confirmed" in refused.stderr
    assert board.starts == 6  # twice the broken one, and back
    assert Selection(Flash(str(flash))).active == "b"

    again = groundswell("update", "0000002a", second, "--broker", broker.address)
    assert again.returncode == 0, again.stderr
