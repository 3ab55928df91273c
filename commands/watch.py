"""`groundswell watch`: what is said on a broker, decoded, one line a message."""

import argparse
import json
from collections import OrderedDict

from groundswell import topics
from rich.console import Console
from rich.text import Text

from commands import broker, traffic
from commands.traffic import KINDS, Said
from failure import Failure
from link.inbox import Inbox
from link.mqtt import MqttLink

DESCRIPTION = """\
Print what is said on a broker, decoded, one line a message: what nodes say, what gateways carry
(a node's message is shown once, with the gateway's batch only if it was not heard directly),
alerts and heartbeats. Malformed messages are shown as such. Ctrl-C ends it.

  groundswell watch
  groundswell watch --only alert,trigger --broker gateway.local:1883
  groundswell watch --json | jq 'select(.kind == "alert")'
"""
MAX_QUEUED = 10_000
MAX_REMEMBERED = 10_000  # node frames heard directly, so that their batch need not repeat them
_PATIENCE_S = 0.5

Arrival = tuple[str, bytes, int]  # topic, payload, received_us
_STYLES = {
    "trigger": "yellow",
    "shaking": "cyan",
    "status": "green",
    "waveform": "blue",
    "reply": "magenta",
    "command": "magenta",
    "chunk": "magenta",
    "batch": "bright_black",
    "alert": "bold red",
    "heartbeat": "bright_black",
    "view": "bright_black",
    "malformed": "red reverse",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    broker.add_arguments(parser)
    parser.add_argument(
        "--only",
        metavar="KIND,...",
        help=f"of {', '.join(KINDS)} (default: all but view, which comes every second)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line, for machines")
    parser.add_argument("--count", type=int, metavar="N", help="end after N lines")


def run(arguments: argparse.Namespace) -> int:
    if arguments.count is not None and arguments.count < 1:
        raise Failure(f"--count {arguments.count}: must be at least 1")
    wanted = _wanted(arguments.only)
    inbox: Inbox[Arrival] = Inbox(MAX_QUEUED)
    link = broker.connect(
        arguments,
        "watch",
        [topics.ROOT + "/#"],
        lambda *heard: inbox.put(heard, len(heard[1]), False),
    )
    try:
        _print_all(inbox, link, Screen(wanted, arguments.json, arguments.count))
    finally:
        link.stop()
    return 0


def _wanted(only: str | None) -> set[str]:
    if only is None:
        return set(KINDS) - {"view"}
    wanted = {kind.strip() for kind in only.split(",")}
    unknown = wanted - set(KINDS)
    if unknown:
        raise Failure(f"--only {', '.join(sorted(unknown))}: known are {', '.join(KINDS)}")
    return wanted


def _print_all(inbox: Inbox[Arrival], link: MqttLink, screen: "Screen") -> None:
    drops = 0
    was_connected = True
    while not screen.is_full:
        link.raise_failure()
        if inbox.drops > drops:
            screen.remark(f"{inbox.drops - drops} messages not shown")
            drops = inbox.drops
        if link.is_connected != was_connected:
            was_connected = link.is_connected
            screen.remark("broker is back" if was_connected else "broker is away")
        arrival = inbox.take(_PATIENCE_S)
        if arrival is not None:
            screen.show(*arrival)


class Screen:
    """Prints what is wanted, for people or for machines, up to a number of lines."""

    def __init__(self, wanted: set[str], is_json: bool, count: int | None) -> None:
        self._wanted = wanted
        self._is_json = is_json
        self._left = count
        self._known = _Known()
        self._console = Console(highlight=False, soft_wrap=True)
        self._errors = Console(stderr=True, highlight=False)

    @property
    def is_full(self) -> bool:
        return self._left == 0

    def remark(self, text: str) -> None:
        self._errors.print(Text(text, "red"))

    def show(self, topic: str, payload: bytes, received_us: int) -> None:
        is_gateway = topic.startswith(topics.ROOT + "/gateway/")
        for said in traffic.open_message(topic, payload, received_us):
            is_inside = is_gateway and said.identity is not None
            # a machine gets the frames as part of their batch
            is_repeated = is_inside and (self._is_json or self._known.has(said))
            self._known.add(said)
            if said.kind in self._wanted and not is_repeated and not self.is_full:
                self._print(said, topic, received_us)

    def _print(self, said: Said, topic: str, received_us: int) -> None:
        if self._is_json:
            document = {"received_us": received_us, "kind": said.kind, "topic": topic}
            print(json.dumps(document | said.fields), flush=True)
        else:
            self._console.print(_line(said, received_us))
        if self._left is not None:
            self._left -= 1


def _line(said: Said, received_us: int) -> Text:
    return Text.assemble(
        (traffic.clock(received_us), "bright_black"),
        f"  {traffic.printable(said.source)[:40]:17} ",
        (f"{said.kind:9} ", _STYLES[said.kind]),
        traffic.printable(said.text)[:1000],
    )


class _Known:
    """Remembers MAX_REMEMBERED node frames; forgets the oldest."""

    def __init__(self) -> None:
        self._identities: OrderedDict[tuple[int, int, int], None] = OrderedDict()

    def has(self, said: Said) -> bool:
        return said.identity in self._identities

    def add(self, said: Said) -> None:
        if said.identity is not None:
            self._identities[said.identity] = None
            if len(self._identities) > MAX_REMEMBERED:
                self._identities.popitem(last=False)
