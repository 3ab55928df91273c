"""The node's time over real UDP against a server of ours, on CPython and on MicroPython."""

import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from time_server import reply  # in tests/shared, on pytest's path

from firmware.net.udp import UdpLine, look_up
from system.micropython import ROOT, environment
from tests import own_time

CLIENT = Path(__file__).with_name("time_client.py")
HOUR_US = 3600 * 1_000_000
SO_TIMESTAMPNS = 35  # Linux: each packet comes with its time of arrival; not in Python's socket


class UdpTimeServer:
    """Answers with this machine's time plus a lie; before each answer it sends some nonsense."""

    def __init__(self, lie_us: int = 0, nonsense: tuple[bytes, ...] = ()) -> None:
        self._lie_us = lie_us
        self._nonsense = nonsense
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bell:
            bell.sendto(b"stop", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            question, ((_, _, stamp),), _, whence = self._socket.recvmsg(100, 100)
            if question == b"stop":
                return
            # when it came, not when this thread got a processor: as real servers do
            seconds, rest_ns = struct.unpack("qq", stamp)
            received_us = seconds * 1_000_000 + rest_ns // 1000 + self._lie_us
            for packet in self._nonsense:
                self._socket.sendto(packet, whence)
            answered_us = time.time_ns() // 1000 + self._lie_us
            self._socket.sendto(reply(question, received_us, answered_us), whence)


@pytest.fixture(params=["CPython", "MicroPython"])
def interpreter(request: pytest.FixtureRequest) -> Path:
    if request.param == "CPython":
        return Path(sys.executable)
    found: Path = request.getfixturevalue("micropython")
    return found


@pytest.fixture
def liar_and_two() -> Iterator[list[UdpTimeServer]]:
    servers = [UdpTimeServer(HOUR_US), UdpTimeServer(), UdpTimeServer()]
    yield servers
    for server in servers:
        server.stop()


def said_by(interpreter: Path, *servers: UdpTimeServer) -> list[int]:
    """Return what the client prints."""
    surroundings = environment()
    surroundings["PYTHONPATH"] = f"{ROOT / 'firmware'}:{ROOT}"
    command = [str(interpreter), str(CLIENT), *(str(server.port) for server in servers)]
    run = subprocess.run(
        command, env=surroundings, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return [int(word) for word in run.stdout.split()]


def test_a_real_server_sets_the_clock_and_nonsense_before_each_answer_does_not(
    interpreter: Path,
) -> None:
    server = UdpTimeServer(nonsense=(b"", b"hello", bytes(48), b"\x24\x02" + bytes(200)))
    try:
        error_us, claimed_us, answered, malformed, longest_us = said_by(interpreter, server)
    finally:
        server.stop()

    assert abs(error_us) < 10_000 and claimed_us < 20_000
    # an empty packet reads as nothing on a stream, as a packet here
    assert answered == 3 and malformed >= 3 * 3
    assert longest_us < 256_000  # what the FIFO of an ADXL355 holds; usually a millisecond


def test_a_real_liar_is_outvoted_by_two(
    interpreter: Path, liar_and_two: list[UdpTimeServer]
) -> None:
    error_us, claimed_us, answered, malformed, _ = said_by(interpreter, *liar_and_two)

    assert abs(error_us) < 10_000 and claimed_us < 20_000
    assert answered == 9 and malformed == 0


def test_a_line_with_nothing_to_read_says_so_at_once() -> None:
    line = UdpLine()
    began_us = own_time.now_us()

    assert line.receive(48) is None
    assert own_time.now_us() - began_us < 500_000
    line.close()


def test_a_host_that_is_not_found_is_left_out_and_twins_count_once() -> None:
    found = look_up([("127.0.0.1", 123), ("no-such-host.invalid", 123), ("127.0.0.1", 123)])

    assert found == [("127.0.0.1", 123)]
