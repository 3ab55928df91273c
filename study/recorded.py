"""The recorded earthquakes in the report: figures of `groundswell score`, and its baselines."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from study.figures import Cell
from study.page import Page


def add_recorded(page: Page, scores: Mapping[str, Any]) -> None:
    """scores: `replay` and `packets`, the JSON of `groundswell score`; what is absent is left
    out."""
    networks = {
        name: score["network"]["real"]
        for name, score in scores.items()
        if name in ("replay", "packets") and "real" in score.get("network", {})
    }
    if not networks:
        return
    page.heading("Recorded earthquakes")
    page.paragraph(
        "The whole chain, from samples (or from the packets of the OpenEEW network as they "
        "arrived) to alerts, against catalogue and recordings. All of it was developed on these "
        "same events: expect worse on others."
    )
    columns = {name: _column(figures) for name, figures in networks.items()}
    labels = next(iter(columns.values()))
    rows = [(label, [column[label] for column in columns.values()]) for label in labels]
    page.table(["", *(f"by {name}" for name in columns)], rows)
    baselines = scores.get("replay", {}).get("baselines")
    if baselines:
        page.table(
            [
                "rule, on the same records",
                "must be declared",
                "wrong",
                "after the fourth P",
                "its first place, median",
                "90 %",
            ],
            [(name, _rule(figures)) for name, figures in baselines["network"].items()],
        )
        ours = networks["replay"]
        rows = [("Groundswell", _forecast(_own_forecast(ours)))]
        rows += [(n, _forecast(found)) for n, found in baselines["warned_before_s"].items()]
        page.table(["forecast", "MMI within one, final", "when S comes", "warned before S"], rows)


def add_first_places(page: Page, rows: Sequence[Mapping[str, Any]]) -> None:
    """rows: of `python -m study.first_places`; none, and nothing is said."""
    if not rows:
        return
    page.heading("What bounds the first place")
    page.paragraph(
        "Three or four arrival times are all there is when the first alert goes out. Beside its "
        "error: least squares of as many measured P times, the first ones, with the depth as the "
        "catalogue has it; and the Cramér-Rao bound of those sites, onsets right within 0.1 s, "
        "with depth and crust known, with the depth unknown by 12 km, with a crust that is "
        "another one by 4 %, and all of that where each node whose S wave has come told its time "
        "within 0.3 s, which none does. km; the catalogue's own error is in the first two."
    )
    names = {
        "first_km": "first alert", "stated_sigma_km": "its stated sigma",
        "least_squares_km": "least squares", "bound_km": "bound",
        "bound_depth_unknown_km": "depth unknown", "bound_crust_unknown_km": "and crust",
        "bound_s_known_km": "with S",
    }  # fmt: skip
    table = [
        (f"{row['event_id']}, {row['sites']} sites", [Cell(f"{row[key]:.1f}") for key in names])
        for row in rows
    ]
    middle = [Cell(f"{median(float(row[key]) for row in rows):.1f}") for key in names]
    page.table(["", *names.values()], [*table, ("median", middle)])


def add_waveforms(page: Page, scores: Mapping[str, Any]) -> None:
    """The few earthquakes that went through whole nodes, sample by sample."""
    figures = scores.get("waveforms", {}).get("network", {}).get("synthetic")
    if not figures:
        return
    page.heading("A few of them sample by sample")
    page.paragraph(
        f"{figures['events_replayed']} happenings of study/waveforms.toml (eight earthquakes, "
        "thunder, a power cut) through whole nodes: filters, detector, model, wire, gateway, "
        "vote. It shows how far the messages drawn above can be trusted."
    )
    page.table(["", "by whole nodes"], [(k, [cell]) for k, cell in _column(figures).items()])


def add_days(page: Page, days: Sequence[Mapping[str, Any]]) -> None:
    """days: of `python -m study.day`; none, and nothing is said."""
    if not days:
        return
    page.heading("Days of twenty nodes, from recordings")
    page.paragraph(
        f"{len(days)} days. What the node's detector said about quiet recordings, strung together "
        "for every node, and about people who move: five such recordings a node and day. On top "
        "20 claps of thunder, 4 glitches of the mains and 40 doors slammed in a building that has "
        "five of the nodes. All that is declared is false."
    )
    names = [name for name in days[0] if name not in ("day", "triggers")]
    rows = []
    for name in names:
        counts = [int(day[name]) for day in days]
        rows.append((name, [Cell(str(sum(counts))), Cell(f"{min(counts)} to {max(counts)}")]))
    page.table(["rule", "false, all days", "a day"], rows)
    triggers = sum(int(day["triggers"]) for day in days) / len(days)
    page.paragraph(f"{triggers:.0f} triggers a day.", is_note=True)


def _column(figures: Mapping[str, Any]) -> dict[str, Cell]:
    first, final = figures["first"], figures["final"]
    return {
        "events that must be declared": _share(figures["must_be_declared"]),
        "declared twice": Cell(str(figures["duplicates"])),
        "wrong declarations": Cell(str(figures["wrong"]["count"])),
        "after the third P, median": _number(figures["after_third_p_median_s"]["value"], "s"),
        "after the fourth P, median": _number(figures["after_fourth_p_median_s"]["value"], "s"),
        "after the fourth P, 90 %": _number(figures["after_fourth_p_p90_s"]["value"], "s"),
        "epicentre first, median": _number(first["location_median_km"]["value"], "km"),
        "epicentre first, 90 %": _number(first["location_p90_km"]["value"], "km"),
        "epicentre final, median": _number(final["location_median_km"]["value"], "km"),
        "epicentre final, 90 %": _number(final["location_p90_km"]["value"], "km"),
        "magnitude first, mean absolute error": _number(first["magnitude_absolute_mean"], ""),
        "magnitude final, mean absolute error": _number(final["magnitude_absolute_mean"], ""),
        "MMI within one, final": _share(figures["intensity_within_one"]["final"]),
        "warned before S where MMI ≥ IV": _share(figures["warned_before_s"]),
    }


def _rule(figures: Mapping[str, Any]) -> list[Cell]:
    return [
        _share(figures["must_be_declared"]),
        Cell(str(figures["wrong"]["count"])),
        _number(figures["after_fourth_p_median_s"]["value"], "s"),
        _number(figures["first_location_median_km"]["value"], "km"),
        _number(figures["first_location_p90_km"]["value"], "km"),
    ]


def _own_forecast(figures: Mapping[str, Any]) -> dict[str, Any]:
    within = figures["intensity_within_one"]
    return {
        "mmi_within_one_final": within["final"],
        "mmi_within_one_when_s_comes": within["when_s_comes"],
        "warned_before_s": figures["warned_before_s"],
    }


def _forecast(figures: Mapping[str, Any]) -> list[Cell]:
    return [
        _share(figures[name])
        for name in ("mmi_within_one_final", "mmi_within_one_when_s_comes", "warned_before_s")
    ]


def _share(figures: Mapping[str, Any]) -> Cell:
    if not figures["trials"]:
        return Cell("-")
    low, high = (100 * bound for bound in figures["ci95"])
    percent = f"{100 * figures['share']:.0f} %"
    return Cell(percent, f"{figures['hits']} of {figures['trials']}; {low:.0f} to {high:.0f} %")


def _number(value: float | None, unit: str) -> Cell:
    return Cell("-") if value is None else Cell(f"{value:.2f} {unit}".strip())
