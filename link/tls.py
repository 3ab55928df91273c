"""TLS of the services: three files side by side, named by one setting.

"certificates/gateway-1" stands for certificates/ca.pem, gateway-1.pem and gateway-1.key, as
`groundswell certificates` writes them. The broker must show a certificate of that authority for
the host by which it is called. There is no way to switch the check off.
"""

import logging
import socket
import ssl
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)


class TlsError(ValueError):
    """One clear line: which file cannot be used, and why."""


def context_of(identity: str) -> ssl.SSLContext:
    """Return what makes lines secure for "FOLDER/NAME". Raises TlsError."""
    path = Path(identity)
    authority = path.with_name("ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(authority)
    except (OSError, ssl.SSLError) as error:
        raise TlsError(f"{authority}: {error.strerror or error}") from error
    try:
        # with_suffix would cut "gateway-1.example" short
        context.load_cert_chain(f"{path}.pem", f"{path}.key")
    except (OSError, ssl.SSLError) as error:
        raise TlsError(f"{path}.pem, {path}.key: {error.strerror or error}") from error
    return context


class Greeter:
    """What paho takes for a context: one that says, once, why a handshake failed.

    paho itself would only say that the broker does not answer, and leave the socket open.
    """

    check_hostname = True

    def __init__(self, identity: str) -> None:
        self._context = context_of(identity)
        self._said = ""

    def wrap_socket(self, sock: socket.socket, **options: Any) -> ssl.SSLSocket:
        line = self._context.wrap_socket(sock, **options)
        try:
            line.do_handshake()
        except OSError as error:
            line.close()
            if str(error) != self._said:
                self._said = str(error)
                _log.warning("TLS with %s fails: %s", line.server_hostname, error)
            raise
        return line
