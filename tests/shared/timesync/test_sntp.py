import struct
import time

from firmware.timesync import sntp

from random_numbers import RandomNumbers
from time_server import kiss, ntp_of, reply

COOKIE = b"\x80\x01\xff\x00\x17cat"
NOW_US = 1800000000123456


def refused(packet, cookie=COOKIE):
    try:
        sntp.answer(packet, cookie)
    except sntp.SntpError:
        return True
    return False


def changed(place, some):
    return reply(sntp.question(COOKIE), NOW_US, NOW_US + 50, {place: some})


def test_a_question_is_a_clients_and_holds_nothing_but_its_cookie():
    question = sntp.question(COOKIE)

    assert len(question) == 48
    assert question[0] == 0b00100011  # no leap, version 4, client
    assert question[1:40] == bytes(39)
    assert question[40:] == COOKIE


def test_times_come_to_the_microsecond():
    random = RandomNumbers(3)
    for _ in range(200):
        received_us = NOW_US + random.below(30000) * 1000003 + random.below(30000)
        packet = reply(sntp.question(COOKIE), received_us, received_us + 77)

        assert sntp.answer(packet, COOKIE) == sntp.Answer(b"", received_us, received_us + 77)


def test_an_answer_goes_on_into_the_next_era_of_2036():
    era_us = (2**32 - 2208988800) * 1000000
    assert struct.unpack("!I", ntp_of(era_us)[:4])[0] == 0

    for received_us in (era_us - 1000000, era_us - 1, era_us + 7, era_us + 10**15):
        packet = reply(sntp.question(COOKIE), received_us, received_us + 10)

        assert sntp.answer(packet, COOKIE).received_us == received_us


def test_a_server_that_was_never_set_is_refused():
    """Its clock began in 1970 or 2000: the epochs of Unix and of the ESP32."""
    for unix_s in (5, 946684800 + 5):
        received_us = unix_s * 1000000

        assert refused(reply(sntp.question(COOKIE), received_us, received_us + 10))


def test_a_time_before_this_firmware_was_made_is_refused():
    for after_s in (1, 0, -1, -86400, -(10**8)):
        received_us = (sntp.BUILT_UNIX_S + after_s) * 1000000
        packet = reply(sntp.question(COOKIE), received_us, received_us + 10)
        assert refused(packet) == (after_s < 0)


def test_the_epoch_of_this_interpreter_plays_no_part():
    """gmtime(0) is 2000 on ESP32 and 1970 elsewhere; the answer is Unix time on each."""
    assert time.gmtime(0)[0] in (1970, 2000)
    packet = bytearray(reply(sntp.question(COOKIE), NOW_US, NOW_US))
    packet[32:48] = bytes.fromhex("eef45080800000" + "00" + "eef4508080000000")

    # 0xEEF45080 - 2,208,988,800 s: 2027-01-15 08:00:00 UTC, and a half
    assert sntp.answer(bytes(packet), COOKIE).received_us == 1800000000 * 1000000 + 500000


def test_an_answer_to_another_question_is_refused():
    packet = reply(sntp.question(COOKIE), NOW_US, NOW_US)

    assert not refused(packet)
    assert refused(packet, b"\x80\x01\xff\x00\x17caT")
    assert refused(packet, bytes(8))
    for bit in range(64):
        place, mask = 24 + bit // 8, 1 << bit % 8
        assert refused(changed(place, bytes((packet[place] ^ mask,))))


def test_only_a_server_of_a_known_version_is_believed():
    good = [first for first in range(256) if not refused(changed(0, bytes((first,))))]

    # leap 0, 1, 2; version 3, 4; mode 4
    assert good == [0x1C, 0x24, 0x5C, 0x64, 0x9C, 0xA4]


def test_only_strata_of_one_to_fifteen_tell_the_time():
    good = [stratum for stratum in range(256) if not refused(changed(1, bytes((stratum,))))]

    assert good == list(range(16))  # 0 is a kiss of death, which is not refused but obeyed
    assert sntp.answer(changed(1, b"\x00"), COOKIE).received_us == 0


def test_a_server_far_from_any_clock_is_refused():
    def root(delay_s, dispersion_s):
        return struct.pack("!iI", int(delay_s * 65536), int(dispersion_s * 65536))

    assert not refused(changed(4, root(0.1, 0.05)))
    assert not refused(changed(4, root(0.4, 0.04)))
    for delay_s, dispersion_s in ((0.6, 0.0), (0.0, 0.3), (-0.1, 0.0), (30000, 0), (0, 65535)):
        assert refused(changed(4, root(delay_s, dispersion_s)))


def test_times_that_are_missing_or_in_the_wrong_order_are_refused():
    assert refused(changed(32, bytes(8)))
    assert refused(changed(40, bytes(8)))
    assert refused(changed(40, ntp_of(NOW_US - 1000)))
    assert refused(changed(40, ntp_of(NOW_US + 1100000)))


def test_a_kiss_of_death_gives_its_reason_and_no_time():
    for code in (b"RATE", b"DENY", b"RSTR", b"\x00\xff\x80\x7f"):
        assert sntp.answer(kiss(sntp.question(COOKIE), code), COOKIE) == (code, 0, 0)
    assert refused(kiss(sntp.question(b"somebody"), b"DENY"))


def test_every_truncation_is_refused_and_what_follows_is_not_read():
    packet = reply(sntp.question(COOKIE), NOW_US, NOW_US + 50)

    assert all(refused(packet[:length]) for length in range(48))
    assert sntp.answer(packet + b"signature", COOKIE) == sntp.answer(packet, COOKIE)


def test_random_bytes_raise_nothing_but_our_error():
    random = RandomNumbers(11)
    taken = 0
    for number in range(1500):
        packet = bytearray(random.some_bytes(random.below(80)))
        if number % 3 and len(packet) >= 48:  # so that the checks behind the cookie are reached
            packet[24:32] = COOKIE
            packet[0] = 0x24 if number % 3 == 1 else packet[0]
        taken += not refused(bytes(packet))
    assert taken < 20


def test_a_cookie_of_another_length_is_our_own_mistake():
    try:
        sntp.question(b"short")
    except ValueError:
        return
    raise AssertionError("accepted")
