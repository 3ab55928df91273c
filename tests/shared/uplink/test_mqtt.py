from firmware.uplink import mqtt

from fake_line import all_of


def refuses(received):
    try:
        all_of(mqtt.Incoming(), received)
    except mqtt.MqttError:
        return True
    return False


# Golden bytes, worked out by hand from OASIS MQTT 3.1.1, the sections named.
CONNECT = bytes.fromhex(
    "10180004 4d515454 04 2e 0014 0002 6e31 0003 612f62 0003 627965".replace(" ", "")
)


def test_connect_is_3_1_to_the_byte():
    assert mqtt.connect("n1", 20, "a/b", b"bye") == CONNECT


def test_publish_of_qos_0_has_no_packet_id():
    assert mqtt.publish("a/b", b"hi", 0, False, 7, False) == b"\x30\x07\x00\x03a/bhi"


def test_publish_of_qos_1_retained_and_again_has_all_flags():
    assert mqtt.publish("a/b", b"hi", 1, True, 258, True) == b"\x3b\x09\x00\x03a/b\x01\x02hi"


def test_dup_is_never_set_with_qos_0():
    assert mqtt.publish("a", b"", 0, False, 0, True)[0] == 0x30


def test_subscribe_and_puback_to_the_byte():
    assert mqtt.subscribe(1, "a/b", 1) == b"\x82\x08\x00\x01\x00\x03a/b\x01"
    assert mqtt.puback(65535) == b"\x40\x02\xff\xff"


def test_lengths_around_each_border_come_back():
    for size in (0, 1, 122, 123, 124, 127, 128, 300, 8000):
        frame = mqtt.publish("a/b", bytes(size), 0, False, 0, False)

        packets = all_of(mqtt.Incoming(), frame)

        assert packets == [mqtt.Publish("a/b", bytes(size), 0, False, 0)], size


def test_packets_come_out_whole_however_the_bytes_are_cut():
    stream = (
        b"\x20\x02\x00\x00"
        + b"\x90\x03\x00\x05\x00"
        + mqtt.publish("a/b", bytes(200), 1, True, 9, False)
        + b"\x40\x02\x00\x09"
        + b"\xd0\x00"
    )
    expected = all_of(mqtt.Incoming(), stream)
    assert len(expected) == 5

    for cut in range(1, 8):
        incoming = mqtt.Incoming()
        packets = []
        for start in range(0, len(stream), cut):
            packets += all_of(incoming, stream[start : start + cut])
        assert packets == expected, cut


def test_packet_ids_run_from_1_to_65535_and_wrap():
    assert mqtt.next_packet_id(0) == 1
    assert mqtt.next_packet_id(65534) == 65535
    assert mqtt.next_packet_id(65535) == 1


def test_nonsense_of_each_sort_is_refused():
    assert refuses(b"\x00\x00")  # a kind that does not exist
    assert refuses(b"\x10\x00")  # only a client says CONNECT
    assert refuses(b"\x20\x01\x00")  # CONNACK too short
    assert refuses(b"\x20\x02\x02\x00")  # reserved bits
    assert refuses(b"\x40\x03\x00\x01\x00")  # PUBACK too long
    assert refuses(b"\xd0\x01\x00")
    assert refuses(b"\x30\x01\x00")  # PUBLISH without a topic
    assert refuses(b"\x30\x02\x00\x00")  # with an empty topic
    assert refuses(b"\x30\x04\x00\x09a/")  # topic longer than the packet
    assert refuses(b"\x32\x05\x00\x01a\x00\x00")  # packet id 0
    assert refuses(b"\x34\x05\x00\x01a\x00\x01")  # QoS 2, which we never asked for
    assert refuses(b"\x30\x04\x00\x02\xff\xfe")  # not UTF-8


def test_a_length_beyond_the_bound_is_refused_before_its_bytes_come():
    assert refuses(b"\x30\xff\xff\xff\x7f")
    assert refuses(b"\x30\xff\xff\xff\xff\x01")
    assert refuses(b"\x30\x81\x40")  # 8193


def test_random_bytes_give_packets_or_the_one_error():
    state = 12345
    outcomes = {"refused": 0, "waiting": 0}
    for _ in range(3000):
        noise = bytearray()
        for _ in range(12):
            state = (state * 75 + 74) % 65537  # the generator of the ZX81: the same everywhere
            noise.append(state & 255)
        outcomes["refused" if refuses(bytes(noise)) else "waiting"] += 1
    assert outcomes["refused"] > 1000 and outcomes["waiting"] > 10, outcomes
