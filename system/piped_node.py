"""A virtual node that is a process of its own: MicroPython running the firmware, fed by a pipe."""

import contextlib
import os
import struct
import subprocess
from array import array
from pathlib import Path

from replay.sensors import CHIPS
from system.crystal import exchange
from system.micropython import ROOT, environment
from system.virtual_node import identity_of
from training.scenario import Place, Scenario
from training.wavefield import generator

HEAP = "heapsize=1m"  # an ESP32 has 0.1 to 4
MAX_QUESTION_BYTES = 4096


class PipedNode:
    """Feeds samples and answers the node's questions for the time."""

    def __init__(
        self, program: Path, scenario: Scenario, place: Place, broker: tuple[str, int]
    ) -> None:
        self._program = program
        self._scenario = scenario
        self._place = place
        self._broker = broker
        self._bias_us = round(1000 * (place.clock_error_ms or 0.0))
        self._rng = generator(scenario.seed, "node", place.name)
        self._said = b""
        self.lost_blocks = 0
        self.restarts = 0
        self._process = self._start()

    @property
    def output(self) -> int:
        """The descriptor of what the node says."""
        return self._process.stdout.fileno()  # type: ignore[union-attr]  # a pipe

    def feed(self, counts: "array[int]", end_us: int, now_us: int) -> None:
        """Pass on a block that ended at end_us; the node stamps it with its own ticks."""
        rest = struct.pack("<i", now_us - end_us) + counts.tobytes()
        self._write(b"S" + struct.pack("<H", len(rest)) + rest)

    def hear(self, now_us: int) -> list[tuple[int, int, int]]:
        """Answer the node's questions; return its triggers: (sample_us, sent_us, handed_us)."""
        triggers = []
        with contextlib.suppress(BlockingIOError):
            self._said += os.read(self.output, MAX_QUESTION_BYTES)
        *lines, self._said = self._said.split(b"\n")
        for line in lines:
            words = line.split()
            if words[:1] == [b"T"] and len(words) == 2:
                self._answer(int(words[1]), now_us)
            elif words[:1] == [b"G"] and len(words) == 4:
                triggers.append((int(words[1]), int(words[2]), int(words[3])))
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
        """End its samples: it says goodbye and goes."""
        self._process.stdin.close()  # type: ignore[union-attr]  # a pipe
        try:
            self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close_pipes()

    def _start(self) -> "subprocess.Popen[bytes]":
        identity = identity_of(self._scenario, self._place)
        chip = CHIPS[self._place.sensor]
        numbers = (*identity[:5], round(self._scenario.rate_hz * 1000), chip.lsb_nm_s2)
        words = [str(word) for word in (*numbers, *self._broker)]
        process = subprocess.Popen(
            [self._program, "-X", HEAP, "-m", "firmware.virtual.piped", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            cwd=ROOT,
        )
        for pipe in (process.stdin, process.stdout):
            os.set_blocking(pipe.fileno(), False)  # type: ignore[union-attr]  # a pipe
        return process

    def _answer(self, t1_ticks_us: int, now_us: int) -> None:
        # The pipe is quick: the bad link is put in here, by moving the question into the past.
        sent_us, received_us, answered_us = exchange(now_us, self._bias_us, self._rng)
        asked_ticks_us = t1_ticks_us - (now_us - sent_us)
        frame = struct.pack("<qqq", asked_ticks_us, received_us, answered_us)
        self._write(b"T" + struct.pack("<H", len(frame)) + frame)

    def _write(self, frame: bytes) -> None:
        try:
            os.write(self._process.stdin.fileno(), frame)  # type: ignore[union-attr]  # a pipe
        except (BlockingIOError, BrokenPipeError):
            self.lost_blocks += 1

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]  # a pipe
