"""Small archives in each format, made here, with the values that went in as the oracle."""

import csv
from pathlib import Path

import h5py
import numpy as np
import obspy
from obspy.core.event import (
    Catalog,
    Event,
    Magnitude,
    Origin,
    Pick,
    WaveformStreamID,
)
from obspy.core.inventory import (
    Channel,
    InstrumentSensitivity,
    Inventory,
    Network,
    Response,
    Station,
)
from obspy.core.inventory import Site as InventorySite

ORIGIN = "2024-01-01T07:10:09"
RATE_HZ = 100.0
N = 6000


def motion(seed: int = 1) -> np.ndarray:
    """Return (3, n) m/s^2: noise, and 100 times as much from 20 s on."""
    samples = 1e-3 * np.random.default_rng(seed).standard_normal((3, N))
    samples[:, 2000:] *= 100
    return samples


def rows_of(folder: Path, name: str = "eq_index.csv") -> list[dict[str, str]]:
    with (folder / name).open(newline="") as file:
        return list(csv.DictReader(file))


def knet_file(path: Path, samples_mps2: np.ndarray, direction: str) -> None:
    scale = 2000 / 8_388_608
    counts = np.rint(samples_mps2 * 100 / scale).astype(int)
    header = [
        ("Origin Time", "2024/01/01 16:10:09"), ("Lat.", "37.488"), ("Long.", "137.268"),
        ("Depth. (km)", "16"), ("Mag.", "7.6"), ("Station Code", "ISK001"),
        ("Station Lat.", "37.5265"), ("Station Long.", "137.2844"), ("Station Height(m)", "13"),
        ("Record Time", "2024/01/01 16:10:14"), ("Sampling Freq(Hz)", "100Hz"),
        ("Duration Time(s)", "60"), ("Dir.", direction),
        ("Scale Factor", "2000(gal)/8388608"), ("Max. Acc. (gal)", "10.0"),
        ("Last Correction", "2024/01/01 16:10:00"), ("Memo.", ""),
    ]  # fmt: skip
    lines = [f"{name:<18}{value}" for name, value in header]
    lines += ["".join(f"{count:>9}" for count in counts[at : at + 8]) for at in range(0, N, 8)]
    path.write_text("\n".join(lines) + "\n")


def make_knet(folder: Path, suffix: str = "") -> np.ndarray:
    folder.mkdir(exist_ok=True)
    samples = motion()
    for axis, name in zip(samples, ("EW", "NS", "UD")):
        knet_file(folder / f"ISK0012401011610.{name}{suffix}", axis, name)
    return samples


def channel(code: str, azimuth: float, dip: float, units: str) -> Channel:
    response = Response(instrument_sensitivity=InstrumentSensitivity(1000.0, 1.0, units, "COUNTS"))
    return Channel(code, "", 37.5, 137.3, 10.0, 0.0, azimuth=azimuth, dip=dip,
                   sample_rate=RATE_HZ, response=response)  # fmt: skip


def make_miniseed(folder: Path, units: str = "M/S**2") -> np.ndarray:
    """Write a folder with horizontals that are turned by 30 degrees."""
    folder.mkdir(exist_ok=True)
    east, north, up = motion()
    angle = np.radians(30.0)
    one = north * np.cos(angle) + east * np.sin(angle)
    two = east * np.cos(angle) - north * np.sin(angle)
    start = obspy.UTCDateTime(ORIGIN) - 10
    stream = obspy.Stream()
    for code, axis in (("HN1", one), ("HN2", two), ("HNZ", up)):
        header = {"network": "XX", "station": "ABC", "channel": code, "starttime": start,
                  "sampling_rate": RATE_HZ}  # fmt: skip
        stream.append(obspy.Trace((axis * 1000).astype(np.float32), header))
    stream.write(str(folder / "waves.mseed"), format="MSEED")
    channels = [channel("HN1", 30.0, 0.0, units), channel("HN2", 120.0, 0.0, units),
                channel("HNZ", 0.0, -90.0, units)]  # fmt: skip
    station = Station("ABC", 37.5, 137.3, 10.0, channels=channels, site=InventorySite("here"))
    inventory = Inventory([Network("XX", stations=[station])], "test")
    inventory.write(str(folder / "stations.xml"), format="STATIONXML")
    pick = Pick(time=start + 20.5, phase_hint="Pg",
                waveform_id=WaveformStreamID(network_code="XX", station_code="ABC"))  # fmt: skip
    origin = Origin(time=obspy.UTCDateTime(ORIGIN), latitude=37.0, longitude=137.0, depth=16e3)
    event = Event(origins=[origin], magnitudes=[Magnitude(mag=6.1, magnitude_type="Mw")],
                  picks=[pick])  # fmt: skip
    Catalog([event]).write(str(folder / "event.xml"), format="QUAKEML")
    return np.stack([east, north, up])


STEAD_ATTRIBUTES = {
    "network_code": "XX", "receiver_code": "ABC", "receiver_latitude": 37.5,
    "receiver_longitude": 137.3, "receiver_elevation_m": 12.0, "p_arrival_sample": 2000.0,
    "s_arrival_sample": 2600.0, "trace_start_time": "2024-01-01 07:09:59.00",
    "trace_category": "earthquake_local", "source_id": "n1", "source_latitude": 37.0,
    "source_longitude": 137.0, "source_depth_km": "16.0", "source_magnitude": 3.1,
    "source_magnitude_type": "ml", "source_origin_time": "2024-01-01 07:10:09.00",
}  # fmt: skip


def make_stead(folder: Path) -> np.ndarray:
    folder.mkdir(exist_ok=True)
    samples = motion() * 1e6
    with h5py.File(folder / "chunk.hdf5", "w") as file:
        for name, category in (("ABC.XX_EV", "earthquake_local"), ("ABC.XX_NO", "noise")):
            data = file.create_dataset(f"data/{name}", data=samples.T.astype(np.float32))
            for key, value in (STEAD_ATTRIBUTES | {"trace_category": category}).items():
                data.attrs[key] = value
    return samples


def make_seisbench(folder: Path) -> np.ndarray:
    folder.mkdir(exist_ok=True)
    samples = motion() * 1e6
    with h5py.File(folder / "waveforms.hdf5", "w") as file:
        # a bucket of two traces, Z N E, the second one longer than its neighbour
        bucket = np.zeros((2, 3, N + 500), np.float32)
        bucket[1, :, :N] = samples[::-1]
        file["data/bucket0"] = bucket
        file["data_format/component_order"] = "ZNE"
        file["data_format/dimension_order"] = "NCW"
        file["data_format/sampling_rate"] = RATE_HZ
    (folder / "metadata.csv").write_text(
        "trace_name,station_code,station_network_code,station_latitude_deg,station_longitude_deg,"
        "trace_start_time,trace_Pg_arrival_sample,source_id,source_origin_time,"
        "source_latitude_deg,source_longitude_deg,source_magnitude\n"
        f'"bucket0$1,:3,:{N}",ABC,XX,37.5,137.3,2024-01-01T07:09:59Z,2000,q7,'
        "2024-01-01T07:10:09Z,37.0,137.0,3.1\n"
        '"bucket9$0,:3,:10",ABC,XX,37.5,137.3,,,,,,,\n'
    )
    return samples
