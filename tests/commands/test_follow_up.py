"""The command on a file of alerts, on the engine's record, and on what is neither."""

import json
import socket
import threading
from pathlib import Path

import pytest

from aggregator.store import Store
from commands.main import main
from tests.aggregator.samples import NOW_US, alert

LIST = "time,latitude,longitude,mag,id\n2026-09-21T14:13:14.5Z,17.1,-100.2,6.0,us1\n"


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    return path


def test_alerts_of_a_file_are_judged_and_written(tmp_path: Path, catalogue: Path, capsys):
    alerts = tmp_path / "alerts.jsonl"
    real, wrong = alert(), alert(event_id="gs2", issued_us=NOW_US + 10**9)
    drill = alert(event_id="gs3", category="test")
    alerts.write_text("".join(one.as_json() + "\n" for one in (real, wrong, drill)))
    out = tmp_path / "out.jsonl"

    words = ["follow-up", str(alerts), "--catalogue", str(catalogue), "--out", str(out)]
    assert main([*words, "--missed", "5"]) == 0

    judged = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(one["event_id"], one["verdict"]) for one in judged] == [
        ("gs1", "true"),
        ("gs2", "false"),
    ]
    printed = capsys.readouterr().out
    assert "us1" in printed and "gs3" not in printed


def test_alerts_of_the_engines_record_are_judged_too(tmp_path: Path, catalogue: Path, capsys):
    store = Store(tmp_path / "record.db")
    store.start()
    store.put_alert(alert().as_dict(), alert().as_json())
    store.stop()

    words = ["follow-up", str(tmp_path / "record.db"), "--catalogue", str(catalogue)]
    assert main(words) == 0
    assert "true" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("alerts", "listed", "complaint"),
    [
        ("none.jsonl", "list.csv", "cannot read"),
        ("list.csv", "list.csv", "is not JSON"),
        ("list.csv", "none.csv", "cannot read"),
        ("list.csv", "http://127.0.0.1:1/events", "refused"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    tmp_path: Path, catalogue: Path, capsys, alerts: str, listed: str, complaint: str
):
    where = listed if listed.startswith("http") else str(tmp_path / listed)

    assert main(["follow-up", str(tmp_path / alerts), "--catalogue", where]) == 2
    error = capsys.readouterr().err
    assert complaint in error and error.count("\n") == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"what?\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nti",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + LIST.encode(),
    ],
    ids=["no HTTP", "broken off in a chunk", "broken off"],
)
def test_a_feed_that_breaks_off_is_one_line_and_no_list(tmp_path: Path, capsys, answer: bytes):
    (tmp_path / "alerts.jsonl").write_text(alert().as_json() + "\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer_once, args=(server, answer)).start()
        feed = f"http://127.0.0.1:{server.getsockname()[1]}/events"

        code = main(["follow-up", str(tmp_path / "alerts.jsonl"), "--catalogue", feed])

    error = capsys.readouterr().err
    assert code == 2
    assert f"cannot read {feed}" in error and error.count("\n") == 1


def answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(answer)
