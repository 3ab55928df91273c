"""Whatever comes from the broker: a well-formed document, or MalformedError."""

import json
import random
from typing import Any

import pytest

from aggregator.console import border
from aggregator.console.border import MalformedError
from tests.aggregator.console import traffic

ORIGIN_US = 1_795_000_000_000_000
HOSTILE: list[Any] = [
    None, True, -1, 10**400, 1e308, "", "x" * 100_000, "\u202egnirts", "a\x00b", "\ud800",
    "<img src=x onerror=alert(1)>", [], [[]], {}, {"a": 1}, 3.5, "NaN",
]  # fmt: skip


def test_an_alert_of_the_contract_is_taken_as_it_is():
    document = traffic.alert(ORIGIN_US)

    found = border.alert(traffic.to_json(document), "exercise")

    assert {name: found[name] for name in document if name != "areas"} == {
        name: document[name] for name in document if name != "areas"
    }
    assert sorted(found["areas"], key=str) == sorted(document["areas"], key=str)


def test_a_cancel_needs_its_few_fields_only():
    found = border.alert(traffic.to_json(traffic.cancel(ORIGIN_US)), "exercise")

    assert found["type"] == "cancel" and found["magnitude"] is None and found["areas"] == []


@pytest.mark.parametrize("name", sorted(traffic.cancel(ORIGIN_US)))
def test_a_cancel_without_one_of_them_is_refused(name):
    document = traffic.cancel(ORIGIN_US)
    del document[name]

    if name == "reason":  # prose: the withdrawal is worth more
        assert border.alert(traffic.to_json(document), "exercise")["reason"] is None
        return
    with pytest.raises(MalformedError):
        border.alert(traffic.to_json(document), "exercise")


def test_an_alert_that_calls_itself_live_on_the_exercise_topic_is_refused():
    payload = traffic.to_json(traffic.alert(ORIGIN_US, category="live"))

    assert border.alert(payload, "live")["category"] == "live"
    with pytest.raises(MalformedError):
        border.alert(payload, "exercise")


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(text):
    payload = traffic.to_json(traffic.alert(ORIGIN_US, magnitude=5.75))

    assert b"5.75" in payload
    with pytest.raises(MalformedError):
        border.alert(payload.replace(b"5.75", text.encode()), "exercise")


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"[]", b"1", b"\xff\xfe", b"null", b"[" * 100_000, b'{"a":' * 100_000],
    ids=lambda payload: repr(payload[:6]),
)
@pytest.mark.parametrize("kind", ["alert", "heartbeat", "nodes", "delays"])
def test_what_is_no_object_is_refused(kind, payload):
    with pytest.raises(MalformedError):
        read(kind, payload)


def test_a_payload_of_many_megabytes_is_refused_before_it_is_read():
    with pytest.raises(MalformedError, match="bytes"):
        border.nodes(b" " * (border.MAX_PAYLOAD_BYTES + 1))


def test_an_engine_may_tell_of_its_own_health_in_its_heartbeat():
    document = json.loads(traffic.heartbeat(ORIGIN_US))
    document |= {"ingest": {"malformed": 3, "new": 1}, "store": {"is_writing": True, "drops": 2}}

    found = border.heartbeat(traffic.to_json(document))

    assert found["ingest"]["malformed"] == 3 and "new" not in found["ingest"]
    assert found["store"] == {"is_writing": True, "problem": None, "drops": 2}
    assert border.heartbeat(traffic.heartbeat(ORIGIN_US))["store"]["is_writing"] is None


@pytest.mark.parametrize("kind", ["alert", "heartbeat", "nodes", "delays"])
def test_any_field_may_hold_anything_and_nothing_but_malformed_follows(kind):
    """Every field in turn, at every depth; what is let through can be written as JSON again."""
    chance = random.Random(1)
    good = json.loads(payload_of(kind))

    for _ in range(400):
        changed = json.loads(json.dumps(good))
        spoil(changed, chance)
        try:
            found = read(kind, json.dumps(changed).encode())
        except MalformedError:
            continue
        text = json.dumps(found, allow_nan=False)
        assert len(text) < 400_000 and "\u202e" not in text


def test_more_areas_than_can_be_shown_are_counted_and_the_strongest_kept():
    area = traffic.alert(ORIGIN_US)["areas"][0]
    areas = [area | {"id": f"a{n}", "mmi": n % 9 + 1} for n in range(border.MAX_AREAS + 5)]

    found = border.alert(traffic.to_json(traffic.alert(ORIGIN_US, areas=areas)), "exercise")

    assert len(found["areas"]) == border.MAX_AREAS
    assert found["areas_left_out"] == 5
    assert min(each["mmi"] for each in found["areas"]) >= 1 and found["areas"][0]["mmi"] == 9


def test_a_long_reason_with_control_characters_is_mended_not_refused():
    reason = "a\nb\u202ec" + "d" * 1000

    found = border.alert(traffic.to_json(traffic.cancel(ORIGIN_US, reason=reason)), "exercise")

    assert found["reason"].startswith("a b cd") and found["reason"].endswith("…")
    assert len(found["reason"]) == border.MAX_REASON_CHARACTERS + 1


def payload_of(kind: str) -> bytes:
    payloads = {
        "alert": lambda: traffic.to_json(traffic.alert(ORIGIN_US)),
        "heartbeat": lambda: traffic.heartbeat(ORIGIN_US),
        "nodes": lambda: traffic.nodes(ORIGIN_US),
        "delays": lambda: traffic.delays(ORIGIN_US),
    }
    return payloads[kind]()


def read(kind: str, payload: bytes) -> Any:
    if kind == "alert":
        return border.alert(payload, "exercise")
    return getattr(border, kind)(payload)


def spoil(document: Any, chance: random.Random) -> None:
    """Put something hostile in one place, however deep."""
    places = [document]
    while True:
        inner = places[-1]
        key = chance.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
        if inner[key] and isinstance(inner[key], dict | list) and chance.random() < 0.7:
            places.append(inner[key])
            continue
        inner[key] = chance.choice(HOSTILE)
        return
