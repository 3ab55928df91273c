"""What a gateway does with each frame, in virtual time and without a socket."""

import random

from groundswell import topics, wire

from gateway.config import Config
from gateway.forwarder import TRIGGERS_OF_ONE_NODE, Forwarder

GATEWAY = 0xABCD0001
NOW_US = 1_790_000_000_000_000
CONFIG = Config(gateway_id="abcd0001", pending_triggers=10)


class FakeBroker:
    """Takes what is published while it is up."""

    def __init__(self) -> None:
        self.is_up = True
        self.taken: list[tuple[str, bytes, int]] = []

    def publish(self, topic: str, payload: bytes, qos: int) -> bool:
        if self.is_up:
            self.taken.append((topic, payload, qos))
        return self.is_up

    def channels(self) -> list[str]:
        return [topic.rsplit("/", 1)[1] for topic, _, _ in self.taken]

    def seqs(self, channel: str) -> list[int]:
        """Sequence numbers of the node frames in what came raw on that channel."""
        batches = [wire.decode(p) for t, p, _ in self.taken if t.endswith("/" + channel)]
        return [
            wire.decode(frame).seq
            for batch in batches
            for _, frame in wire.unpack_entries(batch.payload, batch.frame_count)
        ]


def trigger(seq, flags=0, node_id=42):
    return wire.Trigger(
        node_id, 5, seq, 0, 0, flags, NOW_US - 500_000, NOW_US - 10_000, NOW_US,
        2000, 900, 7000, 9000, 300_000, 20_000, 900,
    )  # fmt: skip


def shaking(seq):
    return wire.Shaking(42, 5, seq, 0, NOW_US, 2000, 900, 300)


def say(forwarder, message, at_us=NOW_US):
    forwarder.hear(topics.of_message(message), wire.encode(message), at_us)


def test_a_trigger_goes_at_once_and_the_rest_after_a_quarter_of_a_second():
    forwarder, broker = Forwarder(CONFIG, 1), FakeBroker()
    say(forwarder, shaking(1))
    say(forwarder, trigger(2))

    forwarder.send(broker.publish, NOW_US + 300)
    assert [(t, q) for t, _, q in broker.taken] == [(topics.of_gateway(GATEWAY, "prompt"), 1)]

    forwarder.send(broker.publish, NOW_US + 250_000)
    assert broker.channels() == ["prompt", "batch"]


def test_a_prompt_batch_tells_when_the_trigger_came_and_when_it_left():
    forwarder, broker = Forwarder(CONFIG, 1), FakeBroker()
    say(forwarder, trigger(1), NOW_US + 100)

    forwarder.send(broker.publish, NOW_US + 350)

    batch = wire.decode(broker.taken[0][1])
    assert batch.sent_us == NOW_US + 350
    assert wire.unpack_entries(batch.payload, 1) == [(NOW_US + 100, wire.encode(trigger(1)))]


def test_triggers_wait_in_order_while_the_broker_is_away_for_a_moment():
    forwarder, broker = Forwarder(CONFIG, 1), FakeBroker()
    broker.is_up = False
    for seq in range(5):
        say(forwarder, trigger(seq), NOW_US + seq)
        forwarder.send(broker.publish, NOW_US + seq)

    broker.is_up = True
    forwarder.send(broker.publish, NOW_US + 3_000_000)

    assert broker.seqs("prompt") == [0, 1, 2, 3, 4]


def test_a_trigger_that_had_to_wait_is_late_and_then_expired():
    forwarder, broker = Forwarder(CONFIG, 1), FakeBroker()
    say(forwarder, trigger(1), NOW_US)
    say(forwarder, trigger(2), NOW_US + 1)

    forwarder.send(broker.publish, NOW_US + 60_000_001)

    assert broker.seqs("late") == [2]
    assert broker.seqs("prompt") == []
    assert (forwarder.counters.expired, forwarder.counters.late) == (1, 1)


def test_too_many_waiting_triggers_push_out_the_oldest():
    forwarder, broker = Forwarder(CONFIG, 1), FakeBroker()

    for seq in range(25):
        say(forwarder, trigger(seq))
    forwarder.send(broker.publish, NOW_US)

    assert broker.seqs("prompt") == list(range(15, 25))
    assert forwarder.counters.overflow == forwarder.drops == 15


def test_a_node_that_floods_pushes_out_its_own_triggers_and_no_others():
    config = Config(gateway_id="abcd0001", pending_triggers=1000)
    forwarder, broker = Forwarder(config, 1), FakeBroker()

    say(forwarder, trigger(7, node_id=1))
    for seq in range(5000):
        say(forwarder, trigger(seq, node_id=666))
    say(forwarder, trigger(8, node_id=2))
    forwarder.send(broker.publish, NOW_US)

    last = list(range(5000 - TRIGGERS_OF_ONE_NODE, 5000))
    assert broker.seqs("prompt") == [7, *last, 8]
    assert forwarder.counters.overflow == forwarder.drops == 5000 - TRIGGERS_OF_ONE_NODE


def test_a_node_may_speak_on_when_what_it_said_is_sent():
    forwarder, broker = Forwarder(Config(gateway_id="abcd0001"), 1), FakeBroker()

    for seq in range(3 * TRIGGERS_OF_ONE_NODE):
        say(forwarder, trigger(seq))
        forwarder.send(broker.publish, NOW_US)

    assert broker.seqs("prompt") == list(range(3 * TRIGGERS_OF_ONE_NODE))
    assert forwarder.drops == 0


def test_a_flood_of_waveforms_pushes_out_no_trigger():
    forwarder, broker = Forwarder(CONFIG, 1), FakeBroker()
    source = random.Random(1)
    say(forwarder, trigger(0))

    for seq in range(1, 4000):
        waveform = wire.Waveform(42, 5, seq, 0, NOW_US, 125_000, 3900, 125, source.randbytes(500))
        say(forwarder, waveform)
    forwarder.send(broker.publish, NOW_US)

    assert broker.channels()[0] == "prompt"
    assert forwarder.drops > 1000
    assert sum(len(p) for _, p, _ in broker.taken) < CONFIG.pending_bytes * 1.01


def test_what_a_node_marks_late_stays_late():
    forwarder, broker = Forwarder(CONFIG, 1), FakeBroker()
    say(forwarder, trigger(1, wire.FLAG_LATE))

    forwarder.send(broker.publish, NOW_US + 250_000)

    assert broker.channels() == ["late"]


def test_a_status_from_the_brokers_memory_is_late_but_a_last_will_counts():
    forwarder, broker = Forwarder(CONFIG, 1), FakeBroker()
    armed = wire.Status(
        42, 5, 1, wire.STATE_ARMED, 0, 1, NOW_US, 900, 0, 17_000_000, -100_000_000, 20, 125_000,
        900, 0, 60, 90_000, 0, 0, -60, 0, 1, 0, 0, 0, 0,
    )  # fmt: skip
    will = armed._replace(state=wire.STATE_OFFLINE, seq=2)

    for status in (armed, will):
        forwarder.hear(topics.of_message(status), wire.encode(status), NOW_US, is_retained=True)
    forwarder.send(broker.publish, NOW_US + 250_000)

    assert broker.channels() == ["batch", "late"]


def test_batches_wait_for_triggers_that_are_not_taken():
    forwarder, broker = Forwarder(CONFIG, 1), FakeBroker()
    broker.is_up = False
    say(forwarder, trigger(1))
    say(forwarder, shaking(2))

    forwarder.send(broker.publish, NOW_US + 300_000)
    broker.is_up = True
    forwarder.send(broker.publish, NOW_US + 600_000)

    assert broker.channels() == ["prompt", "batch"]
    assert forwarder.drops == 0


def test_a_node_that_speaks_on_anothers_topic_is_refused():
    forwarder, broker = Forwarder(CONFIG, 1), FakeBroker()

    forwarder.hear(topics.of_node(43, "trigger"), wire.encode(trigger(1)), NOW_US)
    forwarder.hear(topics.of_node(42, "status"), wire.encode(trigger(1)), NOW_US)
    forwarder.send(broker.publish, NOW_US + 300_000)

    assert broker.taken == []
    assert forwarder.counters.malformed == 2
    assert "0000002a" in forwarder.last_refusal


def test_commands_updates_and_batches_of_nodes_are_refused():
    forwarder = Forwarder(CONFIG, 1)
    command = wire.Command(42, 1, wire.ACTION_RESTART, NOW_US, NOW_US, b"")
    batch = wire.Batch(42, 1, 0, wire.ENCODING_RAW, 1, NOW_US, b"")

    chunk = wire.Chunk(42, 1, 0, 0, b"")

    for message in (command, chunk, batch):
        forwarder.hear(topics.of_node(42, "trigger"), wire.encode(message), NOW_US)

    assert forwarder.counters.malformed == 3


def test_ten_thousand_pieces_of_garbage_are_counted_and_nothing_else():
    forwarder, broker = Forwarder(CONFIG, 1), FakeBroker()
    source = random.Random(2)
    whole = wire.encode(trigger(1))

    for i in range(10_000):
        garbage = source.randbytes(source.randrange(300))
        forwarder.hear(topics.of_node(42, "trigger"), garbage, NOW_US)
        if i < len(whole):
            forwarder.hear(topics.of_node(42, "trigger"), whole[:i], NOW_US)
    forwarder.send(broker.publish, NOW_US + 300_000)

    assert broker.taken == []
    assert forwarder.counters.malformed == forwarder.counters.frames == 10_000 + len(whole)


def test_a_node_frame_of_megabytes_is_refused():
    forwarder = Forwarder(CONFIG, 1)

    forwarder.hear(topics.of_node(42, "waveform"), bytes(5_000_000), NOW_US)

    assert forwarder.counters.malformed == 1


def test_no_topic_colours_the_terminal_of_who_reads_the_log():
    forwarder = Forwarder(CONFIG, 1)

    forwarder.hear("groundswell/1/node/\x1b[31m\n\u202e/trigger", b"x", NOW_US)

    assert r"\x1b[31m\n\u202e" in forwarder.last_refusal
    assert forwarder.last_refusal.isprintable()
