"""One recorded event in real time through a real broker, with gateway and engine as processes.

Recorded time is moved so that the first sample falls a few seconds from now; what the engine
publishes is moved back before it is written. A shell: it sleeps, connects and starts processes.
"""

import contextlib
import dataclasses
import heapq
import ipaddress
import json
import os
import queue
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from groundswell import topics, wire

from failure import Failure
from link.mqtt import AddressError, MqttLink, parse_address
from replay.chain import CATEGORY, Uplink
from replay.event import EventReplay, areas_of, published
from replay.records import Record

READY_WITHIN_S = 30.0  # broker, gateway and engine
BEGIN_AFTER_S = 5.0  # the gateway, which has no sign of life of its own, needs less than one
FINAL_WITHIN_S = 90.0  # after the last record: an event's window stays open for 40 s
MAX_WAITING = 10_000  # alerts; more in one event is a fault, and the newest are dropped
_MOVED_BACK = ("issued_us", "expires_us", "origin_us")
_MOVED_ON = ("onset_us", "sample_us", "sent_us", "end_us", "start_us")


def replay_in_real_time(
    event_id: str, records: Sequence[Record], sensor: str, seed: int, broker: str, uplink: Uplink
) -> EventReplay:
    """Play the records of one event at their own pace. Raises Failure if something does not start.

    The alerts are live, as in every replay: so the broker must be one of this machine alone.
    """
    check_broker(broker)
    sender = f"replay-{os.getpid()}"
    result = EventReplay(event_id)
    alerts: queue.Queue[dict[str, Any]] = queue.Queue(MAX_WAITING)
    link = _link_to(broker, sender, alerts)
    with tempfile.TemporaryDirectory() as folder, _processes(broker, sender, records, folder):
        try:
            said = heapq.merge(*(published(r, sensor, seed, result) for r in records))
            _wait_for_engine(link, alerts)
            shift_us = _now_us() + round(BEGIN_AFTER_S * 1e6) - min(r.start_us for r in records)
            result.lost_frames = _play(said, shift_us, link, uplink)
            result.alerts = [moved_back(alert, shift_us) for alert in _rest(alerts)]
        finally:
            link.stop()
    return result


def check_broker(address: str) -> None:
    """Raise Failure for anything but a broker of this machine."""
    try:
        host, _ = parse_address(address)
        is_here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except AddressError as error:
        raise Failure(str(error)) from error
    except ValueError:
        is_here = False
    if not is_here:
        raise Failure(f"{address}: a replay's alerts are live; use a broker on 127.0.0.1 only")


def moved_on(message: Any, shift_us: int) -> Any:
    """Return a node's message as if it had been recorded so much later."""
    times = {name: getattr(message, name, None) for name in _MOVED_ON}
    return message._replace(
        **{name: time_us + shift_us for name, time_us in times.items() if time_us is not None}
    )


def moved_back(alert: dict[str, Any], shift_us: int) -> dict[str, Any]:
    """Return an alert on the recording's own timeline."""
    moved = {name: alert[name] - shift_us for name in _MOVED_BACK if name in alert}
    areas = [
        {**area, "s_arrival_us": area["s_arrival_us"] - shift_us}
        for area in alert.get("areas", [])
    ]
    return {**alert, **moved, "areas": areas}


def _now_us() -> int:
    return time.time_ns() // 1000


def _link_to(broker: str, sender: str, alerts: "queue.Queue[dict[str, Any]]") -> MqttLink:
    """Return a link that puts our engine's alerts and heartbeats into the queue."""

    def take(topic: str, payload: bytes, received_us: int) -> None:
        document = json.loads(payload)
        if document.get("sender") == sender:
            with contextlib.suppress(queue.Full):
                alerts.put_nowait({**document, "is_heartbeat": topic == topics.HEARTBEAT})

    link = MqttLink(broker, f"{sender}-nodes", [topics.of_alert(CATEGORY), topics.HEARTBEAT], take)
    link.start()
    if not link.wait_until_ready(READY_WITHIN_S):
        link.stop()
        raise Failure(f"no broker answers at {broker}")
    return link


@contextlib.contextmanager
def _processes(broker: str, sender: str, records: Sequence[Record], folder: str) -> Iterator[None]:
    """Run a gateway and an engine; end both whatever happens."""
    areas = Path(folder) / "areas.json"
    areas.write_text(json.dumps([dataclasses.astuple(area) for area in areas_of(records)]))
    database = str(Path(folder) / "record.sqlite3")
    commands = (
        ["gateway", "--local", broker, "--upstream", broker],
        ["replay.engine_process", broker, database, sender, str(areas)],
    )
    children = [
        subprocess.Popen([sys.executable, "-m", *words], stderr=subprocess.DEVNULL)
        for words in commands
    ]
    try:
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(5.0)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _wait_for_engine(link: MqttLink, alerts: "queue.Queue[dict[str, Any]]") -> None:
    try:
        alerts.get(timeout=READY_WITHIN_S)
    except queue.Empty:
        link.stop()
        raise Failure("the engine's heartbeat did not come") from None


def _play(
    messages: Iterable[tuple[int, str, Any]], shift_us: int, link: MqttLink, uplink: Uplink
) -> int:
    """Publish each message when it is due; return how many were lost on purpose."""
    lost = 0
    for recorded_us, _, recorded in messages:
        message = moved_on(recorded, shift_us)
        wait_s = (recorded_us + shift_us + uplink.latency_us - _now_us()) / 1e6
        if wait_s > 0:
            time.sleep(wait_s)
        if uplink.loses(message):
            lost += 1
            continue
        # not retained, as a node's status would be: these nodes do not exist
        qos = 1 if isinstance(message, wire.Trigger) else 0
        link.publish(topics.of_message(message), wire.encode(message), qos)
    return lost


def _rest(alerts: "queue.Queue[dict[str, Any]]") -> list[dict[str, Any]]:
    """Return all alerts, once the last of each event has come or the time for it is over."""
    documents: list[dict[str, Any]] = []
    open_events: set[str] = set()
    deadline_s = time.monotonic() + FINAL_WITHIN_S
    while time.monotonic() < deadline_s:
        try:
            document = alerts.get(timeout=1.0)
        except queue.Empty:
            if not open_events:
                break
            continue
        if document.pop("is_heartbeat"):
            continue
        documents.append(document)
        is_over = document["type"] in ("final", "cancel")
        (open_events.discard if is_over else open_events.add)(document["event_id"])
    return documents
