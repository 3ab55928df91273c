"""Starts processes in order, waits until they are ready, restarts who dies, ends them all."""

import selectors
import time
from collections.abc import Callable
from pathlib import Path

from failure import Failure
from system.child import Child, Program

ENDS_WITHIN_S = 3.0  # then it is killed
_TURN_S = 0.1
_BAD_ARGUMENTS = 2  # the exit code of our own programs for what a restart cannot mend


class Supervisor:
    """
    say      shows a line to the person who started us
    on_line  gets every line that a child prints: (name, line)
    """

    def __init__(
        self, state: Path, say: Callable[[str], None], on_line: Callable[[str, str], None]
    ) -> None:
        self._state = state
        self._say = say
        self._on_line = on_line
        self._selector = selectors.DefaultSelector()
        self._watched: dict[str, int] = {}  # name -> descriptor
        self._is_stopping = False
        self.children: list[Child] = []

    def start(self, program: Program) -> None:
        child = Child(program, self._state)
        self.children.append(child)
        self._launch(child)

    def wait_until(self, what: str, is_ready: Callable[[], bool], patience_s: float) -> None:
        """Keep everything going until is_ready. Raises Failure if it never is."""
        deadline_s = time.monotonic() + patience_s
        while not is_ready():
            self.turn()
            if self._is_stopping:
                raise KeyboardInterrupt
            if time.monotonic() > deadline_s:
                raise Failure(f"{what} is not ready after {patience_s:.0f} s: see {self._state}/")

    def turn(self, patience_s: float = _TURN_S) -> None:
        """Wait a moment for what children print; restart who died, say who is back."""
        for key, _ in self._selector.select(patience_s):
            self._hear(key.data)
        now_s = time.monotonic()
        for child in self.children:
            if child.exit_code is not None and not self._is_stopping:
                self._mourn(child, now_s)
            elif child.is_restart_due(now_s) and not self._is_stopping:
                child.restarts += 1
                self._launch(child)
            elif child.has_come_back(now_s):
                self._say(f"{child.program.name} is back")

    def request_stop(self) -> None:
        """May be called from a signal handler."""
        self._is_stopping = True

    @property
    def is_stopping(self) -> bool:
        return self._is_stopping

    def stop(self) -> None:
        """End every process, the last started first; kill what does not end in time."""
        self._is_stopping = True
        deadline_s = time.monotonic() + ENDS_WITHIN_S
        for number, child in enumerate(reversed(self.children)):
            child.ask_to_end()
            if number == 0 or number == len(self.children) - 2:
                # nodes say goodbye while there is a broker; the broker goes last of all
                self._wait_for_end(self.children[len(self.children) - 1 - number :], deadline_s)
        self._wait_for_end(self.children, deadline_s)
        for child in self.children:
            self._forget(child)
            child.end()
        self._selector.close()

    def _wait_for_end(self, children: list[Child], deadline_s: float) -> None:
        while any(child.pid is not None and child.exit_code is None for child in children):
            if time.monotonic() > deadline_s:
                return
            self.turn(0.02)

    def _launch(self, child: Child) -> None:
        child.start()
        output = child.output
        if output is not None:
            self._watched[child.program.name] = output
            self._selector.register(output, selectors.EVENT_READ, child)

    def _hear(self, child: Child) -> None:
        lines = child.read_lines()
        for line in lines:
            self._on_line(child.program.name, line)
        if not lines and child.exit_code is not None:
            self._forget(child)

    def _forget(self, child: Child) -> None:
        descriptor = self._watched.pop(child.program.name, None)
        if descriptor is not None:
            self._selector.unregister(descriptor)

    def _mourn(self, child: Child, now_s: float) -> None:
        for line in child.read_lines():
            self._on_line(child.program.name, line)
        code, last_line, name = child.exit_code, child.last_line, child.program.name
        self._forget(child)
        if code == _BAD_ARGUMENTS:
            raise Failure(f"{name} cannot start: {last_line}")
        pause_s = child.schedule_restart(now_s)
        has_said_why = last_line and code is not None and code > 0  # a signal comes from outside
        because = f" ({last_line.strip()[:100]})" if has_said_why else ""
        self._say(f"{name} ended with code {code}{because}; again in {pause_s:.1f} s")
