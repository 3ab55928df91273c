"""How long gateway and engine need for a trigger, and how many messages they take a second.

    .venv/bin/python tools/bench_services.py [--nodes 200] [--triggers 2000]

The first table is computation only; the second is gateway and engine as they run, with their
links and inboxes, over the product's nats-server on this machine (stamps of one clock).
"""

import argparse
import contextlib
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from groundswell import topics, wire

from aggregator.config import Config as EngineConfig
from aggregator.desk import Desk
from aggregator.engine import Engine, now_us
from aggregator.ingest import Heard, Ingest
from aggregator.store import Store
from gateway.batch import Batcher
from gateway.bridge import Bridge
from gateway.config import Config as GatewayConfig
from gateway.forwarder import Forwarder
from link.mqtt import MqttLink
from system import broker
from vote.decision import Decider

START_US = 1_790_000_000_000_000
BATCHED = 20_000  # frames through batch and ingest
APART_S = 0.01  # between two triggers of the second table
PORT = 21883
IDENTITY = {"sender": "bench", "category": "test", "version": "0"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=200)
    parser.add_argument("--triggers", type=int, default=2000)
    arguments = parser.parse_args()
    print(f"batch and ingest: {batched_a_second():,.0f} shaking messages a second")
    with tempfile.TemporaryDirectory() as folder:
        for name, spans_us in computation(arguments.nodes, arguments.triggers, Path(folder)):
            print(line(name, spans_us))
        for name, spans_us in running(arguments.nodes, arguments.triggers, Path(folder)):
            print(line(name, spans_us))


def line(name: str, spans_us: list[float]) -> str:
    ordered = sorted(spans_us)
    p50, p99 = (ordered[int(len(ordered) * share)] / 1e3 for share in (0.5, 0.99))
    return f"{name:44} n {len(ordered):5}  p50 {p50:7.3f} ms  p99 {p99:7.3f} ms"


def batched_a_second() -> float:
    now = now_us()
    frames = [
        wire.encode(wire.Shaking(i % 100, 1, i // 100, 0, now, 900, 500 + i % 97, 3000 + i % 89))
        for i in range(BATCHED)
    ]
    batcher, ingest = Batcher(1, 1), Ingest()
    heard = 0
    begun = time.perf_counter()
    for frame in frames:
        batcher.add(frame, now)
        if batcher.is_due(now):
            for batch in batcher.take(now):
                heard += len(ingest.open(topics.of_gateway(1, topics.BATCH), batch, now))
    return heard / (time.perf_counter() - begun)


def computation(nodes: int, triggers: int, folder: Path) -> Iterator[tuple[str, list[float]]]:
    """In virtual time: false triggers a second apart, then an earthquake that all nodes feel."""
    outbox: list[tuple[str, bytes]] = []

    def publish(topic: str, payload: bytes, qos: int) -> bool:
        outbox.append((topic, payload))
        return True

    clock = VirtualClock()
    forwarder = Forwarder(GatewayConfig(gateway_id="00000001"), 1)
    store = Store(folder / "computation.sqlite3")
    decider = Decider("bench", "test")
    desk = Desk(decider, store, lambda *_: True, clock, IDENTITY)
    for name, messages in (
        ("false trigger", false_triggers(nodes, triggers)),
        ("trigger of an earthquake", earthquake(nodes, triggers)),
    ):
        gateway_us, engine_us = [], []
        for status in statuses(nodes, clock.time_us):
            desk.restore(clock.time_us, status)
        for message in messages:
            clock.time_us = message.sent_us + 2000
            topic, frame = topics.of_message(message), wire.encode(message)
            outbox.clear()
            begun = time.perf_counter()
            forwarder.hear(topic, frame, clock.time_us)
            forwarder.send(publish, clock.time_us)
            between = time.perf_counter()
            desk.hear(*outbox[0], clock.time_us)
            gateway_us.append((between - begun) * 1e6)
            engine_us.append((time.perf_counter() - between) * 1e6)
        yield f"gateway, computation, {name}", gateway_us
        yield f"engine, computation, {name}", engine_us


class VirtualClock:
    def __init__(self) -> None:
        self.time_us = START_US

    def __call__(self) -> int:
        return self.time_us


def false_triggers(nodes: int, count: int) -> Iterator[wire.Trigger]:
    for i in range(count):
        yield trigger(i, i * 7 % nodes, START_US + i * 1_000_000)


def earthquake(nodes: int, first: int) -> Iterator[wire.Trigger]:
    """The P wave from the middle of the square at 6 km/s, and three refinements from each."""
    origin_us = START_US + 86_400_000_000
    told = []
    middle = list(statuses(nodes, 0))[nodes // 2]
    for node in statuses(nodes, 0):
        north_km = (node.lat_udeg - middle.lat_udeg) * 111.2e-6
        east_km = (node.lon_udeg - middle.lon_udeg) * 106e-6
        distance_km = (north_km**2 + east_km**2 + 225.0) ** 0.5
        onset_us = origin_us + int(distance_km / 6.0 * 1e6)
        for update in range(4):
            sent_us = onset_us + 300_000 + update * 700_000
            told.append((sent_us, node.node_id, update, onset_us, distance_km))
    for i, (sent_us, node_id, update, onset_us, distance_km) in enumerate(sorted(told)):
        pga_um_s2 = int(2e7 / distance_km)
        yield trigger(first + i, node_id, sent_us)._replace(
            update=update, detection_id=9, onset_us=onset_us, pga_um_s2=pga_um_s2,
            pd_nm=pga_um_s2, p_quake_permille=950, ratio_milli=20_000,
        )  # fmt: skip


def running(nodes: int, triggers: int, folder: Path) -> Iterator[tuple[str, list[float]]]:
    """Gateway and engine with their links, in threads of this process, over a broker."""
    address = f"{broker.HOST}:{PORT}"
    heard: list[tuple[Heard, int]] = []
    with broker_process(folder):
        bridge = Bridge(GatewayConfig(local=address, upstream=address, gateway_id="00000001"))
        engine = Engine(
            EngineConfig(broker=address, database=str(folder / "running.sqlite3")), "test"
        )
        # the record is handed each message when the vote is done with it and its alerts are out
        engine.desk._record.put = lambda one: heard.append((one, now_us()))  # type: ignore[method-assign]
        with threads_of(bridge, engine):
            speak(address, nodes, triggers)
    done = [(one, at_us) for one, at_us in heard if isinstance(one.message, wire.Trigger)]
    yield "node's link to gateway", [o.gateway_received_us - o.message.sent_us for o, _ in done]
    yield (
        "gateway, received to published",
        [o.gateway_sent_us - o.gateway_received_us for o, _ in done],
    )
    yield "gateway to engine", [o.received_us - o.gateway_sent_us for o, _ in done]
    yield "engine, received to done, without the vote", [a - o.received_us for o, a in done]


@contextlib.contextmanager
def broker_process(folder: Path) -> Iterator[None]:
    process = subprocess.Popen(
        broker.command_of("nats", PORT, folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not broker.is_answering(PORT):
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def threads_of(*services: Bridge | Engine) -> Iterator[None]:
    threads = [threading.Thread(target=service.run) for service in services]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for service in services:
            service.stop()
        for thread in threads:
            thread.join()


def speak(address: str, nodes: int, triggers: int) -> None:
    """Be the nodes: a status of each, then triggers APART_S apart."""
    speaker = MqttLink(address, "bench", [])
    speaker.start()
    speaker.wait_until_ready(10)
    time.sleep(1)  # gateway and engine connect meanwhile
    for status in statuses(nodes, now_us()):
        speaker.publish(topics.of_message(status), wire.encode(status))
    for i in range(triggers):
        time.sleep(APART_S)
        # without a vote: what the vote costs is in the first table
        message = trigger(i, i % nodes, now_us())._replace(flags=wire.FLAG_UNSYNCHRONISED)
        speaker.publish(topics.of_message(message), wire.encode(message))
    time.sleep(1)  # the last ones arrive
    speaker.stop()


def statuses(nodes: int, sent_us: int) -> Iterator[wire.Status]:
    """A square of nodes 20 km apart."""
    side = max(1, round(nodes**0.5))
    for i in range(nodes):
        yield wire.Status(
            i, 1, 0, wire.STATE_ARMED, 0, 255, sent_us, 900, 0,
            17_000_000 + i // side * 180_000, -100_000_000 + i % side * 190_000, 10, 125_000,
            900, 0, 60, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
        )  # fmt: skip


def trigger(i: int, node_id: int, sent_us: int) -> wire.Trigger:
    return wire.Trigger(
        node_id, 1, i + 1, i % 65536, 0, 0, sent_us - 300_000, sent_us - 10_000, sent_us,
        900, 400, 6000, 9000, 30_000, 900, 900,
    )  # fmt: skip


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
