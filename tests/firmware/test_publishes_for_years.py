"""A virtual board that says more than MQTT has packet ids, while it samples as ever."""

from groundswell import topics, wire
from virtual_world import World

from firmware.uplink import outbox
from firmware.uplink.outbox import Frame

FRAMES, AT_ONCE = 70_000, 20
QUICK = {"sensor": "lis3dh", "rate_mhz": 50000}


def test_seventy_thousand_publications_all_arrive_and_no_sample_is_lost():
    world = World(QUICK).armed()
    uplink = world.node.uplink
    before, samples = len(world.broker.heard), world.samples()
    began_us = world.time.true_us
    shaking = wire.Shaking(42, 1, 0, 0, 0, 1000, 1, 1)
    for number in range(0, FRAMES, AT_ONCE):
        for seq in range(number, number + AT_ONCE):
            frame = wire.encode(shaking._replace(seq=seq))
            topic = topics.of_message(shaking)
            uplink.publish(Frame(topic, frame, outbox.TRIGGER, 1, False, None, None))
        for _ in range(200):
            if not len(uplink.outbox) and not len(uplink._in_flight):
                break
            assert world.life.turn()
        assert not len(uplink.outbox), number
    lasted_s = (world.time.true_us - began_us) / 1e6

    heard = [m.seq for _, m in world.broker.heard[before:] if isinstance(m, wire.Shaking)]
    assert heard == list(range(FRAMES))
    assert uplink.is_online and uplink.drops == 0 and uplink.disconnects == 0
    assert abs(world.samples() - samples - 50 * lasted_s) < 100
    assert world.starts == 1 and world.last_status().faults == 0
