"""What the page shows follows from what was heard, and from nothing else."""

import json

from groundswell import topics

from aggregator.console import feed as feed_module
from aggregator.console.feed import Feed
from tests.aggregator.console import traffic

START_US = 1_795_000_000_000_000
EXERCISE = topics.of_alert("exercise")
NODES = topics.of_view("nodes")


def hear_alert(feed: Feed, document: dict, now_us: int | None = None):
    if now_us is None:
        now_us = document["issued_us"] + 100_000
    topic = topics.of_alert(document["category"])
    return feed.hear(topic, traffic.to_json(document), now_us)


def test_a_second_copy_of_a_version_is_dropped_and_counted():
    feed = Feed(START_US)

    first = hear_alert(feed, traffic.alert(START_US))
    second = hear_alert(feed, traffic.alert(START_US, sender="engine-2"))

    assert [event.name for event in first] == ["alert"]
    assert second == [] and feed.counts["duplicate"] == 1


def test_an_alert_of_nobody_whose_heartbeat_is_heard_is_marked():
    feed = Feed(START_US)
    alert = traffic.alert(START_US)

    (before,) = hear_alert(feed, alert)
    feed.hear(topics.HEARTBEAT, traffic.heartbeat(START_US), START_US)
    (ours,) = hear_alert(feed, alert | {"event_id": "gs2"})
    (other,) = hear_alert(feed, alert | {"event_id": "gs3", "sender": "somebody"})
    (live,) = hear_alert(feed, alert | {"event_id": "gs4", "category": "live"})

    marks = [event.document["alert"]["is_strange"] for event in (before, ours, other, live)]
    assert marks == [False, False, True, True]


def test_senders_of_heartbeats_are_remembered_within_bounds():
    feed = Feed(START_US)
    for number in range(100):
        beat = traffic.heartbeat(START_US).replace(b"engine-1", b"engine-%d" % number)
        feed.hear(topics.HEARTBEAT, beat, START_US)

    assert len(feed._engines) == feed_module.KEPT_ENGINES


def test_an_older_version_that_comes_late_changes_nothing():
    feed = Feed(START_US)
    hear_alert(feed, traffic.alert(START_US, version=3, type="update", magnitude=6.4))

    assert hear_alert(feed, traffic.alert(START_US, version=2, type="update")) == []
    assert feed.state(START_US)["events"][0]["magnitude"] == 6.4


def test_nothing_follows_a_cancel():
    feed = Feed(START_US)
    hear_alert(feed, traffic.alert(START_US))
    hear_alert(feed, traffic.cancel(START_US))

    assert hear_alert(feed, traffic.alert(START_US, version=3, type="update")) == []
    assert feed.state(START_US)["events"][0]["type"] == "cancel"


def test_a_cancel_still_says_what_it_withdraws():
    feed = Feed(START_US)
    hear_alert(feed, traffic.alert(START_US, magnitude=5.9))
    hear_alert(feed, traffic.cancel(START_US))

    event = feed.state(START_US)["events"][0]
    assert event["magnitude"] == 5.9 and event["lat_deg"] == traffic.EPICENTRE[0]
    assert event["areas"] == []


def test_an_alert_that_had_expired_when_it_came_is_logged_and_not_shown():
    feed = Feed(START_US)
    document = traffic.alert(START_US)

    hear_alert(feed, document, now_us=document["expires_us"] + 1)

    state = feed.state(START_US)
    assert state["events"] == []
    assert state["log"][0]["was_expired"] is True


def test_a_heartbeat_that_was_under_way_for_long_does_not_look_fresh():
    feed = Feed(START_US)
    feed.tick(START_US, is_connected=True)
    sent_us = START_US + 1_000_000

    feed.hear(topics.HEARTBEAT, traffic.heartbeat(sent_us), sent_us + 60_000_000)

    assert feed.is_stale(sent_us + 60_000_000)


def test_a_heartbeat_from_a_clock_that_is_ahead_does_not_stay_fresh():
    feed = Feed(START_US)
    feed.tick(START_US, is_connected=True)

    feed.hear(topics.HEARTBEAT, traffic.heartbeat(START_US + 3_600_000_000), START_US)

    assert not feed.is_stale(START_US + 9_000_000)
    assert feed.is_stale(START_US + 11_000_000)


def test_it_is_stale_while_the_broker_is_out_of_reach_whatever_the_heartbeat():
    feed = Feed(START_US)
    feed.hear(topics.HEARTBEAT, traffic.heartbeat(START_US), START_US)

    feed.tick(START_US, is_connected=True)
    assert not feed.is_stale(START_US)
    feed.tick(START_US + 1_000_000, is_connected=False)
    assert feed.is_stale(START_US + 1_000_000)
    assert feed.system(START_US)["link"]["since_us"] == START_US + 1_000_000


def test_only_nodes_that_changed_are_sent_again():
    feed = Feed(START_US)
    feed.hear(NODES, traffic.nodes(START_US), START_US)
    nodes = json.loads(traffic.nodes(START_US))
    nodes["nodes"][3]["state"] = "late"
    gone = nodes["nodes"].pop()

    (event,) = feed.hear(NODES, traffic.to_json(nodes), START_US + 1_000_000)

    assert [node["node_id"] for node in event.document["changed"]] == ["0000002d"]
    assert event.document["gone"] == [gone["node_id"]]
    assert feed.hear(NODES, traffic.to_json(nodes), START_US + 2_000_000) == []


def test_h3_cells_get_their_corners_and_named_areas_do_not():
    feed = Feed(START_US)
    hear_alert(feed, traffic.alert(START_US))

    areas = feed.state(START_US)["events"][0]["areas"]
    corners = {area["id"]: area["outline_deg"] for area in areas}
    assert corners["Acapulco"] is None
    assert all(len(found) == 6 for name, found in corners.items() if name.startswith("85"))
    assert sum(found is not None for found in corners.values()) > 50


def test_an_id_that_only_looks_like_a_cell_is_a_named_area():
    feed = Feed(START_US)
    area = traffic.alert(START_US)["areas"][0]
    names = ["zzzzzzzzzzzzzzz", "000000000000000", "fffffffffffffff", "<img src=x onerr"]
    areas = [area | {"id": name} for name in names]

    hear_alert(feed, traffic.alert(START_US, areas=areas))

    assert [each["outline_deg"] for each in feed.state(START_US)["events"][0]["areas"]] == [
        None
    ] * 4


def test_memory_is_bounded_whatever_comes():
    feed = Feed(START_US)
    document = traffic.alert(START_US, areas=[])
    for number in range(feed_module.KEPT_VERSIONS + 50):
        hear_alert(feed, document | {"event_id": f"gs{number}"})

    state = feed.state(START_US)
    assert len(state["log"]) == feed_module.LOG_LENGTH
    assert len(state["events"]) == feed_module.KEPT_EVENTS
    assert state["log"][0]["event_id"] == state["events"][-1]["event_id"]
    assert all("areas" not in entry for entry in state["log"])
    assert len(feed._versions) == feed_module.KEPT_VERSIONS


def test_what_is_malformed_is_counted_and_nothing_else_happens():
    feed = Feed(START_US)
    before = feed.state(START_US)

    for topic in (EXERCISE, topics.HEARTBEAT, NODES, topics.of_view("delays")):
        assert feed.hear(topic, b"{}", START_US) == []
    assert feed.hear(topics.of_view("other"), b"{}", START_US) == []

    assert feed.counts == {"malformed": 4, "unknown_topic": 1}
    after = feed.state(START_US)
    assert {**after, "system": None} == {**before, "system": None}


def test_the_store_fills_the_log_without_doubling_what_was_heard_meanwhile():
    feed = Feed(START_US)
    old = traffic.alert(START_US - 86_400_000_000, event_id="gsold")
    first = traffic.alert(START_US)
    second = traffic.alert(START_US, version=2, type="update", issued_us=START_US + 9_000_000)
    hear_alert(feed, second)

    feed.recall([traffic.to_json(each) for each in (old, first, second)], START_US + 10_000_000)

    state = feed.state(START_US + 10_000_000)
    assert [entry["event_id"] for entry in state["log"]] == [second["event_id"], "gsold"]
    assert [event["event_id"] for event in state["events"]] == [second["event_id"]]


def test_an_event_under_way_is_on_the_map_again_after_the_console_restarts():
    feed = Feed(START_US)
    documents = [traffic.alert(START_US), traffic.alert(START_US, version=2, type="update")]

    feed.recall([traffic.to_json(each) for each in documents], START_US + 20_000_000)

    (event,) = feed.state(START_US)["events"]
    assert event["version"] == 2 and not event["was_expired"]


def test_a_spoiled_row_of_the_store_is_passed_over():
    feed = Feed(START_US)

    feed.recall([b"[]", b"{", b'{"category": "live"}'], START_US)

    assert feed.counts["malformed"] == 3
