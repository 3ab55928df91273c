import dataclasses

import numpy as np
import pytest
from groundswell import wire

from replay.node import messages_of
from replay.records import Unusable
from replay.sensors import counts_of
from tests.replay.a_record import RECORD

pytestmark = pytest.mark.usefixtures("compiled")


def said(record=RECORD, seconds=70):
    acc_mps2 = np.random.default_rng(1).normal(0, 1e-3, (3, int(seconds * record.rate_hz)))
    return list(messages_of(record, *counts_of(record, acc_mps2, "adxl355", 0)))


def test_a_status_comes_first_when_armed_and_every_thirty_seconds_and_the_last_is_offline():
    messages = said()

    states = [m.state for m in messages if isinstance(m, wire.Status)]
    times_us = [m.sent_us - RECORD.start_us for m in messages if isinstance(m, wire.Status)]
    assert states == [wire.STATE_STARTING, *[wire.STATE_ARMED] * 3, wire.STATE_OFFLINE]
    assert [round(t / 1e6) for t in times_us] == [0, 5, 35, 65, 70]


def test_a_node_is_the_record_and_stands_where_it_stood():
    first = said()[0]

    assert first.node_id == RECORD.node_id
    assert (first.lat_udeg, first.lon_udeg) == (17_000_000, -100_000_000)
    assert first.sensor == wire.SENSOR_ADXL355


def test_a_record_without_a_time_is_not_synchronised():
    record = dataclasses.replace(RECORD, clock_error_us=3_600_000_000)

    assert all(m.flags & wire.FLAG_UNSYNCHRONISED for m in said(record))


def test_a_rate_that_is_no_whole_number_keeps_the_time():
    record = dataclasses.replace(RECORD, rate_hz=332.972)

    last = said(record)[-1]

    assert (last.sent_us - record.start_us) / 1e6 == pytest.approx(70, abs=0.01)


@pytest.mark.parametrize("rate_hz", [24.9, 501.0])
def test_a_rate_that_no_node_has_is_refused(rate_hz):
    with pytest.raises(Unusable):
        said(dataclasses.replace(RECORD, rate_hz=rate_hz))
