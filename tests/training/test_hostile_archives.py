"""Archives that are not what they say: one line for each such record, and the others converted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import obspy
import pytest

from failure import Failure
from tests.training.some_archives import (
    STEAD_ATTRIBUTES,
    make_knet,
    make_miniseed,
    make_seisbench,
    make_stead,
    rows_of,
)
from training.convert import main


def nothing(file: Any) -> None:
    file["data/BAD"] = h5py.SoftLink("/nowhere")


def text(file: Any) -> None:
    file["data/BAD"] = np.array([[b"a", b"b", b"c"]] * 10)


def of_no_type(file: Any) -> None:
    odd = h5py.h5t.IEEE_F32LE.copy()
    odd.set_ebias(50_000)  # NumPy has no such numbers
    h5py.h5d.create(file["data"].id, b"BAD", odd, h5py.h5s.create_simple((600, 3)))


def with_attributes(**changes: Any) -> Callable[[Any], None]:
    def spoil(file: Any) -> None:
        samples = np.random.default_rng(1).standard_normal((600, 3))
        file["data/BAD"] = samples
        file["data/BAD"].attrs.update(STEAD_ATTRIBUTES | changes)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda file: file.create_dataset("data/BAD", (10**11, 3), "f8", chunks=(1000, 3)),
         "300000000000 samples"),
        (lambda file: file.create_group("data/BAD"), "not in the file"),
        (nothing, "attributes cannot be read"),
        (text, "samples of type"),
        (of_no_type, "samples of no known type"),
        (lambda file: file.create_dataset("data/BAD", data=h5py.Empty("f4")), "not in the file"),
        (lambda file: file.create_dataset("data/BAD", data=np.ones((3, 3, 3))), "no matrix"),
        (lambda file: file.create_dataset("data/BAD", data=np.ones((0, 3))), "0 samples"),
        (with_attributes(source_depth_km=1e9), "deep"),
        (with_attributes(source_latitude=1e9), "its earthquake lies at"),
        (with_attributes(receiver_longitude=-1e9), "its station lies at"),
    ],
)  # fmt: skip
def test_a_bad_trace_of_stead_is_named_and_the_others_are_converted(
    spoil: Callable[[Any], None],
    complaint: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_stead(tmp_path / "in")
    with h5py.File(tmp_path / "in" / "chunk.hdf5", "r+") as file:
        spoil(file)

    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err
    assert "2 records" in said and "1 not usable" in said
    assert "BAD: " in said and complaint in said


def test_odd_attributes_of_stead_are_no_labels_and_no_names(tmp_path: Path) -> None:
    make_stead(tmp_path / "in")
    with h5py.File(tmp_path / "in" / "chunk.hdf5", "r+") as file:
        with_attributes(
            p_arrival_sample=1e300,
            s_arrival_sample=np.arange(3),
            trace_start_time=b"\xff\xfe",
            receiver_code="../" * 900,
            source_id=h5py.Empty("f4"),
            source_magnitude_type=np.array([b"MW"]),
        )(file)

    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    _, row = rows_of(tmp_path / "out")
    assert "BAD" in row["original_path"] and (tmp_path / "out" / row["file"]).is_file()
    assert row["p_label_s"] == row["s_label_s"] == row["start_time"] == ""
    assert row["mag_type"] == "mw"


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("bucket0$1,,:3", "cannot be read"),
        ("bucket0$" + "9" * 5000, "cannot be read"),
        ("bucket0$7", "cannot be read"),
        ("bucket0$1,:3,:3,:3", "4 axes, and there are 3"),
        ("bucket0", "no matrix"),
        ("", "not in the file"),
    ],
)
def test_a_bad_row_of_seisbench_is_named_and_the_others_are_converted(
    name: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_seisbench(tmp_path / "in")
    with (tmp_path / "in" / "metadata.csv").open("a") as table:
        table.write(f'"{name}",BAD\n')

    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err
    assert "1 records" in said and "2 not usable" in said and complaint in said


def test_a_file_whose_names_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    make_stead(tmp_path / "in")
    path = tmp_path / "in" / "chunk.hdf5"
    before, heap, after = path.read_bytes().rpartition(b"HEAP")  # of the last group: its traces
    assert heap
    path.write_bytes(before + b"HEEP" + after)
    with pytest.raises(Failure, match="its traces cannot be listed"):
        main([str(tmp_path / "in"), str(tmp_path / "out")])


def test_a_cut_off_miniseed_is_one_line(tmp_path: Path) -> None:
    make_miniseed(tmp_path / "in")
    path = tmp_path / "in" / "waves.mseed"
    path.write_bytes(path.read_bytes()[:4000])
    with pytest.raises(Failure, match="no miniSEED"):
        main([str(tmp_path / "in"), str(tmp_path / "out")])


def rewritten(folder: Path, change: Callable[[Any], Any]) -> None:
    path = folder / "waves.mseed"
    change(obspy.read(str(path))).write(str(path), format="MSEED")


def another_rate(stream: Any) -> Any:
    stream[0].stats.sampling_rate = 50
    return stream


def two_rates(stream: Any) -> Any:
    later = stream[0].copy()
    later.stats.sampling_rate = 50
    later.stats.starttime += 100
    return stream.append(later)


def a_century(stream: Any) -> Any:
    for trace in list(stream):
        later = trace.copy()
        later.stats.starttime += 3e9
        stream.append(later)
    return stream


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (another_rate, "rates of [50.0, 100.0] Hz"),
        (two_rates, "rates of [50.0, 100.0] Hz"),
        (a_century, "from its first sample to its last"),
    ],
)
def test_a_bad_instrument_is_named_and_others_of_its_file_are_converted(
    change: Callable[[Any], Any],
    complaint: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def both(stream: Any) -> Any:
        bad = change(stream.copy())
        for trace in bad:
            trace.stats.location = "00"  # before the good one
        return bad + stream

    make_miniseed(tmp_path / "in")
    rewritten(tmp_path / "in", both)
    stations = tmp_path / "in" / "stations.xml"
    assert 'locationCode=""' in stations.read_text()

    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err
    assert "1 records" in said and "1 not usable" in said and complaint in said


def test_in_a_gap_nothing_moves_however_far_off_zero_the_instrument_stands(
    tmp_path: Path,
) -> None:
    def with_gap(stream: Any) -> Any:
        parts = obspy.Stream()
        for trace in stream:
            trace.data = trace.data + np.float32(100_000)
            begin = trace.stats.starttime
            parts += obspy.Stream([trace.slice(endtime=begin + 10), trace.slice(begin + 12)])
        return parts

    make_miniseed(tmp_path / "in")
    rewritten(tmp_path / "in", with_gap)
    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0

    (row,) = rows_of(tmp_path / "out")
    samples = np.load(tmp_path / "out" / row["file"])["data"]
    assert np.abs(samples).max() < 1.0 and not samples[:, 1010:1190].any()
    assert float(row["pga_ms2"]) < 1.0 and "gaps of 2.0 s" in row["notes"]


def test_an_earthquake_without_a_place_is_none(tmp_path: Path) -> None:
    make_miniseed(tmp_path / "in")
    path = tmp_path / "in" / "event.xml"
    catalog = obspy.read_events(str(path))
    catalog[0].origins[0].latitude = None
    catalog.write(str(path), format="QUAKEML")

    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    assert len(rows_of(tmp_path / "out", "noise_index.csv")) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Lat. ", "Lot. "),
        ("Sampling Freq(Hz)", "Sampling Frog(Hz)"),
        ("2000(gal)/8388608", "1.2.3(gal)/8388608"),
        ("37.488", "9999.0"),
        ("100Hz", "nanHz"),
    ],
)
def test_a_spoilt_header_of_knet_is_one_line(
    old: str, new: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_knet(tmp_path / "in")
    for path in (tmp_path / "in").iterdir():
        path.write_text(path.read_text().replace(old, new))
    make_knet(tmp_path / "in", "2")

    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err
    assert "1 records" in said and "1 not usable" in said
