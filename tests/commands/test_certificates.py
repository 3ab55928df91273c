"""`groundswell certificates` as people type it."""

import ssl
import stat
import subprocess
from pathlib import Path

import pytest

from commands.main import main
from link.tls import context_of

WORDS = ["--broker", "broker.example,192.168.1.10", "--client", "gateway-1", "node-0000002a"]


def test_it_makes_what_was_asked_for_and_what_links_can_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["certificates", str(tmp_path), *WORDS]) == 0

    names = ["broker.example", "gateway-1", "node-0000002a"]
    files = {f"{name}{suffix}" for name in ["ca", *names] for suffix in (".pem", ".key")}
    assert {path.name for path in tmp_path.iterdir()} == files
    for path in tmp_path.glob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert context_of(str(tmp_path / "gateway-1")).verify_mode == ssl.CERT_REQUIRED
    assert "ca.key off the network" in capsys.readouterr().out


def test_openssl_agrees_about_who_is_what(tmp_path: Path) -> None:
    main(["certificates", str(tmp_path), *WORDS])

    for purpose, name, accepted in (
        ("sslserver", "broker.example", True),
        ("sslclient", "broker.example", False),
        ("sslclient", "node-0000002a", True),
        ("sslserver", "node-0000002a", False),
    ):
        words = ["verify", "-CAfile", tmp_path / "ca.pem", "-purpose", purpose]
        run = subprocess.run(
            ["openssl", *words, tmp_path / f"{name}.pem"], capture_output=True, text=True
        )
        assert (run.returncode == 0) is accepted, run.stdout + run.stderr
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", "broker.example.pem"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    ).stdout
    assert "DNS:broker.example" in shown and "IP Address:192.168.1.10" in shown


def test_a_second_call_adds_and_overwrites_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["certificates", str(tmp_path), *WORDS])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    capsys.readouterr()

    assert main(["certificates", str(tmp_path), "--client", "gateway-1", "gateway-2"]) == 0

    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(after) - set(before) == {"gateway-2.pem", "gateway-2.key"}
    assert all(after[name] == content for name, content in before.items())
    assert "is there already" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["--client", "../node"],
        ["--client", "ca"],
        ["--broker", "a,,b"],
        ["--client", "x" * 65],
        ["--client", "a", "--days", "0"],
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(["certificates", str(tmp_path / "new"), *words]) == 2

    assert not (tmp_path / "new").exists()
    assert capsys.readouterr().err.count("\n") == 1


def test_an_authority_that_cannot_be_read_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ca.pem").write_text("nothing")

    assert main(["certificates", str(tmp_path), "--client", "a"]) == 2
    assert "no usable authority" in capsys.readouterr().err
