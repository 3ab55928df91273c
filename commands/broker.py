"""`--broker` and `--tls`: how commands get to a broker."""

import argparse
import os
from collections.abc import Sequence

from failure import Failure
from link.mqtt import AddressError, MqttLink, OnMessage
from link.tls import TlsError

ANSWERS_WITHIN_S = 3.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--broker", default="127.0.0.1:1883", metavar="HOST:PORT", help="default: %(default)s"
    )
    parser.add_argument(
        "--tls",
        default="",
        metavar="FOLDER/NAME",
        help="a certificate for the broker, as `groundswell certificates` writes them:"
        " FOLDER/ca.pem, NAME.pem, NAME.key (default: no TLS)",
    )


def connect(
    arguments: argparse.Namespace,
    name: str,
    subscriptions: Sequence[str],
    hear: OnMessage,
    hear_retained: OnMessage | None = None,
) -> MqttLink:
    """Return a link that is ready; whoever calls stops it. Raises Failure.

    hear_retained: instead of hear for what the broker had kept from before."""
    # drawn: two of the same command must not throw each other off the broker
    client_id = f"{name}-{os.getpid()}-{os.urandom(3).hex()}"
    try:
        link = MqttLink(
            arguments.broker,
            client_id,
            subscriptions,
            hear,
            on_retained=hear_retained,
            tls=arguments.tls,
        )
    except (AddressError, TlsError) as error:
        raise Failure(str(error)) from error
    link.start()
    if not link.wait_until_ready(ANSWERS_WITHIN_S):
        link.stop()
        raise Failure(
            f"no broker answers at {arguments.broker}; `groundswell run` starts one,"
            " --broker HOST:PORT names another"
        )
    return link
