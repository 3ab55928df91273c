"""More frames than MQTT has packet ids: who only counts up waits for ever after 65,535."""

from firmware.uplink import mqtt, outbox
from firmware.uplink.outbox import Frame

from fake_line import all_of, go_online, make

FRAMES = 70000
AT_ONCE = 10


def test_seventy_thousand_confirmed_frames_are_each_sent_once():
    exchange, link = make()
    line = go_online(exchange, link, 0)
    link.publish(Frame("t", b"never confirmed", outbox.TRIGGER, 1, False, None, None))
    link.step(0)
    (stuck,) = packets_of(line)
    expected = stuck.packet_id
    sent = 0
    for _ in range(0, FRAMES, AT_ONCE):
        for _ in range(AT_ONCE):
            link.publish(Frame("t", b"", outbox.TRIGGER, 1, False, None, None))
        link.step(0)
        link.step(0)
        heard = packets_of(line)
        assert len(heard) == AT_ONCE
        for packet in heard:
            expected = 1 if expected == 65535 else expected + 1
            expected += 1 if expected == stuck.packet_id else 0  # still in flight
            assert packet.packet_id == expected
            sent += 1
        line.says = b"".join([mqtt.puback(packet.packet_id) for packet in heard])
    link.step(0)

    assert sent == FRAMES and link.drops == 0 and link._in_flight.resends == 0
    assert len(link._in_flight) == 1 and link.is_online


def packets_of(line):
    packets = all_of(mqtt.Incoming(), line.heard)
    line.heard = b""
    return packets
