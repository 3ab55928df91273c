"""`python -m firmware.pi`: one node on this Raspberry Pi, until SIGTERM."""

import argparse
import signal

from firmware.main import run
from firmware.pi import inference
from firmware.pi.board import PiBoard
from groundswell import trained


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
    choose_inference(board)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop(board))
    run(board)


def choose_inference(board: PiBoard) -> None:
    """Let the quickest that is here run the network; the bytes are the same."""
    try:
        judge = trained.judge()
        model, who = inference.quickest(trained.MODEL)
    except ValueError:
        return  # the start finds it too, and tells
    judge.model = model  # type: ignore[assignment]  # of the same use
    board.log(f"the network is run by {who}")


def stop(board: PiBoard) -> None:
    """Let the loop end at its next rest, so that it says goodbye."""
    board.is_stopping = True


if __name__ == "__main__":
    main()
