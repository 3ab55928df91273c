"""Counts: of what, and how many make one unit of it."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.training.some_archives import make_stead, rows_of
from training.convert import main
from training.formats.recording import Unreadable
from training.formats.scale import Scale, accelerations

RATE_HZ = 100.0


def wave(derivative: int = 0) -> np.ndarray:
    """Return (3, n): one swing in 2 s, and its slope."""
    t = np.arange(1000) / RATE_HZ
    swing = np.sin(np.pi * t) if derivative == 0 else np.pi * np.cos(np.pi * t)
    return np.stack([swing, 2 * swing, 3 * swing])


@pytest.mark.parametrize(
    ("unit", "channel", "scale", "factor"),
    [
        ("", "HH", Scale(None, 5.0), 5.0),
        ("counts", "bhz", Scale(7.0, 5.0), 5.0),
        ("", "EP*", Scale(7.0, 5.0), 5.0),
        ("", "", Scale(None, 5.0), 5.0),  # whoever gave it knows what the archive holds
        ("m/s", "HN", Scale(7.0, 5.0), 1.0),  # the archive's own word counts
    ],
)
def test_velocity_is_differentiated(unit: str, channel: str, scale: Scale, factor: float) -> None:
    found, units, notes = accelerations(wave(), RATE_HZ, unit, channel, scale)
    assert units == "m/s^2" and "differentiated" in notes
    assert np.allclose(found[:, 1:-1] * factor, wave(1)[:, 1:-1], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("unit", "channel", "scale", "factor"),
    [
        ("", "HN", Scale(7.0, 5.0), 7.0),
        ("", "BG", Scale(7.0), 7.0),
        ("", "", Scale(7.0), 7.0),
        ("m/s**2", "HH", Scale(7.0, 5.0), 1.0),
    ],
)
def test_acceleration_is_only_scaled(unit: str, channel: str, scale: Scale, factor: float) -> None:
    found, units, notes = accelerations(wave(), RATE_HZ, unit, channel, scale)
    assert (units, notes) == ("m/s^2", "")
    assert np.allclose(found * factor, wave())


@pytest.mark.parametrize(
    ("channel", "scale", "complaint"),
    [
        ("HH", Scale(7.0), "'HH' measures velocity: give --counts-per-mps too"),
        ("HN", Scale(None, 5.0), "'HN' measures acceleration: give --counts-per-mps2 too"),
        ("", Scale(7.0, 5.0), "does not say whether"),
        ("HL", Scale(7.0, 5.0), "does not say whether"),  # an L has been used for either
    ],
)
def test_a_factor_of_something_else_is_refused(channel: str, scale: Scale, complaint: str) -> None:
    with pytest.raises(Unreadable, match=complaint):
        accelerations(wave(), RATE_HZ, "", channel, scale)


def test_counts_without_a_factor_stay_and_say_what_of() -> None:
    found, units, notes = accelerations(wave(), RATE_HZ, "", "HH", Scale())
    assert np.array_equal(found, wave()) and units == "counts" and "of velocity" in notes


def test_a_seismometer_of_stead_is_converted_by_its_own_factor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = make_stead(tmp_path / "in")
    with h5py.File(tmp_path / "in" / "chunk.hdf5", "r+") as file:
        file["data/ABC.XX_EV"].attrs["receiver_type"] = "HH"
        file["data/ABC.XX_NO"].attrs["receiver_type"] = "HN"
    given = [str(tmp_path / "in"), str(tmp_path / "out"), "--counts-per-mps", "1e6"]
    assert main([*given, "--counts-per-mps2", "1e5"]) == 0
    assert "no unit" not in capsys.readouterr().err

    (row,) = rows_of(tmp_path / "out")
    (noise,) = rows_of(tmp_path / "out", "noise_index.csv")
    velocity, acceleration = (
        np.load(tmp_path / "out" / one["file"])["data"] for one in (row, noise)
    )
    assert np.allclose(velocity, np.gradient(wanted / 1e6, 0.01, axis=1), atol=1e-4)
    assert np.allclose(acceleration, wanted / 1e5, atol=1e-4)

    assert main([str(tmp_path / "in"), str(tmp_path / "one"), "--counts-per-mps2", "1e5"]) == 0
    assert "give --counts-per-mps too" in capsys.readouterr().err


@pytest.mark.parametrize("factor", ["0", "-1", "nan", "inf", "many"])
def test_what_is_no_factor_is_refused(factor: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), str(tmp_path / "out"), "--counts-per-mps", factor])
