"""The run of a training: what is taken up again, and what is not begun."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="make train has it")

from failure import Failure
from tests.training.some_archives import make_knet
from tests.training.some_examples import made
from training import convert, train
from training.examples import QUIET


def test_a_fit_is_not_taken_up_when_anything_of_its_examples_has_changed() -> None:
    plain = made()
    other = [
        replace(plain, kind=np.where(plain.number == 0, QUIET, plain.kind).astype(np.int8)),
        replace(plain, group=np.roll(plain.group, 1)),
        replace(plain, age_s=plain.age_s + 1),
        replace(plain, record=np.roll(plain.record, 1)),
        replace(plain, number=plain.number + np.int16(1)),
    ]
    sums = {train.fit_sum(examples, 3) for examples in (plain, *other)}
    assert len(sums) == 1 + len(other)
    assert train.fit_sum(made(), 3) in sums and train.fit_sum(plain, 4) not in sums


def test_an_archive_without_noise_is_refused_in_one_line(tmp_path: Path) -> None:
    make_knet(tmp_path / "in")
    assert convert.main([str(tmp_path / "in"), str(tmp_path / "data")]) == 0
    with pytest.raises(Failure, match="too few to learn from"):
        train.windows_of(tmp_path / "data", tmp_path / "cache", 1)
    assert not (tmp_path / "cache").exists()


def test_no_pass_is_no_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train", str(tmp_path), "--passes", "0"])
    with pytest.raises(SystemExit):
        train.main()
