"""Between a link's thread and its owner: urgent first, bounded, counted."""

import threading

from link import inbox as module
from link.inbox import Inbox
from link.pace import Pace


def test_what_is_urgent_comes_first_and_each_kind_in_its_order():
    inbox = Inbox(100)
    for item in (1, 2, -1, 3, -2):
        inbox.put(item, 1, is_urgent=item < 0)

    assert [inbox.take(0) for _ in range(6)] == [-1, -2, 1, 2, 3, None]


def test_a_flood_pushes_out_its_own_oldest_and_nothing_urgent():
    inbox = Inbox(10)
    inbox.put(-1, 1, is_urgent=True)

    for item in range(1000):
        inbox.put(item, 1, is_urgent=False)

    assert inbox.drops == 990
    assert [inbox.take(0) for _ in range(11)] == [-1, *range(990, 1000)]


def test_megabytes_count_as_well_as_messages():
    inbox = Inbox(1000)

    for item in range(100):
        inbox.put(item, module.MAX_BYTES // 10, is_urgent=False)

    assert len(inbox) == 10
    assert inbox.drops == 90


def test_taking_waits_for_what_another_thread_puts():
    inbox = Inbox(10)
    taken = []
    taker = threading.Thread(target=lambda: taken.append(inbox.take(10)))
    taker.start()

    inbox.put("late", 1, is_urgent=False)
    taker.join(10)

    assert taken == ["late"]


def test_a_pace_is_due_at_first_and_then_once_a_period():
    pace = Pace(5.0)

    due = [second for second in range(100, 120) if pace.is_due(second)]

    assert due == [100, 105, 110, 115]


def test_a_clock_that_is_set_back_stops_no_pace():
    pace = Pace(5.0)
    assert pace.is_due(10_000)

    assert [second for second in range(6400, 6412) if pace.is_due(second)] == [6400, 6405, 6410]
