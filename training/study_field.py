"""`make study-field`: simulated ground motion beside published relations, with plots.

python -m training.study_field OUT_DIR [--count 40]: PGA and PGV against BSSA14 (medians and
scatter), P against Cua & Heaton, for M 4 to 7.5 and 10 to 200 km. Seeded.

Found on 2026-11-26, simulated median over the published one: PGA 0.78 to 1.39, but 0.58 to 0.81 at
M 5.5, where BSSA14 has a bend; PGV 0.89 to 1.51; P 0.66 to 1.34 up to M 6.5, 0.37 to 0.89 above
(only what comes before the hypocentre's S counts as P). Scatter, ln: PGA 0.40 to 0.76 (BSSA14 0.61
to 0.80), PGV 0.35 to 0.68 (0.65 to 0.76), P 0.51 to 0.84 (0.67): too small below M 5.
"""

import argparse
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import Progress

from training import plotting, relations
from training.arguments import at_least_one
from training.ground_motion import (
    MEDIAN_PATH,
    ROCK,
    Shock,
    drawn_path,
    drawn_shock,
    drawn_site,
    ground_motion,
)
from training.page import Page
from training.spectrum import ROCK_VS30_MPS, Array, median_stress_bar

MAGNITUDES = (4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5)
DISTANCES_KM = (10.0, 20.0, 40.0, 70.0, 100.0, 150.0, 200.0)
DEPTH_KM = 8.0  # BSSA14's earthquakes are shallow
RATE_HZ = 100.0
SHOWN = (4.0, 5.0, 6.0, 7.0)
MEASURES = ("p", "pga", "pgv")


@dataclass(frozen=True)
class Cell:
    """Peaks of earthquakes of one magnitude at one distance. Arrays: (count, 3), MEASURES."""

    magnitude: float
    distance_km: float
    rock: Array  # median stress drop, no site or path term: the median of the simulator
    scattered: Array  # everything drawn

    def median(self, measure: str) -> float:
        return float(np.median(self.rock[:, MEASURES.index(measure)]))

    def ln_sigma(self, measure: str) -> float:
        return float(np.log(self.scattered[:, MEASURES.index(measure)]).std(ddof=1))


def cells(count: int) -> Iterator[Cell]:
    for magnitude in MAGNITUDES:
        for distance_km in DISTANCES_KM:
            rows = [
                [_peaks(magnitude, distance_km, number, drawn) for number in range(count)]
                for drawn in (False, True)
            ]
            yield Cell(magnitude, distance_km, np.array(rows[0]), np.array(rows[1]))


def place_beyond(shock: Shock, azimuth: float, distance_km: float) -> tuple[float, float]:
    """Return a place in this direction that is so far from the nearest part of the rupture."""
    parts = shock.rupture
    along_km = np.arange(distance_km, distance_km + 200, 0.5)
    east_km, north_km = along_km * math.sin(azimuth), along_km * math.cos(azimuth)
    away_km = np.hypot(east_km[:, None] - parts.east_km, north_km[:, None] - parts.north_km)
    first = int(np.argmax(away_km.min(axis=1) >= distance_km))
    return float(east_km[first]), float(north_km[first])


def _peaks(magnitude: float, distance_km: float, number: int, is_drawn: bool) -> list[float]:
    rng = np.random.default_rng([number, round(10 * magnitude), round(distance_km)])
    bar = None if is_drawn else median_stress_bar(magnitude)
    shock = drawn_shock(magnitude, DEPTH_KM, rng, bar)
    place = place_beyond(shock, 2 * math.pi * rng.random(), distance_km)
    site, path = (drawn_site(rng), drawn_path(rng)) if is_drawn else (ROCK, MEDIAN_PATH)
    shaking = ground_motion(shock, *place, RATE_HZ, rng, site, path)
    acceleration = shaking.samples.astype(np.float64)
    velocity = np.cumsum(acceleration, axis=1) / RATE_HZ
    before_s = acceleration[2, : int((shaking.s_s - shaking.p_s) * RATE_HZ)]
    means = [
        math.sqrt(float(np.prod(np.abs(samples[:2]).max(axis=1))))
        for samples in (acceleration, velocity)
    ]
    return [float(np.abs(before_s).max()), *means]


def published(measure: str, magnitude: float, distance_km: float) -> float:
    if measure == "p":
        return float(relations.P_VERTICAL_ACCELERATION.median(magnitude, distance_km))
    relation = relations.PGA if measure == "pga" else relations.PGV
    return float(relation.median(magnitude, distance_km, ROCK_VS30_MPS))


def published_ln_sigma(measure: str, magnitude: float) -> float:
    if measure == "p":
        return relations.P_VERTICAL_ACCELERATION.log10_sigma * math.log(10)
    return (relations.PGA if measure == "pga" else relations.PGV).ln_sigma(magnitude)


NAMES = {
    "p": ("Vertical P", "m/s²", "Cua & Heaton"),
    "pga": ("PGA", "m/s²", "BSSA14"),
    "pgv": ("PGV", "m/s", "BSSA14"),
}


def draw_attenuation(measure: str, found: list[Cell]) -> plotting.Draw:
    name, unit, author = NAMES[measure]

    def draw(figure: Figure, theme: plotting.Theme) -> None:
        for axes, magnitude in zip(figure.subplots(1, len(SHOWN), sharey=True), SHOWN):
            mine = [cell for cell in found if cell.magnitude == magnitude]
            column = MEASURES.index(measure)
            for cell in mine:
                peaks = cell.scattered[:, column]
                spread = cell.distance_km * np.linspace(0.94, 1.06, len(peaks))
                axes.plot(spread, peaks, ".", color=theme.first, alpha=0.3, markersize=3)
            medians = [cell.median(measure) for cell in mine]
            axes.plot(
                DISTANCES_KM, medians, "o-", color=theme.first, label="simulated", markersize=4
            )
            line_km = np.geomspace(10, 200, 40)
            median = np.array([published(measure, magnitude, km) for km in line_km])
            factor = math.exp(published_ln_sigma(measure, magnitude))
            axes.plot(line_km, median, color=theme.second, label=author)
            axes.fill_between(
                line_km, median / factor, median * factor, color=theme.second, alpha=0.18,
                linewidth=0, label="± 1 sigma",
            )  # fmt: skip
            axes.set(xscale="log", yscale="log", title=f"M {magnitude:g}", xlabel="km")
            axes.set_xticks([10, 20, 50, 100, 200], ["10", "20", "50", "100", "200"])
            axes.minorticks_off()
        figure.axes[0].set_ylabel(f"{name}, {unit}")
        figure.axes[0].legend(fontsize=8)

    return draw


def draw_residuals(found: list[Cell]) -> plotting.Draw:
    """Median over published median, all magnitudes, and the scatter."""

    def draw(figure: Figure, theme: plotting.Theme) -> None:
        grid = figure.subplots(2, 3, sharex="col")
        for column, measure in enumerate(MEASURES):
            name, _, author = NAMES[measure]
            top, bottom = grid[0][column], grid[1][column]
            for distance_km in DISTANCES_KM:
                mine = [cell for cell in found if cell.distance_km == distance_km]
                share = math.log(distance_km / 10) / math.log(20)
                colour = plotting.mixed(theme.first, theme.second, share)
                ratio = [
                    cell.median(measure) / published(measure, cell.magnitude, distance_km)
                    for cell in mine
                ]
                top.plot(MAGNITUDES, ratio, "o-", color=colour, markersize=3, linewidth=1)
                sigma = [cell.ln_sigma(measure) for cell in mine]
                bottom.plot(MAGNITUDES, sigma, "o-", color=colour, markersize=3, linewidth=1)
                if column == 2:
                    top.plot([], [], color=colour, label=f"{distance_km:g} km")
            top.axhspan(1 / 1.5, 1.5, color=theme.faint, alpha=0.2, linewidth=0)
            top.axhline(1.0, color=theme.faint)
            top.set(yscale="log", ylim=(0.2, 5), title=f"{name}: median over {author}'s")
            top.set_yticks([0.25, 0.5, 1, 2, 4], ["¼", "½", "1", "2", "4"])
            top.minorticks_off()
            theirs = [published_ln_sigma(measure, magnitude) for magnitude in MAGNITUDES]
            bottom.plot(MAGNITUDES, theirs, color=theme.ink, linewidth=2, label=author)
            bottom.set(ylim=(0, 1.2), title="scatter, ln", xlabel="magnitude")
            bottom.legend(fontsize=8)
        grid[0][2].legend(fontsize=7, ncols=2)

    return draw


def page_of(found: list[Cell], count: int) -> Page:
    page = Page(
        "Simulated ground motion beside published relations",
        f"{count} earthquakes for each of {len(MAGNITUDES)} magnitudes and {len(DISTANCES_KM)} "
        f"distances, {DEPTH_KM:g} km deep, at rock of {ROCK_VS30_MPS:g} m/s. Medians: median "
        "stress drop, no site or path term. Points and scatter: everything drawn.",
    )
    for measure in MEASURES:
        name, unit, author = NAMES[measure]
        page.section(f"{name} and {author}")
        page.figure(measure, f"{name} in {unit} by distance: single simulated records (points), "
                    f"their median, and {author} with one sigma.")  # fmt: skip
        rows = [
            [f"{magnitude:g}", *(
                f"{cell.median(measure) / published(measure, magnitude, cell.distance_km):.2f}"
                for cell in found if cell.magnitude == magnitude)]
            for magnitude in MAGNITUDES
        ]  # fmt: skip
        head = ["M", *(f"{km:g} km" for km in DISTANCES_KM)]
        page.table(f"Median over {author}'s median", head, rows)
        rows = [
            [f"{magnitude:g}", *(
                f"{cell.ln_sigma(measure):.2f}" for cell in found if cell.magnitude == magnitude),
             f"{published_ln_sigma(measure, magnitude):.2f}"]
            for magnitude in MAGNITUDES
        ]  # fmt: skip
        page.table("Scatter, ln", [*head, author], rows)
    page.section("All magnitudes")
    page.figure("residuals", "Above: simulated median over the published one; grey: within a "
                "factor of 1.5. Below: scatter.")  # fmt: skip
    page.text(
        "BSSA14 has a bend at M 5.5 in PGA that no point source of one stress drop follows. P "
        "near a rupture of M 7 is what came before S from the hypocentre; Cua & Heaton's"
        " is all of it."
    )
    return page


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.study_field",
        description="Compare simulated ground motion with BSSA14 and Cua & Heaton.",
    )
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    parser.add_argument(
        "--count", type=at_least_one, default=40, help="earthquakes a cell (default 40)"
    )
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    found: list[Cell] = []
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("cells", total=len(MAGNITUDES) * len(DISTANCES_KM))
        for cell in cells(given.count):
            found.append(cell)
            progress.advance(task)
    for measure in MEASURES:
        plotting.save(draw_attenuation(measure, found), given.out, measure, 11.0, 3.4)
    plotting.save(draw_residuals(found), given.out, "residuals", 11.0, 5.6)
    page_of(found, given.count).write(given.out)
    Console(stderr=True).print(f"wrote {given.out / 'report.html'} and report.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
