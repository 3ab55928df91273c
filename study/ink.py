"""Plots that follow the reader's light or dark: SVG whose colours are the page's, and PNG."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Drawn in these, which nothing else uses; in a page each becomes a colour of the style sheet.
INK, FAINT, LINE = "#010203", "#040506", "#070809"
SERIES = ("#1f6feb", "#c2410c", "#0f766e", "#7e22ce", "#a16207", "#be123c")  # on white
_IN_PAGE = {INK: "var(--ink)", FAINT: "var(--faint)", LINE: "var(--line)"} | {
    colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, start=1)
}
_ON_PAPER = {INK: "#1b1f24", FAINT: "#57606a", LINE: "#d0d7de"}
_STYLE = {
    "font.family": "sans-serif",
    "font.size": 10.0,
    "svg.fonttype": "none",  # text stays text: found, read aloud, in the page's own font
    "svg.hashsalt": "groundswell",
    "axes.edgecolor": LINE,
    "axes.labelcolor": FAINT,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11.0,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": FAINT,
    "ytick.labelcolor": FAINT,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.8,
}
Draw = Callable[[Axes], None]


def svg(draw: Draw, width: float = 6.4, height: float = 3.4) -> str:
    """Return one plot as an <svg> element that takes its colours from the page."""
    with _drawn(draw, width, height) as figure:
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    for colour, variable in _IN_PAGE.items():
        text = text.replace(colour, variable)
    return text


def svg_file(draw: Draw, width: float = 6.4, height: float = 3.4) -> str:
    """Return one plot as a file of its own, on white."""
    with _drawn(draw, width, height, _ON_PAPER) as figure:
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def png(draw: Draw, path: Path, width: float = 6.4, height: float = 3.4) -> None:
    """Write one plot on white, for where no page is."""
    with _drawn(draw, width, height, _ON_PAPER) as figure:
        figure.savefig(path, dpi=150, metadata={"Software": None})


@contextmanager
def _drawn(
    draw: Draw, width: float, height: float, colours: dict[str, str] | None = None
) -> Iterator[Figure]:
    style = {k: (colours or {}).get(str(v), v) for k, v in _STYLE.items()}
    with mpl.rc_context(style):  # type: ignore[arg-type]
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure.add_subplot())
        yield figure
