"""The model card says what is counted, of the rows that it says."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.training.some_examples import made
from training import card
from training.calibrate import Heads

FILE = Path(__file__).parents[2] / "firmware" / "models" / "judge.tflite"
SUMS = {"code": "cuts", "fits": "fits", "data": "recordings"}
HEADS: Heads = [(1.0, 0.0)] * 5


def test_the_card_counts_what_was_judged_as_recorded() -> None:
    examples = made(240)
    number = np.arange(240)
    examples = replace(examples, number=(number % 4 == 3).astype(np.int16))
    outputs = np.where(examples.is_quake, 3.0, -3.0)
    outputs[0] = -3.0  # one earthquake of 120 is not believed
    text = card.text_of(examples, outputs, HEADS, FILE.read_bytes(), SUMS, 3.0)

    assert "| earthquake | 12 | 120 |" in text and "| activity | 12 | 120 |" in text
    assert "12 earthquakes" in text and "windows cuts" in text and "data recordings" in text
    assert f"| file | {FILE.stat().st_size} bytes |" in text
    believed = re.findall(r"^\| (\w+) \| 0\.5 \| ([0-9.]+)% ", text, re.MULTILINE)
    assert dict(believed) == {"earthquake": "99.2", "activity": "0.0"}
    (error,) = re.findall(r"^\| error \| ([0-9.]+) \|", text, re.MULTILINE)
    assert 0.04 < float(error) < 0.08  # p of 0.05 and 0.94 where it is 0 and 1


def test_what_never_was_clear_is_not_judged() -> None:
    examples = made(240)
    unclear = replace(examples, ratio=np.full(240, 4.0, np.float32))
    outputs = np.where(examples.is_quake, -3.0, 3.0)
    text = card.text_of(unclear, outputs, HEADS, FILE.read_bytes(), SUMS, 3.0)
    assert not re.search(r"^\| earthquake \| 0\.5 \|", text, re.MULTILINE)
    assert "| activity | 0.5 | 100.0%" in text
