"""The codec's sizes beside those of other encodings: on synthetic ground and on recordings.

Bytes are of one packet of three components, with HEADER_BYTES for every binary form, so that they
can be laid beside published tables; a Waveform frame of ours has 37 before its payload.
"rice-1" is the plain scheme that ours must reach: the first value in 32 bits, the best of three
orders of differences, the best k; its size is computed, not written.

    python tools/codec_sizes.py [FOLDER OF RECORDINGS]
"""

import csv
import json
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from groundswell import codec

from system.micropython import HOW_TO_GET_IT, environment, find_micropython

Counts = npt.NDArray[np.int64]  # (3, n)

HEADER_BYTES = 20
STANDARD_GRAVITY_MPS2 = 9.80665
ADXL355_LSB_UG = 3.9  # +-2 g
MEMS16_LSB_UG = 61.0  # 16 bits at +-2 g
RANGE_UG = 2e6
PACKETS_OF_A_RECORD = 4  # spread over it; of 12, all sizes grow by up to 6 %, in the same order


def json_bytes(packet: Counts) -> int:
    return len(json.dumps(packet.tolist(), separators=(",", ":")))


def int24_bytes(packet: Counts) -> int:
    return HEADER_BYTES + 3 * packet.size


def varint_bytes(packet: Counts) -> int:
    zigzag = zigzag_of(np.diff(packet, prepend=0))
    widths = 1 + sum((zigzag >= 1 << bits).astype(int) for bits in (7, 14, 21, 28))
    return HEADER_BYTES + int(np.sum(widths))


def zlib_bytes(packet: Counts) -> int:
    return HEADER_BYTES + len(zlib.compress(packet.astype("<i4").tobytes(), 6))


def rice_1_bytes(packet: Counts) -> int:
    bits = sum(min(rice_1_bits(samples, order) for order in range(3)) for samples in packet)
    return HEADER_BYTES + (bits + 7) // 8


def rice_1_bits(samples: npt.NDArray[np.int64], order: int) -> int:
    residuals = samples - samples[0]
    for _ in range(order):
        residuals = np.diff(residuals, prepend=0)
    zigzag = zigzag_of(residuals)
    return 32 + 8 + min(int((zigzag >> k).sum()) + zigzag.size * (k + 1) for k in range(24))


def groundswell_bytes(packet: Counts) -> int:
    payload = codec.encode(packet.tolist())
    decoded = codec.decode(payload, packet.shape[1])
    assert [list(samples) for samples in decoded] == packet.tolist()
    return HEADER_BYTES + len(payload)


def zigzag_of(residuals: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.where(residuals >= 0, 2 * residuals, -2 * residuals - 1)


ENCODINGS: dict[str, Callable[[Counts], int]] = {
    "json": json_bytes,
    "int24": int24_bytes,
    "varint": varint_bytes,
    "zlib-6": zlib_bytes,
    "rice-1": rice_1_bytes,
    "groundswell": groundswell_bytes,
}


def synthetic(lsb_ug: float, noise_ug: float, duration_s: int, quake_mg: float) -> list[Counts]:
    """White noise (ug per root hertz, 100 Hz), a slow tilt, one g; a decaying quake on top."""
    rng = np.random.default_rng(0)
    time_s = np.arange(100 * duration_s) / 100
    packets = []
    for _ in range(max(2, 20 // duration_s)):
        acceleration_ug = rng.normal(0, noise_ug * np.sqrt(50), (3, time_s.size))
        acceleration_ug += 30 * np.sin(2 * np.pi * 0.2 * time_s)
        # Smoothing and decay are not published; these give varint the size that it had there.
        white = rng.normal(0, 1, (3, time_s.size + 1))
        smooth = (white[:, 1:] + white[:, :-1]) / 2
        acceleration_ug += 1000 * quake_mg * smooth * np.exp(-6 * time_s / duration_s)
        acceleration_ug[2] += 1e6
        packets.append(np.round(acceleration_ug / lsb_ug).astype(np.int64))
    return packets


def recorded(data_dir: Path, index: str, lsb_ug: float, duration_s: int) -> Iterator[Counts]:
    with (data_dir / index).open(encoding="utf-8") as lines:
        files = [row["file"] for row in csv.DictReader(lines)]
    for file in files:
        with np.load(data_dir / file) as record:
            acceleration_ug = record["data"] / STANDARD_GRAVITY_MPS2 * 1e6
            count = int(float(record["fs"]) * duration_s)
        counts = np.round(np.clip(acceleration_ug, -RANGE_UG, RANGE_UG) / lsb_ug).astype(np.int64)
        for start in np.linspace(0, counts.shape[1] - count, PACKETS_OF_A_RECORD).astype(int):
            if start >= 0:
                yield counts[:, start : start + count]


def print_row(name: str, packets: list[Counts], published: str = "") -> None:
    samples = sum(packet.size for packet in packets)
    sizes = [sum(size_of(packet) for packet in packets) for size_of in ENCODINGS.values()]
    cells = [f"{size / len(packets):8.0f} ({8 * size / samples:4.1f})" for size in sizes]
    print(f"{name:34}", *cells, published)


def print_sizes(data_dir: Path | None) -> None:
    print("Bytes of a packet of three components (bits of a sample)")
    print(f"{'':34}", *[f"{name:>15}" for name in ENCODINGS], " published rice")
    for name, lsb_ug, noise_ug, duration_s, quake_mg, published in (
        ("noise, 3.9 ug, 1 s", ADXL355_LSB_UG, 22.5, 1, 0, "322"),
        ("noise, 3.9 ug, 5 s", ADXL355_LSB_UG, 22.5, 5, 0, "1524"),
        ("noise, 3.9 ug, 30 s", ADXL355_LSB_UG, 22.5, 30, 0, "8626"),
        ("quake 50 mg, 3.9 ug, 1 s", ADXL355_LSB_UG, 22.5, 1, 50, "509"),
        ("quake 50 mg, 3.9 ug, 30 s", ADXL355_LSB_UG, 22.5, 30, 50, "15359"),
        ("noise 22.5 ug/rtHz, 61 ug, 1 s", MEMS16_LSB_UG, 22.5, 1, 0, "186"),
        ("noise 100 ug/rtHz, 61 ug, 1 s", MEMS16_LSB_UG, 100, 1, 0, "268"),
    ):
        packets = synthetic(lsb_ug, noise_ug, duration_s, quake_mg)
        print_row(name, packets, f"{published:>12}")
    if data_dir is None:
        print("no recordings given")
        return
    for kind, index in (("earthquakes", "eq_index.csv"), ("MEMS noise", "noise_index.csv")):
        for lsb_ug in (ADXL355_LSB_UG, MEMS16_LSB_UG):
            for duration_s in (1, 5):
                packets = list(recorded(data_dir, index, lsb_ug, duration_s))
                print_row(f"{kind}, {lsb_ug:g} ug, {duration_s} s", packets)


def print_speeds() -> None:
    script = Path(__file__).with_name("codec_speed.py")
    micropython = find_micropython()
    if micropython is None:
        print("speed on MicroPython:", HOW_TO_GET_IT)
    for program in (Path(sys.executable), micropython):
        if program is not None:
            subprocess.run([program, script], env=environment(), check=True)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    print_sizes(folder if folder is not None and folder.is_dir() else None)
    sys.stdout.flush()
    print_speeds()
