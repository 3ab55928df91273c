"""A TCP line that never blocks, on MicroPython and CPython alike.

A host name is looked up by getaddrinfo, which does block: where that hurts, give the address in
numbers.
"""

import socket

# EAGAIN, EINPROGRESS, EALREADY, ENOTCONN of Linux and of lwIP (ESP32): not yet, ask again
NOT_YET = (11, 114, 115, 119, 120, 107, 128)
_IPPROTO_TCP = 6
_TCP_NODELAY = 1


def open_tcp(host: str, port: int) -> socket.socket:
    """Return a non-blocking socket whose connection is under way. Raises OSError."""
    address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0][-1]
    line = socket.socket()
    try:
        line.setblocking(False)
        line.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        line.connect(address)
    except OSError as error:
        if error.errno not in NOT_YET:
            line.close()
            raise
    return line
