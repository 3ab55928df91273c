"""The score as tables for people: Rich on a terminal, plain aligned text elsewhere."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from replay.network_score import EventScore, SourceError

Row = Sequence[str]
_KM, _DM = (f"{what},\nfirst/\nfinal" for what in ("km", "dM"))
PLAIN_WIDTH = 1000  # a file or a pipe has no width of its own: nothing is cut off there

_NODE_ROWS = (
    ("recall where PGA >= 0.02 m/s^2", "recall_strong"),
    ("recall, all", "recall"),
    ("before S where PGA >= 0.02 m/s^2", "before_s_strong"),
    ("before S, all", "before_s"),
    ("delay after P, median", "delay_median_s"),
    ("delay after P, 90th percentile", "delay_p90_s"),
    ("false before P - 2 s", "false_before_p"),
    ("false in noise records", "false_in_noise"),
    ("false in quiet parts", "false_in_quiet"),
)


def print_tables(tables: Sequence[Table]) -> None:
    is_terminal = sys.stdout.isatty()
    console = Console(width=None if is_terminal else PLAIN_WIDTH, highlight=is_terminal)
    for table in tables:
        if not is_terminal:
            table.box = None
        console.print(table)


def node_tables(parts: Mapping[str, Any]) -> list[Table]:
    tables = []
    for part, figures in parts.items():
        table = _table(f"Nodes, {part} records", ("figure", "all sensors", "MEMS"))
        for label, key in _NODE_ROWS:
            table.add_row(label, _cell(figures["all"][key]), _cell(figures["mems"][key]))
        for label, key in (
            ("onset - label, median", "median_s"),
            ("|onset - label|, median", "absolute_median_s"),
            ("|onset - label|, 90th percentile", "absolute_p90_s"),
            ("the same, as refined, median", "refined_absolute_median_s"),
            ("the same, as refined, 90th percentile", "refined_absolute_p90_s"),
        ):
            cells = (_cell(figures[column]["onset_error"][key]) for column in ("all", "mems"))
            table.add_row(label, *cells)
        table.caption = (
            f"{figures['records_played']} records played, {figures['records_unusable']} unusable, "
            f"P references: {_counts(figures['all']['p_references'])}"
        )
        tables.append(table)
    return tables


def event_tables(scores: Sequence[EventScore]) -> list[Table]:
    """A line for each event that is listed, and for others with a wrong declaration.

    Two tables: 80 columns are what a terminal has.
    """
    when = _event_table(
        "Events with four or more usable stations within 200 km, or a wrong declaration",
        ("event", "M", "near", "strong", "must", "declared", "after\nP3", "after\nP4"),
        "near: usable stations within 200 km; strong: of these, with PGA >= 0.02 m/s^2;\n"
        "after P3: after the third P",
    )
    what = _event_table(
        "The same: where, how large, who was warned",
        ("event", _KM, _DM, "twice", "wrong\n(level)", "warned", "P\nguessed"),
        "twice: further declarations of it; wrong: of nothing (those above level none);\n"
        "warned: before S, of those with MMI >= 4; P guessed: of the first four, not\n"
        "picked but predicted",
    )
    for score in sorted(scores, key=lambda score: (not score.must_be_declared, score.event_id)):
        if score.is_listed or score.wrong:
            when.add_row(score.event_id, *_when(score))
            what.add_row(score.event_id, *_what(score))
    return [when, what]


def network_tables(parts: Mapping[str, Any]) -> list[Table]:
    return [_network_table(part, figures) for part, figures in parts.items()]


def _network_table(part: str, figures: Mapping[str, Any]) -> Table:
    table = _table(f"Network, {part} records", ("figure", "value and 95 % interval"))
    rows = (
        ("declared of those that must be", figures["must_be_declared"]),
        ("declared of the others", figures["declared_of_the_others"]),
        ("delay after the third P, median", figures["after_third_p_median_s"]),
        ("delay after the fourth P, median", figures["after_fourth_p_median_s"]),
        ("delay after the fourth P, 90th percentile", figures["after_fourth_p_p90_s"]),
        ("location error of the first version, median km", figures["first"]["location_median_km"]),
        ("the same, 90th percentile km", figures["first"]["location_p90_km"]),
        ("location error of the final version, median km", figures["final"]["location_median_km"]),
        ("the same, 90th percentile km", figures["final"]["location_p90_km"]),
        ("magnitude error of the first version, median", figures["first"]["magnitude_bias"]),
        ("magnitude error of the final version, median", figures["final"]["magnitude_bias"]),
        ("wrong declarations", figures["wrong"]),
        ("wrong declarations above level none", figures["wrong_above_none"]),
        ("intensity within one unit, first version", figures["intensity_within_one"]["first"]),
        ("intensity within one unit, final version", figures["intensity_within_one"]["final"]),
        ("the same where MMI >= 3 was recorded", figures["intensity_within_one"]["final_felt"]),
        ("what was expected when S came", figures["intensity_within_one"]["when_s_comes"]),
        ("warned before S where MMI >= 4 was recorded", figures["warned_before_s"]),
        ("lead time of these, median s", figures["warned_before_s"]["lead_median_s"]),
    )
    for label, figure in rows:
        table.add_row(label, _cell(figure))
    means = (figures[key]["magnitude_absolute_mean"] for key in ("first", "final"))
    first, final = ("-" if mean is None else f"{mean:.2f}" for mean in means)
    table.add_row("mean absolute magnitude error, first / final", f"{first} / {final}")
    table.add_row(
        "not warned, and S came before the third P",
        str(figures["warned_before_s"]["in_blind_zone"]),
    )
    table.add_row("declared twice", str(figures["duplicates"]))
    table.caption = f"{figures['events_replayed']} events replayed"
    return table


def baseline_table(title: str, rows: Mapping[str, Mapping[str, Any]]) -> Table:
    """One column for each figure, one row for each detector or rule."""
    columns = list(
        dict.fromkeys(
            key
            for figures in rows.values()
            for key, figure in figures.items()
            if not isinstance(figure, list)  # of events: too long for a table
        )
    )
    table = _table(title, ("baseline", *(column.replace("_", " ") for column in columns)))
    for name, figures in rows.items():
        table.add_row(name, *(_cell(figures[column]) for column in columns))
    return table


def _table(title: str, columns: Row) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _event_table(title: str, columns: Row, caption: str) -> Table:
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left")
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def _when(score: EventScore) -> Row:
    return (
        f"{score.event.magnitude:.1f}" if score.event else "-",
        str(score.stations_near),
        str(score.stations_strong),
        "yes" if score.must_be_declared else "no",
        "yes" if score.is_declared else "NO" if score.must_be_declared else "no",
        _seconds(score.delay_s(score.third_p_us)),
        _seconds(score.delay_s(score.fourth_p_us)),
    )


def _what(score: EventScore) -> Row:
    return (
        "/".join(f"{error.location_km:.0f}" for error in _errors(score)) or "-",
        "/".join(f"{error.magnitude:+.1f}" for error in _errors(score)) or "-",
        str(score.duplicates),
        f"{score.wrong} ({score.wrong_with_level})",
        f"{sum(w.is_before_s for w in score.warnings)} of {len(score.warnings)}",
        f"{score.predicted_of_four} of 4",
    )


def _errors(score: EventScore) -> list[SourceError]:
    return [error for error in (score.first, score.final) if error is not None]


def _seconds(value_s: float | None) -> str:
    return "-" if value_s is None else f"{value_s:+.1f} s"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _cell(figure: Any) -> str:
    """Show a Share, a Rate or a Quantile as its dictionary has it, with its interval."""
    if not isinstance(figure, Mapping):
        return "-" if figure is None else str(figure)
    if "trials" in figure:
        return _share(figure)
    if "hours" in figure:
        return _rate(figure)
    if figure["value"] is None:
        return "-"
    return f"{figure['value']:.2f}{_interval(figure['ci95'], 1)} of {figure['count']}"


def _share(figure: Mapping[str, Any]) -> str:
    text = f"{figure['hits']}/{figure['trials']}"
    if figure["share"] is None:
        return text
    return f"{text} = {100 * figure['share']:.1f} %{_interval(figure['ci95'], 100)}"


def _rate(figure: Mapping[str, Any]) -> str:
    text = f"{figure['count']} in {figure['hours']:.2f} h"
    if figure["per_hour"] is None:
        return text
    return f"{text} = {figure['per_hour']:.3f}/h{_interval(figure['ci95_per_hour'], 1)}"


def _interval(bounds: Sequence[float] | None, factor: float) -> str:
    if bounds is None:
        return ""
    return f" ({factor * bounds[0]:.3g} to {factor * bounds[1]:.3g})"
