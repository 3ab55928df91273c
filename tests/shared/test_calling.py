"""The whole node, its brokers and their certificates."""

from firmware.net.trust import TrustError
from groundswell import faults, wire

from virtual_broker import VirtualBroker
from virtual_world import World


def test_a_node_that_lacks_its_certificates_says_nothing_in_the_clear_and_goes_on_sampling():
    world = World()

    def without_files(settings):
        raise OSError(2, "no tls/ca.pem")

    world.life.firmware = None  # as at its start, on a board whose files are missing
    world.board.ways = without_files
    world.run(20)

    assert world.broker.connects == 0 and world.broker.heard == []
    assert world.firmware.health.bits(world.board.ticks()) & faults.CONFIGURATION
    assert any("no way to a broker" in line for line in world.board.log_lines)
    assert world.samples() > 1000


def two_brokers():
    world = World({"brokers": ["broker:1883", "second:1883"]})
    world.network.names["second"] = True
    second = world.brokers["second"] = VirtualBroker(world.time.now_us)
    return world, second


def test_while_the_first_broker_is_gone_the_node_is_at_the_second():
    world, second = two_brokers()
    world.run_until(lambda: world.broker.said(wire.Status))
    world.broker.is_up = False
    world.broker.cut_lines()
    world.run_until(lambda: second.said(wire.Status), 20)

    assert world.node.uplink.broker == 1 and world.starts == 1


def test_a_broker_that_cannot_prove_itself_is_told_to_the_next_one_until_it_can():
    world, second = two_brokers()
    honest = world.network.open_line

    def swindled(host):
        if host == "broker":
            raise TrustError("the certificate has expired")
        return honest(host)

    world.network.open_line = swindled
    world.run_until(lambda: [s for s in second.said(wire.Status) if s.faults & faults.CERTIFICATE])
    assert world.broker.connects == 0
    world.network.open_line = honest
    second.is_up = False
    second.cut_lines()
    world.run_until(lambda: world.broker.said(wire.Status))
    world.run(35)

    assert not world.last_status().faults & faults.CERTIFICATE
