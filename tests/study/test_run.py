"""The runner: every piece is done, once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from study import run
from study.plan import Piece

PIECES = [Piece("quake", "town-10", "plain", number, 20) for number in range(20)]


def test_every_piece_is_done_once_however_few_may_wait(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "done", lambda piece: {"key": piece.key})

    with ThreadPoolExecutor(1) as pool:
        keys = [line["key"] for line in run._done_by(pool, list(PIECES), 8)]

    assert sorted(keys) == sorted(piece.key for piece in PIECES)
