import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from failure import Failure
from system import broker
from tests.ports import free_port
from tests.system.waiting import until


@pytest.mark.parametrize("kind", broker.KINDS)
def test_a_broker_starts_welcomes_clients_and_ends(kind: str, tmp_path: Path) -> None:
    if kind == "mosquitto" and not shutil.which("mosquitto", path="/usr/sbin:/usr/bin"):
        pytest.skip("needs mosquitto: `make everything` (Debian) gets it")
    port = free_port()
    command = broker.command_of(kind, port, tmp_path)
    assert not broker.is_answering(port)

    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        until(lambda: broker.is_answering(port), 10, f"{kind} answers")
        process.terminate()

    assert not broker.is_answering(port)


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Failure) as failure:
            broker.command_of("nats", port, tmp_path)

    assert f"port {port} is taken" in str(failure.value)
    assert f"another broker on {port}? use --mqtt-port" in str(failure.value)


def test_a_port_that_speaks_something_else_is_no_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert not broker.is_answering(other.getsockname()[1])


def test_the_broker_listens_on_loopback_only(tmp_path: Path) -> None:
    for kind in broker.KINDS:
        try:
            broker.command_of(kind, free_port(), tmp_path)
        except Failure:
            continue  # mosquitto is not here
        text = (tmp_path / f"{kind}.conf").read_text()
        addresses = [
            line for line in text.splitlines() if "listen:" in line or "listener " in line
        ]
        assert addresses and all("127.0.0.1" in line for line in addresses)
