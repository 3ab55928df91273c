"""A report twice: as a page with its plots within, and as Markdown with pictures beside it."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from study import ink
from study.figures import Cell
from study.ink import Draw


@dataclass(frozen=True)
class Tile:
    value: str
    about: str
    is_met: bool | None = None  # of a bar; None: there is none


@dataclass
class Page:
    """What was said so far, in both languages; `write` puts it into a folder."""

    title: str
    lead: str
    _html: list[str] = field(default_factory=list)
    _markdown: list[str] = field(default_factory=list)
    _pictures: dict[str, Draw] = field(default_factory=dict)

    def tiles(self, tiles: Sequence[Tile]) -> None:
        classes = {None: "tile", True: "tile good", False: "tile bad"}
        boxes = "".join(
            f'<div class="{classes[tile.is_met]}"><b>{_text(tile.value)}</b>'
            f"<span>{_text(tile.about)}</span></div>"
            for tile in tiles
        )
        self._html.append(f'<div class="tiles">{boxes}</div>')
        self._markdown += [f"- **{tile.value}** {tile.about}" for tile in tiles] + [""]

    def heading(self, text: str) -> None:
        self._html.append(f"<h2>{_text(text)}</h2>")
        self._markdown += [f"## {text}", ""]

    def paragraph(self, text: str, is_note: bool = False) -> None:
        mark = ' class="note"' if is_note else ""
        self._html.append(f"<p{mark}>{_text(text)}</p>")
        self._markdown += [text, ""]

    def table(self, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Cell]]]) -> None:
        head = "".join(f'<th scope="col">{_text(column)}</th>' for column in columns)
        body = "".join(
            f'<tr><th scope="row">{_text(name)}</th>{"".join(map(_cell, cells))}</tr>'
            for name, cells in rows
        )
        self._html.append(
            f'<div class="table"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
        )
        self._markdown.append("| " + " | ".join(columns) + " |")
        self._markdown.append("|" + "---|" * len(columns))
        for name, cells in rows:
            texts = [cell.text + (f" ({cell.of})" if cell.of else "") for cell in cells]
            self._markdown.append("| " + " | ".join([name, *texts]) + " |")
        self._markdown.append("")

    def pictures(self, pictures: dict[str, Draw]) -> None:
        inside = "".join(f"<figure>{ink.svg(draw)}</figure>" for draw in pictures.values())
        self._html.append(f'<div class="figures">{inside}</div>')
        self._markdown += [f"![{name}]({name}.png)" for name in pictures] + [""]
        self._pictures |= pictures

    def write(self, folder: Path, name: str = "report") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        style = files("study").joinpath("report.css").read_text(encoding="utf-8")
        page = (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{_text(self.title)}</title><style>{style}</style></head><body><main>"
            f'<h1>{_text(self.title)}</h1><p class="lead">{_text(self.lead)}</p>'
            + "\n".join(self._html)
            + "</main></body></html>\n"
        )
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
        text = "\n".join([f"# {self.title}", "", self.lead, "", *self._markdown])
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
        for picture, draw in self._pictures.items():
            ink.png(draw, folder / f"{picture}.png")


def _cell(cell: Cell) -> str:
    of = f"<small>{_text(cell.of)}</small>" if cell.of else ""
    return f"<td>{_text(cell.text)}{of}</td>"


def _text(text: str) -> str:
    return html.escape(text, quote=False)
