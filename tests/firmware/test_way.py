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


def test_an_address_where_nobody_ever_spoke_is_asked_for_again():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line, names, end = connected(listener)
        line.close()  # it hung up on us, or its certificate names another
        end.close()
        assert names.doubted == ["broker.test"]


def test_an_address_where_the_broker_spoke_is_not():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line, names, end = connected(listener)
        end.sendall(b"\x20\x02\x00\x00")
        end.close()
        received, until_s = b"", time.monotonic() + 5
        while not received and time.monotonic() < until_s:
            try:
                received = line.recv(16)
            except BlockingIOError:
                time.sleep(0.001)
        line.close()
        assert received and names.doubted == []
