"""The virtual board while network, broker or DNS fail (see tests/firmware/test_virtual_board.py).

In each: the node goes on sampling, says what was wrong, and recovers by itself.
"""

from firmware.node import FRESH_US
from groundswell import faults, topics, wire
from virtual_broker import VirtualBroker
from virtual_world import SECOND, World

QUICK = {"sensor": "lis3dh", "rate_mhz": 50000}  # fewer bytes to simulate
# The same, and whatever the judge thinks of a rectangular earthquake: it is said.
SAYS_ALL = {"rate_mhz": 62500, "send_from_permille": 0}


def test_the_broker_is_gone_for_ten_minutes():
    world = World(SAYS_ALL).armed()
    world.broker.is_up = False
    world.broker.cut_lines()
    gone_us = world.time.true_us
    before = world.samples()
    world.run(580)
    world.ground.swing = 60000
    world.run(20)
    world.ground.swing = 0
    sampled = world.samples() - before
    assert abs(sampled - 600 * 62.56) < 20, sampled
    world.broker.is_up = True
    back_us = world.time.true_us
    world.run_until(lambda: world.statuses(back_us), 70)  # back-off: a minute at most
    world.run(10)

    status = world.last_status()
    assert status.state == wire.STATE_ARMED and status.faults & faults.UPLINK
    assert status.restarts == 1
    fresh = [m for m in world.broker.said(wire.Trigger, back_us) if not m.flags & wire.FLAG_LATE]
    for trigger in fresh:  # what is old is late, and never pretends to be news
        assert back_us - trigger.sent_us < FRESH_US + 60 * SECOND
    late = [m for m in world.broker.said(wire.Trigger, back_us) if m.flags & wire.FLAG_LATE]
    assert late and all(m.onset_us > gone_us for m in late)
    assert topics.of_node(42, "late") in world.broker.topics


class Handshake:
    """A line whose first bytes take steps of so long each, as those of TLS do."""

    def __init__(self, world, line, steps=4):
        self._world = world
        self._line = line
        self._steps = steps

    def send(self, data):
        if self._steps:
            self._steps -= 1
            self._world.time.true_us += 1000 * self._world.board.longest_step_ms
            raise OSError(11, "not yet")
        return self._line.send(data)

    def recv(self, count):
        if self._steps:
            raise OSError(11, "not yet")
        return self._line.recv(count)

    def close(self):
        self._line.close()


def test_no_step_of_a_handshake_costs_a_sample():
    for sensor in ("adxl355", "adxl345"):
        world = World({"sensor": sensor})
        world.board.longest_step_ms = 480
        world.armed()
        lost, rate_hz = world.last_status().drops, world.last_status().rate_mhz / 1000
        accept = world.broker.accept
        world.broker.accept = lambda world=world, accept=accept: Handshake(world, accept())
        before, began_us = world.samples(), world.time.true_us
        world.broker.cut_lines()
        world.run_until(lambda world=world: not world.node.uplink.is_online, 5)
        world.run_until(lambda world=world: world.node.uplink.is_online, 70)
        back_us = world.time.true_us
        world.run_until(lambda world=world, us=back_us: world.statuses(us), 40)

        status = world.last_status()
        assert status.drops == lost and not status.faults & faults.OVERRUN, sensor
        seconds = (world.time.true_us - began_us) / SECOND
        assert abs(world.samples() - before - rate_hz * seconds) < 5, sensor
        assert status.restarts == 1


def test_wifi_flaps():
    world = World(QUICK).armed()
    before, lost = world.samples(), world.last_status().drops
    began_us = world.time.true_us
    for _ in range(20):
        world.network.is_up = False
        world.broker.cut_lines()
        world.run(2)
        world.network.is_up = True
        world.run(3)
    world.run(30)

    seconds = (world.time.true_us - began_us) / SECOND
    assert abs(world.samples() - before - 50.05 * seconds) < 20
    status = world.last_status()
    assert status.state == wire.STATE_ARMED and status.drops == lost and status.restarts == 1
    assert status.faults & faults.NETWORK
    assert world.network.open_sockets <= 1
    offline = [m for m in world.statuses(began_us) if m.state == wire.STATE_OFFLINE]
    assert len(offline) >= 15  # the last will tells the others each time


def test_a_broker_that_falls_silent_is_noticed_and_called_again():
    world = World(QUICK).armed()
    world.broker.is_silent = True
    world.run(60)
    assert not world.node.uplink.is_online
    world.broker.is_silent = False
    world.run_until(lambda: world.node.uplink.is_online, 70)

    assert world.broker.connects == 2


def test_dns_does_not_know_the_broker_and_the_next_one_of_the_list_is_used():
    changes = dict(QUICK)
    changes["brokers"] = ["moved:1883", "broker:1883"]
    world = World(changes)
    world.armed()
    assert world.node.uplink.broker == 1

    world.network.names["moved"] = True
    world.brokers["moved"] = VirtualBroker(world.time.now_us)
    world.run_until(lambda: world.node.uplink.broker == 0 and world.node.uplink.is_online, 700)
    assert world.brokers["moved"].connects == 1


def test_dns_knows_nobody_for_a_while():
    world = World(QUICK)
    for name in ("broker", "time"):
        world.network.names[name] = False
    world.run(60)
    assert world.samples() > 2800
    assert world.firmware.health.bits(world.board.ticks()) & faults.TIME_SERVERS
    for name in ("broker", "time"):
        world.network.names[name] = True
    world.run_until(world.is_armed, 200)

    assert world.last_status().restarts == 1


def test_nonsense_from_the_broker_is_counted_and_nothing_else():
    world = World(QUICK).armed()
    for junk in (b"\xf0\x00", b"\xff\xff\xff\xff\xff", b"\x30\x7f"):
        for line in world.broker._lines:
            line.to_client += junk
        world.run(20)

    assert world.node.uplink.malformed >= 2
    world.run_until(lambda: world.node.uplink.is_online, 70)
    assert world.last_status().restarts == 1
