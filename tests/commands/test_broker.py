"""`--broker` and `--tls`, as all commands that need a broker take them."""

import argparse
import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import broker as options
from commands.main import main
from failure import Failure
from system.broker import TlsFiles
from system.certificates import Authority, yesterday
from tests.link.broker_process import BrokerProcess
from tests.ports import free_port


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[BrokerProcess, Path]]:
    now = datetime.datetime.now(datetime.UTC)
    authority = Authority.found("test authority", now)
    authority.save(tmp_path)
    authority.issue(tmp_path, "broker", ("127.0.0.1",), yesterday(now))
    authority.issue(tmp_path, "admin", (), yesterday(now))
    files = TlsFiles(tmp_path / "ca.pem", tmp_path / "broker.pem", tmp_path / "broker.key")
    process = BrokerProcess("nats", tmp_path, files)
    process.start()
    yield process, tmp_path
    process.stop()


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    options.add_arguments(parser)
    return parser.parse_args(words)


def test_with_a_certificate_a_command_gets_in_and_without_one_it_does_not(
    secured: tuple[BrokerProcess, Path],
) -> None:
    process, folder = secured
    words = ["--broker", process.address]
    heard: list[bytes] = []
    link = options.connect(
        asked(*words, "--tls", str(folder / "admin")),
        "test",
        ["t"],
        lambda topic, payload, received_us: heard.append(payload),
    )
    try:
        assert link.is_connected
    finally:
        link.stop()
    with pytest.raises(Failure, match="no broker answers"):
        options.connect(asked(*words), "test", ["t"], lambda *_: None)


def test_a_node_is_told_through_a_broker_that_wants_certificates(
    secured: tuple[BrokerProcess, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    process, folder = secured
    words = ["--broker", process.address, "--tls", str(folder / "admin"), "--timeout", "0.1"]

    assert main(["node", *words, "2a", "identify"]) == 2
    assert "node 0000002a does not answer" in capsys.readouterr().err  # the broker did


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--broker", "nowhere"], "HOST:PORT"),
        (["--tls", "no/such"], "ca.pem"),
        (["--broker", f"127.0.0.1:{free_port()}"], "no broker answers"),
    ],
)
def test_what_is_wrong_is_one_line(words: list[str], said: str) -> None:
    with pytest.raises(Failure, match=said) as failure:
        options.connect(asked(*words), "test", [], lambda *_: None)

    assert "\n" not in str(failure.value)
