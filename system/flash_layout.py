"""What lies on a node's flash when it leaves the technician's table, as files in a folder.

main.py            two lines: start what launch.py chooses
boot/firmware/     what chooses between two copies of the firmware; never updated
a/firmware/        the firmware, compiled for this board's processor; not where it lies in a ROMFS
node.json          who this node is, and what differs from the defaults
release_keys       public keys whose updates it takes, one a line
tls/               ca.pem, node.pem, node.key
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from failure import Failure
from firmware.state import settings as rules
from firmware.state.pins import why_not
from firmware.state.settings import SettingsError
from firmware.update.updater import MAX_KEYS


@dataclass(frozen=True)
class Board:
    module: str  # in firmware/boards
    architecture: str  # a folder of `make firmware`


BOARDS = {
    "esp32": Board("esp32", "xtensawin"),
    "esp32-s3": Board("esp32_s3", "xtensawin"),
    "esp32-c3": Board("esp32_c3", "rv32imc"),
    "pico-w": Board("pico_w", "armv6m"),
    "pico-2-w": Board("pico_w", "armv7emsp"),
}
MAIN = """\
import sys; sys.path.insert(0, "/boot")
from firmware import launch; launch.run("firmware.boards.{module}")
"""
SHARED = ("__init__", "micro")  # of firmware/boards
NEEDED = ("brokers", "lat_udeg", "lon_udeg", "wifi_ssid")  # no default is right anywhere
# For the board's prompt: removes what an earlier node left, whatever of it is there; main.py
# first, so that it is not started again halfway. One line without single quotes, for any shell.
EMPTY = (
    "import os; rm = lambda p: [rm(p + chr(47) + e[0]) for e in os.ilistdir(p)] + [os.rmdir(p)]"
    " if os.stat(p)[0] & 0x4000 else os.remove(p);"
    ' [rm(p) for p in ("main.py", "state", "a", "b", "boot", "tls", "node.json",'
    ' "release_keys") if p in os.listdir()]'
)


def lay_out(
    out: Path,
    board: Board,
    built: Path,
    settings: dict[str, Any],
    keys: list[str],
    tls: Path | None,
    in_rom: bool = False,
) -> int:
    """Write the tree into a new folder; return the bytes of its files. Raises Failure.

    built: a processor's folder of `make firmware`; settings: changes to the defaults;
    tls: CERTIFICATES/NAME, as `groundswell certificates` wrote NAME.pem and NAME.key
    in_rom: the firmware comes as rom_image(built), not as files
    """
    if out.exists():
        raise Failure(f"{out} is there already: a node gets a folder of its own")
    if not (built / "boot" / "firmware").is_dir():
        raise Failure(f"no firmware in {built}: `make firmware` compiles it")
    _check(settings, tls, board)
    _check_keys(keys)
    if in_rom and not rom_image(built).is_file():
        raise Failure(f"no {rom_image(built)}: `make firmware` writes it")
    out.mkdir(mode=0o700, parents=True)  # the keys of Wi-Fi, node and seal are in it
    shutil.copytree(built / "boot", out / "boot")
    for path in () if in_rom else sorted((built / "firmware").rglob("*.mpy")):
        inner = path.relative_to(built)
        if inner.parts[1] != "boards" or path.stem in (*SHARED, board.module):
            target = out / "a" / inner
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    (out / "main.py").write_text(MAIN.format(module=board.module))
    (out / "node.json").write_text(json.dumps(settings, indent=1) + "\n")
    if keys:
        (out / "release_keys").write_text("".join(f"{key}\n" for key in keys))
    if tls is not None:
        _copy_identity(tls, out / "tls")
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


def rom_image(built: Path) -> Path:
    """Return the image of a ROMFS that `make firmware` wrote for this processor."""
    return built / "rom.img"


def _check(settings: dict[str, Any], tls: Path | None, board: Board) -> None:
    if not settings.get("node_id"):
        raise Failure("a node needs its own number: --node-id")
    if bool(settings.get("has_tls")) != (tls is not None):
        raise Failure("has_tls follows from --tls")
    try:
        whole = rules.changed(rules.defaults(), json.dumps(settings).encode())
    except SettingsError as error:
        raise Failure(str(error)) from error
    reason = why_not(board.module.replace("_", "-"), whole["pps_pin"])
    if reason:
        raise Failure(reason)
    missing = [name for name in NEEDED if name not in settings]
    if missing:
        raise Failure(f"a node must be told {', '.join(missing)}: --set {missing[0]}=...")


def _check_keys(keys: list[str]) -> None:
    if len(keys) > MAX_KEYS:
        raise Failure(f"a node knows at most {MAX_KEYS} release keys")
    for key in keys:
        if len(key) != 64 or set(key) - set("0123456789abcdef"):
            raise Failure(f"{key!r} is no public key: `groundswell release new-key` prints one")


def _copy_identity(tls: Path, folder: Path) -> None:
    sources = {
        "ca.pem": tls.parent / "ca.pem",
        "node.pem": tls.with_name(tls.name + ".pem"),
        "node.key": tls.with_name(tls.name + ".key"),
    }
    folder.mkdir()
    for name, source in sources.items():
        if not source.is_file():
            raise Failure(f"{source} is missing: `groundswell certificates` makes it")
        shutil.copy(source, folder / name)
