"""What a gateway's publication does, in virtual time: alerts first, recorded come what may."""

import json

from groundswell import faults, topics, wire

from aggregator.desk import MAX_UNSENT_ALERTS, Desk
from aggregator.store import Health
from gateway.batch import prompt
from tests.aggregator.samples import GATEWAY, NOW_US, alert, status, trigger
from vote.nodes.fleet import LIVE_FOR_US, Fleet

IDENTITY = {"sender": "test", "category": "exercise", "version": "0"}
EXERCISE = topics.of_alert("exercise")


class FakeJudge:
    """Says what it is told to say at the next tick; keeps what it hears."""

    def __init__(self):
        self.fleet = Fleet()
        self.refused = {"without_vote": 3}
        self.heard = []
        self.next = []

    def hear(self, message, received_us, is_late=False):
        self.heard.append((message, is_late))
        if isinstance(message, wire.Status):
            self.fleet.hear_status(message, received_us)

    def refusals(self):
        return self.refused

    def tick(self, now_us):
        said, self.next = self.next, []
        return said


class World:
    """A desk among fakes; `events` is what happened, in order."""

    def __init__(self):
        self.now_us = NOW_US
        self.is_up = True
        self.events = []
        self.judge = FakeJudge()
        self.desk = Desk(self.judge, self, self._publish, lambda: self.now_us, IDENTITY)

    def _publish(self, topic, payload, qos):
        if self.is_up:
            self.events.append((topic, payload, qos))
        return self.is_up

    def put(self, heard):
        self.events.append(("stored", heard.message, None))

    def put_alert(self, document, line):
        self.events.append(("stored alert", line, document["version"]))

    def health(self):
        return Health(is_writing=True)

    def hear(self, message, channel=topics.PROMPT):
        payload = prompt(GATEWAY, 1, 0, wire.encode(message), self.now_us)
        self.desk.hear(topics.of_gateway(GATEWAY, channel), payload, self.now_us)

    def names(self):
        return [name for name, _, _ in self.events]

    def of(self, topic):
        return [payload for name, payload, _ in self.events if name == topic]


def test_an_alert_leaves_before_anything_is_recorded_or_shown():
    world = World()
    world.judge.next = [alert()]

    world.hear(trigger())

    cap = topics.of_cap("exercise")
    assert world.names() == [EXERCISE, cap, "stored alert", topics.of_view("delays"), "stored"]
    assert world.events[0][1] == alert().as_json().encode()
    assert world.events[0][2] == 1


def test_the_delays_are_those_of_the_message_that_completed_the_vote():
    world = World()
    world.hear(trigger(seq=1, sent_us=NOW_US))
    world.now_us += 700_000
    world.judge.next = [alert()]

    world.hear(trigger(seq=2, sent_us=NOW_US + 690_000))

    (payload,) = world.of(topics.of_view("delays"))
    assert json.loads(payload) == {
        "event_id": "gs1",
        "sample_us": NOW_US + 680_000,
        "node_sent_us": NOW_US + 690_000,
        "gateway_received_us": NOW_US + 700_000,
        "gateway_sent_us": NOW_US + 700_000,
        "engine_received_us": NOW_US + 700_000,
        "alert_us": NOW_US + 700_000,
    }


def test_an_alert_is_recorded_though_the_broker_is_gone_and_sent_when_it_is_back():
    world = World()
    world.is_up = False
    world.judge.next = [alert(1), alert(2, "update")]

    world.desk.tick()
    assert world.names() == ["stored alert", "stored alert"]

    world.is_up = True
    world.now_us += 2_000_000
    world.judge.next = [alert(3, "update")]
    world.desk.tick()
    sent = [json.loads(payload)["version"] for payload in world.of(EXERCISE)]
    assert sent == [1, 2, 3]


def test_an_alert_that_has_expired_is_not_sent_but_counted():
    world = World()
    world.is_up = False
    world.judge.next = [alert()]
    world.desk.tick()

    world.is_up = True
    world.now_us += 60_000_001
    world.desk.tick()

    assert world.of(EXERCISE) == []
    assert world.desk.expired_alerts == 1


def test_unsent_alerts_are_bounded():
    world = World()
    world.is_up = False
    world.judge.next = [alert(version) for version in range(1, MAX_UNSENT_ALERTS + 6)]
    world.desk.tick()

    world.is_up = True
    world.desk.tick()

    assert len(world.of(EXERCISE)) == MAX_UNSENT_ALERTS
    assert world.desk.expired_alerts == 5


def test_late_messages_are_marked_for_the_vote():
    world = World()

    world.hear(trigger(seq=1), topics.LATE)
    world.hear(trigger(seq=2))

    assert [is_late for _, is_late in world.judge.heard] == [True, False]


def test_a_retained_status_tells_of_the_time_when_it_was_spoken():
    world = World()
    world.hear(status(sent_us=NOW_US - LIVE_FOR_US - 1, node_id=1), topics.LATE)
    world.hear(status(flags=wire.FLAG_UNSYNCHRONISED, node_id=2), topics.LATE)
    world.hear(status(sent_us=NOW_US - 20_000_000, node_id=3), topics.LATE)

    fleet = world.judge.fleet
    (node,) = fleet.nodes.values()

    assert (node.node_id, node.heard_us) == (3, NOW_US - 20_000_000)
    assert fleet.live(NOW_US).sum() == 1
    assert fleet.live(NOW_US - 20_000_000 + LIVE_FOR_US + 1).sum() == 0


def test_a_last_will_ends_a_node_whenever_it_was_written():
    world = World()
    world.hear(status(seq=2))
    world.hear(status(seq=0, sent_us=NOW_US - 10**10, state=wire.STATE_OFFLINE))
    node = world.judge.fleet.get(42)
    assert world.judge.fleet.state_of(node, NOW_US) == "offline"
    assert world.names().count("stored") == 2


def test_what_waited_while_the_clock_was_set_back_came_now():
    world = World()
    payload = prompt(GATEWAY, 1, 0, wire.encode(status()), NOW_US)
    world.desk.hear(topics.of_gateway(GATEWAY, topics.PROMPT), payload, NOW_US + 3_600_000_000)

    assert world.judge.fleet.get(42).heard_us == NOW_US


def test_the_heartbeat_comes_every_five_seconds_and_says_how_many_nodes_live():
    world = World()
    world.hear(status(node_id=1))
    world.hear(status(node_id=2))

    for _ in range(101):
        world.desk.show()
        world.now_us += 100_000
    world.now_us += LIVE_FOR_US
    world.desk.show()

    beats = [json.loads(payload) for payload in world.of(topics.HEARTBEAT)]
    assert [beat["sent_us"] for beat in beats[:3]] == [NOW_US, NOW_US + 5_000_000, NOW_US + 10**7]
    assert [beat["nodes_live"] for beat in beats] == [2, 2, 2, 0]
    assert beats[0]["category"] == "exercise"
    assert beats[0]["store"]["is_writing"] and beats[0]["vote"] == world.judge.refused


def test_nodes_are_shown_every_second_and_at_once_when_one_changes():
    world = World()
    view = topics.of_view("nodes")
    world.hear(status())
    world.desk.show()
    world.now_us += 200_000
    world.desk.show()
    assert len(world.of(view)) == 1

    world.hear(status(seq=2, state=wire.STATE_OFFLINE))
    world.desk.show()
    world.hear(status(seq=3, sent_us=world.now_us))
    world.desk.show()
    assert len(world.of(view)) == 2  # the second change in one instant waits a tenth of a second

    world.now_us += 100_000
    world.desk.show()
    states = [json.loads(payload)["nodes"][0]["state"] for payload in world.of(view)]
    assert states == ["alive", "offline", "alive"]


def test_a_node_is_shown_with_its_numbers():
    world = World()
    world.hear(status(node_id=0x2A, lat_deg=17.25, lon_deg=-100.5, fault_bits=faults.CLOCK))

    world.desk.show()

    (node,) = json.loads(world.of(topics.of_view("nodes"))[0])["nodes"]
    assert node == {
        "node_id": "0000002a",
        "lat_deg": 17.25,
        "lon_deg": -100.5,
        "state": "alive",
        "last_heard_us": NOW_US,
        "triggered_us": None,
        "noise_um_s2": 900,
        "clock_error_us": 2000,
        "pga_um_s2": 0,
        "faults": "the clock is not set",
    }


def test_a_node_without_a_vote_is_shown_with_the_reason():
    world = World()
    world.judge.fleet.doubt({0x2A: "no vote since 2026-11-20: on a washing machine"})
    world.hear(status(node_id=0x2A))
    world.judge.fleet.nodes[0x2A].account.quarantined_us = NOW_US

    world.desk.show()

    (node,) = json.loads(world.of(topics.of_view("nodes"))[0])["nodes"]
    assert node["state"] == "mute"
    first, second = node["faults"].split("; ")
    assert first == "no vote since 2026-11-20: on a washing machine"
    assert second.startswith("triggers all the time: no vote since 20")


def test_the_view_of_very_many_nodes_stays_below_what_a_broker_takes():
    world = World()
    for node_id in range(4000):
        world.judge.fleet.hear_status(
            status(node_id=node_id, lat_deg=node_id / 50, lon_deg=10.0), NOW_US
        )
    world.hear(status(seq=9, node_id=3999, state=wire.STATE_OFFLINE))

    world.desk.show()

    (payload,) = world.of(topics.of_view("nodes"))
    shown = json.loads(payload)["nodes"]
    assert len(payload) < 600_000
    assert shown[0]["state"] == "offline"
