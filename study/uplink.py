"""How long a frame is under way, as it was for the packets of a real network of such nodes.

`python -m study.uplink FILE.jsonl.gz ...` measures the table below anew.
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from replay.packets import Counters, read_packets

Array = NDArray[np.float64]

# Beyond a node's own least delay of the last 60 packets. 51,929 packets of 169 station records of
# ten events of the OpenEEW network, without the records whose clock is wrong by more than 2 s.
# What lies above the last row (0.1 %: backlogs of up to 975 s) is late data, not latency.
SHARES = np.array([0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999])
WAITS_S = np.array(
    [0.0, 0.001, 0.003, 0.010, 0.040, 0.167, 0.198, 0.202, 0.226, 0.269, 0.354, 0.975]
)
LEAST_S, MOST_LEAST_S = 0.06, 0.18  # replay/device_clock.py, the packets of 2020
WINDOW_PACKETS = 60
WRONG_CLOCK_S = 2.0


def least_way_s(rng: np.random.Generator, count: int) -> Array:
    """Return each node's own shortest way."""
    return np.asarray(rng.uniform(LEAST_S, MOST_LEAST_S, count))


def waits_s(rng: np.random.Generator, count: int) -> Array:
    """Return how much longer than that each of so many frames takes."""
    return np.asarray(np.interp(rng.uniform(0, SHARES[-1], count), SHARES, WAITS_S))


def measured(paths: Sequence[Path]) -> Array:
    """Return the waits of all packets in these files."""
    waits: list[Array] = []
    for path in paths:
        delays: dict[str, list[float]] = defaultdict(list)
        for packet in read_packets(path, Counters()):
            delays[packet.device_id].append((packet.cloud_us - packet.device_us) / 1e6)
        for of_device in delays.values():
            delay = np.array(of_device)
            if len(delay) >= WINDOW_PACKETS and abs(np.median(delay)) <= WRONG_CLOCK_S:
                waits.append(delay - _least_so_far(delay))
    return np.concatenate(waits) if waits else np.zeros(0)


def _least_so_far(delay: Array) -> Array:
    first = np.maximum(np.arange(len(delay)) - WINDOW_PACKETS + 1, 0)
    return np.array([delay[begin : end + 1].min() for end, begin in enumerate(first)])


if __name__ == "__main__":
    found = measured([Path(name) for name in sys.argv[1:]])
    rows = zip(SHARES, np.quantile(found, SHARES))
    sys.stdout.write(f"{len(found)} packets\n")
    sys.stdout.writelines(f"{share:6.1%} {wait_s:8.3f} s\n" for share, wait_s in rows)
