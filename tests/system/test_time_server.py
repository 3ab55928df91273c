"""The time server of virtual boards: an honest answer, late by what the bad link takes."""

import select
import socket
from collections.abc import Iterator

import numpy as np
import pytest

from firmware.timesync import sntp
from system.crystal import LEAST_DELAY_US
from system.time_server import TimeServer

NOW_US = 1_800_000_000_000_000  # after the firmware was built
COOKIE = b"12345678"


@pytest.fixture
def client() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.settimeout(5)
        yield found


def asked(client: socket.socket, server: TimeServer, packet: bytes) -> None:
    client.sendto(packet, ("127.0.0.1", server.port))
    assert select.select([server.socket], [], [], 5)[0]
    server.hear(NOW_US)


def test_an_answer_is_held_back_as_long_as_both_ways_take_and_says_the_time(
    client: socket.socket,
) -> None:
    server = TimeServer(3_600_000_000, np.random.default_rng(1))
    asked(client, server, sntp.question(COOKIE))
    due_us = server.due_us
    assert due_us is not None and due_us >= NOW_US + 2 * LEAST_DELAY_US
    server.speak(due_us - 1)
    assert not select.select([client], [], [], 0.05)[0]
    server.speak(due_us)
    answer = sntp.answer(client.recv(100), COOKIE)

    ways_us = due_us - NOW_US - (answer.answered_us - answer.received_us)
    there_us = answer.received_us - 3_600_000_000 - NOW_US
    assert LEAST_DELAY_US <= there_us <= ways_us - LEAST_DELAY_US
    assert server.due_us is None
    server.close()


def test_nonsense_gets_no_answer(client: socket.socket) -> None:
    server = TimeServer(0, np.random.default_rng(1))
    asked(client, server, b"what time is it?")

    assert server.due_us is None
    server.close()
