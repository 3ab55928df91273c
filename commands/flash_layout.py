"""`groundswell flash-layout`: the files that go on a new node's board."""

import argparse
import secrets
from pathlib import Path
from typing import Any

from groundswell.seal import KEY_BYTES

from commands.node import node_id_of
from failure import Failure
from link.seal_keys import SealKeysError, add_seal_key, read_seal_keys
from system.changes import changes_of
from system.flash_layout import BOARDS, EMPTY, lay_out, rom_image

DESCRIPTION = f"""\
Write what goes on the flash of a new node into a folder of its own.

  make firmware
  groundswell certificates certs --broker gw1.local --client node-0000002a
  groundswell flash-layout flash-2a --board esp32 --node-id 0000002a --tls certs/node-0000002a \\
      --set brokers=gw1.local:8883 lat_udeg=17000000 lon_udeg=-101000000 wifi_ssid=... wifi_key=...

and print what brings it there, with mpremote. That begins with removing what an earlier node left
on the board: its settings and updates would come before the new ones.

KEY=VALUE is what differs from firmware/state/settings.py, checked here as the node would check it;
brokers, place and Wi-Fi must be told.
Boards: {", ".join(BOARDS)}. On the board is stock MicroPython 1.26 or newer, nothing else. With
--key (as `groundswell release new-key` prints it; up to four) the node takes updates later.
--rom: for a board whose MicroPython has a ROMFS (`mpremote romfs query` says so; the builds that
MicroPython offers for these boards have none, it takes one with MICROPY_VFS_ROM). The code then
runs in place, and the node needs less heap (`python -m tools.node_memory --rom`).
The folder holds the keys of Wi-Fi and node: delete it once they are on the board.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="DIR")
    parser.add_argument("--board", required=True, choices=BOARDS)
    parser.add_argument("--node-id", required=True, metavar="ID", help="8 hexadecimal digits")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="settings")
    parser.add_argument("--tls", type=Path, metavar="FOLDER/NAME", help="certificate of the node")
    parser.add_argument("--key", action="append", default=[], metavar="HEX", help="of releases")
    parser.add_argument(
        "--seal-keys",
        type=Path,
        metavar="FILE",
        help="draw a key with which the node seals what it says, and note it there for the engine",
    )
    parser.add_argument("--rom", action="store_true", help="the firmware goes into a ROMFS")
    parser.add_argument(
        "--built",
        type=Path,
        default=Path("build/firmware"),
        metavar="DIR",
        help="what `make firmware` made (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    settings = changes_of(arguments.set) | {"node_id": node_id_of(arguments.node_id)}
    if arguments.tls is not None:
        settings["has_tls"] = True
    new_key = None
    if arguments.seal_keys is not None:
        new_key = _seal_key(arguments.seal_keys, settings)
    board = BOARDS[arguments.board]
    built = arguments.built / board.architecture
    size = lay_out(
        arguments.out, board, built, settings, arguments.key, arguments.tls, arguments.rom
    )
    if new_key is not None:  # only now: what a node with a key says unsealed is not believed
        add_seal_key(arguments.seal_keys, settings["node_id"], new_key)
    print(f"{arguments.out}: {size} bytes for {arguments.board}. Now, with the board connected:")
    print(f"  mpremote exec '{EMPTY}' + reset")
    if arguments.rom:
        print(f"  mpremote romfs deploy {rom_image(built)}")
    print(f"  mpremote cp -r {arguments.out}/. :")
    print("  mpremote reset")
    if new_key is not None:
        print(f"  and start the engine again: it reads {arguments.seal_keys} at its start only")
    return 0


def _seal_key(path: Path, settings: dict[str, Any]) -> bytes | None:
    """Put the node's key into its settings: the one in the file, or a new one that is returned."""
    try:
        key = read_seal_keys(path).get(settings["node_id"]) if path.exists() else None
    except SealKeysError as error:
        raise Failure(str(error)) from error
    new_key = None if key is not None else secrets.token_bytes(KEY_BYTES)
    settings["seal_key"] = (key or new_key or b"").hex()
    return new_key
