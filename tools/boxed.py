"""A board in a box: a flash as it lies on a device, and the world at the other end of two pipes.

    box = Box(program, flash, heap_kb)     main.py of the flash runs in a heap of that size
    box.run(seconds)                       of virtual time; a board that resets itself starts again

The firmware's own heap holds nothing of the world: chip, broker with TLS, name and time servers
are in this process, and what a board has built in (machine, network, socket) is a few kB of thin
modules (tests/virtual/thin) in a ROMFS, what they need in the heap measured at power-on.
"""

import datetime
import ipaddress
import os
import ssl
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

from mpremote.romfs import VfsRomWriter

from system.certificates import Authority
from system.micropython import ROOT
from tools import build_firmware

# The world is made of what the tests of the firmware are made of.
sys.path[:0] = [str(ROOT / "tests" / "shared"), str(ROOT / "firmware")]

from time_world import TimeServer  # noqa: E402
from virtual_broker import VirtualBroker  # noqa: E402
from virtual_world import VirtualGround  # noqa: E402

from firmware.virtual.chips.adxl355 import Adxl355  # noqa: E402
from firmware.virtual.chips.wires import Spi  # noqa: E402

THIN = ROOT / "tests" / "virtual" / "thin"
BROKER, BROKER_PORT, TLS_PORT, TIME_PORT, DNS_PORT = "broker.example", 1883, 8883, 123, 53
BROKER_ADDRESS = "10.0.0.1"
WAY_MS = 2  # to the time servers, each way
NOTHING = b"\xff\xff"
OFF_MS = 500  # how long a start takes


def _thin(folder: Path) -> tuple[Path, Path]:
    """Return boot.py, and the image of a ROMFS with the thin modules, compiled."""
    image = folder / "thin.img"
    if not folder.is_dir():
        folder.mkdir()
        rom = VfsRomWriter()
        for path in sorted(THIN.glob("*.py")):
            if path.stem == "boot":
                (folder / path.name).write_text(path.read_text())
                continue
            code = build_firmware.compiled_small(path.read_text(), "x86", path.stem)
            if path.stem == "rom":  # mounts the others
                (folder / "rom.mpy").write_bytes(code)
            else:
                rom.mkfile(f"{path.stem}.mpy", code)
        image.write_bytes(bytes(rom.finalise()))
    return folder / "boot.py", image


class Box:
    """
    measured   (milliseconds since power on, bytes in use before a collection, after it)
    thin_b     bytes in use before main.py: MicroPython's own and the thin modules
    """

    def __init__(
        self,
        program: Path,
        flash: Path,
        heap_kb: int,
        tls: Path | None = None,
        rom: Path | None = None,
    ) -> None:
        boot, self._thin = _thin(flash.with_name("thin"))
        self._command = [program, "-X", f"heapsize={heap_kb}k", boot, flash]
        self._rom = [] if rom is None else [rom]
        self._true_us = time.time_ns() // 1000  # at power on: certificates are of today
        self._ms = 0  # since the power came for the first time
        self._begun_ms = 0  # of this start
        self.ground = VirtualGround("adxl355")
        self.chip = Adxl355(self.ground.source)
        self._wires = Spi(self.chip)
        self._wires.is_selected = True
        self.broker = VirtualBroker(self.now_us)
        self._tls = None if tls is None else _context(tls)
        self._time_server = TimeServer()
        self._ends: dict[int, Any] = {}  # the sockets of the board
        self.starts = 0
        self.measured: list[tuple[int, int, int]] = []
        self.thin_b = 0
        self.log = flash.with_name(flash.name + ".log")
        self._process: subprocess.Popen[bytes] | None = None

    def now_us(self) -> int:
        return self._true_us + 1000 * self._ms

    def run(self, seconds: float) -> None:
        end_ms = self._ms + round(1000 * seconds)
        while self._ms < end_ms:
            if self._process is None:
                self._start()
            head = self._from_it.read(8)
            if len(head) < 8:
                raise RuntimeError(self.log.read_text()[-2000:])
            kind, number, size, ms = struct.unpack("<BBHI", head)
            data = self._from_it.read(size)
            self._ms = self._begun_ms + ms
            answer = self._DO[kind](self, number, data)
            if kind in _ASKS:
                self._to_it.write(NOTHING if answer is None else struct.pack("<H", len(answer)))
                if answer:
                    self._to_it.write(answer)

    def close(self) -> None:
        if self._process is not None:
            self._to_it.close()
            self._from_it.close()
            self._process.wait()
            self._process = None

    def _start(self) -> None:
        self.starts += 1
        self._ms += OFF_MS
        self._begun_ms = self._ms
        self.broker.cut_lines()
        self._ends = {}
        to_it, from_us = os.pipe()
        from_it, to_us = os.pipe()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, f"/dev/fd/{to_it}", f"/dev/fd/{to_us}", self._thin, *self._rom],
                env={**os.environ, "MICROPYPATH": ".frozen"},
                pass_fds=(to_it, to_us),
                stdout=log,
                stderr=log,
            )
        os.close(to_it)
        os.close(to_us)
        self._to_it = os.fdopen(from_us, "wb", 0)
        self._from_it = os.fdopen(from_it, "rb")

    def _booted(self, number: int, data: bytes) -> None:
        self.thin_b = int.from_bytes(data, "little")

    def _reset(self, number: int, data: bytes) -> None:
        self.close()

    def _measured(self, number: int, data: bytes) -> None:
        self.measured.append((self._ms, *struct.unpack("<II", data)))

    def _exchange(self, number: int, data: bytes) -> bytes:
        self.ground.feed(self.chip, self.now_us())
        answer = bytearray(len(data))
        self._wires.write_readinto(data, answer)
        return bytes(answer)

    def _connect(self, number: int, data: bytes) -> bytes | None:
        (port,) = struct.unpack("<H", data)
        if port not in (BROKER_PORT, TLS_PORT):
            return None
        try:
            line = self.broker.accept()
        except OSError:
            return None
        self._ends[number] = SecureEnd(line, self._tls) if port == TLS_PORT else PlainEnd(line)
        return b""

    def _write(self, number: int, data: bytes) -> bytes | None:
        try:
            self._ends[number].take(data)
        except (KeyError, OSError):
            return None
        return b""

    def _read(self, number: int, data: bytes) -> bytes | None:
        (most,) = struct.unpack("<H", data)
        end = self._ends.get(number)
        return None if end is None else end.give(most, self._ms)

    def _send_to(self, number: int, data: bytes) -> bytes:
        (port,) = struct.unpack_from("<H", data)
        packet, answer = data[2:], None
        if port == TIME_PORT:
            answer = self._time_server.answer(packet, self.now_us() + 1000 * WAY_MS)
        elif port == DNS_PORT:
            answer = _found(packet)
        end = self._ends.setdefault(number, PacketEnd())
        if answer is not None:
            end.coming.append((self._ms + 2 * WAY_MS, bytes(answer)))
        return b""

    def _close(self, number: int, data: bytes) -> None:
        end = self._ends.pop(number, None)
        if end is not None:
            end.close()

    _DO: ClassVar = {  # by the letter that a question begins with
        **{66: _booted, 88: _reset, 77: _measured, 83: _exchange, 67: _connect},
        **{87: _write, 82: _read, 85: _send_to, 70: _close},
    }


_ASKS = b"SCWRU"


class PlainEnd:
    """The broker's end of a TCP line."""

    def __init__(self, line: Any) -> None:
        self._line = line

    def take(self, data: bytes) -> None:
        self._line.send(data)

    def give(self, most: int, now_ms: int) -> bytes | None:
        """Return what comes from there, b"" once it is closed, None for not yet."""
        try:
            return bytes(self._line.recv(most))
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def close(self) -> None:
        self._line.close()


class SecureEnd:
    """The same with TLS: the client must show a certificate of the authority."""

    def __init__(self, line: Any, context: ssl.SSLContext | None) -> None:
        assert context is not None, "a board with TLS, a world without"
        self._line = line
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._stream = context.wrap_bio(self._in, self._out, server_side=True)
        self._is_greeted = False

    def take(self, data: bytes) -> None:
        self._in.write(data)
        try:
            if not self._is_greeted:
                self._stream.do_handshake()
                self._is_greeted = True
            while chunk := self._stream.read(4096):
                self._line.send(chunk)
        except ssl.SSLWantReadError:
            pass

    def give(self, most: int, now_ms: int) -> bytes | None:
        if self._is_greeted and self._line.to_client:
            self._stream.write(self._line.to_client)
            self._line.to_client = b""
        return self._out.read(most) or (b"" if self._line.is_cut else None)

    def close(self) -> None:
        self._line.close()


class PacketEnd:
    def __init__(self) -> None:
        self.coming: list[tuple[int, bytes]] = []  # when it is there, what it is

    def give(self, most: int, now_ms: int) -> bytes | None:
        for index, (at_ms, packet) in enumerate(self.coming):
            if at_ms <= now_ms:
                del self.coming[index]
                return packet[:most]
        return None

    def close(self) -> None:
        pass


def _found(question: bytes) -> bytes:
    """Return a name server's answer: every name is the broker's (RFC 1035, 4.1)."""
    head = question[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0)
    address = ipaddress.IPv4Address(BROKER_ADDRESS).packed
    return head + question[12:] + struct.pack(">HHHIH", 0xC00C, 1, 1, 300, 4) + address


def certify(folder: Path) -> None:
    """Write certificates of an authority, the broker and the node into a folder."""
    now = datetime.datetime.now(datetime.UTC)
    authority = Authority.found("box", now)
    authority.save(folder)
    for name, hosts in (("broker", (BROKER,)), ("node", ())):
        authority.issue(folder, name, hosts, now - datetime.timedelta(days=1))


def _context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "broker.pem", folder / "broker.key")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context
