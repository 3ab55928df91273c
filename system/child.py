"""One child process: what it says goes to a log of bounded size; it ends when its parent does."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

MAX_LOG_BYTES = 1_000_000  # then it becomes NAME.log.1, and the one before that is gone
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
BACK_AFTER_S = 2.0  # our programs need a second to import; who is wrong has ended by then
HEALTHY_AFTER_S = 60.0  # who has run so long starts again with the first pause
_READ_BYTES = 65536
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before any fork


@dataclass(frozen=True)
class Program:
    name: str
    command: list[str]


class Child:
    """Starts a program, again and again if need be. Owns its process and its log."""

    def __init__(self, program: Program, state: Path) -> None:
        self.program = program
        self.restarts = 0
        self.last_line = ""
        self._log_path = state / f"{program.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._unfinished = b""
        self._started_s = 0.0
        self._pause_s = FIRST_PAUSE_S
        self._due_s = 0.0
        self._is_awaited = False  # it died, and has not been said to be back

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs and before it was started."""
        return None if self._process is None else self._process.poll()

    @property
    def output(self) -> int | None:
        """The descriptor of what it prints, or None."""
        if self._process is None or self._process.stdout is None:
            return None
        return self._process.stdout.fileno()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self.program.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the supervisor alone, which ends all in order
            preexec_fn=_die_with_parent,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        os.set_blocking(self._process.stdout.fileno(), False)  # type: ignore[union-attr]  # a pipe
        self._started_s = time.monotonic()

    def read_lines(self) -> list[str]:
        """Return the lines printed since the last call, and write them to the log."""
        descriptor = self.output
        if descriptor is None:
            return []
        try:
            chunk = os.read(descriptor, _READ_BYTES)
        except BlockingIOError:
            return []
        if chunk:
            self._write_log(chunk)
        *whole, self._unfinished = (self._unfinished + chunk).split(b"\n")
        self._unfinished = self._unfinished[-_READ_BYTES:]
        lines = [line.decode("utf-8", "replace") for line in whole]
        words = (line for line in reversed(lines) if any(map(str.isalpha, line)))  # no lone "]"
        self.last_line = next(words, self.last_line)
        return lines

    def schedule_restart(self, now_s: float) -> float:
        """Let go of the dead process; return the pause before the next start."""
        self.end()
        if now_s - self._started_s > HEALTHY_AFTER_S:
            self._pause_s = FIRST_PAUSE_S
        pause_s = self._pause_s
        self._due_s = now_s + pause_s
        self._is_awaited = True
        self._pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        return pause_s

    def is_restart_due(self, now_s: float) -> bool:
        return self._process is None and now_s >= self._due_s

    def has_come_back(self, now_s: float) -> bool:
        """Return, once after each death, that it has been running again for BACK_AFTER_S."""
        is_up = self._process is not None and now_s - self._started_s > BACK_AFTER_S
        if not (is_up and self._is_awaited):
            return False
        self._is_awaited = False
        return True

    def ask_to_end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def end(self) -> None:
        """Kill it and whatever it started, and wait for it."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):  # all gone already
            os.killpg(self._process.pid, signal.SIGKILL)  # its own session, so its own group
        self._process.wait()
        self.read_lines()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def _write_log(self, chunk: bytes) -> None:
        with contextlib.suppress(OSError):  # a full disk may cost us the log, not the earthquake
            with self._log_path.open("ab") as log:
                log.write(chunk)
                is_full = log.tell() > MAX_LOG_BYTES
            if is_full:
                self._log_path.replace(self._log_path.with_suffix(".log.1"))


def _die_with_parent() -> None:
    """Runs in the child: the kernel ends it when the supervisor dies, even by kill -9."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
