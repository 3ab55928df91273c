"""Counts the instructions that MicroPython executes for ARM: interpreter, runtime and kernels.

Debian's MicroPython for armhf under qemu-user, which writes a line for each instruction; what a
script does more when it is told to do it more often is the cost of one round. The emulator has no
clock: these are instructions, not cycles.
"""

import os
import subprocess
from pathlib import Path

from system.micropython import ROOT

HOME = ROOT / "build" / "micropython-armhf"
LIMIT_S = 500


def instructions(script: str, firmware: Path, rounds: tuple[int, int] = (5, 25)) -> float:
    """Return the instructions of one round of a script that does `sys.argv[1]` of them.

    firmware: one architecture's folder of `make firmware`
    """
    few, many = (_total(script, firmware, number) for number in rounds)
    return (many - few) / (rounds[1] - rounds[0])


def _total(script: str, firmware: Path, rounds: int) -> int:
    root = HOME / "root"
    command = [
        *(HOME / "qemu-arm-static", "-singlestep", "-d", "exec,nochain", "-D", "/dev/stderr"),
        *("-L", root, root / "usr/lib/ld-linux-armhf.so.3"),
        *("--library-path", root / "usr/lib/arm-linux-gnueabihf", root / "usr/bin/micropython"),
        *("-X", "heapsize=1m", "-c", script, str(rounds)),
    ]
    path = f"{firmware / 'firmware'}:{firmware}:.frozen"
    run = subprocess.Popen(
        command,
        cwd=firmware,
        env={**os.environ, "MICROPYPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert run.stderr is not None and run.stdout is not None
    traced, other = 0, b""
    for line in run.stderr:
        if line.startswith(b"Trace "):
            traced += 1
        else:
            other += line
    if run.wait(LIMIT_S):
        raise RuntimeError(other.decode())
    return traced
