"""`groundswell follow-up`: after the event, which alerts were true, by what others recorded."""

import argparse
import http.client
import json
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table

from aggregator.reader import Reader
from commands.traffic import printable
from failure import Failure, reason_of
from replay import jma
from replay.catalogue import Catalogue, read_catalogue
from replay.event_lists import MAX_BYTES, EventList, Known, read_event_list
from replay.follow_up import VERDICTS, Judged, judge, missed
from replay.intensity import mmi_of_pga
from replay.intervals import Share
from replay.outcomes import Thread, read_threads, threads_of
from replay.records import Unusable, read_records
from replay.score_table import print_tables

FEED_WITHIN_S = 30.0
FEED_PART_BYTES = 65536
MAX_ALERTS = 100_000  # read from the record

DESCRIPTION = """\
Compare alerts with a list of the earthquakes that others located, and say of each alert:
  true       an earthquake is known within 100 km and 30 s of a version of it
  qualified  true, but more than one magnitude off, or withdrawn though it was real;
             or an earthquake is known within 300 km and 60 s only
  false      nobody knows of one
Alerts of category test are left out. "after origin" is of the first version; km, origin and
magnitude are errors of the last one.

The list is a file or an http(s) address: CSV with a header (time, latitude, longitude, mag: USGS's
will do), the text format of FDSN event services, QuakeML, or an events.jsonl of ours.

examples:
  groundswell follow-up groundswell.db --catalogue week.csv --missed 4.5 --around 17 -100 300
  groundswell follow-up alerts.jsonl --catalogue DATA_DIR/events.jsonl --recordings DATA_DIR
  groundswell follow-up groundswell.db --catalogue \\
    'https://example.org/fdsnws/event/1/query?format=text&minmagnitude=3'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "alerts", metavar="ALERTS", type=Path, help="JSON lines of alerts, or the engine's record"
    )
    parser.add_argument("--catalogue", required=True, metavar="FILE|URL")
    parser.add_argument(
        "--recordings",
        type=Path,
        metavar="DATA_DIR",
        help="compare the intensities too: MMI from PGA, and JMA's by its official definition",
    )
    parser.add_argument(
        "--missed", type=float, metavar="M", help="list earthquakes of M and more without an alert"
    )
    parser.add_argument(
        "--around", nargs=3, type=float, metavar=("LAT", "LON", "KM"), help="... only these"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="one JSON line an alert")


def run(arguments: argparse.Namespace) -> int:
    known = _event_list(arguments.catalogue)
    threads = [thread for thread in _threads(arguments.alerts) if thread.category != "test"]
    judged = [judge(thread, known.events) for thread in threads]
    tables = [_verdicts(judged, known), _counts(judged)]
    if arguments.missed is not None:
        around = tuple(arguments.around) if arguments.around else (0.0, 0.0, 21_000.0)
        tables.append(_missed(missed(known.events, judged, arguments.missed, around)))
    if arguments.recordings:
        tables.append(_intensities(arguments.recordings, judged, threads))
    if arguments.out:
        _write(arguments.out, judged)
    print_tables(tables)
    return 0


def _event_list(source: str) -> EventList:
    return read_event_list(_content(source), source)


def _content(source: str) -> bytes:
    """Return what a file or an address holds, a byte more than we take at the most."""
    try:
        if source.startswith(("http://", "https://")):
            with urllib.request.urlopen(source, timeout=FEED_WITHIN_S) as answer:
                return _all_of(answer)
        with Path(source).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:  # URLError is an OSError
        raise Failure(f"cannot read {source}: {_reason(error)}") from error


def _all_of(answer: http.client.HTTPResponse) -> bytes:
    """Read it to its end. Raises TimeoutError for one that comes drop by drop."""
    until_s = time.monotonic() + FEED_WITHIN_S
    parts: list[bytes] = []
    while sum(map(len, parts)) <= MAX_BYTES and (part := answer.read1(FEED_PART_BYTES)):
        parts.append(part)
        if time.monotonic() > until_s:
            raise TimeoutError(f"more than {FEED_WITHIN_S:g} s")
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    return b"".join(parts)


def _reason(error: Exception) -> str:
    said = str(error.reason) if isinstance(error, urllib.error.URLError) else reason_of(error)
    return printable(said).strip()  # a feed that speaks no HTTP is quoted


def _threads(path: Path) -> list[Thread]:
    """Read alerts from JSON lines or from the engine's record, whichever this is."""
    try:
        with path.open("rb") as file:
            is_record = file.read(16) == b"SQLite format 3\0"
    except OSError as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error
    if not is_record:
        return read_threads(path)
    try:
        lines = Reader(path).alerts(MAX_ALERTS)
        return threads_of([json.loads(line) for line in lines])
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise Failure(f"cannot read the alerts of {path}: {reason_of(error)}") from error


def _verdicts(judged: Sequence[Judged], known: EventList) -> Table:
    table = Table(title="Alerts after the event", title_justify="left")
    for column in ("alert", "verdict", "earthquake", "after origin", "km", "origin", "magnitude"):
        table.add_column(column, no_wrap=True)
    table.add_column("why")
    for one in judged:
        table.add_row(
            one.event_id, one.verdict, one.known_id or "",
            _number(one.after_origin_s, ".1f", " s"),
            _number(one.location_km, ".0f"), _number(one.origin_s, "+.1f", " s"),
            _number(one.magnitude_error, "+.1f"), one.why,
        )  # fmt: skip
    table.caption = f"{len(known.events)} earthquakes in the list, {known.unreadable} unreadable"
    return table


def _counts(judged: Sequence[Judged]) -> Table:
    table = Table(title="Verdicts", title_justify="left")
    for column in ("verdict", "alerts", "share, 95 %"):
        table.add_column(column)
    for verdict in VERDICTS:
        hits = sum(one.verdict == verdict for one in judged)
        interval = Share(hits, len(judged)).interval
        text = "" if interval is None else f"{interval[0]:.0%} to {interval[1]:.0%}"
        table.add_row(verdict, str(hits), text)
    return table


def _missed(events: Sequence[Known]) -> Table:
    table = Table(title="Earthquakes without an alert", title_justify="left")
    for column in ("earthquake", "magnitude", "latitude", "longitude"):
        table.add_column(column)
    for event in events:
        table.add_row(
            event.event_id, _number(event.magnitude, ".1f"), f"{event.lat_deg:.3f}",
            f"{event.lon_deg:.3f}",
        )  # fmt: skip
    return table


def _intensities(data_dir: Path, judged: Sequence[Judged], threads: Sequence[Thread]) -> Table:
    """What was expected at each station in the end, and what its recording shows."""
    catalogue = read_catalogue(data_dir)
    expected = {
        one.known_id: thread.versions[-1].mmi
        for one, thread in zip(judged, threads)
        if one.known_id is not None
    }
    table = Table(title="Intensities", title_justify="left")
    for column in ("earthquake", "station", "MMI expected", "MMI recorded", "JMA", "JMA class"):
        table.add_column(column)
    for row in _intensity_rows(data_dir, catalogue, expected):
        table.add_row(*row)
    return table


def _intensity_rows(
    data_dir: Path, catalogue: Catalogue, expected: Mapping[str, Mapping[str, float]]
) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for record in read_records(data_dir, "eq"):
        truth = catalogue.records.get(record.record_id)
        mmi = expected.get(record.event_id)
        if truth is None or truth.pga_mps2 is None or mmi is None:
            continue
        try:
            japanese = jma.intensity(record.load(), record.rate_hz)
        except Unusable:
            japanese = None
        rows.append(
            (
                record.event_id,
                record.place,
                _number(mmi.get(record.place), ".1f"),
                f"{mmi_of_pga(truth.pga_mps2):.1f}",
                _number(japanese, ".1f"),
                "" if japanese is None else jma.class_of(japanese),
            )
        )
    return rows


def _number(value: float | None, form: str, unit: str = "") -> str:
    return "" if value is None else f"{value:{form}}{unit}"


def _write(path: Path, judged: Sequence[Judged]) -> None:
    try:
        with path.open("w", encoding="utf-8") as file:
            for one in judged:
                file.write(json.dumps(one.as_dict(), ensure_ascii=False) + "\n")
    except OSError as error:
        raise Failure(f"cannot write {path}: {reason_of(error)}") from error
