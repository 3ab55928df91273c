"""`python -m aggregator.console`: the live page for admins."""

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from aggregator.console.places import PlacesError, read_places
from aggregator.console.server import Settings, listening_socket, serve

DESCRIPTION = """\
The live page for admins: a map of the nodes, the current earthquake with its waves and countdowns,
the log of alerts, and whether all of this is up to date. It listens to the broker and reads the
store; it sends nothing to anybody. SIGTERM or Ctrl-C ends it.
"""


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="python -m aggregator.console",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument(
        "--broker",
        type=_address,
        default="127.0.0.1:1883",
        metavar="HOST:PORT",
        help="MQTT broker that the engine publishes to (default %(default)s)",
    )
    found.add_argument(
        "--database",
        type=Path,
        default=Path("groundswell.db"),
        metavar="FILE",
        help="the engine's store, for alerts from before the start (default %(default)s);"
        " it may appear later",
    )
    found.add_argument(
        "--bind",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="address to listen at (default %(default)s: this machine only; the page asks"
        " nobody for a password, so put a proxy that does before any other address)",
    )
    found.add_argument(
        "--port", type=_port, default=8080, help="port to listen at (default %(default)s; 0: any)"
    )
    found.add_argument(
        "--places",
        type=Path,
        metavar="FILE.toml",
        help="places to count down for: [[places]] with name, lat_deg, lon_deg",
    )
    found.add_argument(
        "--tls",
        type=_identity,
        default="",
        metavar="FOLDER/NAME",
        help="our certificate for the broker, as `groundswell certificates` writes them:"
        " FOLDER/ca.pem, NAME.pem, NAME.key (default: no TLS)",
    )
    return found


def main(argv: list[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    settings = Settings(**vars(arguments))
    for number in (signal.SIGTERM, signal.SIGINT):  # until gunicorn handles them itself
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        if settings.places is not None:
            read_places(settings.places)  # fail now, not in the worker
        listener = listening_socket(settings.bind, settings.port)
    except PlacesError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"cannot listen at {settings.bind}:{settings.port}: {os.strerror(error.errno or 0)}")
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"console: http://{shown}:{port}/\n")
    sys.stdout.flush()
    serve(settings, listener)


def _fail(line: str) -> NoReturn:
    sys.stderr.write(f"console: {line}\n")
    raise SystemExit(2)


def _identity(text: str) -> str:
    from link.tls import TlsError, context_of

    try:
        if text:  # argparse checks the default, too
            context_of(text)
    except TlsError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _address(text: str) -> str:
    from link.mqtt import AddressError, parse_address

    try:
        parse_address(text)
    except AddressError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return int(text)


if __name__ == "__main__":
    main()
