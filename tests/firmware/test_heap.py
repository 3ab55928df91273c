"""What the way of a sample allocates on a 32-bit MicroPython: nothing."""

import subprocess
from pathlib import Path

from system.micropython import ROOT, environment

SCRIPT = ROOT / "tools" / "heap_of_the_sample_path.py"
SAMPLES = 100_000
TIMES_BYTES = 160  # of a block, once a device has been on for 18 minutes
LEAST_CHANGES = 3 * 40  # of the detector: triggered, dead time, armed, every 16 s


def test_the_way_of_100000_samples_allocates_nothing(micropython: Path) -> None:
    command = [micropython, "-X", "heapsize=1m", SCRIPT, str(SAMPLES)]
    run = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300)

    assert run.returncode == 0, run.stdout + run.stderr
    samples, allocated, changes, young, old = [int(word) for word in run.stdout.split()]
    assert samples >= SAMPLES
    assert allocated == 0
    assert changes >= LEAST_CHANGES
    assert young == 0 and old <= TIMES_BYTES
