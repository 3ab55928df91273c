"""The virtual board while time servers lie, step or are silent."""

from groundswell import faults, wire
from random_numbers import RandomNumbers
from time_world import TimeServer
from virtual_world import SECOND, World

HOUR_US = 3600 * SECOND
QUICK = {"sensor": "lis3dh", "rate_mhz": 50000}
WITH_RECEIVER = {"sensor": "lis3dh", "rate_mhz": 50000, "pps_pin": 34}


class Receiver:
    """Of GNSS: a pulse at every true second, off by off_us, seen up to 0.2 ms late."""

    def __init__(self):
        self._random = RandomNumbers(3)
        self._told = 0
        self.off_us = 0

    def __call__(self, now_us):
        second = (now_us - self.off_us) // SECOND
        if second == self._told:
            return None
        self._told = second
        return min(now_us, second * SECOND + self.off_us + self._random.below(200))


def clock_error_us(world):
    return world.firmware.parts.clock.utc_us(world.board.ticks()) - world.time.true_us


def three_servers():
    changes = dict(QUICK)
    changes["time_servers"] = ["time:123", "time2:123", "time3:123"]
    world = World(changes)
    for name in ("time2", "time3"):
        world.network.names[name] = True
        world.time_servers[name] = TimeServer()
    return world


def test_one_of_three_time_servers_lies_by_an_hour():
    world = three_servers()
    world.time_servers["time2"].lie_us = HOUR_US
    world.armed()
    world.run(30)

    assert abs(clock_error_us(world)) < 5000
    assert world.last_status().faults == 0


def test_a_lone_server_that_begins_to_lie_is_not_believed_and_it_is_told():
    world = World(QUICK).armed()
    world.run(25)
    world.time_servers["time"].lie_us = HOUR_US
    world.run(240)

    assert abs(clock_error_us(world)) < 20000
    assert world.last_status().faults & faults.TIME_SERVERS
    assert world.last_status().state == wire.STATE_ARMED
    world.time_servers["time"].lie_us = 0
    world.run(150)
    assert world.last_status().faults & faults.TIME_SERVERS == 0


def test_a_time_before_this_firmware_was_made_is_not_believed_and_it_is_told():
    world = World(QUICK)
    world.time_servers["time"].lie_us = -3 * 365 * 12 * HOUR_US
    world.run(60)
    told = world.last_status()
    assert told.faults & faults.CLOCK and told.faults & faults.TIME_SERVERS
    assert told.state == wire.STATE_STARTING and world.samples() > 2800
    world.time_servers["time"].lie_us = 0
    world.run_until(world.is_armed, 300)

    assert abs(clock_error_us(world)) < 5000


def test_the_time_of_all_servers_steps_by_an_hour():
    world = three_servers()
    world.armed()
    world.run(25)
    before = world.samples()
    for server in world.time_servers.values():
        server.lie_us = -HOUR_US
    world.run(240)

    assert abs(clock_error_us(world) + HOUR_US) < 20000  # the world's time is what they all say
    assert abs(world.samples() - before - 240 * 50.05) < 20
    assert world.last_status().state == wire.STATE_ARMED


def test_without_a_time_server_the_node_is_not_armed_and_says_why():
    world = World(QUICK)
    world.time_servers["time"].is_up = False
    world.run(60)

    status = world.last_status()
    assert status.state == wire.STATE_STARTING and status.flags & wire.FLAG_UNSYNCHRONISED
    assert status.faults & faults.CLOCK and status.faults & faults.TIME_SERVERS
    world.time_servers["time"].is_up = True
    world.run_until(world.is_armed, 300)
    assert world.last_status().faults == 0


def test_a_receiver_sets_the_clock_until_its_pulses_are_wrong_or_gone_and_the_node_says_so():
    world = World(WITH_RECEIVER)
    world.armed()
    world.run(40)
    status = world.last_status()
    assert status.state == wire.STATE_ARMED and status.faults == faults.PULSES
    assert not world.firmware.parts.sampler.error
    by_servers_us = status.clock_error_us
    world.receiver = Receiver()
    world.run(150)

    status = world.last_status()
    assert status.faults == 0 and status.clock_error_us < by_servers_us
    assert abs(clock_error_us(world)) < 300
    world.receiver.off_us = 100000
    world.run(60)
    assert world.last_status().faults == faults.PULSES
    assert abs(clock_error_us(world)) < 5000
    world.receiver = None
    world.run(30)
    assert world.last_status().state == wire.STATE_ARMED
