"""Many records through some detector, into a file of the lines of `groundswell detect`.

Goes on where it was interrupted: records that the file has finished are not done again, unless it
was made by another detector (FILE.made-of tells).
"""

import concurrent.futures
import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from groundswell import judge
from rich.console import Console
from rich.progress import Progress

from failure import Failure, reason_of
from replay import records
from replay.records import Record
from training.manifest import data_sum

WORKERS = 2
CHUNK = 4
# what of replay the lines of a recording go by
REPLAY_CODE = ("iso_time", "node", "records", "sensors", "trigger_lines")


def write_lines(
    out: Path,
    wanted: Sequence[Record],
    lines_of: Callable[[Record], list[str]],
    prepare: Callable[..., None],
    with_these: tuple[Any, ...],
    made_of: str,
) -> int:
    """Return how many records were done now. prepare(*with_these) runs once in each process.

    made_of: what the lines depend on besides the records, in short.

    Raises Failure for a file that is none of ours.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    note = out.with_name(out.name + ".made-of")
    if not note.is_file() or note.read_text(encoding="utf-8") != made_of:
        out.unlink(missing_ok=True)
    note.write_text(made_of, encoding="utf-8")
    done = _finished(out)
    left = [record for record in wanted if record.record_id not in done]
    if not left:
        return 0
    console = Console(stderr=True)
    with (
        out.open("a", encoding="utf-8") as file,
        Progress(console=console, transient=True) as progress,
        concurrent.futures.ProcessPoolExecutor(
            WORKERS, initializer=prepare, initargs=with_these
        ) as pool,
    ):
        task = progress.add_task(out.stem, total=len(wanted), completed=len(done))
        for lines in pool.map(lines_of, left, chunksize=CHUNK):
            file.writelines(line + "\n" for line in lines)
            file.flush()
            progress.advance(task)
    return len(left)


def sum_of(models: Iterable[Path], data_dir: Path) -> str:
    """Return a checksum of a node with these models on a data folder. Raises OSError without
    one."""
    replay = Path(records.__file__).parent
    code = [replay / f"{name}.py" for name in REPLAY_CODE]
    code += sorted(Path(judge.__file__).parent.glob("*.py"))
    return files_sum([*code, *models], data_dir)


def files_sum(paths: Iterable[Path], data_dir: Path) -> str:
    """Return a checksum, in short, of code on a data folder."""
    total = zlib.crc32(data_sum(data_dir).encode())
    for path in paths:
        total = zlib.crc32(path.read_bytes(), total)
    return f"{total:08x}"


def written_anew(path: Path, lines: Iterable[str]) -> None:
    """Write a file of these lines; a kill on the way leaves the old one."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    partial.replace(path)


def entries_of(path: Path, made_of: str) -> list[dict[str, Any]]:
    """Return the entries of a file, made of this; half a line at its end is left out.

    Raises Failure for a file that is none of ours.
    """
    if not path.is_file():
        return []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        found = [json.loads(line) for line in lines[:-1]]
        return [entry for entry in found if entry["made_of"] == made_of]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failure(f"cannot go on with {path}: {reason_of(error)}; remove it") from error


def _finished(path: Path) -> set[str]:
    """Return the records that a file has whole; what it has of others is taken out of it."""
    if not path.is_file():
        return set()
    kept: list[str] = []
    waiting: list[str] = []
    done: set[str] = set()
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                break  # half a line, where it was interrupted
            waiting.append(line)
            if entry.get("done") or "error" in entry:
                done.add(str(entry["record_id"]))
                kept += waiting
                waiting = []
        written_anew(path, kept)
    except (OSError, UnicodeDecodeError, AttributeError, KeyError) as error:
        raise Failure(f"cannot go on with {path}: {reason_of(error)}; remove it") from error
    return done
