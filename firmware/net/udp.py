"""UDP that never blocks, on MicroPython and CPython alike; and names, whose look-up does block."""

import socket

from firmware.net.tcp import NOT_YET

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Any


class UdpLine:
    """A socket with a port of its own, new for each round: what comes late comes to nobody."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)

    def send(self, packet: bytes, address: "Any") -> None:
        """Raises OSError where there is no way."""
        self.socket.sendto(packet, address)

    def receive(self, most: int) -> "bytes | None":
        """Return the next packet, cut to `most` bytes, or None if there is none."""
        try:
            return self.socket.recv(most)
        except OSError as error:
            if error.errno in NOT_YET:
                return None
            raise

    def close(self) -> None:
        self.socket.close()


def look_up(servers: "list[tuple[str, int]]") -> "list[Any]":
    """Return the addresses of (host, port) pairs, those that were found, each once.

    getaddrinfo blocks for seconds where DNS does not answer: call this before the sample loop
    starts, not in it. Addresses in numbers need no DNS and cannot fail.
    """
    found: "list[Any]" = []
    for host, port in servers:
        try:
            address = socket.getaddrinfo(host, port, 0, socket.SOCK_DGRAM)[0][-1]
        except OSError:
            continue  # the caller sees that there are fewer
        if address not in found:
            found.append(address)
    return found
