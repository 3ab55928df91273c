"""A port that nobody else gets: neither another test, nor a run of the tests beside this one.

A port that is bound, let go and taken later is free in between, and the kernel may give it to
somebody else: to another test that asks, or to any connection that goes out; a client that knocks
there while nobody listens may even be connected to itself. So these are ports that the kernel
gives to nobody, and each is held by a socket at another address of loopback (Linux has them all).
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

from system.broker import HOST

_HOLDER = "127.0.0.3"  # where nothing of ours listens
_FIRST, _LAST = 20_000, 65_535
_GIVEN = Path("/proc/sys/net/ipv4/ip_local_port_range")  # by the kernel, to who names no port


def _candidates(begin: int) -> Iterator[int]:
    first, last = (int(word) for word in _GIVEN.read_text().split())
    everything = range(_FIRST, _LAST + 1)
    ours = [port for port in everything if not first <= port <= last] or list(everything)
    begin %= len(ours)
    yield from ours[begin:]
    yield from ours[:begin]


_left = _candidates(begin=100 * os.getpid())  # others begin elsewhere


def free_port() -> int:
    """Return a port of HOST that is this process' own until it ends."""
    return next(port for port in _left if _hold(port) and _is_free(port))


def _hold(port: int) -> bool:
    """Keep others from that port; return False where somebody keeps it from us."""
    holder = socket.socket()
    try:
        holder.bind((_HOLDER, port))
    except OSError:
        holder.close()
        return False
    holder.detach()  # stays open as long as this process
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as brokers bind
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
