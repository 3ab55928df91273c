"""A real broker on a free port for a test, with the configuration of the product."""

import contextlib
import shutil
import socket
import subprocess
import time
from pathlib import Path

from system import broker
from tests.ports import free_port

STARTS_WITHIN_S = 10.0


def has_mosquitto() -> bool:
    return bool(shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin"))


def is_open(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex((broker.HOST, port)) == 0


class BrokerProcess:
    """start() and stop() as often as a test likes: port and memory stay the same."""

    def __init__(self, kind: str, folder: Path, tls: broker.TlsFiles | None = None) -> None:
        self.port = free_port()
        self.address = f"{broker.HOST}:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        state = folder / str(self.port)
        state.mkdir()
        self._command = broker.command_of(kind, self.port, state, tls)
        self._is_ready = broker.is_answering if tls is None else is_open

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self._is_ready(self.port):
            assert self.is_running_after(0.02), f"{self._command[0]} ended at once"
            assert time.monotonic() < deadline, f"{self._command[0]} does not answer"

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def is_running_after(self, wait_s: float) -> bool:
        """Let it work for a moment; return whether it still does."""
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(wait_s)
        return self._process.poll() is None
