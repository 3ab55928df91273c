"""The node's uplink against a real broker, and the whole node on a real MicroPython."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from groundswell import wire

from firmware.uplink import outbox
from firmware.uplink.outbox import Frame
from firmware.uplink.uplink import Uplink
from firmware.uplink.way import Way
from system.nodes import GUERRERO
from system.piped_node import PipedNode
from system.virtual_node import VirtualNode, identity_of
from tests.firmware.shaken_node import ShakenNode, Shaker
from tests.firmware.witness import Witness
from tests.link.broker_process import BrokerProcess
from tests.system.waiting import until
from training.scenario import Scenario
from training.scenario_file import read_scenario


def now_us() -> int:
    return time.monotonic_ns() // 1000


def true_us() -> int:
    return time.time_ns() // 1000


@pytest.fixture
def witness(broker: BrokerProcess) -> Iterator[Witness]:
    made = Witness(broker)
    yield made
    made.link.stop()


def an_uplink(broker: BrokerProcess, name: str = "n1") -> Uplink:
    link = Uplink(name, f"{name}/command", [Way("127.0.0.1", broker.port)])
    link.set_last_words(lambda: (f"{name}/status", b"gone"))
    return link


def step_until(link: Uplink, holds: Callable[[], object], what: str) -> None:
    until(lambda: (link.step(now_us()) and False) or holds(), 10, what)


def trigger(name: str) -> Frame:
    return Frame(name, b"frame", outbox.TRIGGER, 1, False, None, None)


def test_frames_of_both_qualities_arrive_and_confirmed_ones_are_forgotten(
    broker: BrokerProcess, witness: Witness
) -> None:
    link = an_uplink(broker)
    link.publish(trigger("t/1"))
    link.publish(Frame("w/1", b"wave" * 100, outbox.WAVEFORM, 0, False, None, None))
    step_until(link, lambda: witness.of("t/1") and witness.of("w/1"), "both arrived")
    step_until(link, lambda: not link._in_flight, "confirmed")

    assert witness.of("t/1") == [b"frame"] and witness.of("w/1") == [b"wave" * 100]
    link.close(now_us())


def test_a_command_reaches_the_node(broker: BrokerProcess, witness: Witness) -> None:
    link = an_uplink(broker)
    step_until(link, lambda: link.is_online, "online")
    witness.link.publish("n1/command", b"identify", qos=1)
    received: list[tuple[str, bytes]] = []

    until(lambda: received.extend(link.step(now_us())) or received, 10, "the command")
    assert received == [("n1/command", b"identify")]
    link.close(now_us())


def test_the_will_speaks_when_the_line_breaks_and_not_after_a_goodbye(
    broker: BrokerProcess, witness: Witness
) -> None:
    polite, broken = an_uplink(broker, "polite"), an_uplink(broker, "broken")
    for link in (polite, broken):
        step_until(link, lambda link=link: link.is_online, "online")
    polite.close(now_us())
    assert broken._line is not None
    broken._line.close()

    until(lambda: witness.of("broken/status"), 10, "the last will")
    assert witness.of("polite/status") == []


def test_a_broker_that_restarts_is_found_again_and_nothing_unconfirmed_is_lost(
    broker: BrokerProcess, witness: Witness
) -> None:
    link = an_uplink(broker)
    step_until(link, lambda: link.is_online, "online")
    broker.stop()
    step_until(link, lambda: not link.is_online, "the loss is noticed")
    until(lambda: not witness.link.wait_until_ready(0), 10, "by the witness, too")
    link.publish(trigger("t/2"))
    broker.start()
    assert witness.link.wait_until_ready(10)
    step_until(link, lambda: witness.of("t/2"), "sent after the restart")

    assert link.connects == 2
    link.close(now_us())


def test_twelve_thousand_messages_wrap_no_counter(broker: BrokerProcess, witness: Witness) -> None:
    """umqtt's packet id grows beyond 65,535 and then waits for ever: ours passes the border."""
    link = an_uplink(broker)
    step_until(link, lambda: link.is_online, "online")
    link._in_flight._last_id = 65_400
    for number in range(300):
        link.publish(trigger(f"t/{number % 10}"))
        step_until(link, lambda: len(link._in_flight) < 10, "confirmed")
    step_until(link, lambda: len(witness.heard) >= 300, "all arrived")

    assert link._in_flight._last_id == 65_400 + 300 - 65_535
    link.close(now_us())


def scenario() -> Scenario:
    found = read_scenario(GUERRERO)
    return replace(found, nodes=found.nodes[:1])


@pytest.mark.parametrize("broker", ["nats"], indirect=True)
def test_a_node_on_micropython_says_all_that_a_node_says(
    broker: BrokerProcess, witness: Witness, micropython: Path, tmp_path: Path
) -> None:
    shaken = ShakenNode(scenario(), broker.port, witness, micropython, tmp_path)
    shaken.feed_until(
        lambda: any(m.state == wire.STATE_ARMED for m in shaken.said("status")), "it is armed"
    )
    shaken.ask(command_id=77)
    shaken.feed_until(lambda: shaken.said("reply"), "a reply")
    shaken.shaker.shakes = True
    began_us = shaken.shaker.now_us
    shaken.feed_until(lambda: shaken.said("trigger"), "a trigger")
    shaken.feed_until(lambda: shaken.departures, "its departure")
    shaken.node.close()
    until(lambda: shaken.said("status")[-1].state == wire.STATE_OFFLINE, 5, "its goodbye")

    (reply,) = shaken.said("reply")
    assert (reply.command_id, reply.result) == (77, wire.RESULT_DONE)
    onset = shaken.said("trigger")[0]
    assert abs(onset.onset_us - began_us) < 200_000 and onset.clock_error_us < 50_000
    assert shaken.departures[0][:2] == (onset.sample_us, onset.sent_us)
    assert onset.flags == wire.FLAG_MASKED, "its own buzzer sounds for ten seconds"
    assert shaken.said("status")[-1].drops == 0
    assert shaken.node.lost_blocks == 0 and shaken.node.restarts == 0


def test_a_virtual_node_knows_the_time_and_goes_with_a_goodbye(
    broker: BrokerProcess, witness: Witness
) -> None:
    place = scenario().nodes[0]
    shaker = Shaker()
    node = VirtualNode(scenario(), place, ("127.0.0.1", broker.port), lambda: shaker.now_us)
    node_id = identity_of(scenario(), place).node_id

    def turn() -> object:
        if node.node.uplink.is_online:
            node.node.step()  # time stands while the status is on its way
        else:
            node.feed(shaker.next(4), shaker.now_us)
        return witness.messages(node_id, "status")

    until(turn, 10, "a status")
    (status,) = witness.messages(node_id, "status")
    assert abs(status.sent_us - shaker.now_us) < 200_000 and 0 < status.clock_error_us < 50_000
    assert (status.lat_udeg, status.lon_udeg) == (16_863_000, -99_882_000)
    node.close()
    until(lambda: len(witness.messages(node_id, "status")) == 2, 5, "its goodbye")
    assert witness.messages(node_id, "status")[1].state == wire.STATE_OFFLINE


@pytest.mark.parametrize("broker", ["nats"], indirect=True)
def test_a_micropython_node_that_dies_is_started_again(
    broker: BrokerProcess, witness: Witness, micropython: Path, tmp_path: Path
) -> None:
    place = scenario().nodes[0]
    node_id = identity_of(scenario(), place).node_id
    node = PipedNode(micropython, scenario(), place, ("127.0.0.1", broker.port), tmp_path)
    until(lambda: witness.messages(node_id, "status"), 15, "a status")
    node._process.kill()

    until(lambda: node.is_dead, 5, "its end is noticed")
    node.start_again()
    boots = lambda: {status.boot_id for status in witness.messages(node_id, "status")}  # noqa: E731
    until(lambda: len(boots()) == 2, 15, "a status of the new one")
    assert node.restarts == 1
    node.close()
