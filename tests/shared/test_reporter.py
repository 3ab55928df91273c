from array import array
from binascii import crc32

from groundswell import codec, reporter, wire

from node_in_a_test import (
    LSB_NM_S2,
    PERIOD_US,
    RATE_HZ,
    UTC_US,
    flat,
    messages_of,
    new_reporter,
    quake,
)
from signals import add_shaking, noise

SECOND = 1000000
# Of every byte that a node says about `quake` at these rates. CPython, compiled kernels (tests/
# replay/test_compiled.py) and MicroPython must agree; a change of the detector changes them all.
CHECKSUMS = {25: 4168125733, 125: 4176615610, 333: 1921299017}


def checksum_at(rate_hz):
    total = 0
    node = new_reporter(rate_hz, sends_waveforms=True)
    for message in flat(messages_of(node, quake(rate_hz), rate_hz)):
        total = crc32(wire.encode(message), total)
    return crc32(wire.encode(node.status(40 * SECOND)), total)


def test_every_interpreter_says_the_same_bytes():
    found = {rate_hz: checksum_at(rate_hz) for rate_hz in CHECKSUMS}

    assert found == CHECKSUMS, found


def test_the_first_message_is_sent_at_once():
    triggers = flat(messages_of(new_reporter(), quake()), wire.Trigger)

    first = triggers[0]
    assert (first.update, first.detection_id, first.flags) == (0, 0, 0)
    assert abs(first.onset_us - (UTC_US + 20 * SECOND)) < 50000
    assert first.onset_us <= first.sample_us < first.onset_us + 300000
    assert first.sent_us == first.sample_us + 4 * PERIOD_US + reporter.PROCESSING_US
    assert 500 < first.noise_um_s2 < 1500


def test_refinements_come_half_a_second_and_then_every_second_after_the_onset():
    triggers = flat(messages_of(new_reporter(), quake()), wire.Trigger)

    ages_us = [t.sample_us - t.onset_us for t in triggers[1:6]]
    for age_us, due_us in zip(ages_us, (500000, SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND)):
        assert due_us <= age_us <= due_us + 4 * PERIOD_US
    assert [t.update for t in triggers] == list(range(len(triggers)))
    assert len({t.detection_id for t in triggers}) == 1
    assert not any([t.flags & wire.FLAG_RETRACTED for t in triggers])


def test_peaks_and_ratio_only_grow_within_a_detection():
    triggers = flat(messages_of(new_reporter(), quake()), wire.Trigger)

    for name in ("ratio_milli", "pga_um_s2", "pgv_nm_s", "pd_nm"):
        values = [getattr(t, name) for t in triggers]
        assert values == sorted(values) and values[0] > 0
    assert triggers[-1].pga_um_s2 > 100000


def test_a_knock_is_retracted():
    triggers = flat(messages_of(new_reporter(), quake(decay_s=0.05, peak_counts=60000)))

    triggers = [m for m in triggers if isinstance(m, wire.Trigger)]
    assert triggers[0].update == 0
    assert triggers[-1].flags & wire.FLAG_RETRACTED
    assert triggers[-1].sample_us - triggers[0].sample_us < 5 * SECOND


def test_shaking_is_reported_once_a_second_while_it_lasts():
    shaking = flat(messages_of(new_reporter(), quake()), wire.Shaking)

    assert len(shaking) >= 5
    for before, after in zip(shaking, shaking[1:]):
        assert 0 <= after.end_us - before.end_us - SECOND <= 4 * PERIOD_US
    assert shaking[0].pga_um_s2 > 100000 > shaking[-1].pga_um_s2


def test_every_frame_has_the_next_sequence_number():
    node = new_reporter(sends_waveforms=True)
    said = [node.status(0)] + flat(messages_of(node, quake()))

    assert [m.seq for m in said] == list(range(1, len(said) + 1))
    assert said[0].state == wire.STATE_STARTING
    for message in said:
        assert wire.decode(wire.encode(message)) == message


def test_waveforms_hold_the_raw_counts_from_before_the_onset_on():
    counts = quake()
    blocks = messages_of(new_reporter(sends_waveforms=True), counts)
    packets = flat(blocks, wire.Waveform)

    onset_us = flat(blocks, wire.Trigger)[0].onset_us
    assert onset_us - 2200000 < packets[0].start_us <= onset_us - 2000000 + PERIOD_US
    for packet in packets:
        first = (packet.start_us - UTC_US) // PERIOD_US
        components = codec.decode(packet.payload, packet.sample_count)
        for axis in range(3):
            places = range(3 * first + axis, 3 * (first + packet.sample_count) + axis, 3)
            assert list(components[axis]) == [counts[i] for i in places]
        assert (packet.rate_mhz, packet.lsb_nm_s2) == (RATE_HZ * 1000, LSB_NM_S2)
    for before, after in zip(packets, packets[1:]):
        assert after.start_us - before.start_us == before.sample_count * PERIOD_US


def test_a_waveform_never_delays_a_trigger_and_comes_alone():
    blocks = messages_of(new_reporter(sends_waveforms=True), quake())

    for block in blocks:
        packets = [m for m in block if isinstance(m, wire.Waveform)]
        assert len(packets) <= 1
        assert not packets or len(block) == 1


def test_a_clock_that_is_not_to_be_trusted_is_flagged():
    triggers = flat(messages_of(new_reporter(clock_error_us=3600 * SECOND), quake()), wire.Trigger)

    assert triggers[0].flags & wire.FLAG_UNSYNCHRONISED
    assert triggers[0].clock_error_us == 3600 * SECOND


def test_a_gap_is_flagged_and_counted():
    node = new_reporter()
    node.add_block(noise(4, 40), 4, 3 * PERIOD_US)
    node.add_block(noise(4, 40), 4, 7 * PERIOD_US + 200000)

    status = node.status(7 * PERIOD_US + 200000)

    assert status.flags & wire.FLAG_GAP
    assert status.drops == 25


def test_a_clipping_sensor_is_flagged():
    triggers = flat(messages_of(new_reporter(), quake(peak_counts=4000000)), wire.Trigger)

    assert triggers[1].flags & wire.FLAG_CLIPPED


def test_status_counts_the_detections_of_the_last_hour():
    node = new_reporter()
    counts = quake(seconds=60, decay_s=1)
    add_shaking(counts, 50 * RATE_HZ, 6000, RATE_HZ)
    messages_of(node, counts)

    assert node.status(60 * SECOND).triggers_hour == 2
    assert node.status(60 * SECOND).uptime_s == 60
    assert node.status(4000 * SECOND).triggers_hour == 0


def test_a_block_longer_than_the_detector_takes_is_cut():
    counts = quake()
    long, short = new_reporter(), new_reporter()
    said = long.add_block(counts, len(counts) // 3, (len(counts) // 3 - 1) * PERIOD_US)

    onsets = {m.onset_us for m in said if isinstance(m, wire.Trigger)}
    others = {m.onset_us for m in flat(messages_of(short, counts), wire.Trigger)}
    assert onsets == others


def test_silence_from_the_sensor_is_no_message():
    node = new_reporter()

    assert flat(messages_of(node, array("i", (0, 0, 256000) * (RATE_HZ * 30)))) == []
    assert node.status(30 * SECOND).state == wire.STATE_STARTING
