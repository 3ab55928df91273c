"""`groundswell node`: tells one node what to do, waits for its answer and prints it."""

import argparse
import json
import queue
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from groundswell import codec, faults, topics, wire

from commands import broker
from failure import Failure
from system.changes import changes_of

DESCRIPTION = """\
Tell a node what to do, through the broker that it is connected to (its gateway's), and print its
answer. A command is valid for 30 s and is done once, however often it arrives.

  groundswell node 0000002a identify
  groundswell node 0000002a self-test
  groundswell node 0000002a configure                      print the settings in force
  groundswell node 0000002a configure send_from_permille=300
  groundswell node 0000002a configure brokers=gw1.local:1883,gw2.local:1883 --wait
  groundswell node 0000002a history now-8 now --out seconds.jsonl
  groundswell node --broker gw1.local:8883 --tls certs/admin 0000002a restart --wait

New settings of the connection are on trial: a node that cannot connect with them goes back to the
old ones within three minutes and says so. Exit code 1: the node refused, failed or did not come
back; 2: it is silent.
"""
VALID_US = 30_000_000
BACK_WITHIN_S = 240.0  # a trial of settings, its end, and a start
STATES = ("offline", "starting", "armed", "FAULT", "safe mode")
RESULTS = ("done", "refused", "failed", "unknown action", "expired")
PACKET_PATIENCE_S = 5.0
MAX_QUEUED = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("node_id", metavar="NODE_ID", help="eight hexadecimal digits")
    broker.add_arguments(parser)
    patience = "how long to wait for the answer (default %(default)s)"
    parser.add_argument("--timeout", type=float, default=15.0, metavar="S", help=patience)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    also = [_options_after_the_action()]
    actions.add_parser("identify", help="blink and buzz for ten seconds", parents=also)
    actions.add_parser("self-test", help="let the chip test itself", parents=also)
    restart = actions.add_parser("restart", help="start anew", parents=also)
    configure = actions.add_parser(
        "configure", help="change settings, or print them", parents=also
    )
    configure.add_argument("changes", nargs="*", metavar="KEY=VALUE")
    for one in (restart, configure):
        one.add_argument("--wait", action="store_true", help="until it is armed again, or not")
    history = actions.add_parser(
        "history", help="send the last seconds of raw samples", parents=also
    )
    moment = "UTC like 2026-11-25T22:58:01, or now-SECONDS, or now"
    history.add_argument("begin", metavar="FROM", help=moment)
    history.add_argument("end", metavar="TO")
    history.add_argument("--out", type=Path, metavar="FILE", help="write the samples, JSON Lines")


def _options_after_the_action() -> argparse.ArgumentParser:
    """The same options once more, silent and without a default: people type them anywhere."""
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    for name in ("--broker", "--tls"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    parser.add_argument("--timeout", type=float, help=argparse.SUPPRESS)
    return parser


def run(arguments: argparse.Namespace) -> int:
    node_id = node_id_of(arguments.node_id)
    action, document = _asked(arguments, time.time_ns() // 1000)
    talk = Talk(arguments, node_id)
    try:
        reply = talk.ask(action, document, arguments.timeout)
        text = bytes(reply.payload).decode("utf-8", "replace")
        print(f"node {node_id:08x}: {RESULTS[reply.result]}" + (f": {text}" if text else ""))
        if reply.result != wire.RESULT_DONE:
            return 1
        if action == wire.ACTION_SEND_HISTORY:
            return _receive_history(talk, json.loads(text)["packets"], arguments.out)
        if getattr(arguments, "wait", False):
            return _wait(talk, reply.boot_id)
        return 0
    finally:
        talk.close()


class Talk:
    """A connection to the broker, and what one node says on it."""

    def __init__(self, arguments: argparse.Namespace, node_id: int) -> None:
        self._node_id = node_id
        self._heard: queue.Queue[Any] = queue.Queue(MAX_QUEUED)
        heard_on = [topics.of_node(node_id, name) for name in ("reply", "status", topics.LATE)]
        # not what is retained: how it was before we came
        self._link = broker.connect(arguments, "admin", heard_on, self._hear, lambda *_: None)

    def ask(self, action: int, document: Any, timeout_s: float) -> wire.Reply:
        """Return the node's answer. Raises Failure if there is none."""
        now_us = time.time_ns() // 1000
        payload = b"" if document is None else json.dumps(document).encode()
        command = wire.Command(
            self._node_id, secrets.randbits(32), action, now_us, now_us + VALID_US, payload
        )
        self._link.publish(topics.of_message(command), wire.encode(command), qos=1)
        reply: wire.Reply | None = self.next(
            lambda m: isinstance(m, wire.Reply) and m.command_id == command.command_id, timeout_s
        )
        if reply is None:
            raise Failure(
                f"node {self._node_id:08x} does not answer: is it on this broker?"
                " `groundswell watch --only status` shows who is"
            )
        return reply

    def next(self, is_it: Callable[[Any], bool], timeout_s: float) -> Any:
        """Return the next message of that kind, or None."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                message = self._heard.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except queue.Empty:
                return None
            if is_it(message):
                return message

    def close(self) -> None:
        self._link.stop()

    def _hear(self, topic: str, payload: bytes, received_us: int) -> None:
        try:
            message = wire.decode(payload)
            if getattr(message, "node_id", None) == self._node_id:
                self._heard.put_nowait(message)
        except (wire.WireError, queue.Full):
            pass  # nonsense is shown by `watch`; nobody sends a thousand frames in an answer


def _asked(arguments: argparse.Namespace, now_us: int) -> tuple[int, Any]:
    """Return the action and its document."""
    if arguments.action == "configure":
        return wire.ACTION_CONFIGURE, changes_of(arguments.changes) or None
    if arguments.action == "history":
        begin_us, end_us = _moment(arguments.begin, now_us), _moment(arguments.end, now_us)
        if begin_us > end_us:
            raise Failure("FROM is after TO")
        return wire.ACTION_SEND_HISTORY, {"from_us": begin_us, "to_us": end_us}
    simple = {
        "identify": wire.ACTION_IDENTIFY,
        "self-test": wire.ACTION_SELF_TEST,
        "restart": wire.ACTION_RESTART,
    }
    return simple[arguments.action], None


def _moment(text: str, now_us: int) -> int:
    if text.startswith("now"):
        seconds = text.removeprefix("now")
        try:
            return now_us + round(1e6 * float(seconds or 0))
        except ValueError:
            raise Failure(f"{text!r}: now or now-SECONDS") from None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(f"{text!r} is no time: 2026-11-25T22:58:01 or now-8") from None
    return round(1e6 * found.replace(tzinfo=found.tzinfo or UTC).timestamp())


def node_id_of(text: str) -> int:
    try:
        node_id = int(text, 16)
    except ValueError:
        node_id = -1
    if not 0 <= node_id < 1 << 32:
        raise Failure(f"{text!r} is no node: eight hexadecimal digits")
    return node_id


def _receive_history(talk: Talk, packets: int, out: Path | None) -> int:
    lines = []
    samples = 0
    for _ in range(packets):
        packet = talk.next(lambda m: isinstance(m, wire.Waveform), PACKET_PATIENCE_S)
        if packet is None:
            break
        samples += packet.sample_count
        components = codec.decode(packet.payload, packet.sample_count)
        document = {
            "start_us": packet.start_us,
            "rate_hz": packet.rate_mhz / 1000,
            "lsb_nm_s2": packet.lsb_nm_s2,
            "counts": [list(component) for component in components],
        }
        lines.append(json.dumps(document, separators=(",", ":")) + "\n")
    print(f"{len(lines)} of {packets} packets came, {samples} samples")
    if out is not None:
        out.write_text("".join(lines), encoding="utf-8")
    return 0 if len(lines) == packets else 1


def _wait(talk: Talk, boot_id: int) -> int:
    """Wait for the node's next life; say whether it is armed, and what is wrong."""

    def is_settled(m: Any) -> bool:
        is_new = isinstance(m, wire.Status) and m.boot_id != boot_id
        return is_new and m.state not in (wire.STATE_OFFLINE, wire.STATE_STARTING)

    status = talk.next(is_settled, BACK_WITHIN_S)
    if status is None:
        print("it did not come back")
        return 1
    print("; ".join([STATES[status.state], *faults.words(status.faults)]))
    is_back = status.faults & faults.SETTINGS_ROLLED_BACK
    return 0 if status.state == wire.STATE_ARMED and not is_back else 1
