"""Services over TLS: the gateway's and the engine's own line, against real brokers."""

import datetime
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.config import Config as EngineConfig
from gateway.config import Config as GatewayConfig
from link.configuration import ConfigurationError, read
from link.mqtt import MqttLink
from link.tls import TlsError, context_of
from system.broker import TlsFiles
from system.certificates import Authority
from tests.link.broker_process import BrokerProcess, has_mosquitto
from tests.system.waiting import until

PATIENCE_S = 10.0
NOW = datetime.datetime.now(datetime.UTC)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("certificates")
    for place, names in ((made, ("broker", "gateway-1")), (made / "strange", ("gateway-1",))):
        authority = Authority.found("test authority", NOW)
        authority.save(place)
        for name in names:
            hosts = ("127.0.0.1",) if name == "broker" else ()
            authority.issue(place, name, hosts, NOW - datetime.timedelta(days=1))
    return made


@pytest.fixture(params=["nats", "mosquitto"])
def broker(
    request: pytest.FixtureRequest, folder: Path, tmp_path: Path
) -> Iterator[BrokerProcess]:
    if request.param == "mosquitto" and not has_mosquitto():
        pytest.skip('needs mosquitto: "make everything" gets it')
    files = TlsFiles(folder / "ca.pem", folder / "broker.pem", folder / "broker.key")
    process = BrokerProcess(request.param, tmp_path, files)
    process.start()
    yield process
    process.stop()


def test_a_service_with_its_certificate_is_let_in_and_others_are_not(
    broker: BrokerProcess, folder: Path
) -> None:
    welcome = MqttLink(broker.address, "a", ["t"], tls=str(folder / "gateway-1"))
    stranger = MqttLink(broker.address, "b", ["t"], tls=str(folder / "strange" / "gateway-1"))
    naked = MqttLink(broker.address, "c", ["t"])
    for link in (welcome, stranger, naked):
        link.start()
    try:
        assert welcome.wait_until_ready(PATIENCE_S)
        assert welcome.publish("t", b"hello", qos=1)
        assert not stranger.wait_until_ready(0.5) and not naked.wait_until_ready(0.1)
    finally:
        for link in (welcome, stranger, naked):
            link.stop()


@pytest.mark.parametrize("broker", ["nats"], indirect=True)
def test_why_a_handshake_fails_is_said_once(
    broker: BrokerProcess, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        stranger = MqttLink(broker.address, "b", ["t"], tls=str(folder / "strange" / "gateway-1"))
        stranger.start()
        until(lambda: said(caplog), PATIENCE_S, "why it fails")
        assert not stranger.wait_until_ready(1.5)  # it tries again, and fails again
        stranger.stop()

    assert len(said(caplog)) == 1 and "verify failed" in said(caplog)[0]


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "TLS" in record.getMessage()]


def test_files_that_are_missing_or_of_another_key_are_refused_in_one_line(
    folder: Path, tmp_path: Path
) -> None:
    assert context_of(str(folder / "gateway-1"))
    (tmp_path / "ca.pem").write_bytes((folder / "ca.pem").read_bytes())
    (tmp_path / "mixed.pem").write_bytes((folder / "gateway-1.pem").read_bytes())
    (tmp_path / "mixed.key").write_bytes((folder / "broker.key").read_bytes())
    for identity in (folder / "nobody", folder / "nowhere" / "a", tmp_path / "mixed"):
        with pytest.raises(TlsError, match=r"\.pem") as refusal:
            context_of(str(identity))
        assert "\n" not in str(refusal.value)


def test_a_configuration_with_wrong_files_is_refused_at_the_start(folder: Path) -> None:
    known, missing = str(folder / "gateway-1"), str(folder / "nobody")
    assert read(GatewayConfig, None, local_tls=known, upstream_tls=known).upstream_tls == known
    assert read(EngineConfig, None, tls=known).tls == known
    for config, key in ((GatewayConfig, "upstream_tls"), (EngineConfig, "tls")):
        with pytest.raises(ConfigurationError, match="nobody"):
            read(config, None, **{key: missing})
