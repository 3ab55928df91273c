"""TLS as CPython has it (OpenSSL), for a Raspberry Pi: a whole handshake takes it milliseconds."""

import socket
import ssl

from firmware.net.trust import TrustError

TYPE_CHECKING = False  # as in the modules that MicroPython reads
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def new_context(ca: str, certificate: "str | None", key: "str | None") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks name, dates and certificate
    context.load_verify_locations(ca)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context


class Stream:
    def __init__(self, context: ssl.SSLContext, line: socket.socket, host: str) -> None:
        self._line = context.wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
        self._is_greeted = False

    def write(self, data: bytes) -> "int | None":
        """Return how much went out; None: not yet. Raises OSError."""
        if not self._is_greeted:
            self._is_greeted = self._attempt(self._greet, None) is not None
            if not self._is_greeted:
                return None
        sent: "int | None" = self._attempt(self._line.send, data)
        return sent

    def read(self, count: int) -> "bytes | None":
        """Return what came, b"" at the end; None: nothing yet. Raises OSError."""
        received: "bytes | None" = self._attempt(self._line.recv, count)
        return received

    def close(self) -> None:
        self._line.close()

    def _greet(self, _: None) -> bool:
        self._line.do_handshake()
        return True

    def _attempt(self, action: "Callable[[Any], Any]", argument: "Any") -> "Any":
        try:
            return action(argument)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLError as error:
            raise TrustError(str(error)) from error
