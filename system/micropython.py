"""Where a 32-bit MicroPython is, and how to get one: the only place that knows.

32 bits as on ESP32 and RP2040: on the 64-bit build, wrong viper code can pass and right code fail.
"""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOW_TO_GET_IT = "needs a 32-bit MicroPython: `make everything` (Debian) gets it"

_OWN = ROOT / "build" / "micropython" / "micropython"  # where tools/get_micropython.sh puts it
_VARIABLE = "GROUNDSWELL_MICROPYTHON"
_PROOF = "import sys; print(sys.implementation.name, sys.maxsize == 0x7FFFFFFF)"


def find_micropython(own: Path = _OWN) -> Path | None:
    """Return a MicroPython that runs and has 32 bits: ours, $GROUNDSWELL_MICROPYTHON or PATH's."""
    named = os.environ.get(_VARIABLE)
    on_path = shutil.which("micropython")
    candidates = [own, *(Path(place) for place in (named, on_path) if place)]
    return next((place for place in candidates if runs_with_32_bits(place)), None)


def environment() -> dict[str, str]:
    """Return the environment in which MicroPython finds the firmware, frozen modules and tests."""
    places = (ROOT / "firmware", ROOT, ".frozen")
    return {**os.environ, "MICROPYPATH": ":".join(str(place) for place in places)}


def runs_with_32_bits(program: Path) -> bool:
    try:
        proof = subprocess.run([program, "-c", _PROOF], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return proof.stdout.strip() == "micropython True"
