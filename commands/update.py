"""`groundswell update`: sends a bundle to a node, waits until it runs and is confirmed."""

import argparse
import os
import time
from pathlib import Path

from groundswell import release, topics
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from commands import broker
from failure import Failure
from link.inbox import Inbox
from link.mqtt import MqttLink
from system import bundle
from system.sending import SendingUpdate

DESCRIPTION = """\
Send a bundle to a node and wait until the new firmware runs and has confirmed itself: it has
connected and passed its self-test. If it does not within ten minutes or two starts, the node goes
back to what it ran before, and this command says so. Whatever is interrupted (this command, the
node, the broker) goes on where it was when the command is given again.

  groundswell update 0000002a esp32-0.2.0.zip --broker gateway.local:1883
"""
_TICK_S = 0.05
_MAX_QUEUED = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("node_id", metavar="NODE_ID", help="eight hexadecimal digits")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="of `groundswell release`")
    broker.add_arguments(parser)
    parser.add_argument(
        "--patience-s",
        type=float,
        default=900.0,
        metavar="S",
        help="how long a node may say nothing (default: %(default)s; a roll-back takes 600)",
    )


def run(arguments: argparse.Namespace) -> int:
    node_id = _node_id(arguments.node_id)
    loaded = bundle.load(arguments.bundle)
    inbox: Inbox[bytes] = Inbox(_MAX_QUEUED)
    link = broker.connect(
        arguments,
        "update",
        [topics.of_node(node_id, "reply")],
        lambda _, payload, __: inbox.put(payload, len(payload), False),
    )
    try:
        sending = SendingUpdate(
            loaded,
            node_id,
            lambda: int.from_bytes(os.urandom(4), "little"),
            round(1e6 * arguments.patience_s),
        )
        _send(sending, link, inbox)
    finally:
        link.stop()
    version = release.version_text(loaded.head.version)
    print(f"node {node_id:08x} runs {version} and has confirmed it")
    return 0


def _send(sending: SendingUpdate, link: MqttLink, inbox: Inbox[bytes]) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(sending.state, total=1.0)
        while not sending.is_done:
            link.raise_failure()
            packets = sending.step(time.time_ns() // 1000)
            payload = inbox.take(_TICK_S)
            if payload is not None:
                packets += sending.hear(payload, time.time_ns() // 1000)
            for topic, frame in packets:
                link.publish(topic, frame)
            progress.update(task, description=sending.state, completed=sending.share)


def _node_id(text: str) -> int:
    try:
        number = int(text, 16)
    except ValueError:
        number = -1
    if not 0 <= number < 1 << 32 or len(text) != 8:
        raise Failure(
            f"NODE_ID {text}: eight hexadecimal digits, as `groundswell watch` shows them"
        )
    return number
