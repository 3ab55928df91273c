"""TLS towards a broker: who it is, who we are.

The broker must show a certificate of our CA for the host name (or address) by which it was called,
valid today; we show our own. There is no way to switch the check off. Files are PEM, keys are for
the curve P-256: RSA takes several times as long on a device.
"""

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    import socket
    from typing import Any

try:
    from firmware.net import mbed_tls as engine
except ImportError:  # CPython has no module `tls`
    from firmware.net import open_ssl as engine  # type: ignore[no-redef]  # same names in both

MAX_WRITE_BYTES = 1024  # what one call encrypts; a frame has 100
_EAGAIN = 11


class Security:
    """
    ca            path of the CA certificates, one or several
    certificate   path of this node's own certificate, and of its key; both or neither

    Raises OSError where a file cannot be read, ValueError where it holds something else.
    """

    def __init__(
        self, ca: str, certificate: "str | None" = None, key: "str | None" = None
    ) -> None:
        self._context: "Any" = engine.new_context(ca, certificate, key)

    def wrap(self, line: "socket.socket", host: str) -> "SecureLine":
        """Return a line over one whose TCP connection stands. `host` is who must be there."""
        return SecureLine(engine.Stream(self._context, line, host))


class SecureLine:
    """send, recv and close like those of a non-blocking socket, with OSError EAGAIN for "not yet".

    The first calls of `send` carry on with the handshake. After EAGAIN the next one must begin
    with the same bytes: they may be encrypted already.
    """

    def __init__(self, stream: "Any") -> None:
        self._stream = stream
        self._committed = 0  # bytes that the engine has begun to send
        self._is_greeted = False

    def send(self, data: bytes) -> int:
        count = self._committed or min(len(data), MAX_WRITE_BYTES)
        sent: "int | None" = self._stream.write(data[:count])
        if not sent:
            self._committed = count
            raise OSError(_EAGAIN, "not yet")
        self._committed = 0
        self._is_greeted = True
        return sent

    def recv(self, count: int) -> bytes:
        if not self._is_greeted:  # a step of the loop does one thing: `send` is at it
            raise OSError(_EAGAIN, "not yet")
        chunk: "bytes | None" = self._stream.read(count)
        if chunk is None:
            raise OSError(_EAGAIN, "not yet")
        return chunk

    def close(self) -> None:
        self._stream.close()
