"""A real broker on a free port for a test: nats-server as in the product, or mosquitto."""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

STARTS_WITHIN_S = 10.0


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find_nats() -> str:
    beside_python = Path(sys.executable).parent / "nats-server"
    return str(beside_python) if beside_python.exists() else shutil.which("nats-server") or ""


def find_mosquitto() -> str:
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin") or ""


class BrokerProcess:
    """start() and stop() as often as a test likes: the port stays the same."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        config = folder / f"{kind}-{self.port}.conf"
        if kind == "nats":
            self._command = [find_nats(), "-c", str(config)]
            config.write_text(
                f'server_name: "test"\nlisten: "127.0.0.1:{free_port()}"\n'
                f'jetstream {{ store_dir: "{folder}/js-{self.port}" }}\n'
                f'mqtt {{ listen: "127.0.0.1:{self.port}" }}\n'
            )
        else:
            self._command = [find_mosquitto(), "-c", str(config)]
            config.write_text(
                f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
                "max_inflight_messages 2000\nmax_queued_messages 200000\nset_tcp_nodelay true\n"
            )

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self._answers():
            assert self._process.poll() is None, f"{self._command[0]} ended at once"
            assert time.monotonic() < deadline, f"{self._command[0]} does not listen"
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with contextlib.closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
