"""`groundswell certificates`: who is a broker and who is a node, in files."""

import argparse
import datetime
import re
from pathlib import Path

from failure import Failure
from system import certificates
from system.certificates import Authority

DESCRIPTION = """\
Make the certificates of a network: an authority of its own (at the first call), then what is asked
for; what is there already stays. Keep ca.key off the network: whoever has it can be any node.

  groundswell certificates DIR --broker broker.example,192.168.1.10 \\
      --client gateway-1 node-0000002a

writes ca.pem ca.key, broker.example.pem/.key (valid for both hosts), gateway-1.pem/.key and
node-0000002a.pem/.key. To a broker go its own two files and ca.pem, to a node or service likewise.
Of Mosquitto:  cafile ca.pem  certfile broker.example.pem  keyfile broker.example.key
               require_certificate true
Of nats-server:  mqtt { tls { ca_file: "ca.pem", cert_file: "broker.example.pem",
                              key_file: "broker.example.key", verify: true } }
"""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,63}")  # a common name holds 64 characters


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument(
        "--broker", action="append", default=[], metavar="HOST[,HOST...]", help="one broker"
    )
    parser.add_argument("--client", nargs="+", default=[], metavar="NAME", help="nodes, services")
    parser.add_argument(
        "--days",
        type=int,
        default=certificates.LEAF_DAYS,
        metavar="N",
        help="so long is each of them valid (default: %(default)d)",
    )


def run(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    wanted = [tuple(hosts.split(",")) for hosts in arguments.broker]
    for name in [name for hosts in wanted for name in hosts] + arguments.client:
        if not _NAME.fullmatch(name) or name == certificates.AUTHORITY:
            raise Failure(f"{name!r} is no name for a certificate")
    if not 0 < arguments.days < 36500:
        raise Failure("--days must be from 1 to 36499")
    now = datetime.datetime.now(datetime.UTC)
    if not certificates.has_authority(folder):
        Authority.found("groundswell authority", now).save(folder)
        print(f"{folder}: a new authority: keep its ca.key off the network")
    authority = Authority.load(folder)
    for name, hosts in [(hosts[0], hosts) for hosts in wanted] + [
        (name, ()) for name in arguments.client
    ]:
        if certificates.exists(folder, name):
            print(f"{folder / name}.pem is there already")
            continue
        authority.issue(folder, name, hosts, certificates.yesterday(now), arguments.days + 1)
        print(f"{folder / name}.pem and .key")
    return 0
