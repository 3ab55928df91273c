"""Every hop over TLS: a node, its gateway, the engine and who looks at its views, one broker."""

import contextlib
import datetime
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from groundswell import topics, wire
from groundswell.seal import Seal

from gateway.bridge import now_us
from link.mqtt import MqttLink
from link.seal_keys import add_seal_key
from system.broker import TlsFiles
from system.certificates import Authority, yesterday
from tests.aggregator.samples import status
from tests.firmware import fake_pi
from tests.link.broker_process import BrokerProcess
from tests.system.waiting import until

NODE_ID = 0x2A
OTHER_ID = 0x2B  # has a key, too
KEYS = {NODE_ID: bytes(range(32)), OTHER_ID: bytes(range(1, 33))}
NAMES = ("node", "gateway-1", "engine", "admin")


@contextlib.contextmanager
def secured_broker(folder: Path) -> Iterator[BrokerProcess]:
    now = datetime.datetime.now(datetime.UTC)
    authority = Authority.found("test authority", now)
    authority.save(folder)
    authority.issue(folder, "broker", ("127.0.0.1",), yesterday(now))
    for name in NAMES:
        authority.issue(folder, name, (), yesterday(now))
    files = TlsFiles(folder / "ca.pem", folder / "broker.pem", folder / "broker.key")
    process = BrokerProcess("nats", folder, files)
    process.start()
    try:
        yield process
    finally:
        process.stop()


@contextlib.contextmanager
def running(*words: object) -> Iterator[None]:
    command = [sys.executable, *(str(word) for word in words)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def test_a_node_is_seen_at_the_other_end_and_who_pretends_to_be_one_is_not(
    tmp_path: Path,
) -> None:
    tls = tmp_path / "tls"
    seen: set[str] = set()
    is_engine_up = threading.Event()
    forged = 0
    for node_id, key in KEYS.items():
        add_seal_key(tmp_path / "keys", node_id, key)

    def look(topic: str, payload: bytes, received_us: int) -> None:
        nonlocal forged
        if topic == topics.HEARTBEAT:
            is_engine_up.set()
            forged = json.loads(payload)["ingest"]["forged"]
        elif topic == topics.of_view("nodes"):
            seen.update(node["node_id"] for node in json.loads(payload)["nodes"])

    with secured_broker(tls) as broker:
        address = broker.address
        (tmp_path / "gateway.toml").write_text(
            f'local = "{address}"\nupstream = "{address}"\n'
            f'local_tls = "{tls}/gateway-1"\nupstream_tls = "{tls}/gateway-1"\n'
        )
        (tmp_path / "engine.toml").write_text(
            f'broker = "{address}"\ntls = "{tls}/engine"\ndatabase = "{tmp_path}/record.db"\n'
            f'seal_keys = "{tmp_path}/keys"\n'
        )
        (tmp_path / "node.json").write_text(
            json.dumps(
                {
                    "node_id": NODE_ID,
                    "lat_udeg": 17000000,
                    "lon_udeg": -101000000,
                    "brokers": [address],
                    "has_tls": True,
                    "seal_key": KEYS[NODE_ID].hex(),
                    "time_servers": [],
                }
            )
        )
        admin = MqttLink(
            address, "admin", [topics.ALL_VIEWS, topics.HEARTBEAT], look, tls=f"{tls}/admin"
        )
        admin.start()
        with (
            running("-m", "gateway", "--config", tmp_path / "gateway.toml"),
            running("-m", "aggregator", "--config", tmp_path / "engine.toml"),
        ):
            # what is said before the gateway listens is retained, and waits for the next status
            assert is_engine_up.wait(20)
            with running(fake_pi.__file__, "--state", tmp_path):
                until(lambda: seen, 40, "the node")
            frame = wire.encode(status(node_id=OTHER_ID, sent_us=now_us()))
            topic = topics.of_node(OTHER_ID, "status")
            for said in (frame, Seal(KEYS[NODE_ID]).seal(frame)):
                admin.publish(topic, said, 1)
            until(lambda: forged == 2, 20, "the engine's count")
            assert seen == {f"{NODE_ID:08x}"}
            admin.publish(topic, Seal(KEYS[OTHER_ID]).seal(frame), 1)
            until(lambda: len(seen) == 2, 20, "the other node")
        admin.stop()
