"""`groundswell`: finds the subcommand's module and runs it."""

import argparse
import importlib
import importlib.metadata
import sys
from typing import NoReturn, Protocol, cast

from failure import Failure

# One module in commands/ each. Only the one that is asked for is imported: a second start of
# `run` has five seconds, and numba alone would take one of them.
SUBCOMMANDS = {
    "run": "start the whole system on this machine: broker, nodes, gateway, engine, console",
    "node": "tell a node what to do: identify, self-test, configure, history, restart",
    "watch": "print the traffic on a broker, decoded, for people",
    "detect": "run the node's detector over recordings",
    "replay": "play recorded events through the whole chain in virtual time",
    "replay-packets": "play the packets of the OpenEEW network as they reached the cloud",
    "simulate": "write a data folder with simulated earthquakes",
    "follow-up": "say after the event which alerts were true, by a catalogue",
    "certificates": "make the certificates of a network's brokers, nodes and services",
    "flash-layout": "write the files that go on the board of a new node",
    "release": "make signing keys, and signed bundles of firmware",
    "update": "send a bundle to a node and see it confirmed or rolled back",
    "thresholds": "show what every threshold would cost, and pick one for a budget",
    "site-terms": "learn from past earthquakes what the ground under each node does",
    "score": "print how good triggers and alerts were, with intervals",
}


class Subcommand(Protocol):
    """What a module in commands/ offers: its long description, its arguments, its work."""

    DESCRIPTION: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; return the exit code. Raises Failure with one clear line."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help says how)\n")


def load(name: str) -> Subcommand:
    return cast(Subcommand, importlib.import_module("commands." + name.replace("-", "_")))


def main(argv: list[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else argv
    parser = Parser(
        prog="groundswell", description="Earthquake early warning by many cheap accelerometers."
    )
    version = importlib.metadata.version("groundswell")
    parser.add_argument("--version", action="version", version=f"groundswell {version}")
    subparsers = parser.add_subparsers(dest="subcommand", metavar="COMMAND", required=True)
    asked = next((word for word in words if word in SUBCOMMANDS), None)
    for name, line in SUBCOMMANDS.items():
        if name != asked:
            subparsers.add_parser(name, help=line)
            continue
        module = load(name)
        subparser = subparsers.add_parser(
            name,
            help=line,
            description=module.DESCRIPTION,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(subparser)
    arguments = parser.parse_args(words)
    try:
        return load(arguments.subcommand).run(arguments)
    except Failure as failure:
        print(f"groundswell {arguments.subcommand}: {failure}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `groundswell watch | head`
        return 0
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
