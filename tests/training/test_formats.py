"""Loaders on small files that are made here, with the values that went in as the oracle."""

import json
from pathlib import Path

import numpy as np
import pytest

from commands.main import main as groundswell
from failure import Failure
from tests.training.some_archives import (
    RATE_HZ,
    make_knet,
    make_miniseed,
    make_seisbench,
    make_stead,
    rows_of,
)
from training.convert import main
from training.folder import Folder
from training.formats.recording import Recording


def test_knet_is_read_in_si_and_utc(tmp_path: Path) -> None:
    wanted = make_knet(tmp_path / "in")
    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0

    (row,) = rows_of(tmp_path / "out")
    record = np.load(tmp_path / "out" / row["file"])
    assert np.allclose(record["data"], wanted, atol=2e-6) and float(record["fs"]) == 100.0
    # 16:10:14 in Japan, less the 15 s that the recorder adds
    assert row["start_time"].startswith("2024-01-01T07:09:59")
    assert row["origin_time"].startswith("2024-01-01T07:10:09")
    assert row["station"] == "ISK001" and float(row["magnitude"]) == 7.6
    assert float(row["pga_ms2"]) == pytest.approx(np.abs(wanted).max(), rel=0.05)


def test_surface_and_borehole_of_kik_net_are_two_records(tmp_path: Path) -> None:
    make_knet(tmp_path / "in", "1")
    make_knet(tmp_path / "in", "2")
    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0

    rows = rows_of(tmp_path / "out")
    assert len({row["record_id"] for row in rows}) == 2
    assert {row["location"] for row in rows} == {"1", "2"}


def test_miniseed_is_scaled_turned_and_labelled(tmp_path: Path) -> None:
    wanted = make_miniseed(tmp_path / "in")
    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0

    (row,) = rows_of(tmp_path / "out")
    record = np.load(tmp_path / "out" / row["file"])
    assert row["components"] == "E,N,Z"
    assert np.allclose(record["data"], wanted, atol=1e-5)
    assert float(row["p_label_s"]) == pytest.approx(20.5) and row["s_label_s"] == ""
    assert float(row["magnitude"]) == 6.1 and float(row["ev_depth_km"]) == 16.0
    # 10 s after the start, and 61 km away at some 6 km/s
    assert float(row["p_ak135_s"]) == pytest.approx(10 + 63 / 6.0, abs=1.0)
    assert float(row["pre_event_quiet_s"]) == pytest.approx(10.5)


def test_miniseed_of_velocity_is_differentiated(tmp_path: Path) -> None:
    make_miniseed(tmp_path / "a")
    make_miniseed(tmp_path / "v", "M/S")
    for name in "av":
        assert main([str(tmp_path / name), str(tmp_path / f"{name}-out")]) == 0
    acceleration, velocity = (
        np.load(tmp_path / f"{name}-out" / rows_of(tmp_path / f"{name}-out")[0]["file"])["data"]
        for name in "av"
    )

    slope = np.gradient(acceleration.astype(float), 1 / RATE_HZ, axis=1)
    assert np.allclose(velocity[:, 10:-10], slope[:, 10:-10], atol=1e-3 * np.abs(slope).max())


@pytest.mark.parametrize("make", [make_stead, make_seisbench])
def test_hdf5_keeps_labels_and_says_that_its_counts_have_no_unit(  # type: ignore[no-untyped-def]
    make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = make(tmp_path / "in")
    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0

    (row,) = rows_of(tmp_path / "out")
    assert np.allclose(np.load(tmp_path / "out" / row["file"])["data"], wanted, rtol=1e-5)
    assert row["units"] == "counts" and row["pga_ms2"] == ""
    assert "no unit" in (said := capsys.readouterr().err) and "--counts-per-mps2" in said
    assert float(row["p_label_s"]) == pytest.approx(20.0)
    assert len(rows_of(tmp_path / "out", "noise_index.csv")) == (make is make_stead)


def test_counts_with_a_scale_are_accelerations(tmp_path: Path) -> None:
    wanted = make_stead(tmp_path / "in")
    given = [str(tmp_path / "in"), str(tmp_path / "out"), "--counts-per-mps2", "1e6"]
    assert main(given) == 0

    (row,) = rows_of(tmp_path / "out")
    assert row["units"] == "m/s^2"
    assert np.allclose(np.load(tmp_path / "out" / row["file"])["data"] * 1e6, wanted, rtol=1e-5)


def test_two_records_of_a_place_are_not_taken_for_those_of_another(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    samples = np.ones((3, 600), np.float32)
    for location in ("", "", "2"):
        folder.add(Recording("A", samples, 100.0, "m/s^2", None, "X", location))
    folder.close()

    rows = rows_of(tmp_path, "noise_index.csv")
    assert len({row["record_id"] for row in rows}) == len({row["file"] for row in rows}) == 3


def test_detect_works_on_what_was_converted(tmp_path: Path) -> None:
    make_knet(tmp_path / "in")
    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    out = tmp_path / "t.jsonl"

    assert groundswell(["detect", str(tmp_path / "out"), "--out", str(out)]) == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert lines[-1]["done"] and not any("error" in line for line in lines)


@pytest.mark.parametrize(
    ("name", "spoil", "complaint"),
    [
        ("ISK0012401011610.NS", None, "ISK0012401011610.NS is missing"),
        ("ISK0012401011610.NS", "Origin Time\n", "ends within its header"),
        ("ISK0012401011610.EW", "2000(gal)/8388608=2000(gal)/0", "Scale Factor"),
        ("ISK0012401011610.EW", "16:10:09=46:10:09", "time '2024/01/01 46:10:09'"),
        ("ISK0012401011610.UD", "100Hz=200Hz", "Sampling Freq(Hz) differs"),
    ],
)
def test_a_broken_record_is_named_and_the_others_are_converted(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    spoil: str | None,
    complaint: str,
) -> None:
    make_knet(tmp_path / "in")
    path = tmp_path / "in" / name
    text = path.read_text()
    make_knet(tmp_path / "in", "2")
    if spoil is None:
        path.unlink()
    elif "=" in spoil:
        path.write_text(text.replace(*spoil.split("=")))
    else:
        path.write_text(spoil)

    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err.replace("\n", " ")
    assert "1 records" in said and "1 not usable" in said and complaint in said
    assert len(rows_of(tmp_path / "out")) == 1


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda folder: folder.mkdir(), "holds no miniSEED, K-NET or HDF5"),
        (lambda folder: None, "there is no"),
        (lambda folder: (folder.mkdir(), (folder / "a.hdf5").write_bytes(b"no")), "no HDF5"),
        (lambda folder: (folder.mkdir(), (folder / "a.mseed").write_bytes(b"no")), "no miniSEED"),
    ],
)
def test_what_is_no_archive_is_one_line(make, complaint: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    make(tmp_path / "in")
    with pytest.raises(Failure) as failure:
        main([str(tmp_path / "in"), str(tmp_path / "out")])

    assert complaint in str(failure.value) and "\n" not in str(failure.value)


def test_miniseed_without_its_metadata_is_refused(tmp_path: Path) -> None:
    make_miniseed(tmp_path / "in")
    (tmp_path / "in" / "stations.xml").unlink()

    with pytest.raises(Failure, match="no StationXML"):
        main([str(tmp_path / "in"), str(tmp_path / "out")])
