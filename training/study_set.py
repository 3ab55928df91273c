"""A simulated data folder for the study of single nodes: earthquakes, and what is none.

python -m training.study_set OUT_DIR [--earthquakes 40] [--each 16] [--seed 1]: earthquakes of
M 3.5 to 7.5 at up to some 200 km from six nodes, in the folder format; and of each nuisance, of
thunder and of trains as many records as asked for, a minute each, with quiet ones beside them.
"""

import argparse
import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress

from failure import Failure
from replay.sensors import CHIPS
from training import nuisances
from training.arguments import at_least_one
from training.disturbances import Thunder, Train
from training.ground_motion import Samples
from training.noise import Background
from training.rays import KM_PER_DEG
from training.scenario import DEFAULT_START, Place, Scenario
from training.simulate import record_count, write_folder
from training.wavefield import Earthquake, Motion, generator, index_at

RATE_HZ = 125.0
SENSOR = "adxl355"
SECONDS = 60.0
BEGINS_S = 25.0  # a detector needs some seconds to know the noise
LASTS_S = 25.0
STRENGTH_LN_SIGMA = 0.8  # near and far, light and heavy
EVERY_S = 600.0
QUIET = "quiet"
NODE_EAST_KM = (0.0, 25.0, 60.0, -30.0, -80.0, 110.0)
COLUMNS = (
    "record_id", "category", "sampling_rate_hz", "n_samples", "duration_s", "components", "units",
    "gravity", "max_abs_dynamic_ms2", "rms_dynamic_ms2", "file", "label", "sensor", "subject",
    "source_repo", "original_path", "licence",
)  # fmt: skip  # the order of the recorded folder's own index
START_US = int(DEFAULT_START.timestamp()) * 1_000_000


def scenario_of(earthquakes: int, seed: int) -> Scenario:
    """Return nodes in a row and earthquakes anywhere about it, as many large ones as small."""
    places = tuple(
        Place(f"N{number}", 0.0, km / KM_PER_DEG) for number, km in enumerate(NODE_EAST_KM)
    )
    rng = generator(seed, "study")
    shocks = tuple(
        Earthquake(
            event_id=f"study{number:03d}",
            origin_us=START_US + round(number * EVERY_S * 1e6),
            lat_deg=float(rng.uniform(-100, 100)) / KM_PER_DEG,
            lon_deg=float(rng.uniform(-120, 150)) / KM_PER_DEG,
            depth_km=float(rng.uniform(4, 50)),
            magnitude=float(rng.uniform(3.5, 7.5)),
        )
        for number in range(earthquakes)
    )
    return Scenario("study", places, shocks, seed, RATE_HZ, START_US, lead_s=40.0, tail_s=20.0)


def disturbed(kind: str, number: int, seed: int) -> Samples:
    """Return a minute, (3, n), of what a node reads in one nuisance, noise and steps included."""
    place = f"{kind}{number}"
    rng = generator(seed, "study", place)
    strength = float(np.exp(STRENGTH_LN_SIGMA * rng.standard_normal()))
    begin_us = START_US + round(BEGINS_S * 1e6)
    chip = CHIPS[SENSOR]
    first = index_at(START_US, RATE_HZ)
    background = Background(place, seed, RATE_HZ, chip.noise_g_rthz, drift_g_per_k=20e-6)
    samples = background.window(first, int(SECONDS * RATE_HZ))
    motion: Motion | None = None
    if kind in nuisances.KINDS:
        made = nuisances.KINDS[kind](rng, RATE_HZ, LASTS_S, strength)
        motion = Motion(RATE_HZ, index_at(begin_us, RATE_HZ), made)
    elif kind == "thunder":
        away_deg = float(rng.uniform(0.5, 4.0)) / KM_PER_DEG
        front = Thunder(place, START_US, away_deg, 0.0, strikes=3, duration_s=20.0, front_km=0.5)
        motion = front.motion_at(place, 0.0, 0.0, RATE_HZ, seed)
    elif kind == "train":
        beside_deg = float(rng.uniform(0.02, 0.3)) / KM_PER_DEG
        train = Train(place, START_US, beside_deg, -0.004, beside_deg, 0.008, speed_kmh=90.0)
        motion = train.motion_at(place, 0.0, 0.0, RATE_HZ, seed)
    if motion is not None:
        motion.add_to(samples, first)
    lsb_mps2 = chip.lsb_nm_s2 * 1e-9
    counts = np.clip(np.rint(samples / lsb_mps2), -chip.limit_counts, chip.limit_counts)
    return np.asarray(counts * lsb_mps2, dtype=np.float32)


def write_noise(out: Path, each: int, seed: int) -> Iterator[int]:
    """Write noise_index.csv and its records; yield how many are done, after each."""
    rows = []
    for kind in (QUIET, *nuisances.KINDS, "thunder", "train"):
        for number in range(each):
            record_id, samples = f"sim_{kind}_{number:03d}", disturbed(kind, number, seed)
            path = Path("noise") / kind / f"{record_id}.npz"
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            np.savez(out / path, data=samples, fs=np.float64(RATE_HZ))
            moving = samples - samples.mean(axis=1, keepdims=True)
            row = dict.fromkeys(COLUMNS, "") | {
                "record_id": record_id,
                "category": kind,
                "sampling_rate_hz": f"{RATE_HZ:g}",
                "n_samples": str(samples.shape[1]),
                "duration_s": f"{SECONDS:g}",
                "components": "X,Y,Z",
                "units": "m/s^2",
                "gravity": "removed",
                "max_abs_dynamic_ms2": f"{np.abs(moving).max():.6f}",
                "rms_dynamic_ms2": f"{moving.std():.6f}",
                "file": str(path),
                "label": kind,
                "sensor": f"{SENSOR} (simulated)",
                "source_repo": "groundswell",
                "licence": "CC0-1.0",
            }
            rows.append(row)
            yield len(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (out / "noise_index.csv").write_bytes(text.getvalue().encode())


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.study_set",
        description="Write a simulated data folder for the study of single nodes.",
    )
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    parser.add_argument("--earthquakes", type=at_least_one, default=40, help="of six records each")
    parser.add_argument("--each", type=at_least_one, default=16, help="records of each nuisance")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    scenario = scenario_of(given.earthquakes, given.seed)
    kinds = len(nuisances.KINDS) + 3
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("earthquakes", total=record_count(scenario))
        for done in write_folder(scenario, given.out):
            progress.update(task, completed=done)
        task = progress.add_task("nuisances", total=kinds * given.each)
        for done in write_noise(given.out, given.each, given.seed):
            progress.update(task, completed=done)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        sys.exit(f"training.study_set: {error}")
