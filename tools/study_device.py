"""Is what a device computes what it should be, and what does it cost there? One table.

    .venv/bin/python -m tools.study_device [SEED]

Models: our interpreter against LiteRT's reference kernels. Kernels: each against its NumPy twin,
random and extreme arguments. On every processor that can be run here; what is missing is said.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from system.micropython import HOW_TO_GET_IT, ROOT, find_micropython, runs_with_32_bits
from tools import arm_instructions, build_firmware, device_cycles, kernel_cases, make_test_models

ARM = arm_instructions.HOME / "micropython"
COUNTS = re.compile(r": (\d+) wrong of (\d+)")
SAMPLES = 100_000
HEAP = "heapsize=1m"


def run(command: list[str | Path], path: str, folder: Path) -> str:
    surroundings = {**os.environ, "MICROPYPATH": path, "PYTHONPATH": path}
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout


def wrong_of(output: str) -> str:
    found = [(int(wrong), int(of)) for wrong, of in COUNTS.findall(output)]
    return f"{sum(wrong for wrong, _ in found)} of {sum(of for _, of in found)}"


def row(name: str, program: list[str | Path], options: list[str], path: str, work: Path) -> None:
    """Print wrong values of models and of kernels on one processor."""
    cells = []
    for tool, place in (
        ("check_models.py", work / "models"),
        ("check_kernels.py", work / "cases"),
    ):
        if tool == "check_kernels.py" and "--numpy" in options:
            cells.append("they are the twins")
            continue
        output = run([*program, ROOT / "tools" / tool, place, *options], path, work)
        cells.append(wrong_of(output))
    print(f"{name:44} {cells[0]:>14} {cells[1]:>18}")


def table(work: Path) -> None:
    print(f"{'wrong values':44} {'models':>14} {'kernels':>18}")
    python: list[str | Path] = [sys.executable]
    path = f"{ROOT / 'firmware'}:{ROOT}:.frozen"
    row("CPython", python, [], path, work)
    row("NumPy", python, ["--numpy"], path, work)
    row("numba", python, ["--compiled"], path, work)
    row("ESP32: xtensawin, simulated", python, ["--xtensa"], path, work)
    row("ESP32-C3: rv32imc, emulated", python, ["--riscv"], path, work)
    micropython = find_micropython()
    if micropython is None:
        print(HOW_TO_GET_IT)
        return
    pc: list[str | Path] = [micropython, "-X", HEAP]
    arm: list[str | Path] = [ARM, "-X", HEAP]
    row("MicroPython i386, compiled there", pc, [], path, work)
    programs = {"x86": pc}
    if runs_with_32_bits(ARM):
        row("MicroPython armhf, compiled there", arm, [], path, work)
        programs |= {"armv6m": arm, "armv7emsp": arm}
    for name, program in programs.items():
        place = work / name
        build_firmware.build(work, name)
        there = f"{place / 'firmware'}:{place}:.frozen"
        row(f"{name}, compiled beforehand", program, [], there, work)
    script = ROOT / "tools" / "heap_of_the_sample_path.py"
    first, *blocks = run([*pc, script, str(SAMPLES)], path, work).splitlines()
    samples, allocated, _ = first.split()
    print(f"heap: {allocated} bytes in the way of {samples} samples, quiet and shaking (i386)")
    for line in blocks:
        samples, allocated, minutes = line.split()
        print(f"      {allocated} in {samples} with their times, until minute {minutes}")


def main(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "models").mkdir()
        make_test_models.write_all(work / "models")
        kernel_cases.write(work / "cases", seed)
        table(work)
    device_cycles.main()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
