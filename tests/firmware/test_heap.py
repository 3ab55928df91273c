"""What the way of a sample allocates on a 32-bit MicroPython: nothing."""

import subprocess
from pathlib import Path

from system.micropython import ROOT, environment

SCRIPT = ROOT / "tools" / "heap_of_the_sample_path.py"
SAMPLES = 100_000
# Of whole blocks with their times: where the board's counter is in the end, 13 minutes on.
ENDS_MINUTES = [33, 7213, 66]
LEAST_CHANGES = 3 * 40  # of the detector: triggered, dead time, armed, every 16 s


def test_the_way_of_100000_samples_allocates_nothing(micropython: Path) -> None:
    command = [micropython, "-X", "heapsize=1m", SCRIPT, str(SAMPLES)]
    run = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300)

    assert run.returncode == 0, run.stdout + run.stderr
    (samples, allocated, changes), *blocks = [
        [int(word) for word in line.split()] for line in run.stdout.splitlines()
    ]
    assert samples >= SAMPLES
    assert allocated == 0
    assert changes >= LEAST_CHANGES
    assert [minutes for _, _, minutes in blocks] == ENDS_MINUTES
    for samples, allocated, _ in blocks:
        assert samples >= SAMPLES
        assert allocated == 0
