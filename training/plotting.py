"""How our plots look: one style, drawn twice, for light pages and for dark ones.

A plot is a function that draws on the axes it is given, with the theme's colours; `save` calls it
once for each theme and writes NAME-light.svg and NAME-dark.svg. The same data give the same bytes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")  # files only: no display is needed

from matplotlib import pyplot as plt
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Theme:
    name: str
    ground: str
    ink: str
    faint: str  # axes, grids, what is only for comparison
    first: str  # the main thing: blue
    second: str  # the other: orange
    good: str
    bad: str


# Blue and orange are apart for every kind of colour vision (Okabe & Ito's), lightened for dark.
LIGHT = Theme("light", "#ffffff", "#1d2733", "#a9b4bf", "#1f6fb2", "#d9822b", "#1a8f6a", "#c8373c")
DARK = Theme("dark", "#12181f", "#dbe3ea", "#4d5965", "#6db3f2", "#f0a95a", "#4cc79f", "#f2777a")
THEMES = (LIGHT, DARK)

Draw = Callable[[Figure, Theme], None]


def save(draw: Draw, folder: Path, name: str, width_in: float, height_in: float) -> None:
    for theme in THEMES:
        with styled(theme):
            figure = plt.figure(figsize=(width_in, height_in), layout="constrained")
            draw(figure, theme)
            figure.savefig(folder / f"{name}-{theme.name}.svg", metadata={"Date": None})
            plt.close(figure)


@contextmanager
def styled(theme: Theme) -> Iterator[None]:
    style: dict[Any, Any] = {
        "svg.hashsalt": "groundswell",
        "svg.fonttype": "path",
        "font.family": "DejaVu Sans",
        "font.size": 9.0,
        "axes.titlesize": 10.0,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "grid.linewidth": 0.5,
        "grid.alpha": 0.5,
        "legend.frameon": False,
        "figure.facecolor": theme.ground,
        "axes.facecolor": theme.ground,
        "savefig.facecolor": theme.ground,
        "text.color": theme.ink,
        "axes.labelcolor": theme.ink,
        "axes.edgecolor": theme.faint,
        "xtick.color": theme.ink,
        "ytick.color": theme.ink,
        "grid.color": theme.faint,
    }
    with mpl.rc_context(style):
        yield


def mixed(one: str, other: str, share: float) -> tuple[float, float, float]:
    """Return a colour between two of #rrggbb."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]))
    red, green, blue = ((1 - share) * a / 255 + share * b / 255 for a, b in pairs)
    return red, green, blue
