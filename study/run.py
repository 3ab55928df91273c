"""`python -m study.run`: do the pieces that are not done yet, and keep every line."""

import argparse
import concurrent.futures
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from study.plan import Piece, pieces
from study.work import done

RESULTS = "results.jsonl"
IN_FLIGHT = 8  # pieces a worker that wait


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m study.run",
        description="Simulate earthquakes and years of false triggers through the real vote. "
        "Ctrl-C ends it; the next start goes on where it was.",
    )
    parser.add_argument("--out", type=Path, default=Path("build/study/network"), metavar="DIR")
    parser.add_argument("--earthquakes", type=int, default=2000, help="of the plain variant")
    parser.add_argument("--years", type=int, default=100, help="network-years of it")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--minutes", type=float, help="stop after so long; resumable")
    arguments = parser.parse_args(argv)
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / RESULTS
    known = {line["key"] for line in read_lines(path)}
    wanted = pieces(arguments.earthquakes, arguments.years)
    todo = [piece for piece in wanted if piece.key not in known]
    _work(todo, path, arguments.workers, len(wanted), arguments.minutes)
    return 0


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the results so far; a line that was cut off by an end is left out."""
    if not path.exists():
        return []
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except ValueError:
            continue
    return lines


def _work(todo: list[Piece], path: Path, workers: int, total: int, minutes: float | None) -> None:
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with (
        path.open("a", encoding="utf-8") as file,
        Progress(*columns, console=Console(stderr=True)) as progress,
        concurrent.futures.ProcessPoolExecutor(workers) as pool,
    ):
        task = progress.add_task("study", total=total, completed=total - len(todo))
        try:
            for line in _done_by(pool, todo, workers * IN_FLIGHT):
                file.write(json.dumps(line) + "\n")
                file.flush()
                progress.advance(task)
                if minutes is not None and (progress.tasks[0].elapsed or 0) > minutes * 60:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            progress.console.print("stopped; the next start goes on here")


def _done_by(
    pool: concurrent.futures.Executor, todo: list[Piece], most: int
) -> Iterator[dict[str, Any]]:
    """Yield lines as they are done, never more than `most` pieces ahead."""
    waiting = iter(todo)
    running = {pool.submit(done, piece) for piece in itertools.islice(waiting, most)}
    while running:
        ready, running = concurrent.futures.wait(
            running, return_when=concurrent.futures.FIRST_COMPLETED
        )
        for future in ready:
            yield future.result()
            piece = next(waiting, None)
            if piece is not None:
                running.add(pool.submit(done, piece))


if __name__ == "__main__":
    raise SystemExit(main())
