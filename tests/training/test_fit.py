"""Fitting: learns, goes on after an interruption as if there had been none, stops early."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="make train has it")

from tests.training.some_examples import made  # noqa: E402
from training import fit  # noqa: E402


def settings(**changes: Any) -> fit.Settings:
    return fit.Settings(epochs=4, is_quiet=True, **changes)


def test_what_is_easily_told_apart_is_told_apart() -> None:
    rest = made(seed=2)

    network = fit.fit(made(720), fit.Settings(epochs=12, is_quiet=True))
    scores = fit.scores(network, rest.inputs)

    assert scores[rest.is_quake].min() > scores[~rest.is_quake].max()


def test_an_interrupted_run_ends_where_it_would_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fit.scores(fit.fit(made(), settings()), made().inputs)
    path = tmp_path / "one.checkpoint"
    monkeypatch.setattr(fit, "_epoch", failing_after(2, fit._epoch))
    with pytest.raises(KeyboardInterrupt):
        fit.fit(made(), settings(checkpoint=path))
    monkeypatch.undo()

    resumed = fit.scores(fit.fit(made(), settings(checkpoint=path)), made().inputs)

    assert np.array_equal(resumed, whole)


def failing_after(epochs: int, epoch: Callable[..., float]) -> Callable[..., float]:
    left = [epochs]

    def limited(*arguments: Any) -> float:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return epoch(*arguments)

    return limited


def test_it_stops_when_what_was_held_back_gets_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    losses = [3.0, 1.0, *range(2, 60)]
    monkeypatch.setattr(fit, "_loss_of", lambda network, sheet: float(losses.pop(0)))

    fit.fit(made(), fit.Settings(epochs=50, is_quiet=True))

    assert losses[0] == 2 + fit.PATIENCE
