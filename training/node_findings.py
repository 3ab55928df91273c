"""What was found about the judge beside the node's triggers, as sections of the report on nodes.

Each comes from a file that another command has written into the report's folder; where one is
missing the report says which command makes it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from training import model_rows, plotting, study_background, thresholds
from training.json_files import read_json, read_lines
from training.page import Page
from training.plotting import Theme

AGES = ("at once", "0.5 s", "1 s", "2 s", "3 s")
P_LEVELS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def judged(page: Page, out: Path) -> None:
    """Add calibration and what int8 loses (training/held_out.py)."""
    page.section("p_quake, on windows that the judge was not fitted to")
    found = _read(page, out / "held_out.json", "python -m training.held_out")
    if found is None:
        return
    text = (
        f"{found['windows']} looks of the recordings ({found['earthquakes']} of them into one of "
        f"{found['groups']} earthquakes), by models that had not seen the event, the person or "
        "the noise record; each age at even odds. Error: the expected calibration error, at most "
        "0.05 was asked for. Left out, but in the last row of the table: detections within an "
        "earthquake that never reached a ratio of 6, which may be noise between P and S."
    )
    plotting.save(reliability(found), out, "judged", 11.0, 3.8)
    page.figure("judged", text)
    rows = [
        [name, *(f"{head['error']:.3f}" for head in found[key])]
        for name, key in (
            ("before rounding", "float"),
            ("int8, as on a node", "int8"),
            ("int8, of all detections", "all"),
        )
    ]
    limits = [f"{low:.3f} to {high:.3f}" for low, high in found["int8_limits"]]
    rows.insert(2, ["95 % of it when events, people and records are drawn again", *limits])
    page.table("Calibration error, by the age of the detection", ["", *AGES], rows)
    page.table(
        "Rounding to int8: recall at equal shares of false looks (at most 0.5 points were asked "
        "for); the interval by drawing events, people and records again",
        ["false looks", "float", "int8", "lost, 95 %"],
        [
            [
                f"{line['false_rate']:.0%}",
                f"{line['float']:.1%}",
                f"{line['int8']:.1%}",
                f"{100 * line['lost_low']:.1f} to {100 * line['lost_high']:.1f} points",
            ]
            for line in found["losses"]
        ],
    )


def reliability(found: dict[str, Any]) -> plotting.Draw:
    def draw(figure: Figure, theme: Theme) -> None:
        row = np.atleast_1d(figure.subplots(1, len(AGES), sharey=True))
        for axes, age, head in zip(row, AGES, found["int8"]):
            axes.plot([0, 1], [0, 1], color=theme.faint, linestyle=(0, (4, 3)))
            for mean, share, weight in head["rows"]:
                axes.plot(mean, share, "o", color=theme.first, markersize=3 + 20 * weight)
            means, shares, _ = zip(*head["rows"]) if head["rows"] else ((), (), ())
            axes.plot(means, shares, color=theme.first, linewidth=1)
            axes.set(xlim=(0, 1.02), ylim=(-0.02, 1.04), xlabel="p_quake")
            axes.set_title(f"{age}: error {head['error']:.3f}")
        row[0].set_ylabel("share that was an earthquake")

    return draw


def proposer(page: Page, out: Path) -> None:
    """Add how soon STA/LTA alone is (training/proposer_curve.py): nothing later is sooner."""
    page.section("Delay, and what bounds it")
    path = out / "proposer.jsonl"
    if not path.is_file():
        page.text("Not made: `python -m training.proposer_curve DATA --out proposer.jsonl`.")
        return
    lines = sorted(read_lines(path), key=lambda line: float(line["ratio"]))
    plotting.save(bound(lines), out, "proposer", 11.0, 3.4)
    page.figure(
        "proposer",
        "The node's STA/LTA alone, with no judge behind it, at other thresholds: from P to the "
        "trigger, against how often it triggers in the quiet before earthquakes. The judge is "
        "asked only when STA/LTA triggers; the dashed lines are what was asked for.",
    )
    page.table(
        "STA/LTA alone",
        ["ratio", "all: median / p90", "false in the quiet", "MEMS: median / p90", "false"],
        [
            [
                f"{line['ratio']:g}",
                *(
                    cell
                    for who in ("all", "mems")
                    for cell in (
                        f"{line[who]['median_s']:.2f} / {line[who]['p90_s']:.2f} s",
                        f"{line[who]['false']} in {line[who]['quiet_hours']:.1f} h",
                    )
                ),
            ]
            for line in lines
        ],
    )
    page.text(
        "Why the delay over all records is above its bar: more than half of them are quiet "
        "seismometers, and the noise of an ADXL355 that is added to them is louder than the "
        "beginning of P. No threshold, and none of the other averages, bands and sums that were "
        "tried, notices sooner what lies below the noise. Records of MEMS nodes within some "
        "50 km of earthquakes of M4 and more would say what nodes really need; more of the same "
        "seismometers would not."
    )


def bound(lines: Sequence[dict[str, Any]]) -> plotting.Draw:
    def draw(figure: Figure, theme: Theme) -> None:
        for axes, key, bars, name in zip(
            figure.subplots(1, 2), ("all", "mems"), ((0.5, 1.5), (0.3, 0.8)), ("all", "MEMS")
        ):
            rate = [line[key]["false"] / max(line[key]["quiet_hours"], 1e-9) for line in lines]
            for of, bar, colour, text in zip(
                ("median_s", "p90_s"), bars, (theme.first, theme.second),
                ("median", "90th percentile"),
            ):  # fmt: skip
                delays = [line[key][of] for line in lines]
                axes.plot(rate, delays, "o-", color=colour, markersize=4, label=text)
                axes.axhline(bar, color=colour, linestyle=(0, (4, 3)), linewidth=1)
            for line, at in zip(lines, rate):
                axes.annotate(
                    f"{line['ratio']:g}", (at, line[key]["p90_s"]), fontsize=7.5,
                    xytext=(4, 4), textcoords="offset points", color=theme.ink,
                )  # fmt: skip
            axes.set(xscale="symlog", ylim=(0, None), title=name, ylabel="s after P")
            axes.set_xlabel("false per hour of quiet; the ratio beside each point")
            axes.legend(loc="upper right", fontsize=7.5)

    return draw


def onsets(page: Page, out: Path) -> None:
    """Add the errors against analysts' picks (training/analysts.py)."""
    found = _read(page, out / "analysts.json", "python -m training.analysts")
    if found is None:
        return
    sizes = [abs(error_s) for error_s in found.values() if error_s is not None]
    if sizes:
        median_s, p90_s = np.quantile(sizes, (0.5, 0.9)).tolist()
        page.text(
            f"Against analysts' picks on {len(found)} windows of accelerometers, uncalibrated, "
            f"scaled to 0.1 m/s² and given an ADXL355's noise: {len(sizes)} were detected, "
            f"|error| as refined: median {median_s:.2f} s, 90th percentile {p90_s:.2f} s; "
            f"{sum(size <= 0.5 for size in sizes)} of them within 0.5 s."
        )


def budgets(page: Page, out: Path) -> None:
    """Add which levels of p keep the budgets of false triggers (training/thresholds.py)."""
    path = out / "thresholds.json"
    if not path.is_file():
        page.text("Not made: `python -m training.thresholds`.")
        return
    table = thresholds.read_table(path)
    chosen = ", ".join(
        f"{name} from p {thresholds.level_of(table, name, budget) / 10:g} % ({budget:g} a day)"
        for name, budget in thresholds.BUDGET_A_DAY.items()
    )
    page.table(
        f"False triggers a day and the budgets of both classes of places; kept: {chosen}",
        list(thresholds.HEAD),
        thresholds.rows_of(table),
    )


def background(page: Page, out: Path) -> None:
    """Add daily life (training/study_background.py)."""
    page.section("Daily life beside a node, simulated")
    path = out / "background.jsonl"
    lines = read_lines(path) if path.is_file() else []
    if not lines:
        page.text("Not made: `make study-background`.")
        return
    head = ["happened", "node", "simple detector", "taken back by the node", "woke the node"]
    page.table(
        f"False triggers in {study_background.heading(lines)} (20 nodes x 24 h = 480 were asked "
        "for, with at most 0.05 an hour)",
        head,
        study_background.cells(lines),
    )
    highest = [p for line in lines for found in line.get("p", {}).values() for p in found]
    page.table(
        "If a node said nothing until p had been so high",
        ["p", *(f"≥ {level:.0%}" for level in P_LEVELS)],
        [["an hour", *(f"{sum(p >= x for p in highest) / len(lines):.2f}" for x in P_LEVELS)]],
    )
    page.text(study_background.a_day(lines))
    page.text(
        "The background is recorded (MEMS nodes before earthquakes), what happens is simulated, "
        "at rates that are guessed: no recording of doors, steps and lorries beside a node on a "
        "wall is in these data. Worn, carried and mounted sensors, which are, trigger the node "
        "much more rarely (above). Some weeks of ten nodes in houses, with a diary, would say "
        "which of the two is like a wall, and could be trained on."
    )


def models(page: Page, out: Path) -> None:
    """Add the kinds of models (training/compare.py)."""
    page.section("Kinds of models")
    rows = model_rows.in_order(model_rows.read_rows(out / "models.jsonl"))
    if not rows:
        page.text("Not made: `make study-models`. As it was: docs/kinds-of-models.md.")
        return
    page.table(
        f"False at equal recall, fewest first: {rows[0].protocol}",
        model_rows.head_of(rows),
        [model_rows.cells_of(row) for row in rows],
    )


def _read(page: Page, path: Path, command: str) -> Any:
    if not path.is_file():
        page.text(f"Not made: `{command} DATA --out {path.name}`.")
        return None
    return read_json(path)
