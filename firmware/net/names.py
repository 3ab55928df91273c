"""Host names to addresses without waiting: a few packets to a name server, and a memory.

Asked when a broker is called, each time that its address is older than the server said; an address
that is known goes on being used where no server answers, because brokers seldom move and TLS tells
whether it is still ours. Without a name server to ask (a PC) getaddrinfo is used, which blocks:
uplinks step when the sensor's FIFO has just been drained, and addresses in numbers need neither.

Holds MAX_NAMES names, and as many searches; forgets all names, or the oldest search, beyond that.
What searches (search.py) is loaded for it and not kept; where there is no room for it, a name that
is known stays good, and the others are asked for again.
"""

import random
import socket

from firmware import lean
from firmware.net.udp import UdpLine

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.net.search import Search

PORT = 53
MAX_NAMES = 8
SHORTEST_TTL_S = 60  # 0 would ask at every call
LONGEST_TTL_S = 3600  # a name server that is wrong for a moment may say a day
# The last is a bundle of the build.
SEARCHING = ("firmware.net.search", "firmware.net.dns_packet", "firmware.asking")
_ENOMEM = 12


def is_numeric(host: str) -> bool:
    """Return whether a host is an IPv4 address in numbers."""
    parts = host.split(".")
    if len(parts) != 4:
        return False
    return all(_is_digits(part) and int(part) < 256 for part in parts)


def _is_digits(text: str) -> bool:
    return 0 < len(text) < 4 and all("0" <= sign <= "9" for sign in text)


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
        port: int = PORT,
    ) -> None:
        self.servers = servers
        self._ticks = ticks
        self._random_bits = random_bits
        self._open_udp = open_udp
        self._port = port
        self._known: "dict[str, tuple[str, int]]" = {}  # host -> address, ticks when it is old
        self._searches: "list[Search]" = []
        self._missing: "list[str]" = []  # hosts without an address in this round of `find_all`
        self.malformed = 0
        self.failures = 0  # searches without an answer

    def address_of(self, host: str) -> "str | None":
        """Return the address in numbers; None: ask again soon. Raises OSError: none is known."""
        if is_numeric(host):
            return host
        address, old_at_us = self._known.get(host, ("", 0))
        if address and self._ticks() < old_at_us:
            return address
        try:
            return self._search(host)
        except OSError:
            self.failures += 1
            if address:
                return address
            raise

    def find_all(self, servers: "list[tuple[str, int]]") -> "list[Any] | None":
        """Return the addresses, as sockets take them, of those (host, port) that were found,
        each once; None: ask again soon."""
        found: "list[Any]" = []
        for host, port in servers:
            if host in self._missing:
                continue
            try:
                address = self.address_of(host)
            except OSError:
                self._missing.append(host)
                continue
            if address is None:
                return None
            at = socket.getaddrinfo(address, port)[0][-1]  # of numbers: asks nobody
            if at not in found:
                found.append(at)
        self._missing = []
        return found

    def doubt(self, host: str) -> None:
        """The address led nowhere: ask for it again before it is used the next time."""
        if host in self._known:
            self._known[host] = (self._known[host][0], 0)

    def _search(self, host: str) -> "str | None":
        """Raises OSError where all servers were asked and none answered, or there is no name."""
        search = self._search_for(host)
        if search is None:
            return str(socket.getaddrinfo(host, 0, socket.AF_INET, socket.SOCK_STREAM)[0][-1][0])
        try:
            answer = search.step(self._ticks(), self._random_bits, self._open_udp)
        except ValueError:  # a DnsError
            self.malformed += 1
            return None  # the true answer may still come
        except OSError:
            self._end(search)
            raise
        if answer is None:
            return None
        self._end(search)
        if len(self._known) >= MAX_NAMES and host not in self._known:
            self._known.clear()
        ttl_s = min(max(answer.ttl_s, SHORTEST_TTL_S), LONGEST_TTL_S)
        self._known[host] = (answer.addresses[0], self._ticks() + ttl_s * 1000000)
        return str(answer.addresses[0])

    def _search_for(self, host: str) -> "Search | None":
        for search in self._searches:
            if search.host == host:
                return search
        if not self.servers:
            return None
        if len(self._searches) >= MAX_NAMES:
            self._end(self._searches[0])  # whoever asked does so no more
        try:
            from firmware.net.search import Search

            found = Search(host, [(server, self._port) for server in self.servers])
        except MemoryError:
            lean.forget(*SEARCHING)
            raise OSError(_ENOMEM, "no memory to look for " + host) from None
        self._searches.append(found)
        return found

    def _end(self, search: "Search") -> None:
        search.close()
        self._searches.remove(search)
        if not self._searches:
            lean.forget(*SEARCHING)
