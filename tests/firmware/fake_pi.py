"""spidev and smbus2 without a Raspberry Pi: models of chips at the other end of their wires.

    fake_pi.install(model)                 for drivers in a test
    python fake_pi.py --state DIR          the whole node, its chip in real time

Only what is used of the two modules, and as strict: lists and integers, nothing else.
"""

import runpy
import sys
import time
import types
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "firmware"), str(ROOT / "tests" / "shared")]

from firmware.virtual.chips.adxl355 import Adxl355  # noqa: E402
from firmware.virtual.chips.wires import Cs, I2c, Spi  # noqa: E402


class SpiDev:
    model: Any = None
    mode = 0
    max_speed_hz = 0

    def open(self, bus: int, device: int) -> None:
        if (bus, device) != (0, 0):
            raise FileNotFoundError(2, "No such file or directory")
        self._wires = Spi(self.model)
        self._select = Cs(self._wires)

    def xfer2(self, out: list[int]) -> list[int]:
        assert type(out) is list and all(0 <= byte < 256 for byte in out)
        before_transaction(self.model)
        buffer = bytearray(out)
        self._select(0)
        self._wires.write_readinto(buffer, buffer)
        self._select(1)
        return list(buffer)


class Message:
    def __init__(self, address: int, content: list[int], length: int) -> None:
        self.address = address
        self.content = content
        self.length = length

    @classmethod
    def write(cls, address: int, content: list[int]) -> "Message":
        assert all(0 <= byte < 256 for byte in content)
        return cls(address, content, 0)

    @classmethod
    def read(cls, address: int, length: int) -> "Message":
        return cls(address, [], length)

    def __iter__(self) -> Any:
        return iter(self.content)


class SMBus:
    model: Any = None
    address = 0

    def __init__(self, bus: int) -> None:
        if bus != 1:
            raise FileNotFoundError(2, "No such file or directory")
        self._wires = I2c(self.model, self.address)

    def i2c_rdwr(self, *messages: Message) -> None:
        before_transaction(self.model)
        first = messages[0]
        if len(messages) == 1:
            self._wires.writeto_mem(first.address, first.content[0], bytes(first.content[1:]))
            return
        (register,) = first.content
        buffer = bytearray(messages[1].length)
        self._wires.readfrom_mem_into(messages[1].address, register, buffer)
        messages[1].content = list(buffer)


def before_transaction(model: Any) -> None:
    """Let no time pass: a test says when."""


def install(model: Any, address: int = 0) -> None:
    """Put the two modules where Python finds them, with this chip at both."""
    SpiDev.model = SMBus.model = model
    SMBus.address = address
    for name, content in (
        ("spidev", {"SpiDev": SpiDev}),
        ("smbus2", {"SMBus": SMBus, "i2c_msg": Message}),
    ):
        module = types.ModuleType(name)
        vars(module).update(content)
        sys.modules[name] = module


def live_in_real_time() -> None:
    started_s = time.monotonic()
    taken = 0

    def feed(model: Any) -> None:
        nonlocal taken, started_s
        if not model.rate_mhz():
            started_s, taken = time.monotonic(), 0
            return
        due = int((time.monotonic() - started_s) * model.rate_mhz() / 1000)
        model.tick(min(due - taken, 200))
        taken = due

    globals()["before_transaction"] = feed


def a_quiet_place(n: int) -> tuple[int, int, int]:
    noise = [(n * factor % 41) - 20 for factor in (7919, 104729, 1299709)]
    return noise[0], noise[1], noise[2] + 256410


if __name__ == "__main__":
    install(Adxl355(a_quiet_place))
    live_in_real_time()
    runpy.run_module("firmware.pi", run_name="__main__")
