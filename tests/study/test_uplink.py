"""How long frames are under way: the table is drawn as it stands."""

import numpy as np
import pytest

from study import uplink


def test_frames_wait_as_the_table_says():
    waits = uplink.waits_s(np.random.default_rng(1), 20_000)

    for share in (0.25, 0.5, 0.75, 0.9, 0.99):
        measured = float(np.quantile(waits, share))
        table = float(np.interp(share, uplink.SHARES, uplink.WAITS_S))
        assert measured == pytest.approx(table, rel=0.1, abs=0.005)
    assert waits.min() >= 0 and waits.max() < 1


def test_the_shortest_way_is_a_nodes_own():
    least = uplink.least_way_s(np.random.default_rng(1), 1000)

    assert uplink.LEAST_S <= least.min() < least.max() <= uplink.MOST_LEAST_S


def test_the_least_of_the_last_packets_is_what_a_wait_is_measured_from():
    delay = np.array([0.3, 0.1, 0.2, 0.15])

    assert uplink._least_so_far(delay).tolist() == [0.3, 0.1, 0.1, 0.1]
