"""`python -m aggregator`: start one engine."""

import argparse
import logging
import signal
import sys
from pathlib import Path

from aggregator.config import CATEGORIES, Config
from aggregator.engine import Engine
from aggregator.schema import SchemaError
from aggregator.site_terms import SiteTermsError, read_site_terms
from aggregator.targets import TargetsError, read_targets
from aggregator.without_vote import WithoutVoteError
from link.configuration import ConfigurationError, as_toml, read
from link.seal_keys import SealKeysError, read_seal_keys


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m aggregator",
        description="Hear the nodes through gateways, vote, publish alerts, keep the record.",
    )
    parser.add_argument("--broker", metavar="HOST:PORT", help="the broker of gateways and alerts")
    parser.add_argument("--database", metavar="FILE", help="the record; made if it is not there")
    parser.add_argument(
        "--category",
        choices=CATEGORIES,
        default=CATEGORIES[0],
        help="what alerts are (default: %(default)s); live is said here every time or not at all",
    )
    parser.add_argument("--targets", metavar="FILE", help="registered targets, TOML")
    parser.add_argument("--site-terms", metavar="FILE", help="of `groundswell site-terms`")
    parser.add_argument("--without-vote", metavar="FILE", help="nodes not believed, TOML")
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings, TOML")
    parser.add_argument(
        "--print-config", action="store_true", help="print the settings as a commented file"
    )
    arguments = parser.parse_args(argv)
    try:
        config = read(
            Config,
            arguments.config,
            broker=arguments.broker,
            database=arguments.database,
            targets=arguments.targets,
            site_terms=arguments.site_terms,
            without_vote=arguments.without_vote,
        )
    except ConfigurationError as error:
        return _refuse(error)
    if arguments.print_config:
        sys.stdout.write(as_toml(config))
        return 0
    folder = Path(config.database).absolute().parent
    if not folder.is_dir():
        return _refuse(f"there is no folder {folder} for the database")
    try:
        targets = read_targets(Path(config.targets)) if config.targets else ()
        terms = read_site_terms(Path(config.site_terms)) if config.site_terms else {}
        keys = read_seal_keys(Path(config.seal_keys)) if config.seal_keys else {}
    except (TargetsError, SiteTermsError, SealKeysError) as error:
        return _refuse(error)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s engine %(levelname)s %(message)s")
    engine = Engine(config, arguments.category, targets=targets, site_terms=terms, seal_keys=keys)
    return _run(config, engine)


def _run(config: Config, engine: Engine) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: engine.stop())
    try:
        engine.run()
    except SchemaError as error:
        return _refuse(f"{config.database}: {error}")
    except WithoutVoteError as error:
        return _refuse(error)
    return 0


def _refuse(reason: object) -> int:
    sys.stderr.write(f"aggregator: {reason}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
