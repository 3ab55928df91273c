"""An engine that starts again goes on with the earthquakes that it had told of.

Their last alerts say where and how large they are, the triggers on record what they rest on. Pure:
the record's messages and now in, a decider changed. What was told is never told anew, nor taken
back for what got lost while nobody listened.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from groundswell import wire

from vote.alert import Alert
from vote.decision import Decider
from vote.running.event import Event
from vote.search.ellipse import Ellipse
from vote.waves.magnitude import Size

# Before it is looked at again: a node says how its detection goes on 0.5, 1, 2, 3, 4 s after it
# (firmware/groundswell/reporter.py), so what was lost meanwhile is made good by then.
SETTLES_US = 2_000_000
MOMENT_US = 4_000_000  # a supervisor starts an engine again in 2 s


class Said(NamedTuple):
    """A node's trigger and what the engine knew of its way."""

    received_us: int
    trigger: wire.Trigger
    is_late: bool


def resume(
    decider: Decider, told: Sequence[Sequence[Alert]], said: Sequence[Said], now_us: int
) -> None:
    """Let a decider that knows its nodes know what runs, and hear again what was said.

    told: of each earthquake of the last minutes all alerts. said: earliest first.

    After a moment's absence silence counts for as long as the nodes are up. After a longer one
    nobody knows who spoke meanwhile: then it counts from now on, and what was heard before may
    confirm and start nothing."""
    fleet = decider.fleet
    heard_us = max([0, *fleet.heard_us.tolist(), *(one.received_us for one in said[-1:])])
    was_long = now_us - heard_us > MOMENT_US
    for node in fleet.by_index:
        up_since_us = node.heard_us - 1_000_000 * node.status.uptime_s
        fleet.count_silence(node, now_us if was_long else up_since_us)
    decider.known.events += [event_of(alerts, now_us) for alerts in told]
    for event in decider.known.events:
        decider.known.part(event)
    learnt = fleet.learnt(now_us)  # all these triggers are counted in it
    for received_us, trigger, is_late in said:
        speaker = fleet.get(trigger.node_id)
        if (
            speaker is not None
        ):  # a last will, which says nothing of a clock, may be all that is left
            speaker.clock_is_known = True
        decider.hear(trigger, received_us, is_late or was_long)
    for pick in decider.picks.recent():  # also those that are too old for anything new
        for event in decider.known.events:
            if not event.is_over and event.arrivals.may_include(pick):
                event.relate(pick)
    decider.picks.expire(now_us)
    decider.waiting.begin(decider.picks.recent())
    fleet.restore(learnt)


def event_of(alerts: Sequence[Alert], now_us: int) -> Event:
    """Return the earthquake as its last alert has it, told by now at the latest."""
    last = replace(alerts[-1], issued_us=min(alerts[-1].issued_us, now_us))
    likelihood = min(max(last.likelihood, 1e-4), 1 - 1e-4)
    ln_odds = math.log(likelihood / (1 - likelihood))
    return Event(
        last.event_id, min(alerts[0].issued_us, now_us), last.lat_deg, last.lon_deg, last.depth_km,
        last.origin_us, last.location_sigma_km, last.origin_sigma_s, _ellipse_of(last),
        ln_odds, {}, [], Size(last.magnitude, last.magnitude_sigma),
        nodes_live_nearby=last.nodes_live_nearby, last=last, version=last.version,
        looked_us=now_us + SETTLES_US, is_over=last.type in ("cancel", "final"), is_bare=True,
    )  # fmt: skip


def _ellipse_of(alert: Alert) -> Ellipse:
    if alert.ellipse_major_km is None or alert.ellipse_minor_km is None:
        return Ellipse(alert.location_sigma_km, alert.location_sigma_km, 0.0)
    azimuth_deg = alert.ellipse_azimuth_deg or 0.0
    return Ellipse(alert.ellipse_major_km, alert.ellipse_minor_km, azimuth_deg)
