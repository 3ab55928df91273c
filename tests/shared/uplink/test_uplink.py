from firmware.uplink import in_flight, mqtt, outbox, uplink
from firmware.uplink.outbox import Frame
from firmware.uplink.uplink import WAITING

from fake_line import CONNACK, SECOND, all_of, go_online, make


def trigger(name="t", expires_ticks_us=None, late=None):
    return Frame(name, b"frame", outbox.TRIGGER, 1, False, expires_ticks_us, late)


def test_it_connects_subscribes_and_is_online_then():
    exchange, link = make()

    link.step(0)
    link.step(0)
    line = exchange.lines[0]
    assert line.heard == mqtt.connect("n1", uplink.KEEPALIVE_S, "n1/status", b"bye")
    line.says = CONNACK
    link.step(0)
    assert line.heard.endswith(mqtt.subscribe(1, "n1/command", 0))
    line.says = b"\x90\x03\x00\x01\x00"
    link.step(0)

    assert link.is_online and link.connects == 1 and link.may_hear


def test_nothing_is_sent_before_the_line_stands():
    exchange, link = make()
    link.publish(trigger())
    link.step(0)
    link.step(0)

    assert b"frame" not in exchange.lines[0].heard
    assert b"frame" in online_after(exchange, link).heard


def online_after(exchange, link):
    line = exchange.lines[-1]
    line.says = CONNACK
    link.step(0)
    line.says = b"\x90\x03\x00\x01\x00"
    link.step(0)
    return line


def test_a_refused_subscription_still_lets_triggers_out():
    exchange, link = make()
    link.step(0)
    link.step(0)
    exchange.lines[0].says = CONNACK
    link.step(0)
    exchange.lines[0].says = b"\x90\x03\x00\x01\x80"
    link.step(0)

    assert link.is_online and not link.may_hear


def test_a_broker_that_refuses_is_called_again_later_and_later():
    exchange, link = make()
    exchange.is_refusing = True
    calls_us = []
    for quarter in range(2000):
        before_us = link._rota.call_at_us
        link.step(quarter * SECOND // 4)
        if link._rota.call_at_us != before_us:
            calls_us.append(quarter * SECOND // 4)
    pauses_s = [(b - a) / SECOND for a, b in zip(calls_us, calls_us[1:])]

    assert pauses_s[0] <= 1 and pauses_s == sorted(pauses_s)
    assert 30 <= pauses_s[-1] <= 60 and link.trouble.find("refused") >= 0


def test_a_confirmed_trigger_is_not_sent_again():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    link.publish(trigger())
    link.step(0)
    packet_id = line.heard[5:7]
    line.says = b"\x40\x02" + packet_id
    link.step(0)
    line.is_dead = True
    line.says = b""
    link.publish(trigger("other"))
    link.step(SECOND)
    assert link.state == WAITING

    line = go_online_again(exchange, link)

    assert all_of(mqtt.Incoming(), line.heard) == [mqtt.Publish("other", b"frame", 1, False, 3)]


def go_online_again(exchange, link):
    now_us = 5 * SECOND
    link.step(now_us)
    link.step(now_us)
    line = exchange.lines[-1]
    line.says = CONNACK
    link.step(now_us)
    packet_id = line.heard[line.heard.index(b"n1/command") - 4 :][:2]
    line.heard = b""
    line.says = b"\x90\x03" + packet_id + b"\x00"
    link.step(now_us)
    return line


def test_an_unconfirmed_trigger_is_sent_again_with_dup_and_the_same_packet_id():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    link.publish(trigger())
    link.step(0)
    first = line.heard
    assert first[0] == 0x32
    line.says = b"\x00\x00"  # nonsense: hang up
    link.step(0)
    assert link.state == WAITING and link.malformed == 1 and line.is_closed

    line = go_online_again(exchange, link)

    assert line.heard == bytes((0x3A,)) + first[1:]
    assert link._in_flight.resends == 1


def test_an_unconfirmed_trigger_past_its_deadline_is_sent_again_as_late():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    link.publish(trigger(expires_ticks_us=SECOND, late=("late", b"marked")))
    link.publish(trigger(expires_ticks_us=SECOND))
    link.step(0)
    line.says = b"\x00\x00"
    link.step(0)

    line = go_online_again(exchange, link)

    (packet,) = all_of(mqtt.Incoming(), line.heard)
    assert (packet.topic, packet.payload, packet.qos) == ("late", b"marked", 1)
    assert not line.heard[0] & 8  # other bytes under a new id: no DUP
    assert link.drops == 1  # the one that has no late version


def test_a_packet_id_in_flight_is_skipped_when_they_wrap():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    link.publish(trigger())
    link.step(0)
    first = all_of(mqtt.Incoming(), line.heard)[0].packet_id
    line.heard = b""
    link._in_flight._last_id = 65535 if first == 1 else first - 1
    link.publish(trigger())
    link.step(0)

    assert all_of(mqtt.Incoming(), line.heard)[0].packet_id == first + 1


def test_unconfirmed_frames_are_bounded_and_the_rest_waits():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    for _ in range(30):
        link.publish(trigger())
    for _ in range(10):
        link.step(0)

    assert len(all_of(mqtt.Incoming(), line.heard)) == in_flight.MAX_IN_FLIGHT
    assert len(link.outbox) == 30 - in_flight.MAX_IN_FLIGHT


def test_a_slow_line_gets_every_byte_in_order():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    line.send_limit = 3
    link.publish(trigger("a"))
    link.publish(trigger("b"))
    for _ in range(30):
        link.step(0)

    assert [packet.topic for packet in all_of(mqtt.Incoming(), line.heard)] == ["a", "b"]


def test_commands_come_in_and_those_of_qos_1_are_confirmed():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    line.says = mqtt.publish("n1/command", b"do", 1, False, 5, False)

    assert link.step(0) == [("n1/command", b"do")]
    assert line.heard == mqtt.puback(5)


def test_a_retained_command_is_dropped_and_counted():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    kept = mqtt.publish("n1/command", b"restart", 1, True, 5, False)
    line.says = kept + mqtt.publish("n1/command", b"do", 0, False, 0, False)

    assert link.step(0) == [("n1/command", b"do")]
    assert link.retained == 1
    assert line.heard == mqtt.puback(5)


def test_a_quiet_line_is_pinged_and_kept_when_it_answers():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    now_us = 0
    pings = 0
    for _ in range(100):
        now_us += SECOND
        link.step(now_us)
        if line.heard == mqtt.PING:
            pings += 1
            line.heard = b""
            line.says = b"\xd0\x00"

    assert link.is_online
    assert 100 // uplink.KEEPALIVE_S <= pings <= 10  # more often than the broker asks for


def test_a_line_that_answers_no_ping_is_given_up():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    for second in range(1, 23):
        link.step(second * SECOND)

    assert link.state == WAITING and line.is_closed and link.disconnects == 1


def test_a_broker_that_never_says_connack_is_given_up():
    exchange, link = make()
    link.step(0)
    link.step(0)
    link.step(11 * SECOND)

    assert exchange.lines[0].is_closed and link.state == WAITING


def test_a_broker_that_hangs_up_is_noticed():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    line.recv = lambda count: b""
    link.step(0)

    assert link.state == WAITING


def test_a_connack_out_of_turn_is_malformed():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    line.says = CONNACK
    link.step(0)

    assert link.malformed == 1 and link.state == WAITING


def test_goodbye_sends_what_waits_and_disconnect():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    link.publish(Frame("n1/status", b"off", outbox.STATUS, 0, True, None, None))
    link.close(0)

    assert line.heard.endswith(b"off" + mqtt.DISCONNECT) and line.is_closed


def test_a_broker_that_talks_and_confirms_nothing_is_left():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    link.publish(trigger())
    for second in range(1, 60):
        line.says = b"\xd0\x00"  # PINGRESP: it lives
        link.step(second * SECOND)
        if line.is_closed:
            break

    assert line.is_closed and link.trouble == "no PUBACK"
    assert uplink.PUBACK_PATIENCE_US <= second * SECOND <= uplink.PUBACK_PATIENCE_US + 3 * SECOND
