"""Stand-ins for MicroPython's machine and network, and boards that are imported with them."""

import sys

KINDS = {"esp32": "Esp32", "esp32_s3": "Esp32S3", "esp32_c3": "Esp32C3", "pico_w": "PicoW"}


class FakeMachine:
    PWRON_RESET, HARD_RESET, WDT_RESET = 1, 2, 3

    def __init__(self):
        self.cause = self.PWRON_RESET
        self.made = []
        self.fed = 0
        self.calendar = None
        self.fastest_hz = 240000000
        self.Pin = PinMaker(self)

    def reset_cause(self):
        return self.cause

    def freq(self, hertz):
        self.made.append(("clock", hertz))
        if hertz > self.fastest_hz:
            raise ValueError("frequency")

    def SPI(self, number, **options):  # noqa: N802  MicroPython's name
        self.made.append(("spi", number, options))
        return self

    def I2C(self, number, **options):  # noqa: N802
        self.made.append(("i2c", number, options))
        return self

    def WDT(self, timeout):  # noqa: N802
        self.made.append(("watchdog", timeout))
        return self

    def RTC(self):  # noqa: N802
        return self

    def datetime(self, parts):
        self.calendar = parts

    def feed(self):
        self.fed += 1


class PinMaker:
    IN, OUT, IRQ_RISING = 0, 1, 4

    def __init__(self, machine):
        self._machine = machine

    def __call__(self, number, *mode, **options):
        self._machine.made.append(("pin", number))
        return FakePin(number)


class FakePin:
    def __init__(self, number):
        self.number = number
        self.level = None

    def __call__(self, level):
        self.level = level

    def irq(self, handler, trigger):
        assert trigger == PinMaker.IRQ_RISING
        self.rise = lambda: handler(self)


class FakeTime:
    """A counter that wraps, as a device's does."""

    def __init__(self):
        self.us = 0

    def ticks_us(self):
        return self.us & (1 << 30) - 1

    def ticks_diff(self, later, sooner):
        return (later - sooner + (1 << 29) & (1 << 30) - 1) - (1 << 29)


class FakeWlan:
    def __init__(self):
        self.is_connected = False
        self.joins = []

    def isconnected(self):
        return self.is_connected

    def active(self, is_on):
        assert is_on

    def disconnect(self):
        raise OSError("was not connected")

    def connect(self, ssid, key):
        self.joins.append((ssid, key))

    def ifconfig(self):
        return ("10.0.0.7", "255.255.255.0", "10.0.0.1", "10.0.0.53")

    def status(self, what):
        assert what == "rssi"
        return -61


class FakeNetwork:
    STA_IF = 0

    def __init__(self):
        self.wlan = FakeWlan()

    def WLAN(self, interface):  # noqa: N802
        return self.wlan


MACHINE = FakeMachine()


def board_of(name):
    """Import a board with stand-ins in place; return it and its network."""
    network = FakeNetwork()
    for module in ("firmware.boards.micro", "firmware.boards." + name, "machine", "network"):
        sys.modules.pop(module, None)
    sys.modules["machine"] = MACHINE
    sys.modules["network"] = network
    try:
        found = __import__("firmware.boards." + name, None, None, ("main",))
    finally:
        for module in ("machine", "network"):
            sys.modules.pop(module, None)
    MACHINE.made = []
    kind = KINDS[name]
    return getattr(found, kind)(FakePin(2), FakePin(4)), network
