"""A search for the address of one host: questions to name servers, a packet at a time."""

import socket

from firmware.net import dns_packet

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.net.udp import UdpLine

PATIENCE_US = 2000000  # for one answer; a server at home needs 5 to 100 ms
ROUNDS = 2


class Search:
    """For the address of one host: each server is asked ROUNDS times, one after the other."""

    def __init__(self, host: str, servers: "list[tuple[str, int]]") -> None:
        self.host = host
        self._servers = servers
        self._line: "UdpLine | None" = None
        self._query_id = 0
        self._attempts = 0
        self._since_us = 0

    def step(
        self,
        now_us: int,
        random_bits: "Callable[[int], int]",
        open_udp: "Callable[[], UdpLine]",
    ) -> "dns_packet.Answer | None":
        """Return an answer with an address. Raises DnsError for a packet that is none, OSError at
        the end of the search."""
        # what comes later is not read: who sends wrong answers all the time would never be left
        if self._line is not None and now_us - self._since_us < PATIENCE_US:
            packet = self._line.receive(dns_packet.MAX_PACKET_BYTES)
            if packet is None:
                return None
            answer = dns_packet.answer(packet, self._query_id, self.host)
            if not answer.addresses:
                raise OSError(f"no such name: {self.host}")
            return answer
        if self._attempts == ROUNDS * len(self._servers):
            raise OSError(f"no name server answers for {self.host}")
        server = self._servers[self._attempts % len(self._servers)]
        self._attempts += 1
        self._since_us = now_us
        self.close()
        self._query_id = random_bits(16)
        try:
            question = dns_packet.question(self._query_id, self.host)
        except dns_packet.DnsError as error:
            raise OSError(str(error)) from None
        self._line = open_udp()  # a port of its own for each question: harder to guess
        self._line.send(question, socket.getaddrinfo(*server)[0][-1])
        return None

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
