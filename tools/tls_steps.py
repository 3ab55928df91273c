"""How long a node's loop stands still for TLS: the longest step of a handshake.

    python -m tools.tls_steps [--runs 30]

Runs the uplink's own line on a 32-bit MicroPython against OpenSSL on this machine, once a record
at a time as the firmware does and once as mbedtls would without us. Of all runs the quickest
counts: what others do on the machine is not ours. The last column takes the same share of the
1.2 s that a handshake was measured to take on an ESP32 at 240 MHz (micropython-esp32 issue 131).
"""

import argparse
import contextlib
import datetime
import json
import socket
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path

from system.certificates import Authority
from system.micropython import HOW_TO_GET_IT, ROOT, environment, find_micropython

ESP32_HANDSHAKE_MS = 1200
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Listener:
    """Takes lines, greets, and reads until the other side goes."""

    def __init__(self, folder: Path, version: ssl.TLSVersion) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / "broker.pem", folder / "broker.key")
        self._context.load_verify_locations(folder / "ca.pem")
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.minimum_version = self._context.maximum_version = version
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            line, _ = self._socket.accept()
            with contextlib.suppress(OSError), self._context.wrap_socket(line, True) as secure:
                while secure.recv(1024):
                    pass


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=30)
    arguments = parser.parse_args()
    program = find_micropython()
    if program is None:
        print(HOW_TO_GET_IT)
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        now = datetime.datetime.now(datetime.UTC)
        authority = Authority.found("bench", now)
        authority.save(folder)
        for leaf, hosts in (("broker", ("127.0.0.1",)), ("node", ())):
            authority.issue(folder, leaf, hosts, now - datetime.timedelta(days=1))
        print("TLS   steps   whole ms   longest step ms   share   ESP32, modelled ms")
        for version, number in VERSIONS.items():
            port = Listener(folder, number).port
            for mode in ("sliced", "whole"):
                words = [str(port), str(folder), str(arguments.runs), mode]
                steps_us = measure(program, words)
                share = max(steps_us) / sum(steps_us)
                modelled_ms = ESP32_HANDSHAKE_MS * share
                print(
                    f"{version}  {len(steps_us):4d} {mode:7s} {sum(steps_us) / 1000:6.1f}"
                    f" {max(steps_us) / 1000:15.1f} {share:11.0%} {modelled_ms:12.0f}"
                )
    return 0


def measure(program: Path, words: list[str]) -> list[int]:
    """Return the steps of the quickest run, microseconds each."""
    run = subprocess.run(
        [program, ROOT / "tools" / "tls_steps_node.py", *words],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    runs: list[list[int]] = [json.loads(line) for line in run.stdout.splitlines()]
    return min(runs, key=sum)


if __name__ == "__main__":
    raise SystemExit(main())
