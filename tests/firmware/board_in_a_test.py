"""A board whose firmware is a line to a broker and the updater: the entry of launch.run in a test.

The folder above the running copy is its flash; `broker` there holds the port. With the first
pieces of a model in the other copy it writes `is_waiting` and stays there until its power is cut:
once, for a restart finds that file.
"""

import gc
import sys
import time

from groundswell import topics, wire
from groundswell.reporter import FIRMWARE

from firmware.state.flash import Flash
from firmware.update.trial import Trial
from firmware.update.updater import Updater, read_keys
from firmware.uplink import outbox
from firmware.uplink.outbox import Frame
from firmware.uplink.uplink import Uplink
from firmware.uplink.way import Way

NODE_ID = 42
BREATH_S = 0.002
SLICES = 8  # a device does one in a turn of its loop
IS_WAITING = "is_waiting"


def main():
    files = Flash(sys.path[0].rsplit("/", 1)[0])
    uplink = Uplink(
        "node", topics.of_node(NODE_ID, "command"), [Way("127.0.0.1", int(files.read("broker")))]
    )
    uplink.set_last_words(lambda: (topics.of_node(NODE_ID, "status"), b"gone"))
    trial = Trial(files, FIRMWARE)
    updater = Updater(files, trial.selection, "virtual", FIRMWARE, read_keys(files))
    has_waited = files.size(IS_WAITING) is not None
    while not (updater.wants_restart or trial.wants_restart):
        now_us = time.time_ns() // 1000
        for _, payload in uplink.step(now_us):
            hear(wire.decode(payload), updater, uplink, now_us)
        trial.step(now_us, uplink.is_online)
        for _ in range(SLICES):
            updater.step(now_us)
        if not has_waited and files.size("b/firmware/model.bin"):
            files.write(IS_WAITING, b"")
            while True:
                time.sleep(1)
        gc.collect()  # as the firmware's loop: what lives long must not lie between garbage
        time.sleep(BREATH_S)
    uplink.close(now_us)


def hear(message, updater, uplink, now_us):
    if isinstance(message, wire.Chunk):
        updater.take_chunk(message, now_us)
        return
    result, text = updater.begin(message.payload, now_us)
    reply = wire.Reply(NODE_ID, 1, 1, message.command_id, result, now_us, text)
    uplink.publish(
        Frame(topics.of_message(reply), wire.encode(reply), outbox.STATUS, 0, False, None, None)
    )
