"""Counts the instructions that MicroPython executes for ARM: interpreter, runtime and kernels.

Debian's MicroPython for armhf under qemu-user, which tells the instructions of each block when it
translates it, and each run of a block: some five million instructions a second. What a script does
more when it is told to do it more often is the cost of one round. The emulator has no clock: these
are instructions, not cycles.
"""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from system.micropython import ROOT

HOME = ROOT / "build" / "micropython-armhf"


def a_round(script: str, firmware: Path, rounds: tuple[int, int] = (5, 25)) -> float:
    """Return the instructions of one round of a script that does `sys.argv[1]` of them.

    firmware: one architecture's folder of `make firmware`
    """
    path = f"{firmware / 'firmware'}:{firmware}:.frozen"
    few, many = (executed(script, path, str(number)) for number in rounds)
    return (many - few) / (rounds[1] - rounds[0])


def executed(script: str, path: str, *words: str) -> int:
    """Return the instructions of MicroPython with this script, its start and end too.

    path: where it finds modules; words: sys.argv. Raises RuntimeError if the script fails.
    """
    root = HOME / "root"
    there, here = os.pipe()
    command = [
        *(HOME / "qemu-arm-static", "-d", "exec,nochain,in_asm", "-D", f"/dev/fd/{here}"),
        *("-L", root, root / "usr/lib/ld-linux-armhf.so.3"),
        *("--library-path", root / "usr/lib/arm-linux-gnueabihf", root / "usr/bin/micropython"),
        *("-X", "heapsize=1m", "-c", script, *words),
    ]
    with subprocess.Popen(
        command,
        env={**os.environ, "MICROPYPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=(here,),
    ) as process:
        os.close(here)
        assert process.stderr is not None
        with os.fdopen(there, "rb") as trace:
            count = count_of(trace)
        said = process.stderr.read()
    if process.returncode:
        raise RuntimeError(said.decode())
    return count


def count_of(trace: Iterable[bytes]) -> int:
    """Return how many instructions ran.

    A block is translated before it first runs: IN:, a line for each instruction, an empty line.
    Its run is `Trace 0: 0x7f48100001c0 [00800480/4000febc/...`: the second number is its place.
    """
    sizes: dict[bytes, int] = {}
    place, count = b"", 0
    for line in trace:
        if line.startswith(b"Trace "):
            count += sizes[line.split(b"/", 2)[1]]
        elif line.startswith(b"0x"):
            if not place:
                place = line[2:10]
                sizes[place] = 0
            sizes[place] += 1
        elif line.startswith(b"IN:"):
            place = b""
    return count
