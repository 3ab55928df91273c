"""The whole firmware on a virtual board, briefly; its faults are in tests/virtual."""

from firmware.node import STATUS_EVERY_US
from groundswell import faults, wire

from virtual_world import SECOND, World


def test_a_node_starts_says_so_and_is_armed_when_all_is_well():
    world = World()
    world.run_until(world.statuses)
    first = world.statuses()[0]
    assert first.state == wire.STATE_STARTING and first.faults == faults.CLOCK
    assert (first.restarts, first.reset_cause) == (1, wire.RESET_POWER)
    world.armed()

    status = world.last_status()
    assert status.faults == 0 and status.flags == 0 and status.node_id == 42
    assert abs(status.sent_us - world.time.true_us) < SECOND and status.clock_error_us < 5000
    assert world.board.log_lines[0].startswith("PASS")


def test_a_shaken_node_says_so_at_once_and_sends_what_it_saw():
    world = World().armed()
    world.run(10)
    began_us = world.time.true_us
    world.ground.swing = 20000
    world.run(6)

    first = world.broker.said(wire.Trigger)[0]
    at_us = next(at for at, m in world.broker.heard if m == first)
    assert abs(first.onset_us - began_us) < 150000
    assert at_us - began_us < 600000
    assert len(world.broker.said(wire.Shaking)) >= 3
    assert len(world.broker.said(wire.Waveform)) >= 8


def test_a_status_comes_every_30_s_and_the_samples_never_stop():
    world = World({"sensor": "lis3dh", "rate_mhz": 50000}).armed()
    world.run(65)

    statuses = world.statuses()
    assert STATUS_EVERY_US == 30 * SECOND and len(statuses) == 4
    assert statuses[-1].drops == 0 and statuses[-1].faults == 0
    assert abs(statuses[-1].rate_mhz - 50050) < 20


class CountingCalendar:
    """The clock by which TLS judges certificates, as far as the loop asks it."""

    def __init__(self):
        self.proofs = 0

    def learn(self, utc_us):
        return True

    def proved(self):
        self.proofs += 1


def test_a_day_is_proved_by_a_broker_that_stands_only():
    world = World({"sensor": "lis3dh", "rate_mhz": 50000})
    world.broker.is_up = False
    world.run(1)
    calendar = world.firmware.parts.calendar = CountingCalendar()
    world.run(20)
    before = calendar.proofs
    world.broker.is_up = True
    world.armed()

    assert (before, calendar.proofs > 0) == (0, True)
