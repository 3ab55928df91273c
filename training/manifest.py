"""Which recordings a training used: a line a record, with its checksum and on which side it was.

python -m training.manifest DATA --out FILE.csv writes it, --check FILE.csv compares a folder with
it: other bytes, or records more or fewer, are named, and the exit status is 1.
"""

import argparse
import csv
import hashlib
import io
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from rich.console import Console

from failure import Failure, reason_of
from replay.records import read_records
from training.dataset import group_of
from training.examples import fold_of

COLUMNS = ("record_id", "file", "bytes", "sha256", "group", "fold")
MOST_NAMED = 10
Row = dict[str, str]


def rows_of(data_dir: Path) -> list[Row]:
    """Return a row for each record of a data folder; no checksum where its file is missing."""
    rows = []
    for record in read_records(data_dir, "all"):
        group = group_of(record)
        try:
            content = record.path.read_bytes()
        except OSError:
            size = digest = ""
        else:
            size, digest = str(len(content)), hashlib.sha256(content).hexdigest()
        name = record.path.relative_to(data_dir).as_posix()
        fold = str(fold_of(np.array([group]))[0])
        cells = (record.record_id, name, size, digest, group, fold)
        rows.append(dict(zip(COLUMNS, cells, strict=True)))
    return rows


def checksum(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


def data_sum(data_dir: Path) -> str:
    """Return a checksum of a data folder: of its indices, where the labels are, and of all that
    they name."""
    total = hashlib.sha256(checksum(sorted(data_dir.glob("*.csv"))).encode())
    for row in rows_of(data_dir):
        total.update(f"{row['file']} {row['sha256']}\n".encode())
    return total.hexdigest()


def write(rows: list[Row], path: Path) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), encoding="utf-8")


def differences(rows: list[Row], path: Path) -> list[str]:
    """Return what is otherwise than in a manifest. Raises Failure for a file that is none."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            before = {row["record_id"]: row for row in csv.DictReader(file)}
        now = {row["record_id"]: row for row in rows}
        found = [f"{name} is not there any more" for name in before if name not in now]
        found += [f"{name} is new" for name in now if name not in before]
        for name in before.keys() & now.keys():
            for column in ("sha256", "group", "fold"):
                if before[name][column] != now[name][column]:
                    found.append(f"{name} has another {column}")
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise Failure(f"cannot read {path}: {reason_of(error)}") from error
    return sorted(found)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.manifest", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("data_dir", type=Path, metavar="DATA_DIR")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path)
    what.add_argument("--check", type=Path)
    given = parser.parse_args(arguments)
    rows, console = rows_of(given.data_dir), Console()
    if given.out:
        write(rows, given.out)
        console.print(f"{len(rows)} records into {given.out}", highlight=False)
        return 0
    found = differences(rows, given.check)
    for line in found[:MOST_NAMED]:
        console.print(line, highlight=False)
    console.print(f"{len(found)} differences in {len(rows)} records", highlight=False)
    return 1 if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        sys.exit(f"training.manifest: {error}")
