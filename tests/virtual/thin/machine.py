"""Pins that do nothing, wires to a chip in the world."""

import pipe

PWRON_RESET = 1
WDT_RESET = 3


class Pin:
    IN = 0
    OUT = 1
    IRQ_RISING = 4

    def __init__(self, name, mode=0, value=0):
        pass

    def __call__(self, level):
        pass

    def irq(self, handler, trigger):
        pass


class SPI:
    def __init__(self, number, **options):
        pass

    def write_readinto(self, out, into):
        pipe.ask_into(83, 0, out, into)


class WDT:
    def __init__(self, timeout):
        pass

    def feed(self):
        pass


class RTC:
    def datetime(self, moment):
        pass


def freq(hertz):
    pass


def reset_cause():
    return PWRON_RESET


def reset():
    pipe.tell(88, 0, b"")
    raise SystemExit
