"""What is remembered of the answers to commands."""

from firmware.health import Health
from firmware.orders.orders import MAX_ANSWER_BYTES, MAX_OLD_BYTES, Orders
from groundswell import clock, wire
from groundswell.reporter import Identity

UTC = 1770000000000000


def test_of_old_answers_only_the_beginning_is_kept():
    def talk(payload, now_us):
        return wire.RESULT_DONE, b"x" * MAX_ANSWER_BYTES

    who = Identity(42, 7, 0, 0, 0, wire.SENSOR_SIMULATED)
    orders = Orders(who, clock.fixed(UTC, 1000), lambda: 1, {9: talk}, Health())
    sizes = []
    for command_id in (1, 1, 2, 1, 2):
        command = wire.Command(42, command_id, 9, UTC, UTC + 1000000, b"")
        sizes.append(len(orders.obey(command, 0).payload))

    assert sizes == [MAX_ANSWER_BYTES] * 3 + [MAX_OLD_BYTES, MAX_ANSWER_BYTES]
