import os
import signal
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from failure import Failure
from system import child, supervisor
from system.child import Program
from system.supervisor import Supervisor
from tests.system.waiting import is_running, until

PATIENT = "import time\nprint('ready', flush=True)\ntime.sleep(600)"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + PATIENT
PARENT = (
    "import subprocess, sys\n"
    f"grandchild = subprocess.Popen([sys.executable, '-c', {PATIENT!r}])\n"
    "print('grandchild', grandchild.pid, flush=True)\ngrandchild.wait()"
)


def python(name: str, source: str) -> Program:
    return Program(name, [sys.executable, "-c", source])


class Bench:
    def __init__(self, state: Path) -> None:
        self.said: list[str] = []
        self.lines: list[tuple[str, str]] = []
        self.away_s = 0.0  # how long somebody was away who will be started again
        self.supervisor = Supervisor(
            state, self.said.append, lambda name, line: self.lines.append((name, line))
        )

    def turn_until(self, holds, what: str) -> None:  # type: ignore[no-untyped-def]
        def turn():  # type: ignore[no-untyped-def]
            self.supervisor.turn(0.02)
            if any(child.pid is None for child in self.supervisor.children):
                self.away_s += 0.02
            return holds()

        until(turn, 15, what)

    def pid(self, number: int = 0) -> int:
        pid = self.supervisor.children[number].pid
        assert pid is not None
        return pid


@pytest.fixture
def bench(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Bench(tmp_path)
    yield made
    if not made.supervisor.is_stopping:
        made.supervisor.stop()


@pytest.fixture
def time_to_start(bench: Bench) -> Iterator[None]:
    """For the supervisor no time passes while all run: a machine may need long to start Python."""
    clock = types.SimpleNamespace(monotonic=lambda: bench.away_s)
    with pytest.MonkeyPatch.context() as patch:
        for module in (child, supervisor):
            patch.setattr(module, "time", clock)
        yield


@pytest.mark.usefixtures("time_to_start")
def test_a_child_that_is_killed_is_started_again_and_that_is_said(bench: Bench) -> None:
    bench.supervisor.start(python("patient", PATIENT))
    bench.turn_until(lambda: bench.lines, "first line")
    first = bench.pid()

    os.kill(first, signal.SIGKILL)
    bench.turn_until(lambda: len(bench.lines) == 2, "ready again")

    assert bench.pid() != first and is_running(bench.pid()) and not is_running(first)
    assert bench.said == ["patient ended with code -9; again in 0.5 s"]


def test_who_runs_again_is_said_to_be_back_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "BACK_AFTER_S", 0.2)
    bench.supervisor.start(python("patient", PATIENT))
    bench.turn_until(lambda: bench.lines, "first line")

    for deaths in (1, 2):
        os.kill(bench.pid(), signal.SIGKILL)
        bench.turn_until(lambda: len(bench.said) == 2 * deaths, "its death and its return")  # noqa: B023
        bench.supervisor.turn(0.02)

    ends = [f"patient ended with code -9; again in {pause_s} s" for pause_s in (0.5, "1.0")]
    assert bench.said == [ends[0], "patient is back", ends[1], "patient is back"]


@pytest.mark.usefixtures("time_to_start")
def test_who_never_was_away_or_dies_again_at_once_is_not_back(bench: Bench) -> None:
    bench.supervisor.start(python("patient", PATIENT))
    bench.supervisor.start(python("hasty", "raise SystemExit(1)"))

    bench.turn_until(lambda: len(bench.said) == 3, "three ends")

    assert all(line.startswith("hasty ended with code 1") for line in bench.said)


def test_who_ends_by_itself_is_quoted_with_its_last_line_of_words(bench: Bench) -> None:
    # gunicorn prints a traceback in brackets: its last line is "]"
    bench.supervisor.start(
        python("hasty", "print('No module named x\\n]\\n'); raise SystemExit(1)")
    )
    bench.turn_until(lambda: bench.said, "its end is said")

    assert bench.said == ["hasty ended with code 1 (No module named x); again in 0.5 s"]


def test_pauses_between_restarts_grow_to_a_bound() -> None:
    one = child.Child(python("hasty", "pass"), Path("/nonexistent"))
    pauses_s = [one.schedule_restart(now_s) for now_s in range(1, 12)]

    assert pauses_s[:3] == [0.5, 1.0, 2.0] and pauses_s[-1] == child.LONGEST_PAUSE_S


def test_stop_ends_everybody_the_stubborn_and_their_children_too(bench: Bench) -> None:
    bench.supervisor.start(python("patient", PATIENT))
    bench.supervisor.start(python("stubborn", STUBBORN))
    bench.supervisor.start(python("parent", PARENT))
    bench.turn_until(lambda: len(bench.lines) >= 4, "all ready")
    pids = [bench.pid(number) for number in range(3)]
    pids += [int(line.split()[1]) for _, line in bench.lines if line.startswith("grandchild")]
    assert len(pids) == 4 and all(is_running(pid) for pid in pids)

    bench.supervisor.stop()

    # whoever is not our own child is killed, but nobody can wait for it
    until(lambda: not any(is_running(pid) for pid in pids), 2, "all are gone")


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    source = (
        "import sys\nfrom pathlib import Path\nfrom system.child import Program\n"
        "from system.supervisor import Supervisor\n"
        f"s = Supervisor(Path({str(tmp_path)!r}), print, print)\n"
        f"s.start(Program('patient', [sys.executable, '-c', {PATIENT!r}]))\n"
        "print(s.children[0].pid, flush=True)\n"
        "while True: s.turn()"
    )
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        assert is_running(pid)
        supervisor.kill()

    until(lambda: not is_running(pid), 5, "the child is gone")


def test_a_child_that_refuses_its_arguments_is_a_failure_with_its_own_words(bench: Bench) -> None:
    wrong = "import sys\nsys.stderr.write('wrong: no such folder\\n')\nsys.exit(2)"
    bench.supervisor.start(python("wrong", wrong))

    with pytest.raises(Failure, match="wrong cannot start: wrong: no such folder"):
        bench.supervisor.wait_until("never", lambda: False, 15)


def test_what_never_gets_ready_is_a_failure(bench: Bench) -> None:
    with pytest.raises(Failure, match="the thing is not ready after 0 s"):
        bench.supervisor.wait_until("the thing", lambda: False, 0.05)


def test_a_log_is_bounded_to_two_files(bench: Bench, tmp_path: Path) -> None:
    chatter = "for _ in range(60): print('x' * 50_000, flush=True)\n" + PATIENT
    bench.supervisor.start(python("chatty", chatter))
    bench.turn_until(lambda: ("chatty", "ready") in bench.lines, "all said")

    sizes = [path.stat().st_size for path in sorted(tmp_path.glob("chatty.log*"))]
    assert len(sizes) == 2 and max(sizes) < child.MAX_LOG_BYTES + 100_000
    assert sum(len(line) for _, line in bench.lines) > 2.9e6  # so a third file would be due
