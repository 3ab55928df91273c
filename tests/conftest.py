"""What tests of several parts need; what is not here is skipped with one line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from groundswell import kernel

from system.micropython import HOW_TO_GET_IT, find_micropython
from tests.link.broker_process import BrokerProcess, has_mosquitto

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


@pytest.fixture(scope="module")
def compiled() -> Iterator[None]:
    """The node's kernels compiled, which say the same (test_compiled.py); afterwards as before."""
    from replay.compiled import compile_kernels  # numba takes a second to import

    before = {one: one.run for one in kernel.KERNELS}
    compile_kernels()
    yield
    for one in kernel.KERNELS:
        one.run = before.get(one, one.plain)


@pytest.fixture(params=["nats", "mosquitto"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BrokerProcess]:
    """Each kind of broker in turn, as a process of its own on a free port."""
    if request.param == "mosquitto" and not has_mosquitto():
        pytest.skip('needs mosquitto: "make everything" gets it')
    process = BrokerProcess(request.param, tmp_path)
    process.start()
    yield process
    process.stop()
