"""`make study-node`: how good single nodes are, as a report with plots.

python -m training.study_node OUT_DIR --recorded DATA_DIR TRIGGERS [--simulated DATA_DIR TRIGGERS]
[--beside NAME DATA_DIR TRIGGERS ...] [--note TEXT]: triggers are the output of `groundswell
detect`, of `training.evaluate` (the cross-validation) or of whatever writes the same lines.
Definitions are those of `groundswell score`. What other commands have left in OUT_DIR goes into
the report too (node_findings.py).
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from failure import Failure
from replay.intervals import Rate, Share, quantile
from training import (
    node_bars,
    node_beside,
    node_cases,
    node_figures,
    node_findings,
    node_waveforms,
    plotting,
)
from training.node_cases import Study, read_study
from training.page import Page

MOST_SHOWN = 12


def report(
    studies: Sequence[Study], besides: Sequence[Study], triggers: Path, out: Path, note: str
) -> None:
    """triggers: the lines of the first of the studies."""
    page = Page(
        "What one node knows",
        "Triggers of single nodes against the truth, recorded and simulated apart. A hit is a "
        "first message between P − 2 s and S + 30 s; intervals are of 95 %. " + note,
    )
    page.section("What was asked for, and what it would take")
    asked = [bar.cells for bar in node_bars.bars(studies, besides, out)]
    page.table("Of the recorded, where nothing else is said", node_bars.HEAD, asked)
    page.section("In figures")
    head = ["", *(study.name for study in studies)]
    page.table("Bars are those that the project set itself", head, _headline(studies))
    if besides:
        page.table(
            "Beside it (strong: PGA ≥ 0.02 m/s²; delay: median / 90th percentile)",
            node_beside.HEAD,
            [node_beside.BARS, *(node_beside.row_of(s.name, s) for s in [studies[0], *besides])],
        )  # fmt: skip
    _plot(page, out, "recall", node_figures.recall(studies), 4.0,
          "Share of records with a trigger; the figures are counts. Weaker than 0.02 m/s² (the "
          "line) nobody asks for it.", "Triggered, by strength and distance")  # fmt: skip
    _plot(page, out, "delays", node_figures.delays(studies), 3.8,
          "Left: from P to the published trigger, where P was measured or simulated. Right: how "
          "long before S.", "Delay")  # fmt: skip
    _plot(page, out, "onsets", node_figures.onsets(studies), 3.2,
          "Against an analyst's P, or the simulator's. What is off the scale is at its ends.",
          "Onset error")  # fmt: skip
    node_findings.onsets(page, out)
    node_findings.proposer(page, out)
    page.section("False triggers, by kind of noise")
    for study in studies:
        rows = node_cases.false_by_kind(study.noise)
        if rows:
            _add(page, out, f"noise-{_slug(study)}",
                 node_figures.false_triggers(study, study.name), 0.9 + 0.3 * len(rows),
                 _false_caption(study))  # fmt: skip
    page.table(
        f"{studies[0].name}: if a node said nothing until p had been so high (busy places: as "
        "they are, or that)", node_beside.HEAD, node_beside.levels(studies[0], triggers),
    )  # fmt: skip
    node_findings.budgets(page, out)
    node_findings.background(page, out)
    page.section("Sent, withdrawn, silent")
    for study in studies:
        _add(page, out, f"confusion-{_slug(study)}", node_figures.confusion(study),
             1.2 + 0.3 * len(node_cases.confusion(study)),
             f"{study.name}: what records of each kind made their node say.")  # fmt: skip
    _plot(page, out, "reliability", node_figures.reliability(studies), 3.8,
          "Of the messages that were sent with about this p_quake, the share that was of an "
          "earthquake, at even odds: earthquakes and noise weigh the same in each curve. Error: "
          "the expected calibration error (at most 0.05 was asked for on unseen events). "
          "Only what was sent is here.",
          "p_quake and truth, of what was sent")  # fmt: skip
    node_findings.judged(page, out)
    node_findings.models(page, out)
    _failures(page, out, studies)
    page.write(out)


def _headline(studies: Sequence[Study]) -> list[list[str]]:
    def of(text: str, figure: Callable[[Study], str]) -> list[str]:
        return [text, *(figure(study) for study in studies)]

    return [
        of("earthquake records with P and S", lambda s: str(len(s.verdicts))),
        of("triggered where PGA ≥ 0.02 m/s² (at least 97 %)", _strong_recall),
        of("before S, of the same (at least 95 %)", _strong_before_s),
        of("triggered, all strengths", _recall),
        of("of those, detected again before S + 30 s", _again),
        of("delay after P, median (at most 0.5 s)", lambda s: _time(s.delays_s, 0.5)),
        of("delay after P, 90th percentile (1.5 s)", lambda s: _time(s.delays_s, 0.9)),
        of("the same where PGA ≥ 0.02 m/s², median", lambda s: _time(_strong_delays_s(s), 0.5)),
        of("the same where PGA ≥ 0.02 m/s², 90th", lambda s: _time(_strong_delays_s(s), 0.9)),
        of("onset error, median (0.1 s)", lambda s: _time(map(abs, s.onset_errors_s), 0.5)),
        of("onset error, 90th (0.5 s)", lambda s: _time(map(abs, s.onset_errors_s), 0.9)),
        of("against every measured P, in the first message", lambda s: _picked(s, 0)),
        of("the same, as refined", lambda s: _picked(s, 1)),
        of("false on the quiet background of MEMS nodes", _quiet),
        of("records of noise with a trigger", _noisy),
    ]


def _strong_recall(study: Study) -> str:
    return _share(len(study.strong) - len(study.missed), len(study.strong))


def _strong_before_s(study: Study) -> str:
    return _share(sum(v.is_before_s for v in study.strong), len(study.strong))


def _strong_delays_s(study: Study) -> list[float]:
    return [v.delay_s for v in study.strong if v.delay_s is not None]


def _recall(study: Study) -> str:
    return _share(sum(v.hit is not None for v in study.verdicts), len(study.verdicts))


def _again(study: Study) -> str:
    hit = [v for v in study.verdicts if v.hit is not None]
    return _share(sum(node_cases.is_detected_again(study, v) for v in hit), len(hit))


def _quiet(study: Study) -> str:
    some = [n for n in study.noise if n.kind.endswith(("MEMS", "quiet"))]
    return _rate(Rate(sum(len(n.detections) for n in some), sum(n.hours for n in some)))


def _noisy(study: Study) -> str:
    return _share(*_sent([n for n in study.noise if not n.truth.event_id]))


def _sent(noise: Sequence[node_cases.Noise]) -> tuple[int, int]:
    return sum(record.is_sent for record in noise), len(noise)


def _failures(page: Page, out: Path, studies: Sequence[Study]) -> None:
    page.section("Failures, as the node saw them")
    for study in studies:
        missed = node_waveforms.missed_or_late(study, MOST_SHOWN)
        total = len(study.missed) + len(study.late)
        what = f"{len(missed)} of {total} strong records missed, or later than S; seconds after P"
        _examples(page, out, f"examples-missed-{_slug(study)}", missed, f"{study.name}: {what}.")
        false = node_waveforms.false(study, MOST_SHOWN)
        total = sum(record.is_sent for record in study.noise)
        what = f"{len(false)} of {total} records with a false trigger; seconds after its onset"
        _examples(page, out, f"examples-false-{_slug(study)}", false, f"{study.name}: {what}.")


def _examples(
    page: Page, out: Path, name: str, examples: list[node_waveforms.Example], text: str
) -> None:
    if examples:
        draw, height_in = node_waveforms.draw(examples), node_waveforms.height_in(examples)
        _add(page, out, name, draw, height_in, text + " Vertical acceleration.")
    else:
        page.text(text)


def _plot(
    page: Page, out: Path, name: str, draw: plotting.Draw, height_in: float, text: str, title: str
) -> None:
    page.section(title)
    _add(page, out, name, draw, height_in, text)


def _add(
    page: Page, out: Path, name: str, draw: plotting.Draw, height_in: float, text: str
) -> None:
    plotting.save(draw, out, name, 11.0, height_in)
    page.figure(name, text)


def _false_caption(study: Study) -> str:
    return (
        f"{study.name}: triggers per hour of each kind, with intervals; the line is 0.05 per "
        "hour, none is drawn at the left edge, in green. Disturbances fill their records, so "
        "their rate is that of an hour which holds nothing else."
    )


def _slug(study: Study) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in study.name.lower())


def _share(hits: int, trials: int) -> str:
    interval = Share(hits, trials).interval
    if interval is None:
        return "-"
    low, high = (100 * limit for limit in interval)
    return f"{hits} of {trials} = {100 * hits / trials:.1f} % ({low:.0f} to {high:.0f})"


def _rate(rate: Rate) -> str:
    if rate.interval is None:
        return "-"
    return (
        f"{rate.count} in {rate.hours:.2f} h ({rate.interval[0]:.2g} to {rate.interval[1]:.2g}/h)"
    )


def _time(sample: Iterable[float], level: float) -> str:
    found = quantile(list(sample), level)
    if found.value is None:
        return "-"
    limits = f" ({found.interval[0]:.2f} to {found.interval[1]:.2f})" if found.interval else ""
    return f"{found.value:.2f} s{limits} of {found.count}"


def _picked(study: Study, word: int) -> str:
    """Return the error of the first (0) or the last (1) message, median / 90th percentile."""
    sizes = [abs(errors[word]) for errors in study.picked_errors_s]
    if not sizes:
        return "-"
    median_s, p90_s = np.quantile(sizes, (0.5, 0.9)).tolist()
    return f"{median_s:.2f} / {p90_s:.2f} s of {len(sizes)}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.study_node", description="Write a report on single nodes."
    )
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    for name in ("recorded", "simulated"):
        parser.add_argument(
            f"--{name}", nargs=2, type=Path, metavar=("DATA_DIR", "TRIGGERS"), default=None
        )
    parser.add_argument(
        "--beside", nargs=3, action="append", metavar=("NAME", "DATA_DIR", "TRIGGERS"), default=[]
    )
    parser.add_argument("--note", default="", help="a sentence for the top of the report")
    given = parser.parse_args(arguments)
    sources = [("recorded", given.recorded), ("simulated", given.simulated)]
    studies = [read_study(name, *paths) for name, paths in sources if paths]
    if not studies:
        raise Failure("nothing to study: give --recorded or --simulated")
    besides = [read_study(name, Path(data), Path(lines)) for name, data, lines in given.beside]
    first = next(paths for _, paths in sources if paths)[1]
    given.out.mkdir(parents=True, exist_ok=True)
    report(studies, besides, first, given.out, given.note)
    Console(stderr=True).print(f"wrote {given.out / 'report.html'} and report.md")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        sys.exit(f"training.study_node: {error}")
