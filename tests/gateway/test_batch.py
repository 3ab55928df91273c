"""What a gateway packs must come out of the engine's ingest as it went in, and in bounds."""

import itertools
import random

import zstandard
from groundswell import topics, wire

from aggregator.ingest import Ingest
from gateway import batch
from gateway.batch import Batcher, prompt

GATEWAY = 0x6A7E
NOW_US = 1_790_000_000_000_000


def shaking(seq: int, end_us: int = NOW_US) -> bytes:
    return wire.encode(wire.Shaking(7, 1, seq, 0, end_us, 1000, 500, 200))


def frames_of(batches: list[bytes]) -> list[tuple[int, bytes]]:
    """The oracle: opened by wire and zstandard directly."""
    entries = []
    for encoded in batches:
        message = wire.decode(encoded)
        data = message.payload
        if message.encoding == wire.ENCODING_ZSTD:
            data = zstandard.ZstdDecompressor().decompress(data)
        entries += wire.unpack_entries(data, message.frame_count)
    return entries


def test_frames_come_out_in_order_with_their_times_of_arrival():
    batcher = Batcher(GATEWAY, 1)
    entries = [(NOW_US + i, shaking(i)) for i in range(100)]

    for received_us, frame in entries:
        batcher.add(frame, received_us)

    assert frames_of(batcher.take(NOW_US)) == entries
    assert batcher.take(NOW_US) == []


def test_a_batch_is_due_when_its_oldest_frame_is_a_quarter_of_a_second_old():
    batcher = Batcher(GATEWAY, 1)
    assert not batcher.is_due(NOW_US)

    batcher.add(shaking(1), NOW_US)
    batcher.add(shaking(2), NOW_US + 200_000)

    assert not batcher.is_due(NOW_US + 249_999)
    assert batcher.is_due(NOW_US + 250_000)


def test_a_batch_does_not_wait_for_a_clock_that_was_set_back():
    batcher = Batcher(GATEWAY, 1)
    batcher.add(shaking(1), NOW_US)

    assert batcher.is_due(NOW_US - 3_600_000_000)


def test_a_batch_is_due_at_once_when_it_is_full():
    batcher = Batcher(GATEWAY, 1)

    for seq in range(wire.MAX_BATCH_FRAMES):
        assert not batcher.is_due(NOW_US)
        batcher.add(shaking(seq), NOW_US)

    assert batcher.is_due(NOW_US)


def test_every_batch_can_be_encoded_even_of_frames_that_do_not_compress():
    source = random.Random(1)
    batcher = Batcher(GATEWAY, 1)
    frames = [
        wire.encode(wire.Waveform(7, 1, i, 0, NOW_US, 125000, 3900, 125, source.randbytes(900)))
        for i in range(1100)
    ]

    for frame in frames:
        batcher.add(frame, NOW_US)
    batches = batcher.take(NOW_US)

    kept = [frame for _, frame in frames_of(batches)]
    assert kept == frames[-len(kept) :]
    assert len(kept) + batcher.drops == len(frames)
    assert all(len(b) < wire.MAX_PAYLOAD_BYTES for b in batches)


def test_when_nothing_is_taken_the_oldest_frames_are_dropped_and_counted():
    frame = shaking(0)
    batcher = Batcher(GATEWAY, 1, max_pending_bytes=10 * (len(frame) + 12))

    for seq in range(25):
        batcher.add(shaking(seq), NOW_US)

    left = [wire.decode(frame).seq for _, frame in frames_of(batcher.take(NOW_US))]
    assert left == list(range(15, 25))
    assert batcher.drops == 15


def test_a_frame_that_no_batch_can_hold_is_dropped_and_counted():
    batcher = Batcher(GATEWAY, 1)

    batcher.add(bytes(batch.MAX_BATCH_BYTES), NOW_US)

    assert batcher.drops == 1
    assert len(batcher) == 0


def test_one_sequence_numbers_prompt_and_batched():
    sequence = itertools.count()
    batcher = Batcher(GATEWAY, 1, sequence)
    batcher.add(shaking(0), NOW_US)

    first = prompt(GATEWAY, 1, next(sequence), shaking(1), NOW_US)
    second = batcher.take(NOW_US)[0]

    assert [wire.decode(first).seq, wire.decode(second).seq] == [0, 1]


def test_the_engine_reads_what_the_gateway_packs():
    batcher = Batcher(GATEWAY, 1)
    ingest = Ingest()
    for seq in range(50):
        batcher.add(shaking(seq), NOW_US - 1000 + seq)

    heard = []
    for encoded in batcher.take(NOW_US):
        heard += ingest.open(topics.of_gateway(GATEWAY, topics.BATCH), encoded, NOW_US + 3000)

    assert [h.message.seq for h in heard] == list(range(50))
    assert heard[7].gateway_received_us == NOW_US - 993
    assert {(h.gateway_id, h.gateway_sent_us, h.received_us) for h in heard} == {
        (GATEWAY, NOW_US, NOW_US + 3000)
    }


def test_compression_makes_a_batch_of_statuses_smaller():
    batcher = Batcher(GATEWAY, 1)
    values = dict.fromkeys(
        [
            "seq",
            "flags",
            "clock_drift_ppb",
            "triggers_hour",
            "drops",
            "battery_mv",
            "rssi_dbm",
            "faults",
            "restarts",
            "reset_cause",
        ],
        0,
    )
    frames = [
        wire.encode(
            wire.Status(
                node_id=node, boot_id=9, state=wire.STATE_ARMED, sensor=1, sent_us=NOW_US,
                clock_error_us=900, lat_udeg=17_000_000, lon_udeg=-100_000_000, elevation_m=20,
                rate_mhz=125_000, noise_um_s2=900, uptime_s=60, free_memory_b=90_000,
                firmware_major=0, firmware_minor=1, firmware_patch=0, **values,
            )
        )
        for node in range(100)
    ]  # fmt: skip

    for frame in frames:
        batcher.add(frame, NOW_US)
    (encoded,) = batcher.take(NOW_US)

    assert len(encoded) < sum(map(len, frames)) / 3
