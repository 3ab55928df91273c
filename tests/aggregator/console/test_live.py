"""The event stream: complete for who keeps up, bounded for who does not."""

import json
import threading
import time
from typing import Any

from groundswell import topics

from aggregator.console import live as live_module
from aggregator.console.feed import Feed
from aggregator.console.live import Live
from tests.aggregator.console import traffic

NOW_US = 1_795_000_000_000_000


def make_live(comment_after_s: float = 60.0) -> Live:
    return Live(Feed(NOW_US), lambda: NOW_US, epoch="run1", comment_after_s=comment_after_s)


def fields(text: bytes) -> list[dict[str, str]]:
    """Return the events in a piece of stream, as a browser would read them."""
    blocks = [block for block in text.decode().split("\n\n") if block]
    return [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]


def test_a_page_begins_with_the_whole_state_and_goes_on_with_what_follows():
    live = make_live()
    stream = live.stream("")

    assert fields(next(stream)) == [{"retry": "2000"}]
    (state,) = fields(next(stream))
    live.hear(topics.HEARTBEAT, traffic.heartbeat(NOW_US), NOW_US)
    (system,) = fields(next(stream))

    assert state["event"] == "state" and json.loads(state["data"])["nodes"] == []
    assert system["event"] == "system" and system["id"] == "run1.1"
    assert json.loads(system["data"])["heartbeat"]["sender"] == "engine-1"


def test_a_page_that_comes_back_gets_exactly_what_it_missed():
    live = make_live()
    for _ in range(5):
        live.tick(is_connected=True)

    stream = live.stream("run1.3")
    next(stream)

    assert [event["id"] for event in fields(next(stream))] == ["run1.4", "run1.5"]


def test_a_page_of_another_run_begins_anew():
    live = make_live()
    live.tick(is_connected=True)

    for last_event_id in (
        "run0.1",
        "run1.2",
        "run1.-1",
        "run1.x",
        "run1." + "9" * 400,
        "\x00",
        ".",
    ):
        stream = live.stream(last_event_id)
        next(stream)
        assert fields(next(stream))[0]["event"] == "state", last_event_id


def test_a_page_that_the_ring_has_passed_is_let_go():
    live = make_live()
    stream = live.stream("")
    next(stream)
    next(stream)

    for _ in range(live_module.RING_EVENTS + 1):
        live.tick(is_connected=True)

    assert list(stream) == []
    again = live.stream("run1.0")
    next(again)
    assert fields(next(again))[0]["event"] == "state"


def test_a_page_that_is_as_slow_as_the_ring_is_long_misses_nothing():
    live = make_live()
    stream = live.stream("")
    next(stream)
    next(stream)

    for _ in range(live_module.RING_EVENTS):
        live.tick(is_connected=True)

    assert len(fields(next(stream))) == live_module.RING_EVENTS


def test_the_ring_is_bounded_in_bytes_too():
    live = Live(Feed(NOW_US), lambda: NOW_US, epoch="run1", ring_bytes=5_000)
    for _ in range(100):
        live.tick(is_connected=True)

    stream = live.stream("run1.1")
    next(stream)
    assert fields(next(stream))[0]["event"] == "state"  # the first ones are gone
    late = live.stream("run1.99")
    next(late)
    assert fields(next(late))[0]["id"] == "run1.100"
    assert sum(len(entry.text) for entry in live._ring) <= 5_000


def test_silence_is_broken_by_a_comment():
    stream = make_live(comment_after_s=0.01).stream("")
    next(stream)
    next(stream)

    assert next(stream) == b": still here\n\n"


def test_no_string_from_the_wire_can_begin_a_new_event():
    live = make_live()
    stream = live.stream("")
    next(stream)
    next(stream)
    reason = "a\n\nevent: state\ndata: {}\n\n\u2028\u2029é"
    document = traffic.cancel(NOW_US, reason=reason)

    live.hear(topics.of_alert("exercise"), traffic.to_json(document), NOW_US)

    text = next(stream)
    assert text.count(b"\n") == 4 and text.isascii()


def test_a_waiting_page_is_woken_at_once():
    live = make_live()
    stream = live.stream("")
    next(stream)
    next(stream)
    heard: list[bytes] = []
    waiting = threading.Thread(target=lambda: heard.append(next(stream)), daemon=True)
    waiting.start()

    live.tick(is_connected=True)
    waiting.join(10)

    assert fields(heard[0])[0]["event"] == "system"


def test_a_waiting_page_is_let_go_when_the_console_ends_and_a_new_one_too():
    live = make_live()
    stream = live.stream("")
    next(stream)
    next(stream)
    rest: list[list[bytes]] = []
    waiting = threading.Thread(target=lambda: rest.append(list(stream)), daemon=True)
    waiting.start()

    live.end_streams(patience_s=10)

    assert live.health()["streams"] == 0
    waiting.join(10)
    assert rest == [[]]
    assert len(list(live.stream(""))) == 2  # when to try again, the state, and no more


def test_what_was_heard_before_the_end_still_goes_out():
    live = make_live()
    stream = live.stream("")
    next(stream)
    next(stream)
    live.hear(topics.HEARTBEAT, traffic.heartbeat(NOW_US), NOW_US)

    live.end_streams(patience_s=0)

    (text,) = stream
    assert fields(text)[0]["event"] == "system"


def test_a_page_that_reads_nothing_does_not_keep_the_console():
    live = make_live()
    stream = live.stream("")
    next(stream)
    began_s = time.monotonic()

    live.end_streams(patience_s=0.05)

    assert live.health()["streams"] == 1
    assert time.monotonic() - began_s >= 0.05


def test_pages_are_counted_and_a_closed_one_is_forgotten():
    live = make_live()
    streams = [live.stream("") for _ in range(3)]
    for stream in streams:
        next(stream)

    assert live.health()["streams"] == 3
    for stream in streams:
        stream.close()
    assert live.health()["streams"] == 0


def begin(live: Live) -> dict[str, Any]:
    """Return the state that a new page gets."""
    stream = live.stream("")
    next(stream)
    (event,) = fields(next(stream))
    stream.close()
    document: dict[str, Any] = json.loads(event["data"])
    return document


def test_pages_that_come_together_get_the_state_of_now_and_its_content_is_encoded_once(
    monkeypatch,
):
    feed, clock, encoded = Feed(NOW_US), [NOW_US], []
    live = Live(feed, lambda: clock[0], epoch="run1")
    content = feed.content
    monkeypatch.setattr(feed, "content", lambda: encoded.append(1) or content())

    states = []
    for _ in range(20):
        clock[0] += 100_000
        live.tick(is_connected=True)
        live.hear(topics.HEARTBEAT, traffic.heartbeat(clock[0]), clock[0])
        live.hear("groundswell/1/other", b"", clock[0])  # counted: no event says so
        states.append(begin(live))

    assert len(encoded) == 1
    assert states[-1] == feed.state(clock[0])
    assert [state["system"]["now_us"] for state in states] == [
        NOW_US + 100_000 * number for number in range(1, 21)
    ]
    assert [state["system"]["counts"]["unknown_topic"] for state in states] == [*range(1, 21)]


def test_whatever_changes_is_in_the_state_of_the_next_page():
    feed = Feed(NOW_US)
    live = Live(feed, lambda: NOW_US, epoch="run1")
    issued_us = NOW_US + 7_000_000
    changes = (
        lambda: live.recall([traffic.to_json(traffic.alert(NOW_US - 60_000_000, event_id="old"))]),
        lambda: live.hear(topics.of_view("nodes"), traffic.nodes(NOW_US), NOW_US),
        lambda: live.hear(topics.of_view("nodes"), traffic.nodes(NOW_US, 3), NOW_US),
        lambda: live.hear(topics.of_view("delays"), traffic.delays(NOW_US), NOW_US),
        lambda: live.hear(
            topics.of_alert("exercise"), traffic.to_json(traffic.alert(NOW_US)), issued_us
        ),
    )
    for change in changes:
        before = begin(live)
        change()
        after = begin(live)

        assert after == json.loads(json.dumps(feed.state(NOW_US)))
        assert any(after[key] != before[key] for key in ("nodes", "log", "delays"))
