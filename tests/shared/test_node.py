from firmware.node import FRESH_US, STATUS_EVERY_US, Node
from firmware.orders.orders import LONGEST_VALIDITY_US
from firmware.uplink import outbox
from groundswell import clock, faults, topics, wire
from groundswell.lateness import as_late
from groundswell.moment import Moment, moment
from groundswell.reporter import Identity

SECOND = 1000000
UTC = 1770000000 * SECOND
IDENTITY = Identity(42, 7, 17000000, -101000000, 5, wire.SENSOR_SIMULATED)


class FakeSensor:
    def __init__(self):
        self.blocks = []
        self.counts = []
        self.end = Moment()
        self.error = ""

    def poll(self):
        if not self.blocks:
            return 0
        self.counts = self.blocks.pop(0)
        return len(self.counts) // 3


class FakeReporter:
    """Says what the test tells it to; remembers what it was given."""

    def __init__(self):
        self.says = []
        self.seq = 0
        self.heard = []
        self.state = wire.STATE_ARMED

    def next_seq(self):
        self.seq += 1
        return self.seq

    def take(self, counts, sample_count, end):
        self.heard.append((list(counts[: 3 * sample_count]), end.ticks_us))
        said, self.says = self.says, []
        return said

    def status(self, now_ticks_us, free_memory_b=0, rssi_dbm=0, battery_mv=0):
        head = (42, 7, self.next_seq(), self.state, 0, wire.SENSOR_SIMULATED)
        return wire.Status(*(head + (UTC + now_ticks_us,) + (0,) * 10 + (3,) + (0,) * 8))


class FakeUplink:
    def __init__(self):
        self.frames = []
        self.commands = []
        self.connects = 1
        self.is_online = True
        self.error = None
        self.trouble = ""
        self.drops = 0
        self.last_words = None
        self.is_closed = False

    def set_last_words(self, last_words):
        self.last_words = last_words

    def publish(self, frame):
        self.frames.append(frame)

    def step(self, now_us):
        commands, self.commands = self.commands, []
        return [("groundswell/1/node/0000002a/command", payload) for payload in commands]

    def close(self, now_us):
        self.is_closed = True

    def take(self):
        frames, self.frames = self.frames, []
        return [wire.decode(frame.payload) for frame in frames]


class Bench:
    """A node with everything around it faked, its clock exact unless told otherwise."""

    def __init__(self, identify=None, is_synchronised=True, encode=wire.encode):
        self.sensor = FakeSensor()
        self.reporter = FakeReporter()
        self.uplink = FakeUplink()
        self.now_us = 0
        self.clock = clock.fixed(UTC, 1000 if is_synchronised else 3600 * SECOND)
        self.node = Node(
            IDENTITY,
            self.sensor,
            self.reporter,
            self.clock,
            self.uplink,
            lambda: self.now_us,
            {} if identify is None else {wire.ACTION_IDENTIFY: identify},
            encode=encode,
        )

    def command(
        self, action, command_id=1, node_id=42, expires_us=UTC + 60 * SECOND, issued_us=UTC
    ):
        frame = wire.encode(wire.Command(node_id, command_id, action, issued_us, expires_us, b""))
        self.uplink.commands.append(frame)
        self.uplink.frames = []
        self.node.step()
        return [m for m in self.uplink.take() if isinstance(m, wire.Reply)]


def trigger():
    times = (UTC, UTC, UTC)
    return wire.Trigger(*((42, 7, 1, 0, 0, 0) + times + (1000, 900, 5000, 1, 2, 3, 4)))


def test_samples_go_to_the_reporter_with_their_tick_count():
    bench = Bench()
    bench.sensor.blocks = [(1, 2, 3, 4, 5, 6)]
    bench.sensor.end = moment(777)
    bench.node.step()
    bench.node.step()

    assert bench.reporter.heard == [([1, 2, 3, 4, 5, 6], 777)]


def test_a_trigger_goes_out_in_the_same_step_first_in_line_and_with_a_deadline():
    bench = Bench()
    bench.node.step()
    bench.uplink.frames = []
    bench.sensor.blocks = [(0, 0, 0)]
    bench.reporter.says = [trigger()]
    bench.now_us = SECOND
    bench.node.step()

    (frame,) = bench.uplink.frames
    assert wire.decode(frame.payload) == trigger()
    assert frame.topic == topics.of_node(42, "trigger")
    assert frame.urgency == outbox.TRIGGER and frame.qos == 1 and not frame.is_retained
    assert (frame.expires_ticks_us, frame.late) == (SECOND + FRESH_US, as_late(trigger()))


def test_status_is_retained_and_comes_every_30_s():
    bench = Bench()
    times_s = []
    for second in range(91):
        bench.now_us = second * SECOND
        bench.node.step()
        for frame in bench.uplink.frames:
            assert frame.is_retained and isinstance(wire.decode(frame.payload), wire.Status)
            times_s.append(second)
        bench.uplink.frames = []

    assert STATUS_EVERY_US == 30 * SECOND
    assert times_s == [0, 30, 60, 90]


def test_status_comes_at_once_after_connecting():
    bench = Bench()
    bench.node.step()
    bench.uplink.frames = []
    bench.uplink.connects = 2
    bench.now_us = 5 * SECOND
    bench.node.step()
    assert len(bench.uplink.take()) == 1

    bench.now_us = 34 * SECOND
    bench.node.step()
    assert bench.uplink.take() == []


def test_status_comes_at_once_when_the_node_is_armed():
    # silence counts only from an armed node: without this it said nothing for up to 30 s
    bench = Bench()
    bench.reporter.state = wire.STATE_STARTING
    bench.node.step()
    bench.uplink.frames = []
    bench.reporter.state = wire.STATE_ARMED
    bench.now_us = 3 * SECOND
    bench.node.step()
    (status,) = bench.uplink.take()
    assert status.state == wire.STATE_ARMED

    bench.now_us = 4 * SECOND
    bench.node.step()
    assert bench.uplink.take() == []


def test_nothing_is_said_of_a_state_that_nobody_hears():
    bench = Bench()
    bench.uplink.is_online = False
    bench.node.step()

    assert bench.uplink.take() == []


def test_status_counts_what_the_uplink_lost_too():
    bench = Bench()
    bench.uplink.drops = 4
    bench.node.step()

    assert bench.uplink.take()[0].drops == 3 + 4


def test_the_last_will_says_offline_on_the_status_topic():
    bench = Bench()
    topic, payload = bench.uplink.last_words()

    assert topic == topics.of_node(42, "status")
    assert wire.decode(payload).state == wire.STATE_OFFLINE


def test_a_node_that_is_closed_says_so_first():
    bench = Bench()
    bench.node.close()

    assert bench.uplink.take()[-1].state == wire.STATE_OFFLINE
    assert bench.uplink.is_closed


def test_an_action_of_the_table_is_done_and_what_is_not_in_it_answered_honestly():
    lit = []
    (reply,) = Bench(identify=doer(lit)).command(wire.ACTION_IDENTIFY, 9)
    assert (reply.node_id, reply.command_id, reply.result) == (42, 9, wire.RESULT_DONE)
    assert lit == [1]

    (reply,) = Bench().command(wire.ACTION_IDENTIFY)
    assert reply.result == wire.RESULT_UNKNOWN_ACTION and reply.payload


def test_an_action_that_fails_is_answered_and_told_in_the_status():
    def stumble(payload, now_us):
        raise KeyError("ours")

    bench = Bench(identify=stumble)
    (reply,) = bench.command(wire.ACTION_IDENTIFY)
    assert reply.result == wire.RESULT_FAILED and reply.payload
    bench.node.step()
    statuses = [m for m in bench.uplink.take() if isinstance(m, wire.Status)]
    assert statuses[-1].faults & faults.TASK_COMMANDS


def doer(done):
    def do(payload, now_us):
        done.append(1)
        return wire.RESULT_DONE, b""

    return do


def test_an_expired_command_is_not_done():
    lit = []
    bench = Bench(identify=doer(lit))
    (reply,) = bench.command(wire.ACTION_IDENTIFY, expires_us=UTC - 1)

    assert reply.result == wire.RESULT_EXPIRED and lit == []


def test_a_command_that_is_valid_for_too_long_is_refused():
    year = 365 * 86400 * SECOND
    for issued_us, expires_us, result in (
        (UTC, UTC + LONGEST_VALIDITY_US, wire.RESULT_DONE),
        (UTC, UTC + LONGEST_VALIDITY_US + 1, wire.RESULT_REFUSED),
        (UTC - year, UTC + SECOND, wire.RESULT_REFUSED),
        (UTC + year, UTC + year + SECOND, wire.RESULT_REFUSED),
        (UTC + SECOND, UTC + 60 * SECOND, wire.RESULT_DONE),  # a sender's clock is no better
    ):
        lit = []
        bench = Bench(identify=doer(lit))
        (reply,) = bench.command(wire.ACTION_IDENTIFY, 1, 42, expires_us, issued_us)
        assert reply.result == result
        assert len(lit) == (1 if result == wire.RESULT_DONE else 0)


def test_a_node_without_the_time_does_nothing_that_has_a_deadline():
    lit = []
    bench = Bench(identify=doer(lit), is_synchronised=False)

    assert bench.command(wire.ACTION_IDENTIFY)[0].result == wire.RESULT_REFUSED
    assert lit == []


def test_a_command_that_comes_twice_is_done_once_and_answered_twice():
    lit = []
    bench = Bench(identify=doer(lit))
    first = bench.command(wire.ACTION_IDENTIFY)[0]
    second = bench.command(wire.ACTION_IDENTIFY)[0]

    assert lit == [1]
    assert first.result == second.result == wire.RESULT_DONE and first.seq != second.seq


def test_commands_that_are_not_ours_are_counted_and_not_answered():
    bench = Bench()
    assert bench.command(wire.ACTION_IDENTIFY, node_id=43) == []
    for payload in (b"", b"nonsense", wire.encode(trigger())):
        bench.uplink.commands.append(payload)
    bench.node.step()

    assert bench.node.orders.malformed == 4
