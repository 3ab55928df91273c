"""TLS of a node's uplink: with real brokers, and with certificates that must not do."""

import datetime
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.net.names import Names
from firmware.net.security import Security
from firmware.uplink.uplink import Uplink
from firmware.uplink.way import Way
from link.mqtt import parse_address
from system.broker import TlsFiles
from system.certificates import Authority
from system.micropython import ROOT, environment
from tests.firmware.tls_server import HOST, NameServer, TlsServer
from tests.link.broker_process import BrokerProcess, has_mosquitto

NOW = datetime.datetime.now(datetime.UTC)
YEAR = datetime.timedelta(days=365)
ENOUGH_MS = 30_000  # ends as soon as all is confirmed, or something is wrong
SOME_MS = 1_000  # for what goes on: nobody answers


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One authority with a broker, a node and every kind of wrong broker; and a stranger's."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = Authority.found("test authority", NOW - 2 * YEAR)
    authority.save(folder)
    for name, hosts, first in (
        ("broker", ("127.0.0.1", "broker.test"), NOW - YEAR),
        ("node", (), NOW - YEAR),
        ("expired", ("127.0.0.1",), NOW - 2 * YEAR),
        ("not-yet-valid", ("127.0.0.1",), NOW + YEAR / 2),
        ("other-host", ("192.0.2.1", "other.test"), NOW - YEAR),
        ("node-not-broker", (), NOW - YEAR),
    ):
        authority.issue(folder, name, hosts, first, 500 if name != "expired" else 365)
    stranger = Authority.found("test authority", NOW - YEAR)  # of the same name
    stranger.save(folder / "strange")
    stranger.issue(folder, "strangers", ("127.0.0.1",), NOW - YEAR)
    stranger.issue(folder, "strange-node", (), NOW - YEAR)
    return folder


@pytest.fixture(params=["micropython", "cpython"])
def interpreter(request: pytest.FixtureRequest) -> list[str]:
    """Where the uplink runs: CPython, or MicroPython with no more heap than a device has."""
    if request.param == "cpython":
        return [sys.executable]
    return [str(request.getfixturevalue("micropython")), "-X", "heapsize=96k"]


class Client:
    """tls_client.py, with what it is asked and what it says."""

    def __init__(self, interpreter: list[str], certificates: Path) -> None:
        self._interpreter = interpreter
        self._certificates = certificates

    def call(
        self,
        port: int,
        limit_ms: int = ENOUGH_MS,
        host: str = "127.0.0.1",
        frames: int = 5,
        node: str | None = "node",
        name_server: int | None = None,
    ) -> dict[str, Any]:
        folder = self._certificates
        identity = ["-", "-"] if node is None else [folder / f"{node}.pem", folder / f"{node}.key"]
        words = [host, port, folder / "ca.pem", *identity, limit_ms, frames]
        words += [] if name_server is None else [name_server]
        surroundings = environment()
        surroundings["PYTHONPATH"] = f"{ROOT}:{ROOT / 'firmware'}"
        program = ROOT / "tests" / "firmware" / "tls_client.py"
        run = subprocess.run(
            [*self._interpreter, program, *(str(word) for word in words)],
            env=surroundings,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        said: dict[str, Any] = json.loads(run.stdout)
        return said


@pytest.fixture
def client(interpreter: list[str], certificates: Path) -> Client:
    return Client(interpreter, certificates)


@pytest.fixture(params=["nats", "mosquitto"])
def tls_broker(
    request: pytest.FixtureRequest, certificates: Path, tmp_path: Path
) -> Iterator[BrokerProcess]:
    if request.param == "mosquitto" and not has_mosquitto():
        pytest.skip('needs mosquitto: "make everything" gets it')
    files = TlsFiles(*(certificates / name for name in ("ca.pem", "broker.pem", "broker.key")))
    process = BrokerProcess(request.param, tmp_path, files)
    process.start()
    yield process
    process.stop()


def test_a_real_broker_takes_a_node_with_its_certificate_and_no_other(
    tls_broker: BrokerProcess, client: Client
) -> None:
    _, port = parse_address(tls_broker.address)
    said = client.call(port, frames=20)
    assert said["was_online"] and said["unconfirmed"] == 0 and said["connects"] == 1

    for node in (None, "strange-node"):
        said = client.call(port, node=node)
        assert not said["was_online"] and said["unconfirmed"] == 5 and said["trouble"]


@pytest.fixture
def server(request: pytest.FixtureRequest, certificates: Path) -> Iterator[TlsServer]:
    name, newest = request.param
    made = TlsServer(certificates, name, newest)
    yield made
    made.stop()


@pytest.mark.parametrize(
    "server", [("broker", ssl.TLSVersion.TLSv1_2), ("broker", None)], indirect=True
)
def test_either_version_of_tls_will_do(server: TlsServer, client: Client) -> None:
    """Stock firmware of an ESP32 or a Pico W knows TLS 1.2 only."""
    said = client.call(server.port)

    assert said["was_online"] and said["unconfirmed"] == 0
    assert server.handshakes[0] in ("TLSv1.2", "TLSv1.3") and b"frame" in server.heard


WRONG = {
    "expired": ("expired",),
    "not-yet-valid": ("future", "not yet valid"),
    "other-host": ("does not match", "mismatch"),
    "strangers": ("not correctly signed", "signature", "unable to get", "self-signed"),
    "node-not-broker": ("does not match", "mismatch", "purpose"),
}


@pytest.mark.parametrize("server", [(name, None) for name in WRONG], indirect=True, ids=WRONG)
def test_a_broker_that_cannot_prove_who_it_is_hears_nothing(
    server: TlsServer, client: Client, request: pytest.FixtureRequest
) -> None:
    said = client.call(server.port)

    assert not said["was_online"] and said["unconfirmed"] == 5 and server.heard == b""
    expected = WRONG[request.node.callspec.id.split("-", 1)[1]]
    assert any(words in said["trouble"] for words in expected), said["trouble"]


@pytest.mark.parametrize("server", [("broker", None)], indirect=True)
def test_a_name_is_found_by_asking_and_must_be_in_the_certificate(
    server: TlsServer, client: Client
) -> None:
    names = NameServer("127.0.0.1")
    try:
        said = client.call(server.port, host="broker.test", name_server=names.port)
        assert said["was_online"] and said["unconfirmed"] == 0 and names.asked == 1

        said = client.call(server.port, host="else.test", name_server=names.port)
        assert not said["was_online"] and "match" in said["trouble"]
    finally:
        names.stop()


@pytest.mark.parametrize("server", [("broker", None)], indirect=True)
def test_a_name_that_leads_elsewhere_and_a_silent_name_server_block_nothing(
    server: TlsServer, client: Client
) -> None:
    for address in ("127.0.0.9", None):
        names = NameServer(address)
        try:
            said = client.call(server.port, SOME_MS, host="broker.test", name_server=names.port)
        finally:
            names.stop()
        assert not said["was_online"] and server.heard == b"" and names.asked
        # a refusal comes at once; while nobody answers, the loop goes on
        assert said["trouble"] if address else said["steps"] > 50


def test_a_name_that_led_to_somebody_else_is_asked_for_again_whatever_its_time_to_live(
    certificates: Path,
) -> None:
    """A captive portal, a broker that moved, a poisoned cache; then DNS is right again."""
    broker = TlsServer(certificates, "broker")
    portal = TlsServer(certificates, "strangers", at=("127.0.0.2", broker.port))
    name_server = NameServer("127.0.0.2", ttl_s=86400)
    now_us = 0
    names = Names([HOST], lambda: now_us, port=name_server.port)
    security = Security(*(str(certificates / name) for name in ("ca.pem", "node.pem", "node.key")))
    link = Uplink("n1", "n1/command", [Way("broker.test", broker.port, names, security)])
    link.set_last_words(lambda: ("n1/status", b"gone"))
    try:
        while not (link.trouble or link.is_online) and now_us < 15_000_000:
            link.step(now_us)
            now_us += 2000
            time.sleep(0.002)
        assert link.trouble and name_server.asked == 1

        name_server.address = HOST
        link.hurry(now_us)
        while not link.is_online and now_us < 60_000_000:
            link.step(now_us)
            now_us += 2000
            time.sleep(0.002 if link.state else 0)
        assert link.is_online and name_server.asked == 2
    finally:
        link.close(now_us)
        for server in (broker, portal, name_server):
            server.stop()
