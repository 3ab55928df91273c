"""`python -m study.report`: the results so far as a page, as Markdown and as JSON."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from failure import Failure
from study import coverage, figures, rules_on_noise, variants
from study.bursts import CAUSES
from study.crust import FIELD_SIGMA, REGION_SIGMA
from study.figures import Cell, Line
from study.networks import DEAD_SHARE, NETWORKS
from study.node_messages import LOST_SHARE
from study.page import Page, Tile
from study.plan import CHANCE
from study.plots import PLOTS
from study.recorded import add_days, add_first_places, add_recorded, add_waveforms
from study.run import RESULTS, read_lines
from study.trigger_model import FALSE_PER_HOUR, NODE

MOST_MISSED, MOST_FALSE, MOST_MEDIAN_S = 0.02, 0.1, 6.0  # what we hold ourselves to


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m study.report", description="Write the report of the network study."
    )
    parser.add_argument("--out", type=Path, default=Path("build/study/network"), metavar="DIR")
    parser.add_argument(
        "--score", type=Path, metavar="FILE", help="JSON of `groundswell score` with --baselines"
    )
    parser.add_argument(
        "--packets", type=Path, metavar="FILE", help="JSON of `score` on replayed packets"
    )
    parser.add_argument(
        "--waveforms", type=Path, metavar="FILE", help="JSON of `score` on study/waveforms.toml"
    )
    parser.add_argument("--days", type=Path, metavar="FILE", help="JSON of `python -m study.day`")
    parser.add_argument(
        "--first-places", type=Path, metavar="FILE", help="JSON of `python -m study.first_places`"
    )
    arguments = parser.parse_args(argv)
    lines = read_lines(arguments.out / RESULTS)
    if not figures.quakes(lines):
        raise Failure(f"no earthquakes yet in {arguments.out / RESULTS}: python -m study.run")
    scores = {
        name: json.loads(path.read_text(encoding="utf-8"))
        for name, path in (
            ("replay", arguments.score),
            ("packets", arguments.packets),
            ("waveforms", arguments.waveforms),
            ("days", arguments.days),
            ("first places", arguments.first_places),
        )
        if path is not None and path.exists()
    }
    page = written(lines, scores)
    page.write(arguments.out)
    (arguments.out / "figures.json").write_text(_as_json(lines), encoding="utf-8")
    return 0


def written(lines: Sequence[Line], scores: dict[str, Any]) -> Page:
    quakes, years = figures.quakes(lines), figures.years(lines)
    node_years = sum(line["nodes"] for line in years)
    page = Page(
        "What the network's vote is worth",
        f"{len(quakes)} simulated earthquakes of M 3.5 to 7.8 and {len(years)} network-years of "
        f"false triggers ({node_years} node-years) through the real vote, beside simple rules on "
        "the same messages" + (", and the recorded earthquakes." if "replay" in scores else "."),
    )
    page.tiles(_tiles(lines))
    add_recorded(page, scores)
    add_first_places(page, scores.get("first places", []))
    _add_simulated(page, lines)
    add_waveforms(page, scores)
    _add_false(page, lines)
    add_days(page, scores.get("days", []))
    _add_rules(page, lines)
    _add_variants(page, lines)
    _add_limits(page)
    return page


def _tiles(lines: Sequence[Line]) -> list[Tile]:
    group = figures.quakes(lines)
    strong = [line for line in group if line["nodes_strong"] >= figures.FELT_NODES]
    missed = sum(not line["declared"] for line in strong)
    share = missed / max(len(strong), 1)
    at_20 = [
        line["after_origin_s"]
        for line in figures.quakes(lines, network="region-20")
        if line["declared"]
    ]
    median_s = sorted(at_20)[len(at_20) // 2] if at_20 else float("nan")
    above_none = sum(sum(line["above_none"].values()) for line in figures.years(lines))
    chance, false = figures.false_rate(lines, cause=CHANCE), figures.false_rate(lines)
    return [
        Tile(
            f"{100 * share:.1f} %",
            f"missed where MMI ≥ V at three nodes ({missed} of {len(strong)}); bar 2 %",
            share <= MOST_MISSED,
        ),
        Tile(
            chance.text,
            f"false alerts a year and 100 nodes by chance ({chance.of}); bar 0.1",
            _at_most(chance, MOST_FALSE),
        ),
        Tile(
            false.text,
            f"with thunder, mains, goals, storms and great earthquakes far away as often as "
            f"assumed below ({false.of}); "
            f"{above_none} of them above level none",
            _at_most(false, MOST_FALSE),
        ),
        Tile(
            f"{median_s:.1f} s",
            "from origin to first alert, nodes 20 km apart, median; bar 6 s",
            median_s <= MOST_MEDIAN_S,
        ),
        Tile(
            figures.pairs(group, "warned", "groundswell").text,
            "of places with MMI ≥ IV were warned before S",
        ),
    ]


def _at_most(cell: Cell, bar: float) -> bool | None:
    return None if cell.text == "-" else float(cell.text) <= bar


def _add_simulated(page: Page, lines: Sequence[Line]) -> None:
    page.heading("Simulated earthquakes")
    page.paragraph(
        "Magnitudes are spread evenly, so that large ones are not left to luck. Ground motion by "
        "Boore's stochastic method with growing ruptures, radiation and scatter; travel times "
        f"that are not the vote's own, in a region whose crust is faster or slower by "
        f"{100 * REGION_SIGMA:.1f} % and uneven by {100 * FIELD_SIGMA:.0f} % (one sigma); "
        f"{100 * DEAD_SHARE:.0f} % of nodes dead, {100 * LOST_SHARE:.0f} % of the "
        "frames lost, latencies of the OpenEEW network's packets, clock errors of 0.05 s. "
        + " ".join(f"{name}: {network.about}." for name, network in NETWORKS.items())
    )
    columns = figures.by_network(lines)
    rows = [
        (label, [cells[number] for _, cells in columns])
        for number, label in enumerate(figures.ROWS)
    ]
    page.table(["", *(name for name, _ in columns)], rows)
    page.heading("Whether stated errors are true")
    page.paragraph(
        "68 and 95 % would be right. The simulated ground moves faster than the vote's motion "
        "model says (below), and all magnitudes come out too large by that; what is left of the "
        "error is compared in the last row."
    )
    page.table(["", *(name for name, _ in columns)], coverage.by_network(lines))
    names = ("alert-times", "found-by-size", "epicentres", "sizes")
    page.pictures({name: PLOTS[name](lines) for name in names})


def _add_false(page: Page, lines: Sequence[Line]) -> None:
    rows = figures.by_cause(lines)
    if not rows:
        return
    page.heading("Years without an earthquake")
    page.paragraph(
        f"By chance: every node triggers for no reason {FALSE_PER_HOUR:.1f} times an hour on "
        "average, as quiet field nodes did and people around them, and all triggers of each year "
        "are drawn; only groups of three that a P wave could join are played, because nothing "
        "else can be declared. No weights, no extrapolation. Common causes, a network and year: "
        + ", ".join(f"{cause.name} {cause.per_year:g}" for cause in CAUSES)
        + "; how often they come is assumed, on the high side."
    )
    page.table(["cause", *figures.CAUSE_COLUMNS], rows)


def _add_rules(page: Page, lines: Sequence[Line]) -> None:
    page.heading("Beside simple rules, on the same messages")
    page.table(["rule", *figures.RULE_COLUMNS], figures.by_rule(lines))
    page.table(["forecast", *figures.FORECAST_COLUMNS], figures.by_forecast(lines))
    page.paragraph(
        "Persistence has no final column: in the end everybody knows what shook him. The rules "
        "hear the first 15 triggers of each earthquake, and of what is played of every "
        f"{rules_on_noise.EVERY}th year: what three nodes could have heard of a P wave. Four in "
        "10 km and 20 s come otherwise too, so MyShake's rule is wrong at least so often.",
        is_note=True,
    )
    page.pictures({"intensities": PLOTS["intensities"](lines)})


def _add_variants(page: Page, lines: Sequence[Line]) -> None:
    rows = variants.by_variant(lines)
    if len(rows) < 2:
        return
    page.heading("What each part is worth")
    for part in (slice(0, 4), slice(4, None)):  # one table of all is wider than the page
        page.table(["", *variants.COLUMNS[part]], [(name, cells[part]) for name, _, cells in rows])
    page.paragraph(
        "; ".join(f"{name}: {about}" for name, about, _ in rows)
        + ". All but the plain one hear some of its earthquakes and years, the same ones: "
        "differences are of those that both declared, in the mean, with 95 %.",
        is_note=True,
    )
    page.pictures({name: PLOTS[name](lines) for name in ("false-alerts", "variants")})


def _add_limits(page: Page) -> None:
    detections = sum(row["detections"] for row in NODE["rows"])
    page.heading("What this does not show")
    page.paragraph(
        "Nodes are a table here, not filters and a model: onset errors, delays and p_quake are "
        f"drawn by amplitude from what the detector made of {detections} recorded P waves, and "
        "every node gives one detection an earthquake. False triggers are independent but for the "
        "causes named. Site terms are plain scatter, without basins; no surface waves; no "
        "aftershocks. Rates of common causes are assumed, and the vote's own idea of them is the "
        "same: sound at 340 m/s, people within seconds. Brokers that hand over, nodes that "
        "chatter and wrong clocks are not among them (tests/vote has them); in the years all "
        "nodes live, and the vote knows their rates. The simulated ground moves about 0.3 (ln) "
        "faster than the vote's motion model says, so magnitudes come out too large here; on "
        "recordings they do not."
    )


def _as_json(lines: Sequence[Line]) -> str:
    def texts(rows: Sequence[tuple[str, Sequence[Cell]]]) -> dict[str, list[list[str]]]:
        return {name: [[cell.text, cell.of] for cell in cells] for name, cells in rows}

    document = {
        "rows": figures.ROWS,
        "by_network": texts(figures.by_network(lines)),
        "stated_errors": texts(coverage.by_network(lines)),
        "by_cause": texts(figures.by_cause(lines)),
        "by_rule": texts(figures.by_rule(lines)),
        "by_forecast": texts(figures.by_forecast(lines)),
        "by_variant": texts([(name, cells) for name, _, cells in variants.by_variant(lines)]),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
