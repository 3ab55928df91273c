"""A virtual board that is a process of its own: the whole firmware under MicroPython.

The ground comes to it through a pipe, the time from a server of its own, the rest is as on a wall:
a configuration on its flash (a folder), a chip's registers, a broker.
"""

import contextlib
import json
import os
import struct
import subprocess
from array import array
from pathlib import Path
from typing import Any

from failure import Failure
from system.crystal import DRIFT_SIGMA_PPB
from system.micropython import ROOT, environment
from system.time_server import TimeServer
from system.virtual_node import identity_of
from training.scenario import Place, Scenario
from training.wavefield import generator

HEAP = "heapsize=1m"  # an ESP32 has 0.1 to 4; here it also holds the simulated chip
MAX_OUTPUT_BYTES = 4096
RATES_HZ = {"adxl355": (62.5, 125.0, 250.0), "mpu6050": (100.0, 125.0, 200.0, 250.0)}


class PipedNode:
    """Feeds samples; hears what it prints."""

    MODULE = "firmware.virtual.piped"

    def __init__(
        self,
        program: Path,
        scenario: Scenario,
        place: Place,
        broker: tuple[str, int],
        folder: Path,
    ) -> None:
        """folder: of all flashes. Raises Failure where no chip samples as the scenario says."""
        rng = generator(scenario.seed, "node", place.name)
        self.time_server = TimeServer(round(1000 * (place.clock_error_ms or 0.0)), rng)
        self._program = program
        self._folder = folder / f"{identity_of(scenario, place).node_id:08x}"
        self._drift_ppb = int(rng.standard_normal() * DRIFT_SIGMA_PPB)
        self._said = b""
        self.log: list[str] = []  # the last lines that a technician would read
        self.lost_blocks = 0
        self.restarts = 0
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = _settings(scenario, place, broker, self.time_server.port)
        (self._folder / "node.json").write_text(json.dumps(settings), encoding="utf-8")
        self._process = self._start()

    @property
    def output(self) -> int:
        """The descriptor of what the node says."""
        return self._process.stdout.fileno()  # type: ignore[union-attr]  # a pipe

    def feed(self, counts: "array[int]", first_us: int) -> None:
        """Pass on samples that will be due from first_us on; the node stamps them itself."""
        rest = struct.pack("<q", first_us) + counts.tobytes()
        try:
            os.write(self._process.stdin.fileno(), struct.pack("<H", len(rest)) + rest)  # type: ignore[union-attr]  # a pipe
        except (BlockingIOError, BrokenPipeError):
            self.lost_blocks += 1

    def hear(self) -> list[tuple[int, int, int]]:
        """Return its triggers: (sample_us, sent_us, handed_us)."""
        triggers = []
        with contextlib.suppress(BlockingIOError):
            self._said += os.read(self.output, MAX_OUTPUT_BYTES)
        *lines, self._said = self._said.split(b"\n")
        for line in lines:
            words = line.split()
            if words[:1] == [b"G"] and len(words) == 4:
                triggers.append((int(words[1]), int(words[2]), int(words[3])))
            elif words[:1] == [b"L"]:
                self.log = [*self.log[-99:], line[2:].decode("utf-8", "replace")]
        return triggers

    @property
    def is_dead(self) -> bool:
        return self._process.poll() is not None

    def start_again(self) -> None:
        """Let go of the dead process and start another; `output` is a new descriptor then."""
        self._close_pipes()
        self._process = self._start()
        self._said = b""
        self.restarts += 1

    def close(self) -> None:
        """Switch it off: it says goodbye and goes."""
        self._process.stdin.close()  # type: ignore[union-attr]  # a pipe
        try:
            self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close_pipes()
        self.time_server.close()

    def _start(self) -> "subprocess.Popen[bytes]":
        words = [str(self._folder.absolute()), str(self._drift_ppb)]
        process = subprocess.Popen(
            [self._program, "-X", HEAP, "-m", self.MODULE, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            cwd=ROOT,
        )
        for pipe in (process.stdin, process.stdout):
            os.set_blocking(pipe.fileno(), False)  # type: ignore[union-attr]  # a pipe
        return process

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]  # a pipe


def _settings(
    scenario: Scenario, place: Place, broker: tuple[str, int], time_port: int
) -> dict[str, Any]:
    """Return what a technician would leave on the board."""
    if scenario.rate_hz not in RATES_HZ.get(place.sensor, ()):
        raise Failure(
            f"no virtual board samples an {place.sensor} at {scenario.rate_hz:g} Hz:"
            " --micropython 0 does without"
        )
    identity = identity_of(scenario, place)
    return {
        "node_id": identity.node_id,
        "lat_udeg": identity.lat_udeg,
        "lon_udeg": identity.lon_udeg,
        "elevation_m": identity.elevation_m,
        "brokers": [f"{broker[0]}:{broker[1]}"],
        "time_servers": [f"127.0.0.1:{time_port}"],
        "sensor": place.sensor,
        "bus": "i2c" if place.sensor == "mpu6050" else "spi",
        "rate_mhz": round(1000 * scenario.rate_hz),
    }
