"""A clock that is set back leaves what the engine noted in the future. There it must not stay.

Else a node whose status came "an hour from now" is not heard for that hour, a running earthquake
is not looked at again and never ends. Only times by the engine's own clock are mended: onsets,
origins and peaks are by the clocks of nodes. One that is set forward needs nothing: time passes.
"""

from dataclasses import replace

import numpy as np

from vote.nodes.fleet import Fleet
from vote.nodes.picks import Picks
from vote.running.event import Event
from vote.running.known import Known


def set_back(fleet: Fleet, picks: Picks, known: Known, by_us: int, now_us: int) -> None:
    """Let everything that was noted later than now have its age: the clock goes by_us less."""
    for times_us in (fleet.heard_us, fleet.armed_since_us):
        times_us[:] = np.where(times_us > now_us, times_us - by_us, times_us)
    for node in fleet.by_index:
        node.heard_us = int(fleet.heard_us[node.index])
        node.told_since_us = _aged(node.told_since_us, by_us, now_us)
    for pick in picks.recent():
        pick.received_us = _aged(pick.received_us, by_us, now_us)
    for event in known.events:
        _set_back_event(event, by_us, now_us)


def _set_back_event(event: Event, by_us: int, now_us: int) -> None:
    event.declared_us = _aged(event.declared_us, by_us, now_us)
    event.looked_us = _aged(event.looked_us, by_us, now_us)
    event.located_us = _aged(event.located_us, by_us, now_us)
    if event.last is not None:
        issued_us = _aged(event.last.issued_us, by_us, now_us)
        event.last = replace(event.last, issued_us=issued_us)


def _aged(at_us: int, by_us: int, now_us: int) -> int:
    return at_us - by_us if at_us > now_us else at_us
