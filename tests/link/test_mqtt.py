"""The link against real brokers: what is sent arrives, what breaks comes back, all is bounded."""

import gc
import queue
import socket
import threading
import time
import weakref

import pytest

from link import mqtt
from link.mqtt import AddressError, MqttLink, parse_address
from tests.ports import free_port
from tests.system.waiting import until

PATIENCE_S = 10.0


class Listener:
    """A link whose messages a test takes from a queue."""

    def __init__(self, address: str, *subscriptions: str, client_id: str = "listener", will=None):
        self.heard: queue.Queue[tuple[str, bytes, int]] = queue.Queue()
        self.link = MqttLink(
            address, client_id, subscriptions, lambda *heard: self.heard.put(heard), will
        )
        self.link.start()

    def next(self) -> tuple[str, bytes]:
        topic, payload, _ = self.heard.get(timeout=PATIENCE_S)
        return topic, payload


@pytest.fixture
def started():
    links: list[MqttLink] = []
    yield links
    for link in links:
        link.stop()


def listener(started, *arguments, **more) -> Listener:
    made = Listener(*arguments, **more)
    started.append(made.link)
    return made


@pytest.mark.parametrize("qos", [0, 1])
def test_a_message_arrives_byte_for_byte(broker, started, qos):
    hearer = listener(started, broker.address, "a/+")
    assert hearer.link.wait_until_ready(PATIENCE_S)

    assert hearer.link.publish("a/b", bytes(range(256)), qos=qos)

    assert hearer.next() == ("a/b", bytes(range(256)))


def test_a_stamp_of_arrival_comes_with_each_message(broker, started):
    hearer = listener(started, broker.address, "a")
    assert hearer.link.wait_until_ready(PATIENCE_S)

    hearer.link.publish("a", b"1")
    hearer.link.publish("a", b"2")
    first = hearer.heard.get(timeout=PATIENCE_S)[2]
    second = hearer.heard.get(timeout=PATIENCE_S)[2]

    assert 0 <= second - first < PATIENCE_S * 1e6


def test_it_connects_when_the_broker_comes_late_and_again_when_it_restarts(broker, started):
    broker.stop()
    hearer = listener(started, broker.address, "a")
    assert not hearer.link.wait_until_ready(0.3)
    assert not hearer.link.publish("a", b"nobody there")
    assert hearer.link.counters.drops == 1

    for connects in (1, 2):
        broker.start()
        assert hearer.link.wait_until_ready(PATIENCE_S)
        assert hearer.link.publish("a", b"%d" % connects)
        assert hearer.next() == ("a", b"%d" % connects)
        assert hearer.link.counters.connects == connects
        broker.stop()
        until(lambda: not hearer.link.wait_until_ready(0), PATIENCE_S, "the loss is noticed")


def test_the_will_is_spoken_and_retained_when_a_client_vanishes(broker, started):
    hearer = listener(started, broker.address, "will/+")
    assert hearer.link.wait_until_ready(PATIENCE_S)
    doomed = Listener(broker.address, "x", client_id="doomed", will=("will/doomed", b"gone"))
    assert doomed.link.wait_until_ready(PATIENCE_S)

    doomed.link._client.socket().shutdown(socket.SHUT_RDWR)
    doomed.link.stop()

    assert hearer.next() == ("will/doomed", b"gone")
    later = listener(started, broker.address, "will/+", client_id="later")
    assert later.next() == ("will/doomed", b"gone")


def test_what_the_broker_had_kept_is_told_apart_from_what_is_new(broker, started):
    speaker = listener(started, broker.address, "a", client_id="speaker")
    assert speaker.link.wait_until_ready(PATIENCE_S)
    assert speaker.link.publish("a", b"old", qos=1, retain=True)
    assert speaker.heard.get(timeout=PATIENCE_S)[1] == b"old"  # it is there, and kept
    kept: queue.Queue[bytes] = queue.Queue()
    hearer = queue.Queue()
    link = MqttLink(
        broker.address, "hearer", ["a"], lambda *m: hearer.put(m[1]),
        on_retained=lambda *m: kept.put(m[1]),
    )  # fmt: skip
    link.start()
    started.append(link)

    assert kept.get(timeout=PATIENCE_S) == b"old"
    speaker.link.publish("a", b"new", qos=1, retain=True)

    assert hearer.get(timeout=PATIENCE_S) == b"new"
    assert kept.empty()


def test_what_was_not_acknowledged_is_sent_again_on_the_next_connection():
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = MqttLink(f"127.0.0.1:{server.getsockname()[1]}", "stubborn", [])
        link.start()
        first = welcome(server)
        assert link.wait_until_ready(PATIENCE_S)
        assert link.publish("a", b"once", qos=1)
        assert first.recv(100) == b"\x32\x09\x00\x01a\x00\x01once"
        first.close()

        second = welcome(server)

        assert second.recv(100) == b"\x3a\x09\x00\x01a\x00\x01once"  # the same, marked DUP
        second.sendall(b"\x40\x02\x00\x01")  # PUBACK: paho's stop waits for it
        link.stop()
        second.close()


def welcome(server: socket.socket) -> socket.socket:
    """Accept a connection, read CONNECT, answer CONNACK."""
    connection, _ = server.accept()
    connection.settimeout(PATIENCE_S)
    connection.recv(4096)
    connection.sendall(b"\x20\x02\x00\x00")
    return connection


def test_what_is_not_taken_away_is_bounded_and_counted():
    # a server that accepts the connection and then reads no more
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = MqttLink(f"127.0.0.1:{server.getsockname()[1]}", "stuck", [])
        link.start()
        connection = welcome(server)
        assert link.wait_until_ready(PATIENCE_S)

        taken = sum(link.publish("a", bytes(65536), qos=0) for _ in range(mqtt.MAX_UNSENT + 500))

        # what fits in the sockets' buffers is away; beyond it MAX_UNSENT are held
        assert taken < mqtt.MAX_UNSENT + 300
        assert link.counters.drops == mqtt.MAX_UNSENT + 500 - taken
        begun = time.monotonic()
        link.stop()  # no goodbye gets through either
        assert time.monotonic() - begun < mqtt.KEEPALIVE_S
        connection.close()


def test_an_error_in_the_callback_reaches_the_owner(broker, monkeypatch):
    # the thread's own report of it is expected here
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    failed = threading.Event()

    def break_down(*_: object) -> None:
        failed.set()
        raise KeyError("a bug")

    link = MqttLink(broker.address, "buggy", ["a"], break_down)
    link.start()
    assert link.wait_until_ready(PATIENCE_S)
    link.raise_failure()

    link.publish("a", b"")
    assert failed.wait(PATIENCE_S)
    link.stop()

    with pytest.raises(KeyError):
        link.raise_failure()


def test_a_link_that_was_stopped_leaves_no_socket_open(broker):
    link = MqttLink(broker.address, "brief", ["a"], print)
    link.start()
    assert link.wait_until_ready(PATIENCE_S)
    client = weakref.ref(link._client)

    link.stop()
    gc.disable()  # paho closes its sockets when the client goes: not only some time later
    try:
        del link
        assert client() is None
    finally:
        gc.enable()


def test_delays_between_tries_grow_and_differ():
    delays = []

    class Recorder(MqttLink):
        def _draw_delay(self) -> None:
            super()._draw_delay()
            delays.append(self._client._reconnect_min_delay)

    link = Recorder(f"127.0.0.1:{free_port()}", "patient", [])
    for _ in range(12):
        link._draw_delay()

    assert all(d <= mqtt.FIRST_DELAY_S * 2**i for i, d in enumerate(delays))
    assert all(mqtt.LAST_DELAY_S / 2 <= d <= mqtt.LAST_DELAY_S for d in delays[5:])
    assert len(set(delays)) == len(delays)


@pytest.mark.parametrize("address", ["", "host", ":1883", "host:", "host:x", "host:0", "h:65536"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(AddressError, match="HOST:PORT"):
        parse_address(address)


def test_addresses_are_taken_apart():
    assert parse_address("broker.example:8883") == ("broker.example", 8883)
    assert parse_address("[::1]:1883") == ("::1", 1883)
