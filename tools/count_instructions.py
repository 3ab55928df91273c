"""How many instructions an ARM processor needs for a piece of MicroPython, under qemu-user.

    .venv/bin/python -m tools.count_instructions SETUP WORK

prints those of WORK alone: a run of SETUP and WORK less a run of SETUP. Both are Python text. It
takes about a second for 100,000 instructions, and `make everything` before. For example, one bit
of the verification of a signature:

    .venv/bin/python -m tools.count_instructions \
        'from groundswell import ed25519 as e; p = e._double(e._BASE)' \
        'e._sum(e._double(p), e._BASE)'
"""

import subprocess
import sys

from system.micropython import ROOT, environment

ARM = ROOT / "build" / "micropython-armhf"


def instructions(text: str) -> int:
    """qemu writes a line for each block; with -singlestep a block is one instruction."""
    libraries = ARM / "root" / "usr" / "lib"
    command = [
        *(ARM / "qemu-arm-static", "-singlestep", "-d", "exec,nochain", "-D", "/dev/stderr"),
        *("-L", ARM / "root", libraries / "ld-linux-armhf.so.3"),
        *("--library-path", libraries / "arm-linux-gnueabihf"),
        *(ARM / "root" / "usr" / "bin" / "micropython", "-X", "heapsize=1m", "-c", text),
    ]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        count = sum(line.startswith(b"Trace ") for line in process.stderr)
    if process.returncode:
        raise SystemExit(f"count_instructions: the text failed ({process.returncode})")
    return count


def main(setup: str, work: str) -> None:
    whole = instructions(setup + "\n" + work)
    print(f"{whole - instructions(setup):,}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
