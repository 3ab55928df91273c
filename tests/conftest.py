"""What tests of several parts need: the recordings and MicroPython, each skipped with one line."""

from pathlib import Path

import pytest

from system.micropython import HOW_TO_GET_IT, find_micropython

RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recordings beside the checkout; its README says what is in it."""
    if not (RECORDINGS / "eq_index.csv").exists():
        pytest.skip("needs ../shared/data (the recordings, which are not part of the project)")
    return RECORDINGS


@pytest.fixture(scope="session")
def micropython() -> Path:
    """A MicroPython with 32 bits, as on the devices."""
    program = find_micropython()
    if program is None:
        pytest.skip(HOW_TO_GET_IT)
    return program
