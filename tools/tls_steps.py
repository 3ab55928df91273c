"""How long a node's loop stands still for its broker: for TLS, and for one that floods it.

    python -m tools.tls_steps [--runs 30]

Runs the uplink's own line on a 32-bit MicroPython against OpenSSL on this machine, once a record
at a time as the firmware does and once as mbedtls would without us. Of all runs the quickest
counts: what others do on the machine is not ours.

What an ESP32 at 240 MHz would take for the longest step is modelled twice: as its share of the
1.2 s that a whole handshake was measured to take (micropython-esp32 issue 131, of 2017), and from
the next longest one, the verification of a signature, which takes it 350 ms (esp-idf 19027 has
302 ms measured on an ESP32-S3, and how much longer an ESP32 multiplies). Boards speak TLS 1.2
only. The longest step is the key exchange there, two multiplications in one call of mbedtls,
whatever the certificates are made with.

Then the longest step of the uplink while a broker sends without end, as a share of the longest of
a handshake (TLS 1.2, a record at a time). What a message asks for comes on top: one a step.
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
from typing import Any

from system.certificates import Authority
from system.micropython import HOW_TO_GET_IT, ROOT, environment, find_micropython

ESP32_HANDSHAKE_MS = 1200
ESP32_VERIFICATION_MS = 350
FEW_STEPS = 5
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
        print("TLS   steps   whole ms   longest, next ms   share   ESP32 ms: two models")
        longest_us: list[int] = []
        for version, number in VERSIONS.items():
            port = Listener(folder, number).port
            for mode in ("sliced", "whole"):
                words = [str(port), str(folder), str(arguments.runs), mode]
                steps_us = min(measure(program, "tls_steps_node.py", words), key=sum)
                longest_us.append(max(steps_us))
                print(f"{version}  {len(steps_us):4d} {mode:7s} {_figures(steps_us)}")
        print("\nThe broker sends without end      longest ms   of the handshake's")
        floods = measure(program, "flood_steps_node.py", [str(arguments.runs)])[0]
        for name, step_us in sorted(floods.items(), key=lambda row: row[1]):
            print(f"{name:30s} {step_us / 1000:12.2f} {step_us / longest_us[0]:18.0%}")
    return 0


def _figures(steps_us: list[int]) -> str:
    """Return whole, longest, next, share, and what an ESP32 would take for the longest."""
    following, longest = sorted(steps_us)[-2:]
    share = longest / sum(steps_us)
    line = f"{sum(steps_us) / 1000:6.1f} {longest / 1000:10.1f} {following / 1000:5.1f}"
    line += f" {share:8.0%} {ESP32_HANDSHAKE_MS * share:10.0f}"
    if len(steps_us) < FEW_STEPS:  # the next one is no verification
        return line
    return line + f" {ESP32_VERIFICATION_MS * longest / following:9.0f}"


def measure(program: Path, script: str, words: list[str]) -> list[Any]:
    """Return what each line of a script's output says; of tls_steps_node, a run's steps in us."""
    run = subprocess.run(
        [program, "-X", "heapsize=1m", ROOT / "tools" / script, *words],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


if __name__ == "__main__":
    raise SystemExit(main())
