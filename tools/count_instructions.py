"""How many instructions an ARM processor needs for a piece of MicroPython, under qemu-user.

    .venv/bin/python -m tools.count_instructions SETUP WORK

prints those of WORK alone: a run of SETUP and WORK less a run of SETUP. Both are Python text. It
needs `make everything` before. For example, one bit of the verification of a signature:

    .venv/bin/python -m tools.count_instructions \
        'from groundswell import ed25519 as e; p = e._double(e._BASE)' \
        'e._sum(e._double(p), e._BASE)'
"""

import sys

from system.micropython import environment
from tools.arm_instructions import executed


def main(setup: str, work: str) -> None:
    path = environment()["MICROPYPATH"]
    try:
        print(f"{executed(setup + chr(10) + work, path) - executed(setup, path):,}")
    except RuntimeError as error:
        raise SystemExit(f"count_instructions: the text failed: {error}") from error


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
