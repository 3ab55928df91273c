"""How much heap the whole node needs, in 32 bits: TLS, the model, an hour of virtual time.

    .venv/bin/python -m tools.node_memory [--rom] [SECONDS] [HEAP_KB ...]

What `make firmware` makes and `groundswell flash-layout` lays out runs as on an ESP32, main.py
first, in heaps of these sizes until one is enough; the world around it is another process
(tools/boxed.py). MicroPython's own start and the thin modules in place of an ESP32's are in the
heap too, and printed. mbedtls' buffers, some 40 kB while a line is built up, are outside the heap
here as on an ESP32; on a Pico W they are inside. Machine code of kernels is outside here and on
an ESP32, inside on a Pico W (14 kB).

--rom: the firmware lies in a ROMFS outside the heap, as on a board whose MicroPython has one, and
runs in place: the heap holds what a function or a class needs, not its code.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from system.flash_layout import Board, lay_out, rom_image
from system.micropython import HOW_TO_GET_IT, find_micropython
from tools import boxed, build_firmware

from groundswell import faults, wire  # isort: skip  boxed says where it is

SECONDS = 3600
HEAPS_KB = (112, 116, 120, 128, 132, 136, 138, 140, 144, 152, 156, 160, 164, 168, 176, 188, 208)
MINUTE_S = 60
SHAKES_AT_S, SHAKES_FOR_S = 60, 20
SWING_COUNTS = 20000  # 0.8 m/s^2
# In what order a device's heap fills: module, what it is.
PARTS = (
    ("firmware.core", "the node: loop, detector, uplink, time, settings, Wi-Fi"),
    ("firmware.sensors.adxl355", "driver"),
    ("firmware.secure", "TLS, and the calendar for certificates"),
    ("firmware.reader", "reader of models, and the model (forgotten after the start)"),
    ("firmware.checks", "checks of settings (the same)"),
    ("firmware.packets", "waveforms (from the first detection on)"),
    ("firmware.pulsing", "pulses of a GNSS receiver (only with one)"),
    ("firmware.updating", "updates (only when one is announced)"),
)
WEIGH = """
import gc, sys
import struct, array, hashlib, binascii, random, io, os, time, socket, json, select, tls, errno
import machine, network
if not sys.argv[-1].startswith("firmware."):
    import rom; rom.mount(sys.argv[-1], "/rom")
    sys.path[:0] = ["/rom", "/rom/firmware"]
for name in sys.argv[1:]:
    if not name.startswith("firmware."):
        break
    gc.collect()
    before = gc.mem_alloc()
    __import__(name)
    gc.collect()
    print(gc.mem_alloc() - before)
"""


@dataclass(frozen=True)
class Life:
    """What a run of the whole node in one size of heap showed."""

    starts: int
    connects: int
    faults: int  # all that its statuses told, but that the clock was not set at the start
    states: list[int]  # of its statuses, last wills too
    triggers: int
    waveforms: int
    thin_b: int  # before main.py
    live_b: int  # the most that was left after a collection
    full_b: int  # the most that was in use just before one
    log: str

    @property
    def is_well(self) -> bool:
        is_armed = wire.STATE_ARMED in self.states and self.states[-1] == wire.STATE_ARMED
        is_calm = self.starts == self.connects == 1 and not self.faults
        return is_calm and is_armed and self.triggers > 0 and self.waveforms > 0


def flash_of(folder: Path, in_rom: bool = False) -> Path:
    """Lay out a flash with what a PC's MicroPython can run; certificates lie beside it.

    in_rom: without the firmware; that is in rom_of(flash) then
    """
    build_firmware.build_small(folder / "built", "x86")
    certificates = folder / "certificates"
    certificates.mkdir()
    boxed.certify(certificates)
    settings = {
        "node_id": 42,
        "lat_udeg": 17000000,
        "lon_udeg": -101000000,
        "wifi_ssid": "village",
        "wifi_key": "12345678",
        "brokers": [f"{boxed.BROKER}:{boxed.TLS_PORT}"],
        "time_servers": [f"time.example:{boxed.TIME_PORT}"],
        "has_tls": True,
        "send_from_permille": 0,  # whatever the judge thinks of a rectangular earthquake
    }
    flash = folder / "flash"
    built, board = folder / "built" / "x86", Board("esp32", "x86")
    lay_out(flash, board, built, settings, [], certificates / "node", in_rom)
    return flash


def rom_of(flash: Path) -> Path | None:
    """Return the image of the ROMFS where the firmware is not on the flash itself."""
    return None if (flash / "a").is_dir() else rom_image(flash.with_name("built") / "x86")


def live(program: Path, flash: Path, heap_kb: int, seconds: float) -> Life:
    """Let a new node live so long, with an earthquake at the end of its first minute."""
    used = flash.with_name(f"used-{heap_kb}")
    shutil.copytree(flash, used)
    box = boxed.Box(program, used, heap_kb, flash.with_name("certificates"), rom_of(flash))
    try:
        box.run(SHAKES_AT_S)
        box.ground.swing = SWING_COUNTS
        box.run(SHAKES_FOR_S)
        box.ground.swing = 0
        end_s = seconds - SHAKES_AT_S - SHAKES_FOR_S
        while end_s > 0 and box.starts == 1:  # a second start is enough to know
            box.run(min(MINUTE_S, end_s))
            end_s -= MINUTE_S
    except RuntimeError:
        pass  # it ended; the log says why
    finally:
        box.close()
    said = box.broker.said
    told = 0
    for status in said(wire.Status):
        told |= status.faults
    return Life(
        box.starts,
        box.broker.connects,
        told & ~faults.CLOCK,
        [status.state for status in said(wire.Status)] or [wire.STATE_OFFLINE],
        len(said(wire.Trigger)),
        len(said(wire.Waveform)),
        box.thin_b,
        max((after for _, _, after in box.measured), default=0),
        max((before for _, before, _ in box.measured), default=0),
        box.log.read_text(),
    )


def weigh(program: Path, flash: Path) -> None:
    """Print what each part's code takes."""
    image = rom_of(flash)
    copy, rom = flash / "a", [] if image is None else [image]
    run = subprocess.run(
        [program, "-X", "heapsize=2m", "-c", WEIGH, *(module for module, _ in PARTS), *rom],
        cwd=flash,  # the sources are in the checkout
        env={"MICROPYPATH": f"{copy / 'firmware'}:{copy}:{boxed.THIN}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
    )
    for (module, words), size in zip(PARTS, run.stdout.split(), strict=True):
        print(f"{size:>8} {module:26} {words}")


def main(seconds: int, heaps_kb: tuple[int, ...], in_rom: bool) -> None:
    program = find_micropython()
    if program is None:
        sys.exit(HOW_TO_GET_IT)
    with tempfile.TemporaryDirectory() as name:
        flash = flash_of(Path(name), in_rom)
        print("bytes of heap that the code of each part takes, in 32 bits:")
        weigh(program, flash)
        for heap_kb in heaps_kb:
            found = live(program, flash, heap_kb, seconds)
            if found.is_well:
                print(
                    f"{heap_kb} kB of heap are enough for {seconds} s: {found.starts} start,"
                    f" {len(found.states)} statuses, {found.triggers} triggers,"
                    f" {found.waveforms} waveforms; at most {found.live_b} bytes live and"
                    f" {found.full_b} in use, {found.thin_b} of them before main.py"
                )
                return
            words = ", ".join(faults.words(found.faults))
            last = found.log.strip().splitlines()[-1:] or [""]
            print(
                f"{heap_kb} kB: {found.starts} starts, {found.connects} lines, {len(found.states)}"
                f" statuses, the last of state {found.states[-1]}, {found.triggers} triggers,"
                f" {found.waveforms} waveforms; {words}; {last}"
            )
    sys.exit("none was enough")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word != "--rom"]
    main(numbers[0] if numbers else SECONDS, tuple(numbers[1:]) or HEAPS_KB, "--rom" in sys.argv)
