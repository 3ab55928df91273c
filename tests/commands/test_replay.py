"""`groundswell replay`: what it writes, and that the catalogue changes nothing of it."""

import csv
import json
import re
from pathlib import Path

import pytest

from commands.main import main
from replay.records import COLUMNS
from tests.replay.synthetic import EVENT_ID, write_folder

ALERT_FIELDS = [  # contracts.md section 4, in its order
    "schema", "event_id", "version", "type", "category", "issued_us", "expires_us", "sender",
    "origin_us", "lat_deg", "lon_deg", "depth_km", "magnitude", "origin_sigma_s",
    "location_sigma_km", "magnitude_sigma", "likelihood", "source_is_assumed", "nodes_triggered",
    "nodes_live_nearby", "max_mmi", "level", "reason", "areas",
]  # fmt: skip
AREA_FIELDS = ["id", "lat_deg", "lon_deg", "mmi", "mmi_sigma", "s_arrival_us", "in_blind_zone"]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory, compiled: None) -> Path:
    return write_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def alerts_file(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "alerts.jsonl"
    assert main(["replay", str(data_dir), "--event", EVENT_ID, "--out", str(out)]) == 0
    return out


def test_every_alert_has_the_fields_of_the_contract_and_the_event(alerts_file: Path) -> None:
    *alerts, last = map(json.loads, alerts_file.read_text("utf-8").splitlines())

    assert alerts
    for alert in alerts:
        assert [name for name in alert if name in ALERT_FIELDS] == ALERT_FIELDS
        assert alert["event_replayed"] == EVENT_ID
        assert alert["schema"] == 1
        for area in alert["areas"]:
            assert [name for name in area if name in AREA_FIELDS] == AREA_FIELDS
    assert last == {"event_replayed": EVENT_ID, "done": True}


def test_without_catalogue_and_labels_the_alerts_are_the_same_bytes(
    data_dir: Path, alerts_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stripped = tmp_path / "stripped"
    stripped.mkdir()
    (stripped / "eq").symlink_to(data_dir / "eq")
    (stripped / "events.jsonl").write_text(json.dumps({"event_id": EVENT_ID}) + "\n")
    with (
        (data_dir / "eq_index.csv").open() as whole,
        (stripped / "eq_index.csv").open("w", newline="") as less,
    ):
        rows = list(csv.DictReader(whole))
        writer = csv.DictWriter(less, [name for name in rows[0] if name in COLUMNS])
        writer.writeheader()
        writer.writerows({name: row[name] for name in writer.fieldnames} for row in rows)
    out = tmp_path / "alerts.jsonl"

    assert main(["replay", str(stripped), "--event", EVENT_ID, "--out", str(out)]) == 0

    assert out.read_bytes() == alerts_file.read_bytes()
    assert "No comparison with a catalogue" in capsys.readouterr().out


def test_a_catalogue_that_cannot_be_read_spoils_the_table_only(
    data_dir: Path, alerts_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "eq").symlink_to(data_dir / "eq")
    (folder / "events.jsonl").write_bytes((data_dir / "events.jsonl").read_bytes())
    text = (data_dir / "eq_index.csv").read_text("utf-8")
    (folder / "eq_index.csv").write_text(text.replace(",5.5,", ",strong,"), "utf-8")
    out = tmp_path / "alerts.jsonl"

    assert main(["replay", str(folder), "--event", EVENT_ID, "--out", str(out)]) == 0

    assert out.read_bytes() == alerts_file.read_bytes()


def test_noise_may_be_replayed_as_an_event_that_has_only_a_name(
    data_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "events.jsonl").write_text('{"event_id": "calm"}\n', "utf-8")
    with (data_dir / "eq_index.csv").open() as whole:
        header = whole.readline()
    (folder / "eq_index.csv").write_text(header, "utf-8")
    out = tmp_path / "alerts.jsonl"

    assert main(["replay", str(folder), "--event", "all", "--out", str(out)]) == 0

    assert out.read_text("utf-8") == '{"event_replayed":"calm","done":true}\n'


def test_all_is_each_event_on_its_own(data_dir: Path, alerts_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "alerts.jsonl"

    assert main(["replay", str(data_dir), "--event", "all", "--out", str(out)]) == 0

    assert out.read_bytes() == alerts_file.read_bytes()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--event", "nowhere"], f"no event 'nowhere' in .*it has {EVENT_ID}"),
        (["--event", EVENT_ID, "--drop", "2"], "--drop is a share"),
        (["--event", EVENT_ID, "--latency-ms", "-1"], "--latency-ms must be"),
        (["--event", EVENT_ID, "--realtime"], "needs --broker"),
        (
            ["--event", EVENT_ID, "--out", "/nowhere/at/all"],
            "cannot write /nowhere/at/all: No such file",
        ),
    ],
)
def test_a_wrong_argument_gives_one_clear_line_and_code_2(
    data_dir: Path, tmp_path: Path, words: list[str], complaint: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    code = main(["replay", str(data_dir), "--out", str(tmp_path / "a.jsonl"), *words])

    error = capsys.readouterr().err
    assert code == 2
    assert error.count("\n") == 1
    assert re.search(complaint, error)


def test_a_missing_folder_gives_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["replay", str(tmp_path / "no"), "--event", "all", "--out", str(tmp_path / "a")]

    assert main(words) == 2
    assert f"no data folder {tmp_path / 'no'}" in capsys.readouterr().err


@pytest.mark.parametrize("present", [None, "eq_index.csv", "events.jsonl"])
def test_a_folder_that_is_no_data_folder_is_told_what_one_holds(
    tmp_path: Path, present: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if present is not None:
        (tmp_path / present).touch()

    code = main(["replay", str(tmp_path), "--event", "all", "--out", str(tmp_path / "a")])

    found, _, wanted = capsys.readouterr().err.partition(": a data folder holds ")
    assert code == 2
    for name in ("eq_index.csv", "events.jsonl"):
        assert (f"no {name}" in found) == (name != present)
        assert name in wanted


def test_a_broken_record_is_named_and_the_others_play(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    write_folder(folder)
    broken = folder / "eq" / EVENT_ID / f"{EVENT_ID}__XX_S0.npz"
    broken.write_bytes(b"no archive")
    out = tmp_path / "alerts.jsonl"

    assert main(["replay", str(folder), "--event", EVENT_ID, "--out", str(out)]) == 0

    assert f"not played: {EVENT_ID}__XX_S0" in capsys.readouterr().out
    assert '"type":"new"' in out.read_text("utf-8")
