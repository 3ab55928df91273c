"""Ports for tests: of two processes that ask at once each gets its own."""

import socket
import subprocess
import sys

import pytest

from system.micropython import ROOT
from tests import ports
from tests.ports import free_port

PROGRAM = """
from tests import ports
ports._left = ports._candidates(begin={begin})
print(*(ports.free_port() for _ in range(20)))
"""


def test_a_port_is_given_once_and_is_then_free_to_listen_at() -> None:
    port = free_port()
    begin = next(k for k, other in enumerate(ports._candidates(begin=0)) if other == port)
    asked = [sys.executable, "-c", PROGRAM.format(begin=begin)]
    others = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert len(set(others.split())) == 20 and str(port) not in others.split()
    with socket.create_server((ports.HOST, port)):
        assert not ports._is_free(port)


def test_the_kernel_gives_these_ports_to_nobody() -> None:
    with socket.create_server((ports.HOST, 0)) as server:
        given = server.getsockname()[1]

    ours = set(ports._candidates(begin=0))
    if len(ours) > ports._LAST - ports._FIRST:
        pytest.skip("this kernel gives all ports to everybody")
    assert given not in ours
