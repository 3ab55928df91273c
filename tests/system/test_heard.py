import io
import json
from typing import Any

import pytest
from groundswell import topics
from rich.console import Console

from system import heard
from system.show import Show

EXERCISE = topics.of_alert("exercise")
NODES = topics.of_view("nodes")
DELAYS = topics.of_view("delays")
NOW_US = 1_790_000_000_000_000

ALERT: dict[str, Any] = {
    "event_id": "gs1", "version": 1, "type": "new", "category": "exercise", "issued_us": NOW_US,
    "origin_us": NOW_US, "lat_deg": 17.0, "lon_deg": -100, "magnitude": 6.1, "level": "none",
    "nodes_triggered": 4, "areas": [{"id": "8a"}] * 1000,
}  # fmt: skip
CANCEL = {**ALERT, "type": "cancel", "reason": "nothing"}
NODE = {"node_id": "0000002a", "state": "alive", "last_heard_us": NOW_US}
STAMPS = dict.fromkeys(
    ("sample_us", "node_sent_us", "gateway_received_us", "engine_received_us", "alert_us"), NOW_US
)
GOOD: list[tuple[str, dict[str, Any]]] = [
    (EXERCISE, ALERT),
    (EXERCISE, CANCEL),
    (NODES, {"nodes": [NODE]}),
    (DELAYS, {"event_id": "gs1", **STAMPS}),
]
STRANGE: tuple[Any, ...] = (
    None,
    [],
    {},
    "x" * 1000,
    -1,
    10**400,
    float("nan"),
    float("inf"),
    True,
    "\x1b[2J",
)


def of(topic: str, document: Any) -> heard.Document | None:
    return heard.document_of(topic, json.dumps(document).encode())


def shown(alert: heard.Document) -> str:
    screen = io.StringIO()
    Show(Console(file=screen, force_terminal=False, width=200)).add_alert(alert)
    return screen.getvalue()


@pytest.mark.parametrize(("topic", "document"), GOOD)
def test_what_the_engine_says_is_taken_without_what_is_not_shown(
    topic: str, document: dict[str, Any]
) -> None:
    taken = of(topic, document)

    assert taken is not None
    assert taken.items() <= {**document, "nodes": taken.get("nodes")}.items()
    assert "areas" not in taken


@pytest.mark.parametrize(("topic", "document"), GOOD)
def test_any_field_may_hold_anything_and_the_run_goes_on(
    topic: str, document: dict[str, Any]
) -> None:
    strange = [{**document, name: value} for name in document for value in STRANGE]
    taken = [found for found in (of(topic, one) for one in strange) if found is not None]

    assert 0 < len(taken) < len(strange)
    if topic == EXERCISE:
        assert all("\x1b" not in shown(alert) for alert in taken)


@pytest.mark.parametrize("name", ["state", "last_heard_us"])
def test_a_view_with_one_wrong_node_is_refused(name: str) -> None:
    assert of(NODES, {"nodes": [NODE, {**NODE, name: 1.5}]}) is None


@pytest.mark.parametrize("topic", [EXERCISE, NODES, DELAYS, topics.HEARTBEAT, "groundswell/1/x"])
@pytest.mark.parametrize(
    "payload", [b"", b"\xff", b"5", b'"x"', b"[]", b"[" * 100_000, b'{"a":' * 100_000]
)
def test_bytes_that_are_no_document_are_refused(topic: str, payload: bytes) -> None:
    assert heard.document_of(topic, payload) is None


def test_an_alert_of_another_category_than_its_topic_is_refused() -> None:
    assert of(EXERCISE, {**ALERT, "category": "live"}) is None
    assert of(topics.of_alert("live"), {**ALERT, "category": "live"}) is not None


def test_no_alert_moves_the_cursor_or_colours_the_terminal() -> None:
    evil = of(EXERCISE, {**CANCEL, "event_id": "\x1b[31m", "reason": "\x1b]0;title\x07\r\x9b2J"})

    assert evil is not None
    assert r"\x1b[31m" in shown(evil)
    assert shown(evil).rstrip("\n").isprintable()


def test_what_is_shown_is_remembered_within_bounds() -> None:
    show = Show(Console(file=io.StringIO()))
    for number in range(1000):
        show.add_alert({**ALERT, "event_id": f"gs{number}"})

    assert len(show._magnitudes) == 100
