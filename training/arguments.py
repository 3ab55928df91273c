"""Numbers on a command line that must be counts."""

import argparse


def at_least_one(text: str) -> int:
    """Return a whole number. Raises ArgumentTypeError for one below 1, and for what is none."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least 1")
    return number
