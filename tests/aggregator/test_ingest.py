"""The engine's border: believed once, in time, well formed; all else is counted and nothing."""

import random

import zstandard
from groundswell import topics, wire
from groundswell.seal import Seal

from aggregator import ingest as module
from aggregator.ingest import Ingest
from gateway.batch import Batcher, prompt
from tests.aggregator.samples import GATEWAY, NOW_US, status, trigger

PROMPT = topics.of_gateway(GATEWAY, topics.PROMPT)
BATCH = topics.of_gateway(GATEWAY, topics.BATCH)
LATE = topics.of_gateway(GATEWAY, topics.LATE)


def sent(message, now_us=NOW_US):
    return prompt(GATEWAY, 1, 0, wire.encode(message), now_us)


def raw_batch(payload, frame_count=1, encoding=wire.ENCODING_RAW):
    return wire.encode(wire.Batch(GATEWAY, 1, 0, encoding, frame_count, NOW_US, payload))


def test_a_message_is_passed_on_once_whatever_way_it_comes():
    ingest = Ingest()

    first = ingest.open(PROMPT, sent(trigger()), NOW_US)
    again = ingest.open(PROMPT, sent(trigger()), NOW_US)
    batched = ingest.open(BATCH, sent(trigger()), NOW_US)

    assert [h.message for h in first] == [trigger()]
    assert again == batched == []
    assert ingest.counters.duplicates == 2


def test_sequence_numbers_are_told_apart_like_in_a_set():
    source = random.Random(3)
    seqs = [source.randrange(module.SEQ_WINDOW) for _ in range(4000)]
    ingest = Ingest()
    known = set()

    for seq in seqs:
        heard = ingest.open(PROMPT, sent(trigger(seq)), NOW_US)

        assert bool(heard) == (seq not in known)
        known.add(seq)


def test_the_same_number_of_another_run_or_node_is_another_message():
    ingest = Ingest()

    for message in (trigger(), trigger(boot_id=6), trigger(node_id=43)):
        assert ingest.open(PROMPT, sent(message), NOW_US)


def test_a_number_from_before_the_window_is_a_duplicate_but_kept_from_a_backlog():
    ingest = Ingest()
    ingest.open(PROMPT, sent(trigger(seq=100_000)), NOW_US)

    assert ingest.open(PROMPT, sent(trigger(seq=5)), NOW_US) == []
    assert ingest.open(LATE, sent(trigger(seq=5)), NOW_US)[0].is_late


def test_old_and_future_messages_are_counted_and_dropped():
    ingest = Ingest()

    old = sent(trigger(1, NOW_US - module.MAX_AGE_US - 1))
    early = sent(trigger(2, NOW_US + module.MAX_AHEAD_US + 1))

    assert ingest.open(PROMPT, old, NOW_US) == []
    assert ingest.open(PROMPT, early, NOW_US) == []
    assert (ingest.counters.too_old, ingest.counters.from_future) == (1, 1)


def test_a_status_that_was_retained_is_late_whatever_it_says_of_its_age():
    ingest = Ingest()

    (retained,) = ingest.open(LATE, sent(status()), NOW_US)
    (fresh,) = ingest.open(BATCH, sent(status(seq=2)), NOW_US)

    assert retained.is_late
    assert not fresh.is_late


def test_a_status_with_a_wrong_clock_is_passed_on_for_all_to_see():
    ingest = Ingest()

    for seq, wrong_by_us in enumerate((-3_600_000_000, 3_600_000_000)):
        (heard,) = ingest.open(BATCH, sent(status(seq, NOW_US + wrong_by_us)), NOW_US)
        assert not heard.is_late


def test_what_waited_in_the_gateway_is_late_by_the_gateways_own_clock():
    ingest = Ingest()
    waited = prompt(
        GATEWAY, 1, 0, wire.encode(status()), NOW_US, NOW_US - module.LATE_AFTER_US - 1
    )

    assert ingest.open(BATCH, waited, NOW_US)[0].is_late


def test_a_last_will_is_heard_though_it_was_written_hours_ago():
    ingest = Ingest()
    ingest.open(BATCH, sent(status(seq=900)), NOW_US)
    will = status(seq=1, sent_us=NOW_US - 7_200_000_000, state=wire.STATE_OFFLINE)

    (heard,) = ingest.open(BATCH, sent(will), NOW_US)
    (again,) = ingest.open(BATCH, sent(will), NOW_US)

    assert heard.message.state == again.message.state == wire.STATE_OFFLINE
    assert not heard.is_late


def test_a_last_will_is_not_heard_again_once_the_node_has_spoken_after_it():
    ingest = Ingest()
    will = status(seq=1, state=wire.STATE_OFFLINE)
    later = status(seq=60, state=wire.STATE_OFFLINE)
    assert ingest.open(BATCH, sent(will), NOW_US)
    assert ingest.open(BATCH, sent(status(seq=50)), NOW_US)

    assert ingest.open(BATCH, sent(will), NOW_US) == []
    assert ingest.counters.too_old == 1
    assert len(ingest.open(BATCH, sent(later), NOW_US)) == 1  # the line broke once more


def test_the_last_will_of_an_earlier_run_does_not_kill_the_node():
    ingest = Ingest()
    ingest.open(BATCH, sent(status(boot_id=6)), NOW_US)

    will = status(boot_id=5, state=wire.STATE_OFFLINE)

    assert ingest.open(BATCH, sent(will), NOW_US) == []


def test_what_is_marked_late_or_needed_long_is_late():
    ingest = Ingest()
    flagged = trigger(1, flags=wire.FLAG_LATE)
    slow = trigger(2, NOW_US - module.LATE_AFTER_US - 1)

    assert ingest.open(PROMPT, sent(flagged), NOW_US)[0].is_late
    assert ingest.open(PROMPT, sent(slow), NOW_US)[0].is_late
    assert ingest.open(LATE, sent(trigger(3)), NOW_US)[0].is_late
    assert not ingest.open(PROMPT, sent(trigger(4)), NOW_US)[0].is_late


def test_a_node_that_knows_no_time_is_heard():
    ingest = Ingest()

    unset = trigger(sent_us=1_000_000, flags=wire.FLAG_UNSYNCHRONISED)

    assert ingest.open(PROMPT, sent(unset), NOW_US)


def test_a_batch_on_somebody_elses_topic_is_refused():
    ingest = Ingest()
    payload = sent(trigger())

    for topic in (
        topics.of_gateway(GATEWAY + 1, topics.PROMPT),
        topics.of_gateway(GATEWAY, "gossip"),
        topics.of_node(GATEWAY, "trigger"),
        "",
    ):
        assert ingest.open(topic, payload, NOW_US) == []

    assert ingest.counters.malformed == 4
    assert "00006a7e" in ingest.last_refusal


def test_one_bad_frame_does_not_take_its_neighbours_along():
    ingest = Ingest()
    batcher = Batcher(GATEWAY, 1)
    for frame in (wire.encode(trigger(1)), b"garbage", wire.encode(trigger(2))):
        batcher.add(frame, NOW_US)

    (payload,) = batcher.take(NOW_US)
    heard = ingest.open(BATCH, payload, NOW_US)

    assert [h.message.seq for h in heard] == [1, 2]
    assert ingest.counters.malformed == 1


def test_commands_updates_and_batches_within_batches_are_refused():
    ingest = Ingest()
    command = wire.Command(42, 1, wire.ACTION_RESTART, NOW_US, NOW_US, b"")
    chunk = wire.Chunk(42, 1, 0, 0, b"")

    assert ingest.open(PROMPT, sent(command), NOW_US) == []
    assert ingest.open(PROMPT, sent(chunk), NOW_US) == []
    assert ingest.open(PROMPT, prompt(GATEWAY, 1, 0, sent(trigger()), NOW_US), NOW_US) == []
    assert ingest.counters.malformed == 3


def test_a_small_batch_that_would_unpack_to_gigabytes_is_refused():
    bomb = zstandard.ZstdCompressor().compress(bytes(wire.MAX_ENTRIES_BYTES + 1))
    without_size = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(50_000_000))
    ingest = Ingest()

    for payload in (bomb, without_size):
        assert ingest.open(BATCH, raw_batch(payload, 9, wire.ENCODING_ZSTD), NOW_US) == []

    assert ingest.counters.malformed == 2
    assert "unpacks to" in ingest.last_refusal


def test_random_bytes_are_counted_and_nothing_else():
    source = random.Random(4)
    ingest = Ingest()

    for i in range(10_000):
        garbage = source.randbytes(source.randrange(200))
        payload = garbage if i % 3 else raw_batch(garbage, 1, i % 2)
        assert ingest.open(BATCH, payload, NOW_US) == []

    assert ingest.counters.malformed >= 10_000
    assert ingest.counters.messages == 0


def test_a_batch_damaged_anywhere_never_raises():
    batcher = Batcher(GATEWAY, 1)
    for seq in range(20):
        batcher.add(wire.encode(trigger(seq)), NOW_US)
    (whole,) = batcher.take(NOW_US)
    source = random.Random(5)
    ingest = Ingest()

    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << source.randrange(8)
        ingest.open(BATCH, bytes(damaged), NOW_US)
        ingest.open(BATCH, whole[:at], NOW_US)

    assert ingest.counters.malformed >= len(whole)


def test_the_memory_of_runs_is_bounded():
    ingest = Ingest()

    for boot_id in range(module.MAX_RUNS + 50):
        ingest.open(PROMPT, sent(trigger(boot_id=boot_id)), NOW_US)

    assert len(ingest._runs) == module.MAX_RUNS
    assert ingest.open(PROMPT, sent(trigger(boot_id=module.MAX_RUNS)), NOW_US) == []


def test_no_topic_colours_the_terminal_of_who_reads_the_log():
    ingest = Ingest()

    ingest.open("groundswell/1/gateway/\x1b[31m/batch", b"x", NOW_US)

    assert r"\x1b[31m" in ingest.last_refusal
    assert ingest.last_refusal.isprintable()


def test_what_a_node_with_a_key_did_not_seal_is_dropped_and_counted():
    key = bytes(range(32))
    seal = Seal(key)
    ingest = Ingest(keys={trigger().node_id: key})
    frame = wire.encode(trigger(seq=1))
    for said in (frame, Seal(bytes(32)).seal(frame), seal.seal(frame)[:-1] + b"?"):
        assert ingest.open(PROMPT, prompt(GATEWAY, 1, 0, said, NOW_US), NOW_US) == []
    assert ingest.counters.forged == 3 and "did not seal" in ingest.last_refusal

    sealed = prompt(GATEWAY, 1, 9, seal.encode(trigger(seq=1)), NOW_US)
    (passed,) = ingest.open(PROMPT, sealed, NOW_US)
    assert passed.message == trigger(seq=1) and passed.is_sealed
    assert ingest.open(PROMPT, sealed, NOW_US) == []  # said again by somebody else
    assert ingest.counters.duplicates == 1 and ingest.counters.forged == 3


def test_a_node_without_a_key_here_needs_no_seal_and_one_that_it_has_does_no_harm():
    ingest = Ingest(keys={7: bytes(32)})
    sealed = prompt(GATEWAY, 1, 0, Seal(bytes(range(32))).encode(trigger(seq=2)), NOW_US)

    assert ingest.open(PROMPT, sent(trigger(seq=1)), NOW_US)
    assert ingest.open(PROMPT, sealed, NOW_US)


def test_where_all_must_be_sealed_a_node_that_nobody_knows_is_dropped():
    key = bytes(range(32))
    unknown = prompt(GATEWAY, 1, 0, wire.encode(trigger(seq=1)), NOW_US)
    known = prompt(GATEWAY, 1, 9, Seal(key).encode(trigger(seq=1)), NOW_US)
    ingest = Ingest(keys={trigger(seq=1).node_id: key}, sealed_only=True)

    assert Ingest(keys={}, sealed_only=True).open(PROMPT, unknown, NOW_US) == []
    assert len(ingest.open(PROMPT, known, NOW_US)) == 1
