"""What `groundswell run` tells the person at the keyboard: where things are, what happens now."""

import time
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from system.measure import STAGES, Document

_LEVEL_STYLES = {"none": "dim", "be_aware": "yellow", "take_action": "bold red"}


class Show:
    """Prints lines as they come; remembers earthquakes and magnitudes, at most 100 of each."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._quakes: list[Document] = []
        self._magnitudes: dict[str, float] = {}

    def banner(self, rows: list[tuple[str, str]], category: str) -> None:
        table = Table.grid(padding=(0, 2))
        for name, text in rows:
            table.add_row(Text(name, style="bold"), text)
        title = f"[bold]groundswell[/bold] is up · {category}: nothing here is real"
        self._console.print(Panel(table, title=title, title_align="left", expand=False))

    def say(self, text: str, style: str = "") -> None:
        line = Text.assemble((_clock(), "dim"), "  ", (_printable(text), style))
        self._console.print(line, soft_wrap=True)

    def add_fact(self, fact: Document) -> None:
        if fact["kind"] == "earthquake":
            self._quakes = [*self._quakes[-99:], {**fact, "is_announced": False}]
        elif fact["kind"] == "disturbance":
            self.say(f"soon: {fact['what'].lower()}, which is no earthquake")
        elif fact["kind"] == "warning":
            self.say(fact["text"], "yellow")

    def tick(self, now_us: int) -> None:
        """Say that the ground moves, when it does."""
        for quake in self._quakes:
            if quake["origin_us"] <= now_us and not quake["is_announced"]:
                quake["is_announced"] = True
                self.say(
                    f"the ground moves: M{quake['magnitude']:.1f} near {quake['near']},"
                    f" {quake['depth_km']:.0f} km deep (simulated)",
                    "cyan",
                )

    def add_alert(self, alert: Document) -> None:
        """Show an alert message, but no update that changes the magnitude by less than 0.3."""
        event_id, kind = alert["event_id"], alert["type"]
        magnitude = alert.get("magnitude")
        if kind == "cancel" or magnitude is None:
            self.say(f"alert {event_id} v{alert['version']} cancel: {alert['reason']}", "bold")
            return
        before = self._magnitudes.get(event_id)
        if kind == "update" and before is not None and abs(magnitude - before) < 0.3:
            return
        self._magnitudes[event_id] = magnitude
        if len(self._magnitudes) > 100:
            del self._magnitudes[next(iter(self._magnitudes))]
        self.say(
            f"alert {event_id} v{alert['version']} {kind}: M{magnitude:.1f} at"
            f" {alert['lat_deg']:.2f} {alert['lon_deg']:.2f}, {self._delay(alert)}"
            f"level {alert['level']}, {alert['nodes_triggered']} nodes",
            _LEVEL_STYLES.get(alert["level"], ""),
        )

    def delays(self, report: Document) -> None:
        table = Table(title="from the sample that completed the vote to the alert")
        for heading in ("stage", "n", "p50 ms", "p99 ms", "max ms"):
            table.add_column(heading, justify="left" if heading == "stage" else "right")
        for stage in STAGES:
            row = report["stages"][stage]
            spans = [row["p50_ms"], row["p99_ms"], row["max_ms"]]
            shown = ["-" if span is None else f"{span:,.1f}" for span in spans]
            table.add_row(stage, str(row["n"]), *shown)
        self._console.print(table)
        self._console.print(
            f"{report['alerted']} of {report['earthquakes']} earthquakes alerted,"
            f" {report['declared_twice']} twice, {report['wrong']} alerts without an earthquake"
        )

    def _delay(self, alert: Document) -> str:
        """Say how long after the true origin this is, if the earthquake is one of ours."""
        recent = [q for q in self._quakes if 0 <= alert["issued_us"] - q["origin_us"] < 120e6]
        if alert["type"] != "new" or not recent:
            return ""
        return f"{(alert['issued_us'] - recent[-1]['origin_us']) / 1e6:.1f} s after the origin, "


def _printable(text: str) -> str:
    """Return text that cannot move the cursor or colour the terminal, whoever wrote it."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _clock() -> str:
    return time.strftime("%H:%M:%S")


def arguments_for(words: dict[str, Any]) -> list[str]:
    """Return command-line words for the options that have a value."""
    found: list[str] = []
    for option, value in words.items():
        if value is True:
            found.append(option)
        elif value is not None and value is not False:
            found += [option, str(value)]
    return found
