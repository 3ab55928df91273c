"""A line to a broker, and when its address is doubted: real sockets on this machine."""

import socket
import time

from firmware.uplink.way import Way


class Names:
    def __init__(self):
        self.doubted = []

    def address_of(self, host):
        return "127.0.0.1"

    def doubt(self, host):
        self.doubted.append(host)


def connected(listener):
    names = Names()
    line = Way("broker.test", listener.getsockname()[1], names).open_line()
    until_s = time.monotonic() + 5
    while not line.is_connected and time.monotonic() < until_s:
        try:
            line.send(b"x")
        except OSError:
            time.sleep(0.001)
    return line, names, listener.accept()[0]


def test_an_address_is_asked_for_again_unless_it_led_to_our_broker():
    for is_proved, doubted in ((False, ["broker.test"]), (True, [])):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            line, names, end = connected(listener)
            line.is_proved = is_proved
            line.close()
            end.close()
        assert names.doubted == doubted


def test_a_probe_that_was_answered_doubts_nothing():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        names = Names()
        probe = Way("broker.test", listener.getsockname()[1], names).probe()
        until_s = time.monotonic() + 5
        while not probe.advance() and time.monotonic() < until_s:
            time.sleep(0.001)
        probe.close()
        assert names.doubted == []
