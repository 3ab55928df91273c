import struct

from firmware.net import dns_packet
from firmware.net.names import is_numeric

from random_numbers import RandomNumbers

NAME = "broker.example"
ASKED = b"\x06broker\x07example\x00\x00\x01\x00\x01"


def reply(records=b"", count=1, query_id=7, flags=0x8180, asked=ASKED):
    return struct.pack(">HHHHHH", query_id, flags, 1, count, 0, 0) + asked + records


def record(kind=1, raw=b"\xc0\x00\x02\x05", ttl_s=300, name=b"\xc0\x0c"):
    return name + struct.pack(">HHIH", kind, 1, ttl_s, len(raw)) + raw


def is_refused(packet):
    try:
        dns_packet.answer(packet, 7, NAME)
    except dns_packet.DnsError:
        return True
    return False


def test_a_question_is_what_rfc_1035_says():
    asked = dns_packet.question(0x1234, "Broker.Example")

    assert asked == b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + ASKED


def test_an_answer_gives_the_addresses_and_for_how_long():
    two = record() + record(raw=b"\x0a\x00\x00\x01", ttl_s=60)

    assert dns_packet.answer(reply(two, 2), 7, NAME) == (("192.0.2.5", "10.0.0.1"), 60)


def test_the_name_that_another_stands_for_is_followed_within_the_packet():
    alias = record(kind=5, raw=b"\x01x\xc0\x0c")
    full = record(name=b"\x01x\x06broker\x07example\x00")

    assert dns_packet.answer(reply(alias + full, 2), 7, NAME).addresses == ("192.0.2.5",)


def test_a_server_may_change_the_case_of_letters():
    loud = b"\x06BROKER\x07eXample\x00\x00\x01\x00\x01"

    assert dns_packet.answer(reply(record(), asked=loud), 7, NAME).addresses == ("192.0.2.5",)


def test_a_name_that_does_not_exist_is_an_answer():
    assert dns_packet.answer(reply(count=0, flags=0x8183), 7, NAME) == ((), 0)


def test_what_answers_another_question_is_refused():
    assert is_refused(reply(record(), query_id=8))
    assert is_refused(reply(record(), asked=b"\x06broken\x07example\x00\x00\x01\x00\x01"))
    assert is_refused(reply(record(), flags=0x0100))  # a question
    assert not is_refused(reply(record()))


def test_what_is_cut_off_failed_or_holds_no_address_is_refused():
    whole = reply(record())
    for length in range(len(whole)):
        assert is_refused(whole[:length])
    assert is_refused(reply(record(), flags=0x8380))  # truncated by the server
    assert is_refused(reply(count=0, flags=0x8182))  # server failure
    assert is_refused(reply(record(kind=28, raw=bytes(16))))  # IPv6 only
    assert is_refused(reply(record(raw=b"\x01\x02\x03")))
    assert is_refused(reply(count=65535))
    assert is_refused(whole + bytes(600))


def test_a_name_that_runs_in_circles_ends():
    assert is_refused(reply(record(name=b"\x3f" * 40)))
    assert not is_refused(reply(record(name=b"\xff\xff")))  # a pointer is skipped, not followed


def test_random_bytes_after_a_right_head_never_do_harm():
    numbers = RandomNumbers(1)
    refused = 0
    for _ in range(500):
        refused += is_refused(reply(numbers.some_bytes(40), 3))

    assert refused > 450


def test_host_names_that_are_none_are_refused():
    for name in ("", "a..b", "x" * 64 + ".example", "example.", "a." * 130 + "b"):
        try:
            dns_packet.question(1, name)
        except dns_packet.DnsError:
            continue
        raise AssertionError(name)


def test_numbers_are_told_from_names():
    assert is_numeric("127.0.0.1") and is_numeric("255.255.255.255")
    for host in (
        "broker.example",
        "1.2.3",
        "1.2.3.256",
        "1.2.3.x",
        "1.2.3.",
        "1.2.3.0004",
        "a.b.c.d",
    ):
        assert not is_numeric(host)
