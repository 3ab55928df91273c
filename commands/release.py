"""`groundswell release`: keys, and signed bundles of firmware for `groundswell update`."""

import argparse
import os
from pathlib import Path

from groundswell import release
from groundswell.release import ReleaseError

from failure import Failure
from system import bundle
from system.flash_layout import BOARDS

PASSPHRASE = "GROUNDSWELL_KEY_PASSPHRASE"
DESCRIPTION = f"""\
Make a signing key, or a signed bundle of the firmware.

  groundswell release new-key ~/keys/2026.pem
  make firmware
  groundswell release build --key ~/keys/2026.pem --board esp32 --tree build/firmware/xtensawin \\
      --version 0.2.0 --out esp32-0.2.0.zip

`new-key` prints the public key: it belongs on a line of `release_keys`, in the root of each node's
flash (up to four keys, so that the next one is known before the last one is lost). A tree is a
folder with firmware/ in it: compiled for a processor, or this checkout (--tree .). The private
key is written for its owner alone; {PASSPHRASE} in the environment encrypts it and opens it.
A node takes a bundle that is for its board, newer than everything it ever confirmed, and signed
with a key that it knows. `groundswell flash-layout` writes what a new node is flashed with.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    tasks = parser.add_subparsers(dest="task", metavar="TASK", required=True)
    key = tasks.add_parser("new-key", help="write a private key, print the public one")
    key.add_argument("path", type=Path, metavar="FILE")
    build = tasks.add_parser("build", help="build and sign a bundle")
    build.add_argument("--key", type=Path, required=True, metavar="FILE", help="private key")
    build.add_argument(
        "--board", required=True, choices=(*BOARDS, "virtual"), help="the board it is for"
    )
    build.add_argument("--tree", type=Path, default=Path(), metavar="DIR", help="default: here")
    build.add_argument("--version", metavar="X.Y.Z", help="default: what the source says")
    build.add_argument(
        "--needs",
        default="0.0.0",
        metavar="X.Y.Z",
        help="lowest version that can update to this one (default: any)",
    )
    build.add_argument("--out", type=Path, required=True, metavar="FILE")


def run(arguments: argparse.Namespace) -> int:
    passphrase = os.environ.get(PASSPHRASE)
    if arguments.task == "new-key":
        print(bundle.new_key(arguments.path, passphrase))
        return 0
    made = bundle.build(
        arguments.tree,
        arguments.board,
        _version(arguments.needs),
        bundle.read_key(arguments.key, passphrase),
        _version(arguments.version) if arguments.version else None,
    )
    bundle.save(made, arguments.out)
    size = sum(map(len, made.contents))
    version = release.version_text(made.head.version)
    print(f"{arguments.out}: {made.head.board} {version}, {len(made.files)} files, {size} bytes")
    return 0


def _version(text: str) -> bundle.Version:
    try:
        return release.parse_version(text)
    except ReleaseError as error:
        raise Failure(str(error)) from error
