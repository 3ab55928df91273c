"""A node that lives through one record, block by block, in virtual time."""

from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from groundswell import clock, reporter, wire

from replay.records import Record, Unusable
from replay.sensors import sensor_with

STATUS_EVERY_US = 30_000_000
LEAST_RATE_MHZ, MOST_RATE_MHZ = 25_000, 500_000  # what the node's filters are made for


def messages_of(
    record: Record, counts: npt.NDArray[np.int32], lsb_nm_s2: int, judge: Any = None
) -> Iterator[Any]:
    """Yield what a node with these counts publishes, from a cold start to the end of the record.

    counts: (3 * n,), interleaved. A Status comes first, then every 30 s, and one with
    STATE_OFFLINE last. judge: another than the node's own. Raises Unusable where no node could
    run at the record's rate.
    """
    rate_mhz = record.rate_mhz
    if not LEAST_RATE_MHZ <= rate_mhz <= MOST_RATE_MHZ:
        raise Unusable(f"{record.rate_hz:g} Hz is outside 25..500 Hz")
    # ticks are Unix time here
    node = reporter.Reporter(
        identity_of(record, lsb_nm_s2),
        rate_mhz,
        lsb_nm_s2,
        clock.fixed(0, record.clock_error_us),
        sends_waveforms=False,
        judge=judge,
    )
    now_us = record.start_us
    yield node.status(now_us)
    said, status_due_us = node.state, now_us + STATUS_EVERY_US
    samples = array("i", counts.tobytes())
    total = len(samples) // 3
    for first in range(0, total, node.block_samples):
        end = min(first + node.block_samples, total)
        now_us = record.start_us + (end - 1) * 1_000_000_000 // rate_mhz
        yield from node.add_block(samples[3 * first : 3 * end], end - first, now_us)
        if now_us >= status_due_us or node.state != said:
            yield node.status(now_us)
            said, status_due_us = node.state, now_us + STATUS_EVERY_US
    yield node.status(now_us)._replace(state=wire.STATE_OFFLINE)  # its last will


def identity_of(record: Record, lsb_nm_s2: int) -> Any:
    return reporter.Identity(
        node_id=record.node_id,
        boot_id=1,
        lat_udeg=round(record.lat_deg * 1e6) if record.has_place else 0,
        lon_udeg=round(record.lon_deg * 1e6) if record.has_place else 0,
        elevation_m=max(-1000, min(10000, round(record.elevation_m))),
        sensor=sensor_with(lsb_nm_s2),
    )
