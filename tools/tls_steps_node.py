"""MicroPython's half of tls_steps.py: PORT FOLDER RUNS sliced|whole; a line of JSON a run."""

import json
import sys
import time

from firmware.net.mbed_tls import Sluice
from firmware.net.security import Security
from firmware.uplink.way import Way

BUSY_US = 20  # less is a look at a socket that has nothing


def main():
    port, folder, runs, mode = sys.argv[1:5]
    if mode == "whole":
        Sluice.let_one_through = Sluice.open
    security = Security(folder + "/ca.pem", folder + "/node.pem", folder + "/node.key")
    for _ in range(int(runs)):
        print(json.dumps(steps_of(Way("127.0.0.1", int(port), None, security).open_line())))


def steps_of(line):
    """Return the durations of all steps until the first byte is through."""
    steps_us = []
    is_through = False
    while not is_through:
        before_us = time.ticks_us()
        try:
            is_through = line.send(b"hello") > 0
        except OSError as error:
            if error.errno != 11:
                raise
        took_us = time.ticks_diff(time.ticks_us(), before_us)
        if took_us > BUSY_US:
            steps_us.append(took_us)
        time.sleep_ms(1)
    line.close()
    return steps_us


if __name__ == "__main__":
    main()
