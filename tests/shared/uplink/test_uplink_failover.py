"""Several brokers, and lines that do not last."""

from firmware.uplink import mqtt, outbox, rota, uplink
from firmware.uplink.outbox import Frame
from firmware.uplink.uplink import WAITING, Uplink

from fake_line import CONNACK, SECOND, Exchange, go_online

MINUTE = 60 * SECOND


def two_brokers():
    first, second = Exchange(), Exchange()
    link = Uplink("n1", "n1/command", [first, second], lambda bits: 1 << (bits - 1))
    link.set_last_words(lambda: ("n1/status", b"bye"))
    return first, second, link


def serve(exchange, line):
    """Be a broker: answer what came on a line since the last time."""
    exchange.heard = getattr(exchange, "heard", b"") + line.heard
    heard, line.heard = line.heard, b""
    while heard:
        kind, length = heard[0] & 0xF0, heard[1] & 127
        at = 2
        if heard[1] & 128:
            length |= heard[2] << 7
            at = 3
        body, heard = heard[at : at + length], heard[at + length :]
        if kind == 0x10:
            line.says += CONNACK
        elif kind == 0x80:
            line.says += b"\x90\x03" + body[:2] + b"\x00"
        elif kind == 0xC0:
            line.says += b"\xd0\x00"
        elif kind == 0x30 and length > 7:
            topic_bytes = body[1]
            line.says += mqtt.puback(body[2 + topic_bytes] << 8 | body[3 + topic_bytes])


def run(link, brokers, start_us, seconds):
    """Step four times a second beside brokers that answer; return the time after."""
    now_us = start_us
    while now_us < start_us + seconds * SECOND:
        link.step(now_us)
        for broker in brokers:
            if broker.lines and not broker.lines[-1].is_closed:
                serve(broker, broker.lines[-1])
        now_us += SECOND // 4
    return now_us


def trigger(now_us=None):
    expires = None if now_us is None else now_us + 10 * SECOND
    return Frame("t", b"fresh", outbox.TRIGGER, 1, False, expires, ("late", b"late"))


def test_a_broker_that_refuses_is_passed_over():
    first, second, link = two_brokers()
    first.is_refusing = True
    run(link, [second], 0, 3)

    assert link.is_online and link.broker == 1


def test_a_broker_that_does_not_answer_is_passed_over_too():
    first, second, link = two_brokers()
    run(link, [second], 0, 13)

    assert link.is_online and link.broker == 1 and first.lines[0].is_closed


def test_an_unconfirmed_trigger_goes_to_the_next_broker():
    first, second, link = two_brokers()
    go_online(first, link, 0)
    link.publish(trigger())
    link.step(0)
    first.lines[0].is_dead = first.is_refusing = True
    run(link, [second], SECOND, 13)

    assert link.is_online and link.broker == 1
    assert b"fresh" in second.heard and link._in_flight.resends == 1


def test_it_goes_back_to_the_preferred_broker_when_that_answers_and_says_goodbye_here():
    first, second, link = two_brokers()
    first.is_refusing = True
    now_us = run(link, [second], 0, 660)
    assert link.broker == 1 and first.probes == 1  # looked for, not there
    first.is_refusing = False
    now_us = run(link, [first, second], now_us, 660)

    assert link.is_online and link.broker == 0 and first.probes == 2
    assert second.lines[0].is_closed and second.lines[0].heard.endswith(mqtt.DISCONNECT)
    run(link, [first], now_us, 3600)
    assert first.probes == 2 and link.disconnects == 1


def test_it_does_not_leave_a_broker_while_a_trigger_is_fresh():
    first, second, link = two_brokers()
    first.is_refusing = True
    now_us = run(link, [second], 0, 5)
    first.is_refusing = False
    for _ in range(40):
        link.publish(trigger())
        now_us = run(link, [second], now_us, 30)
    assert link.broker == 1 and first.probes == 0
    run(link, [first, second], now_us, 120)

    assert link.broker == 0


def test_a_probe_without_an_answer_is_given_up():
    first, second, link = two_brokers()
    first.is_refusing = True
    now_us = run(link, [second], 0, 5)
    first.is_refusing, first.is_silent = False, True
    run(link, [second], now_us, 3600)

    assert link.is_online and link.broker == 1 and 4 <= first.probes <= 10


def test_ten_minutes_without_any_broker_lose_no_late_trigger_and_no_time():
    exchange, other, link = two_brokers()
    now_us = run(link, [exchange], 0, 5)
    assert link.is_online
    exchange.lines[-1].is_dead = True
    exchange.is_refusing = other.is_refusing = True
    for _ in range(10):  # one detection a minute
        link.publish(trigger(now_us))
        now_us = run(link, [], now_us, 60)
    exchange.is_refusing = False
    exchange.heard = b""
    link.publish(trigger(now_us + 60 * SECOND))
    back_us = now_us
    while not link.is_online:
        now_us = run(link, [exchange], now_us, 1)
    run(link, [exchange], now_us, 2)

    assert now_us - back_us <= rota.BACKOFF_LONGEST_US
    assert exchange.heard.count(b"late") == 20  # topic and payload of each
    assert exchange.heard.index(b"fresh") < exchange.heard.index(b"late")
    assert exchange.heard.count(b"fresh") == 1 and link.drops == 0


def test_a_line_that_flaps_is_not_called_every_second():
    exchange, other, link = two_brokers()
    other.is_refusing = True
    now_us = 0
    for _ in range(900):
        now_us = run(link, [exchange], now_us, 1)
        if link.is_online:
            exchange.lines[-1].is_dead = True
            link.publish(trigger())
    calls = len(exchange.lines)

    assert 12 <= calls <= 45  # in a quarter of an hour; a call a second would be 900
    now_us = run(link, [exchange], now_us, 120)
    assert link.is_online and len(link._in_flight) == 0


def test_a_half_open_line_is_noticed_by_its_silence():
    exchange, other, link = two_brokers()
    other.is_refusing = True
    now_us = run(link, [exchange], 0, 5)
    start_us = now_us
    while link.is_online:  # what we send goes nowhere, and nobody says so
        now_us = run(link, [], now_us, 1)

    assert now_us - start_us <= (uplink.KEEPALIVE_S * SECOND) // 2 + uplink.PATIENCE_US + SECOND
    run(link, [exchange], now_us, 5)
    assert link.is_online


def test_garbage_from_a_broker_never_gets_further_than_the_border():
    exchange, other, link = two_brokers()
    other.is_refusing = True
    now_us = 0
    for first_byte in range(0, 256, 15):
        while not link.is_online:
            now_us = run(link, [exchange], now_us, 1)
        exchange.lines[-1].says = bytes((first_byte, 3)) + b"\x00\x01\xff" + bytes(5)
        received = link.step(now_us)
        assert received == [] or received == [("\xff", b"")] or received[0][0] == ""
    now_us = run(link, [exchange], now_us, 200)

    assert link.malformed > 12 and link.is_online


def test_only_a_line_that_came_to_be_online_led_to_the_broker():
    exchange, other, link = two_brokers()
    link.step(0)
    link.step(0)
    line = exchange.lines[-1]
    line.says = CONNACK
    link.step(0)
    assert not line.is_proved
    line.says = b"HTTP/1.1 400 Bad Request, and a page of words" * 2
    link.step(0)
    assert line.is_closed and not line.is_proved

    run(link, [other], 0, 5)
    assert link.is_online and other.lines[-1].is_proved


def test_a_flood_is_heard_a_message_at_a_time():
    exchange, _, link = two_brokers()
    now_us = run(link, [exchange], 0, 5)
    line = exchange.lines[-1]
    line.says = b"".join(
        [mqtt.publish("c", bytes((number,)) * 100, 0, False, 0, False) for number in range(200)]
    )
    most = len(line.says)
    for number in range(200):  # what one asks for may take a second
        assert link.step(now_us) == [("c", bytes((number,)) * 100)]
        heard = 105 * (number + 1)
        assert len(line.says) >= most - heard - 255  # and hardly more is held here
    assert link.step(now_us) == [] and link.is_online


def test_a_flood_of_small_packets_is_read_a_piece_at_a_time():
    exchange, _, link = two_brokers()
    now_us = run(link, [exchange], 0, 5)
    line = exchange.lines[-1]
    line.says = mqtt.publish("c", b"", 0, True, 0, False) * 1000 + b"\xd0\x00" * 1000
    steps = 0
    while line.says:
        link.step(now_us)
        steps += 1

    assert 2000 // 16 - 8 <= steps <= 2000 // 16 + 1 and link.is_online
    assert link.retained > 900


def test_a_broker_that_takes_nothing_is_left_however_much_it_says():
    exchange, other, link = two_brokers()
    other.is_refusing = True
    now_us = run(link, [exchange], 0, 5)
    line = exchange.lines[-1]
    line.send_limit = 0
    number = 0
    while link.is_online and number < 4000:
        number += 1
        line.says += mqtt.publish("c", b"", 1, False, number, False) * 16
        link.step(now_us)
        assert len(link._unsent) <= uplink._MOST_UNSENT_B + 64
        now_us += SECOND // 32

    assert number / 32 <= 2 * uplink.PUBACK_PATIENCE_US / SECOND
    assert link.trouble == "nothing goes out"


def test_a_memory_too_full_for_a_line_is_survived_and_counted():
    exchange, other, link = two_brokers()
    other.is_refusing = True

    def full():
        raise MemoryError

    exchange.open_line, working = full, exchange.open_line
    now_us = run(link, [], 0, 30)
    assert link.state == WAITING and link.out_of_memory > 2
    exchange.open_line = working
    run(link, [exchange], now_us, 60)

    assert link.is_online


def test_a_memory_too_full_to_look_for_a_better_broker_costs_no_line():
    first, second, link = two_brokers()
    first.is_refusing = True
    now_us = run(link, [second], 0, 5)
    tries = []

    def full():
        tries.append(1)
        raise MemoryError

    first.probe, working = full, first.probe
    now_us = run(link, [second], now_us, 660)
    assert tries and link.is_online and link.broker == 1 and len(second.lines) == 1
    first.probe, first.is_refusing = working, False
    run(link, [first, second], now_us, 660)

    assert link.is_online and link.broker == 0
