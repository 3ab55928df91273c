"""Public archives to a data folder, so that every command of ours works on them.

python -m training.convert SOURCE OUT_DIR [--format auto|miniseed|knet|hdf5] [--limit N]
[--counts-per-mps2 X] [--counts-per-mps Y]. What cannot be used is counted and named, and the rest
is converted.
"""

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from failure import Failure
from training.arguments import at_least_one
from training.folder import Folder
from training.formats import hdf5, knet, miniseed
from training.formats.recording import Recording, Unreadable
from training.formats.scale import COUNTS, Scale

FORMATS = {"miniseed": miniseed, "knet": knet, "hdf5": hdf5}
MOST_NAMED = 20  # of what could not be used
DESCRIPTION = """\
Write a data folder (eq_index.csv, noise_index.csv, events.jsonl, eq/, noise/) from an archive:

  miniseed  a folder with miniSEED, StationXML and QuakeML, read by ObsPy
  knet      K-NET or KiK-net ASCII: STATION.EW, .NS, .UD (KiK-net: .EW1, .EW2, ...)
  hdf5      SeisBench (waveforms.hdf5 with metadata.csv) or STEAD (one .hdf5 file)

Analysts' P and S become labels. SeisBench and STEAD hold counts, of accelerometers (channels HN,
EN, BN) and of seismometers (HH, BH, EH), which follow velocity. Say what a count is:
--counts-per-mps2 for the former; --counts-per-mps for the latter, which are differentiated.
What has no factor stays in counts: `detect` refuses it and training leaves it out. One factor
stands for all instruments of its kind, so peak accelerations are as true as it is. With 24 bits
over 40 V and 10 V a g (an EpiSensor of 2 g) it is 4.3e5, with 1500 V a m/s (an STS-2) 6.3e8.

examples:
  python -m training.convert ~/archive/noto2024 build/noto
  groundswell detect build/noto --out build/noto.jsonl
  python -m training.convert ~/STEAD/chunk2.hdf5 build/stead \\
      --counts-per-mps2 4.3e5 --counts-per-mps 6.3e8
  make train DATA=build/stead
"""


def recordings(
    files: list[Path], form: str, source: Path, scale: Scale
) -> Iterator[tuple[Path, Recording | Unreadable]]:
    """Yield every recording of the files, or why one cannot be used."""
    metadata = miniseed.read_metadata(source) if form == "miniseed" else None
    for path in files:
        try:
            if metadata is not None:
                found: Iterator[Recording | Unreadable] = miniseed.read(path, metadata)
            elif form == "knet":
                found = knet.read(path)
            else:
                found = hdf5.read(path, scale)
            for recording in found:
                yield path, recording
        except Unreadable as reason:
            yield path, reason


def format_of(source: Path, wanted: str) -> tuple[str, list[Path]]:
    """Return the format and its files. Raises Failure where there are none."""
    folder = source if source.is_dir() else source.parent
    if not source.exists():
        raise Failure(f"there is no {source}")
    for name, module in FORMATS.items():
        if wanted in ("auto", name):
            files = module.sources(folder)
            if source.is_file():
                files = [path for path in files if path == source]
            if files:
                return name, files
    what = "no miniSEED, K-NET or HDF5 files" if wanted == "auto" else f"no {wanted} files"
    raise Failure(f"{source} holds {what}")


def convert(
    source: Path, out: Path, wanted: str, limit: int | None, scale: Scale
) -> tuple[int, list[str], Counter[str]]:
    """Write the folder; return how many records are in it, why others are not, and what those in
    counts are counts of."""
    form, files = format_of(source, wanted)
    folder, refused, done, in_counts = Folder(out), list[str](), Counter[Path](), Counter[str]()
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(form, total=len(files))
        try:
            for path, found in recordings(files, form, source, scale):
                done[path] += 1
                progress.update(task, completed=len(done), description=f"{form} {folder.count}")
                if isinstance(found, Unreadable):
                    refused.append(f"{path.name}: {found}")
                elif limit is None or folder.count < limit:
                    folder.add(found)
                    in_counts[found.notes] += found.units == COUNTS
                else:
                    break
        except Unreadable as reason:
            raise Failure(f"{source}: {reason}") from reason
        finally:  # interrupted, it keeps what it has
            if folder.count:
                folder.close()
    if not folder.count:
        raise Failure(f"{source}: nothing usable: {refused[0] if refused else 'no records'}")
    return folder.count, refused, +in_counts


def about_counts(in_counts: Counter[str]) -> str:
    """Return what somebody must know whose records are counts of this."""
    kinds = "; ".join(f"{count} {what}" for what, count in in_counts.items())
    return (
        f"{in_counts.total()} of them have no unit ({kinds}): `detect` refuses them and training "
        "leaves them out. Convert again with --counts-per-mps2 (accelerometers) or "
        "--counts-per-mps (seismometers): --help says more."
    )


def positive(text: str) -> float:
    """Raises ValueError for what is no factor."""
    number = float(text)
    if not 0 < number < math.inf:
        raise ValueError(text)
    return number


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.convert",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", type=Path, metavar="SOURCE")
    parser.add_argument("out", type=Path, metavar="OUT_DIR", help="new or empty")
    parser.add_argument("--format", choices=("auto", *FORMATS), default="auto")
    parser.add_argument("--limit", type=at_least_one, default=None, help="records, at most")
    for name in ("--counts-per-mps2", "--counts-per-mps"):
        parser.add_argument(name, type=positive, default=None, metavar="X")
    given = parser.parse_args(arguments)
    if given.out.exists() and any(given.out.iterdir()):
        raise Failure(f"{given.out} is not empty: name a new folder")
    scale = Scale(given.counts_per_mps2, given.counts_per_mps)
    count, refused, in_counts = convert(given.source, given.out, given.format, given.limit, scale)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"{count} records in {given.out}, {len(refused)} not usable", markup=False)
    for line in refused[:MOST_NAMED]:
        console.print(f"  {line}", markup=False)
    if len(refused) > MOST_NAMED:
        console.print(f"  and {len(refused) - MOST_NAMED} more", markup=False)
    if in_counts:
        console.print(about_counts(in_counts), markup=False)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as error:
        sys.exit(f"training.convert: {error}")
