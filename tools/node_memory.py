"""How much heap the whole firmware needs: on a virtual board, in virtual time, in 32 bits.

    .venv/bin/python -m tools.node_memory [SECONDS] [HEAP_KB ...]

Runs MicroPython for i386 with the firmware compiled beforehand, as `make firmware` does, in heaps
of these sizes, until one is enough; the simulated chip, flash, broker and time server live in the
same heap, so a device needs less by what they take (printed). Without TLS: the line is simulated.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from system.micropython import HOW_TO_GET_IT, ROOT, find_micropython
from tools import build_firmware

SECONDS = 3600
HEAPS_KB = (128, 160, 192, 208, 224, 240, 256, 288, 320, 384)
WORLD = ("virtual_world", "virtual_broker", "time_world", "simulated_flash", "signals")
WORLD += ("random_numbers", "time_server", "fake_line")
SCRIPT = """
import gc, sys
import firmware.main, firmware.uplink, firmware.security
gc.collect()
code = gc.mem_alloc()
from virtual_world import World
gc.collect()
world = gc.mem_alloc() - code
node = World().armed()
node.run(int(sys.argv[1]))
gc.collect()
print(code, world, gc.mem_alloc(), len(node.statuses()), node.starts)
"""


def build(folder: Path) -> str:
    """Compile firmware, virtual board and the world around it; return the path to import from."""
    build_firmware.build(folder, "x86")
    place = folder / "x86"
    shared, virtual = ROOT / "tests" / "shared", build_firmware.FIRMWARE / "virtual"
    sources = [(shared / f"{name}.py", place / f"{name}.mpy") for name in WORLD]
    for path in virtual.rglob("*.py"):
        relative = path.relative_to(build_firmware.FIRMWARE).with_suffix(".mpy")
        sources.append((path, place / "firmware" / relative))
    for source, target in sources:
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(build_firmware.compiled(source.read_text(), "x86", source.name))
    return f"{place / 'firmware'}:{place}:.frozen"


def main(seconds: int, heaps_kb: tuple[int, ...]) -> None:
    program = find_micropython()
    if program is None:
        sys.exit(HOW_TO_GET_IT)
    with tempfile.TemporaryDirectory() as folder:
        surroundings = {**os.environ, "MICROPYPATH": build(Path(folder))}
        for heap_kb in heaps_kb:
            command = [program, "-X", f"heapsize={heap_kb}k", "-c", SCRIPT, str(seconds)]
            run = subprocess.run(
                command, cwd=folder, env=surroundings, capture_output=True, text=True
            )
            if run.returncode == 0:
                code, world, all_of_it, statuses, starts = run.stdout.split()
                print(
                    f"{heap_kb} kB of heap are enough for {seconds} s: {statuses} statuses,"
                    f" {starts} start; live in the end {all_of_it} bytes, of which code {code}"
                    f" and at least {world} of the simulated world"
                )
                return
            print(f"{heap_kb} kB: {(run.stderr or run.stdout).strip().splitlines()[-1][:120]}")
    sys.exit("none was enough")


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    main(words[0] if words else SECONDS, tuple(words[1:]) or HEAPS_KB)
