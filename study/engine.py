"""The real vote in virtual time: frames decoded as they come, alerts out.

What gateway and engine add on the way are the constants of replay/chain.py; batches wait there for
company, so what is no trigger comes up to a quarter of a second later.
"""

from collections.abc import Sequence

from groundswell import wire

from gateway.batch import MAX_AGE_US
from replay.chain import ENGINE_PROCESSING_US, GATEWAY_PROCESSING_US, TICK_US
from study.node_messages import Letter
from vote.alert import Alert
from vote.decision import Decider

WAITS_FOR_FINAL_US = 50_000_000  # an estimate stays open for 40 s
BACKLOG_US = (
    3_000_000  # triggers that came at once wait their turn; afterwards time decides nothing
)


def judged(decider: Decider, letters: Sequence[Letter]) -> list[Alert]:
    """Let a decider hear everything; return its alerts."""
    due = sorted(
        ((_heard_us(letter), letter.frame, letter.is_prompt) for letter in letters),
        key=lambda entry: entry[0],
    )
    alerts: list[Alert] = []
    tick_us = busy_until_us = due[0][0]
    for now_us, frame, is_prompt in due:
        while tick_us < now_us:
            if decider.known.events or tick_us < busy_until_us:
                alerts += decider.tick(tick_us)
            tick_us += TICK_US
        decider.hear(wire.decode(frame), now_us - ENGINE_PROCESSING_US)
        if is_prompt:
            alerts += decider.tick(now_us)
            busy_until_us = now_us + BACKLOG_US
    end_us = due[-1][0] + WAITS_FOR_FINAL_US
    while tick_us < end_us and any(not event.is_over for event in decider.known.events):
        alerts += decider.tick(tick_us)
        tick_us += TICK_US
    return alerts


def _heard_us(letter: Letter) -> int:
    wait_us = 0 if letter.is_prompt else MAX_AGE_US
    return letter.received_us + wait_us + GATEWAY_PROCESSING_US + ENGINE_PROCESSING_US
