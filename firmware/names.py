"""Host names to addresses without waiting: a few packets to a name server, and a memory.

Asked when a broker is called, each time that its address is older than the server said; an address
that is known goes on being used where no server answers, because brokers seldom move and TLS tells
whether it is still ours. Without a name server to ask (a PC) getaddrinfo is used, which blocks:
uplinks step when the sensor's FIFO has just been drained, and addresses in numbers need neither.

Holds MAX_NAMES names; forgets them all when there are more.
"""

import random
import socket

from firmware import dns_packet
from firmware.udp import UdpLine

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_NAMES = 8
PATIENCE_US = 2000000  # for one answer; a server at home needs 5 to 100 ms
ROUNDS = 2
SHORTEST_TTL_S = 60  # 0 would ask at every call
LONGEST_TTL_S = 86400


class Names:
    """
    servers   addresses of name servers in numbers, as DHCP gave them; asked in turn
    ticks     () -> microseconds of a counter that never goes back
    """

    def __init__(
        self,
        servers: "list[str]",
        ticks: "Callable[[], int]",
        random_bits: "Callable[[int], int]" = random.getrandbits,
        open_udp: "Callable[[], UdpLine]" = UdpLine,
        port: int = dns_packet.PORT,
    ) -> None:
        self.servers = servers
        self._ticks = ticks
        self._random_bits = random_bits
        self._open_udp = open_udp
        self._port = port
        self._known: "dict[str, tuple[str, int]]" = {}  # host -> address, ticks when it is old
        self._asked = ""  # the host that is being asked for
        self._line: "UdpLine | None" = None
        self._query_id = 0
        self._attempts = 0
        self._since_us = 0
        self.malformed = 0
        self.failures = 0  # no server answered

    def address_of(self, host: str) -> "str | None":
        """Return the address in numbers, or None: ask again soon. Raises OSError: none is known.

        One name is asked for at a time; whoever asks for another ends the search for the first.
        """
        if dns_packet.is_numeric(host):
            return host
        if not self.servers:
            return str(socket.getaddrinfo(host, 0, socket.AF_INET, socket.SOCK_STREAM)[0][-1][0])
        address, old_at_us = self._known.get(host, ("", 0))
        if address and self._ticks() < old_at_us:
            return address
        if self._asked != host:
            self._give_up()
            self._asked = host
        try:
            found = self._listen(host)
        except OSError:
            self._give_up()
            self.failures += 1
            if address:
                return address
            raise
        return found

    def doubt(self, host: str) -> None:
        """The address led nowhere: ask for it again before it is used the next time."""
        if host in self._known:
            self._known[host] = (self._known[host][0], 0)

    def _listen(self, host: str) -> "str | None":
        """Raises OSError where all servers were asked and none answered, or there is no name."""
        now_us = self._ticks()
        if self._line is not None:
            packet = self._line.receive(dns_packet.MAX_PACKET_BYTES)
            if packet is not None:
                try:
                    answer = dns_packet.answer(packet, self._query_id, host)
                except dns_packet.DnsError:
                    self.malformed += 1
                    return None  # the true answer may still come
                if not answer.addresses:
                    raise OSError(f"no such name: {host}")
                self._remember(host, answer, now_us)
                self._give_up()
                return str(answer.addresses[0])
            if now_us - self._since_us < PATIENCE_US:
                return None
        self._ask(host, now_us)
        return None

    def _ask(self, host: str, now_us: int) -> None:
        if self._attempts == ROUNDS * len(self.servers):
            raise OSError(f"no name server answers for {host}")
        server = self.servers[self._attempts % len(self.servers)]
        self._attempts += 1
        self._close()
        self._query_id = self._random_bits(16)
        try:
            packet = dns_packet.question(self._query_id, host)
        except dns_packet.DnsError as error:
            raise OSError(str(error)) from error
        self._since_us = now_us
        self._line = self._open_udp()  # a port of its own for each question: harder to guess
        self._line.send(packet, socket.getaddrinfo(server, self._port)[0][-1])

    def _remember(self, host: str, answer: dns_packet.Answer, now_us: int) -> None:
        if len(self._known) >= MAX_NAMES and host not in self._known:
            self._known.clear()
        ttl_s = min(max(answer.ttl_s, SHORTEST_TTL_S), LONGEST_TTL_S)
        self._known[host] = (answer.addresses[0], now_us + ttl_s * 1000000)

    def _give_up(self) -> None:
        self._close()
        self._attempts = 0
        self._asked = ""

    def _close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
