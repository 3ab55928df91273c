"""The web application without a browser: routes, headers, the stream over HTTP."""

import json
import re
from pathlib import Path

import pytest
from groundswell import topics

from aggregator.console import app as app_module
from aggregator.console.app import create_app
from aggregator.console.feed import Feed
from aggregator.console.live import Live
from aggregator.console.places import Place
from tests.aggregator.console import traffic

MARKUP_MAKERS = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\("
NOW_US = 1_795_000_000_000_000
CONSOLE = Path(app_module.__file__).parent


@pytest.fixture
def live():
    return Live(Feed(NOW_US, [Place("Atoyac", 17.2, -100.4)]), lambda: NOW_US, epoch="run1")


@pytest.fixture
def client(live):
    return create_app(live).test_client()


@pytest.mark.parametrize("path", ["/", "/api/state", "/healthz", "/static/main.js", "/nowhere"])
def test_every_answer_carries_the_security_headers(client, path):
    with client.get(path) as response:
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_the_stream_says_what_a_proxy_needs_to_know_and_begins_with_the_state(client):
    response = client.get("/events", buffered=False)
    pieces = response.iter_encoded()
    next(pieces)
    state = next(pieces).decode()
    response.close()

    assert response.mimetype == "text/event-stream"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["Cache-Control"] == "no-store"
    assert "event: state" in state and "Atoyac" in state


def test_the_stream_goes_on_after_the_last_event_that_the_browser_names(client, live):
    for _ in range(3):
        live.tick(is_connected=True)

    response = client.get("/events", headers={"Last-Event-ID": "run1.2"}, buffered=False)
    pieces = response.iter_encoded()
    next(pieces)
    text = next(pieces).decode()
    response.close()

    assert text.startswith("id: run1.3\n") and "event: state" not in text


def test_one_page_too_many_is_asked_to_come_back(live):
    live.is_full = lambda: True  # a fake we own: 3,000 streams take their time
    response = create_app(live).test_client().get("/events")

    assert response.status_code == 503 and response.headers["Retry-After"]


def test_the_state_can_be_had_as_json(client, live):
    live.hear(topics.of_view("nodes"), traffic.nodes(NOW_US), NOW_US)

    state = client.get("/api/state").get_json()

    assert len(state["nodes"]) == 12 and state["places"][0]["name"] == "Atoyac"


def test_healthz_answers_and_says_whether_it_is_stale(client, live):
    assert client.get("/healthz").get_json()["is_stale"] is True

    live.hear(topics.HEARTBEAT, traffic.heartbeat(NOW_US), NOW_US)
    live.tick(is_connected=True)

    assert client.get("/healthz").get_json()["is_stale"] is False


def test_the_page_asks_for_nothing_from_elsewhere_and_holds_nothing_inline(client):
    text = client.get("/").get_data(as_text=True)
    files = [*CONSOLE.glob("static/*.js"), *CONSOLE.glob("static/*.css")]

    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", text)
    assert len(files) > 15
    for source in [text, *(file.read_text() for file in files)]:
        assert not re.search(r"(https?:)?//[a-z0-9.-]+\.[a-z]{2,}/", source)


def test_every_file_that_the_page_names_is_there(client):
    text = client.get("/").get_data(as_text=True)
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', text)
    for script in CONSOLE.glob("static/*.js"):
        named += ["/static/" + name for name in re.findall(r'from "\./(.+?)"', script.read_text())]

    assert len(named) > 20
    for path in named:
        with client.get(path) as response:
            assert response.status_code == 200, path


def test_no_script_makes_markup_of_strings():
    for script in CONSOLE.glob("static/*.js"):
        text = script.read_text()
        assert not re.search(MARKUP_MAKERS, text)


COLOURS = (CONSOLE / "static" / "colours.css").read_text()
PAIRS = [
    *((ink, ground) for ink in ("ink", "muted", "faint") for ground in ("panel", "page", "soft")),
    *((ink, "ground") for ink in ("ink", "muted", "faint", "alive", "triggered")),
    *((f"mmi-{degree}-ink", f"mmi-{degree}") for degree in range(1, 11)),
    *(("#ffffff", category) for category in ("live", "exercise", "test")),
    ("stale-ink", "stale"),
    ("bad", "panel"),
    ("wave-s", "soft"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(theme):
    """WCAG 2.2, 1.4.3: a contrast of at least 4.5."""
    blocks = re.findall(r":root[^{]*\{(.*?)\}", COLOURS, re.DOTALL)
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", blocks[0]))
    if theme == "dark":
        found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", blocks[1]))

    poor = {}
    for ink, ground in PAIRS:
        ratio = contrast(found.get(ink, ink), found[ground])
        if ratio < 4.5:
            poor[ink, ground] = round(ratio, 2)
    assert poor == {}


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_state_of_a_busy_network_stays_json(client, live):
    live.hear(topics.of_alert("exercise"), traffic.to_json(traffic.alert(NOW_US)), NOW_US)

    assert json.loads(client.get("/api/state").data)["events"][0]["areas"]
