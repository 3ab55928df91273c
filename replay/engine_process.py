"""The engine of a replay in real time: the real one, which speaks of stations instead of cells.

python -m replay.engine_process HOST:PORT DATABASE SENDER AREAS.json
"""

import json
import signal
import sys
from pathlib import Path

from aggregator.config import Config
from aggregator.engine import Engine
from replay.chain import CATEGORY
from vote.ground.shaking import Area


def main(broker: str, database: str, sender: str, areas_file: str) -> None:
    areas = [Area(*fields) for fields in json.loads(Path(areas_file).read_text("utf-8"))]
    engine = Engine(Config(broker=broker, database=database, sender=sender), CATEGORY, areas)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: engine.stop())
    engine.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
