"""The way to one broker: its name, TCP, TLS; a line for each call, which comes into being unseen.

Nothing here blocks (see names.py for the one exception): what takes time happens a piece at each
`send`, which says EAGAIN until the line stands.
"""

import select
import socket

from firmware.net import tcp

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from firmware.net.names import Names
    from firmware.net.security import SecureLine, Security

_EAGAIN = 11
_ECONNREFUSED = 111
_POLLERR_OR_HUP = 8 | 16


class Way:
    """
    host       a name or an address in numbers; with TLS the broker's certificate must name it
    names      who knows addresses; None: the host is one, or getaddrinfo may block
    security   None: without TLS, for a network of one's own
    """

    def __init__(
        self,
        host: str,
        port: int,
        names: "Names | None" = None,
        security: "Security | None" = None,
    ) -> None:
        self.host = host
        self.port = port
        self.names = names
        self.security = security

    def open_line(self) -> "Line":
        """Raises OSError where the host or the network says no at once."""
        return Line(self, is_probe=False)

    def probe(self) -> "Line":
        """Return a line that only shows, by `is_connected`, whether somebody answers there."""
        return Line(self, is_probe=True)


class Line:
    """send, recv and close like those of a non-blocking socket."""

    def __init__(self, way: Way, is_probe: bool) -> None:
        self._way = way
        self._is_probe = is_probe
        self._tcp: "socket.socket | None" = None
        self._poller: "select.poll | None" = None
        self._standing: "socket.socket | SecureLine | None" = None
        self.is_connected = False
        self.is_proved = False  # the broker is there: said by whoever came to terms with it
        self._advance()

    def send(self, data: bytes) -> int:
        if self._standing is None:
            self._advance()
            raise OSError(_EAGAIN, "not yet")
        return self._standing.send(data)

    def recv(self, count: int) -> bytes:
        if self._standing is None:
            raise OSError(_EAGAIN, "not yet")
        return self._standing.recv(count)

    def close(self) -> None:
        is_right = self.is_connected if self._is_probe else self.is_proved
        if not is_right and self._way.names is not None:
            self._way.names.doubt(self._way.host)  # nobody or another: perhaps it has moved
        for end in (self._standing, self._tcp):  # both: TLS may not get to closing what is below
            if end is not None:
                try:
                    end.close()
                except OSError:
                    pass  # it was broken: that is why it is closed
        self._standing = self._tcp = None

    def advance(self) -> bool:
        """For a probe: do what can be done; return whether somebody answered. Raises OSError."""
        if not self.is_connected:
            self._advance()
        return self.is_connected

    def _advance(self) -> None:
        if self._tcp is None:
            address = self._address()
            if address is not None:
                self._tcp = tcp.open_tcp(address, self._way.port)
                self._poller = select.poll()
                self._poller.register(self._tcp, select.POLLOUT)
            return
        events = self._poller.poll(0)  # type: ignore[union-attr]  # made with the socket
        if not events:
            return
        if events[0][1] & _POLLERR_OR_HUP:
            raise OSError(_ECONNREFUSED, "nobody answers")
        self.is_connected = True
        if self._way.security is None or self._is_probe:
            self._standing = self._tcp
        else:
            self._standing = self._way.security.wrap(self._tcp, self._way.host)

    def _address(self) -> "str | None":
        if self._way.names is None:
            return self._way.host
        return self._way.names.address_of(self._way.host)
