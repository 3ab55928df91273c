"""What of the replay in real time needs no clock: its guard and its two shifts of time."""

import pytest
from groundswell import wire

from failure import Failure
from replay.realtime import check_broker, moved_back, moved_on

SHIFT_US = 1_000_000_000


def is_allowed(address: str) -> bool:
    try:
        check_broker(address)
    except Failure:
        return False
    return True


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("[::1]", True),
        ("10.0.0.1", False),
        ("broker.example.org", False),
        ("localhost.example.org", False),
    ],
)
def test_live_alerts_of_a_replay_go_to_a_broker_of_this_machine_only(
    host: str, is_here: bool
) -> None:
    assert is_allowed(f"{host}:1883") == is_here


@pytest.mark.parametrize("address", ["127.0.0.1", ""])
def test_an_address_without_a_port_is_refused(address: str) -> None:
    assert not is_allowed(address)


def test_all_times_of_a_message_move_and_nothing_else() -> None:
    shaking = wire.Shaking(7, 1, 3, 0, 5_000_000, 10_000, 11, 12)
    trigger = wire.Trigger(7, 1, 4, 0, 0, 0, 100, 200, 300, 10_000, 900, 5000, 1, 2, 3, 4)

    assert moved_on(shaking, SHIFT_US) == shaking._replace(end_us=5_000_000 + SHIFT_US)
    assert moved_on(trigger, SHIFT_US) == trigger._replace(
        onset_us=100 + SHIFT_US, sample_us=200 + SHIFT_US, sent_us=300 + SHIFT_US
    )


def test_an_alert_moves_back_to_the_recordings_time() -> None:
    alert = {
        "issued_us": SHIFT_US + 3, "expires_us": SHIFT_US + 4, "origin_us": SHIFT_US + 1,
        "magnitude": 5.0, "areas": [{"id": "a", "s_arrival_us": SHIFT_US + 9}],
    }  # fmt: skip

    assert moved_back(alert, SHIFT_US) == {
        "issued_us": 3, "expires_us": 4, "origin_us": 1, "magnitude": 5.0,
        "areas": [{"id": "a", "s_arrival_us": 9}],
    }  # fmt: skip
