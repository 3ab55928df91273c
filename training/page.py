"""A report: text, tables and figures in one order, written as HTML and as Markdown.

Figures are pairs of SVG files beside the page (`plotting.save`); both formats choose by the
reader's colour scheme. All text is escaped: names of stations and records come from outside.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_STYLE = """
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1d2733; --soft: #5b6875;
  --line: #dfe5ea; --stripe: #f5f7f9; --accent: #1f6fb2; }
@media (prefers-color-scheme: dark) { :root { --ground: #12181f; --ink: #dbe3ea; --soft: #93a1ae;
  --line: #2a343e; --stripe: #18212a; --accent: #6db3f2; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 5rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; margin: 3rem 0 .5rem; padding-top: 1.2rem;
  border-top: 1px solid var(--line); }
p { margin: .6rem 0; max-width: 46rem; }
.lead { color: var(--soft); font-size: 1.05rem; }
figure { margin: 1.2rem 0; }
figure picture { display: block; overflow-x: auto; }
figure img { width: 100%; min-width: 44rem; height: auto; display: block; }
figcaption, .note { color: var(--soft); font-size: .88rem; max-width: 46rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
th, td { padding: .35rem .8rem .35rem 0; text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); font-weight: 600; white-space: nowrap; }
tbody tr { border-bottom: 1px solid var(--line); }
tbody tr:hover { background: var(--stripe); }
code { font: .88em ui-monospace, "DejaVu Sans Mono", monospace; background: var(--stripe);
  padding: .1em .35em; border-radius: 4px; }
nav { margin: 1.2rem 0; font-size: .92rem; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; }
nav a { color: var(--accent); text-decoration: none; }
nav a:hover { text-decoration: underline; }
"""


@dataclass
class Page:
    title: str
    lead: str
    _html: list[str] = field(default_factory=list)
    _markdown: list[str] = field(default_factory=list)
    _sections: list[str] = field(default_factory=list)

    def section(self, title: str) -> None:
        self._sections.append(title)
        self._html.append(f'<h2 id="s{len(self._sections)}">{html.escape(title)}</h2>')
        self._markdown.append(f"## {title}")

    def text(self, text: str) -> None:
        """Add a paragraph; `code` between backticks is all the markup there is."""
        self._html.append(f"<p>{_inline(text)}</p>")
        self._markdown.append(text)

    def table(self, caption: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        cells = "".join(f"<th>{html.escape(name)}</th>" for name in head)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        self._html.append(
            f'<div class="scroll"><table><caption>{html.escape(caption)}</caption>'
            f"<thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>"
        )
        lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
        self._markdown.append(f"{caption}\n\n" + "\n".join(lines))

    def figure(self, name: str, caption: str) -> None:
        picture = (
            f'<picture><source media="(prefers-color-scheme: dark)" srcset="{name}-dark.svg">'
            f'<img src="{name}-light.svg" alt="{html.escape(caption, quote=True)}"></picture>'
        )
        self._html.append(f"<figure>{picture}<figcaption>{_inline(caption)}</figcaption></figure>")
        self._markdown.append(f"{picture}\n\n*{caption}*")

    def write(self, folder: Path) -> None:
        links = "".join(
            f'<a href="#s{number}">{html.escape(title)}</a>'
            for number, title in enumerate(self._sections, 1)
        )
        page = (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{html.escape(self.title)}</title><style>{_STYLE}</style></head>\n"
            f"<body><main><h1>{html.escape(self.title)}</h1>\n"
            f'<p class="lead">{_inline(self.lead)}</p><nav>{links}</nav>\n'
            + "\n".join(self._html)
            + "\n</main></body></html>\n"
        )
        (folder / "report.html").write_text(page, encoding="utf-8")
        text = "\n\n".join([f"# {self.title}", self.lead, *self._markdown]) + "\n"
        (folder / "report.md").write_text(text, encoding="utf-8")


def _inline(text: str) -> str:
    parts = html.escape(text).split("`")
    marked = [f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts)]
    return "".join(marked)


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
