"""`groundswell simulate`: a data folder of earthquakes that never were."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from failure import Failure, reason_of
from training import nuisances
from training.scenario_file import read_scenario
from training.simulate import record_count, write_folder

DESCRIPTION = """\
Write a data folder (eq_index.csv, events.jsonl, eq/) with simulated earthquakes, and with what is
no earthquake: thunder, a train, a power cut, somebody in a building. Ground motion by Boore's
stochastic method, large ruptures growing at 2.8 km/s; noise of the chip and of the place; nodes
that hang askew, wrong clocks, gaps. The same file gives the same bytes.

example, with the network that `groundswell run` uses:
  groundswell simulate --scenario system/guerrero.toml --out /tmp/simulated
  groundswell replay /tmp/simulated --event all --out /tmp/alerts.jsonl

a scenario is TOML; an unknown key is an error:
  name = "mine"
  seed = 7                       # optional, like rate_hz, sensor, start, lead_s, tail_s
  [[node]]
  name = "Acapulco"
  lat_deg = 16.86
  lon_deg = -99.88
  clock_error_ms = 40            # optional; without it drawn, one sigma 5 ms
  tilt_deg = 3                   # optional, like rotation_deg; drawn, one sigma 2 and 10
  gaps_per_hour = 2              # optional: seconds that are missing
  sensor = "mpu6050"             # optional: adxl355, lsm6dso, lis3dh, mpu6050, adxl345
  [[earthquake]]
  after_s = 60                   # after the start
  lat_deg = 16.5
  lon_deg = -100.1
  depth_km = 20
  magnitude = 6.1
  [[door]]
  after_s = 300
  node = "Acapulco"
  # [[thunder]] after_s lat_deg lon_deg     [[power_cut]] after_s lat_deg lon_deg radius_km
  # [[train]] after_s lat_deg lon_deg to_lat_deg to_lon_deg speed_kmh
  # [[supply_glitch]] after_s lat_deg lon_deg radius_km: chips misread, everywhere at once
  # [[local]] after_s node kind duration_s strength, of kind
  #   KINDS
""".replace("KINDS", ", ".join(nuisances.KINDS))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scenario", type=Path, required=True, metavar="FILE.toml")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="new or empty")


def run(arguments: argparse.Namespace) -> int:
    scenario = read_scenario(arguments.scenario)
    if not scenario.happenings:
        raise Failure(f"{arguments.scenario}: nothing happens: add an [[earthquake]]")
    out: Path = arguments.out
    _make_folder(out)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("records", total=record_count(scenario))
        for done in write_folder(scenario, out):
            progress.update(task, completed=done)
    print(f"{record_count(scenario)} records of {len(scenario.happenings)} events in {out}")
    return 0


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise Failure(f"{out} is not empty: name a new folder")
    except OSError as error:
        raise Failure(f"cannot write to {out}: {reason_of(error)}") from error
