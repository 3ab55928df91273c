"""`python -m gateway`: start one gateway."""

import argparse
import logging
import signal
import sys
from pathlib import Path

from gateway.bridge import Bridge
from gateway.config import Config
from link.configuration import ConfigurationError, as_toml, read


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m gateway",
        description="Pass triggers of nodes on at once and everything else in batches.",
    )
    parser.add_argument("--local", metavar="HOST:PORT", help="the nodes' broker")
    parser.add_argument("--upstream", metavar="HOST:PORT", help="the engine's broker")
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings, TOML")
    parser.add_argument(
        "--print-config", action="store_true", help="print the settings as a commented file"
    )
    arguments = parser.parse_args(argv)
    try:
        config = read(Config, arguments.config, local=arguments.local, upstream=arguments.upstream)
    except ConfigurationError as error:
        sys.stderr.write(f"gateway: {error}\n")
        return 2
    if arguments.print_config:
        sys.stdout.write(as_toml(config))
        return 0
    logging.basicConfig(level=logging.INFO, format="%(asctime)s gateway %(levelname)s %(message)s")
    bridge = Bridge(config)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: bridge.stop())
    bridge.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
