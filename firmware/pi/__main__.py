"""`python -m firmware.pi`: one node on this Raspberry Pi, until SIGTERM."""

import argparse
import signal

from firmware.main import run
from firmware.pi.board import PiBoard


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m firmware.pi",
        description="Run a node on this Raspberry Pi. Its settings are in node.json in the state"
        " folder (see INSTALL.md); commands over MQTT change them.",
    )
    parser.add_argument(
        "--state", metavar="DIR", required=True, help="the node's folder; node.json is in it"
    )
    board = PiBoard(parser.parse_args().state)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop(board))
    run(board)


def stop(board: PiBoard) -> None:
    """Let the loop end at its next rest, so that it says goodbye."""
    board.is_stopping = True


if __name__ == "__main__":
    main()
