import struct
import sys

from firmware.net.names import Names

SECOND = 1000000


class Servers:
    """Name servers on a wire that the test holds; each question has a line of its own."""

    def __init__(self):
        self.now_us = 0
        self.asked = []  # server address, packet
        self.lines = []
        self.says = None  # the answer to every question from now on
        self.is_unreachable = False
        self.names = Names(["9.9.9.1", "9.9.9.2"], lambda: self.now_us, lambda bits: 77, self.open)

    def open(self):
        self.lines.append(FakeUdp(self))
        return self.lines[-1]

    def search(self, host):
        """Return (address or error, how long it took)."""
        start_us = self.now_us
        while True:
            try:
                found = self.names.address_of(host)
            except OSError as error:
                found = error
            if found is not None or self.now_us - start_us > 60 * SECOND:
                return found, (self.now_us - start_us) // SECOND
            self.now_us += SECOND // 2


class FakeUdp:
    def __init__(self, servers):
        self._servers = servers
        self.is_closed = False

    def send(self, packet, address):
        if self._servers.is_unreachable:
            raise OSError(113, "no route")
        self._servers.asked.append(packet)

    def receive(self, most):
        says, self._servers.says = self._servers.says, None
        return says

    def close(self):
        self.is_closed = True


def answer_to(name, address=(192, 0, 2, 5), ttl_s=300, flags=0x8180):
    asked = b"".join([bytes((len(label),)) + label.encode() for label in name.split(".")])
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, ttl_s, 4) + bytes(address)
    count = 0 if flags & 15 else 1
    head = struct.pack(">HHHHHH", 77, flags, 1, count, 0, 0)
    return head + asked + b"\x00\x00\x01\x00\x01" + (record if count else b"")


def test_numbers_need_no_server():
    servers = Servers()

    assert servers.search("127.0.0.1") == ("127.0.0.1", 0)
    assert servers.asked == []


def test_a_name_is_asked_for_without_waiting_and_remembered_as_long_as_the_server_says():
    servers = Servers()
    assert servers.names.address_of("a.b") is None
    servers.says = answer_to("a.b")

    assert servers.names.address_of("a.b") == "192.0.2.5"
    servers.now_us += 299 * SECOND
    assert servers.names.address_of("a.b") == "192.0.2.5" and len(servers.asked) == 1
    servers.now_us += 2 * SECOND
    assert servers.names.address_of("a.b") is None and len(servers.asked) == 2
    assert servers.lines[0].is_closed


def test_an_answer_that_lives_for_no_time_is_kept_for_a_minute():
    servers = Servers()
    servers.names.address_of("a.b")
    servers.says = answer_to("a.b", ttl_s=0)
    servers.names.address_of("a.b")
    servers.now_us += 59 * SECOND

    assert servers.names.address_of("a.b") == "192.0.2.5"


def test_an_answer_that_lives_for_a_day_is_kept_for_an_hour():
    servers = Servers()
    servers.names.address_of("a.b")
    servers.says = answer_to("a.b", ttl_s=86400)
    servers.names.address_of("a.b")
    servers.now_us += 3599 * SECOND
    assert servers.names.address_of("a.b") == "192.0.2.5"
    servers.now_us += 2 * SECOND

    assert servers.names.address_of("a.b") is None


def test_each_server_is_asked_twice_and_then_there_is_no_address():
    servers = Servers()
    found, took_s = servers.search("a.b")

    assert isinstance(found, OSError) and took_s == 8
    assert len(servers.asked) == 4 and servers.names.failures == 1
    assert all(line.is_closed for line in servers.lines)


def test_without_a_way_to_any_server_it_fails_at_once():
    servers = Servers()
    servers.is_unreachable = True
    found, took_s = servers.search("a.b")

    assert isinstance(found, OSError) and took_s == 0


def test_an_old_address_is_better_than_none():
    servers = Servers()
    servers.names.address_of("a.b")
    servers.says = answer_to("a.b")
    servers.names.address_of("a.b")
    servers.now_us += 1000 * SECOND

    assert servers.search("a.b") == ("192.0.2.5", 8)


def test_an_address_that_led_nowhere_is_asked_for_again():
    servers = Servers()
    servers.names.address_of("a.b")
    servers.says = answer_to("a.b")
    servers.names.address_of("a.b")
    servers.names.doubt("a.b")

    assert servers.names.address_of("a.b") is None
    servers.says = answer_to("a.b", (192, 0, 2, 6))
    assert servers.names.address_of("a.b") == "192.0.2.6"


def test_lies_and_noise_are_counted_and_the_true_answer_still_counts():
    servers = Servers()
    servers.names.address_of("a.b")
    for packet in (b"", b"noise" * 20, answer_to("a.c")):
        servers.says = packet
        assert servers.names.address_of("a.b") is None
    servers.says = answer_to("a.b")

    assert servers.names.address_of("a.b") == "192.0.2.5"
    assert servers.names.malformed == 3 and len(servers.asked) == 1


def test_one_who_answers_wrongly_all_the_time_holds_no_search_open():
    servers = Servers()
    error = None
    while error is None and servers.now_us < 60 * SECOND:
        servers.says = b"nonsense"
        try:
            servers.names.address_of("a.b")
        except OSError as found:
            error = found
        servers.now_us += SECOND // 4

    assert error is not None and servers.now_us <= 10 * SECOND
    assert len(servers.asked) == 4 and servers.names.malformed > 20


def test_a_name_that_does_not_exist_and_one_that_is_none_fail_at_once():
    servers = Servers()
    servers.names.address_of("a.b")
    servers.says = answer_to("a.b", flags=0x8183)
    found, took_s = servers.search("a.b")
    assert isinstance(found, OSError) and took_s == 0

    found, took_s = servers.search("a..b")
    assert isinstance(found, OSError) and took_s == 0


def test_what_it_remembers_is_bounded():
    servers = Servers()
    for number in range(20):
        host = f"h{number}.b"
        servers.names.address_of(host)
        servers.says = answer_to(host)
        assert servers.names.address_of(host) == "192.0.2.5"

    assert len(servers.names._known) <= 8


def test_two_who_ask_for_different_names_do_not_disturb_each_other():
    servers = Servers()
    for _ in range(3):
        assert servers.names.address_of("a.b") is None
        assert servers.names.address_of("c.d") is None
    assert len(servers.asked) == 2
    servers.says = answer_to("c.d")

    assert servers.names.address_of("c.d") == "192.0.2.5"
    servers.says = answer_to("a.b", (192, 0, 2, 6))
    assert servers.names.address_of("a.b") == "192.0.2.6"


def test_all_of_a_list_are_found_one_after_the_other_and_each_once():
    servers = Servers()
    wanted = [("a.b", 123), ("127.0.0.1", 123), ("no.such", 123), ("c.d", 123), ("e.f", 124)]
    answers = {"a.b": answer_to("a.b"), "c.d": answer_to("c.d"), "e.f": answer_to("e.f")}
    answers["no.such"] = answer_to("no.such", flags=0x8183)
    for host in ("a.b", "no.such", "c.d", "e.f"):
        assert servers.names.find_all(wanted) is None
        servers.says = answers[host]

    found = servers.names.find_all(wanted)
    assert len(found) == 3 and len(servers.asked) == 4
    assert servers.names.find_all([("127.0.0.1", 1), ("no.such", 1)]) is None  # asked for again


def test_searches_that_nobody_follows_up_are_bounded():
    servers = Servers()
    for number in range(50):
        servers.names.address_of(f"h{number}.b")

    assert sum(not line.is_closed for line in servers.lines) == 8


class NoRoom:
    """In place of the module that searches, where it does not fit into memory."""

    def __init__(self):
        self.Search = self._search

    def _search(self, host, servers):
        raise MemoryError


def search_without_room(servers, host):
    module = sys.modules.get("firmware.net.search")
    sys.modules["firmware.net.search"] = NoRoom()
    try:
        return servers.search(host)
    finally:
        sys.modules.pop("firmware.net.search", None)
        if module is not None:
            sys.modules["firmware.net.search"] = module


def test_where_there_is_no_room_to_search_the_known_name_stays_good():
    servers = Servers()
    servers.names.address_of("a.b")
    servers.says = answer_to("a.b")
    servers.search("a.b")
    servers.now_us += 301 * SECOND

    assert search_without_room(servers, "a.b") == ("192.0.2.5", 0)
    found, lasted_s = search_without_room(servers, "c.d")
    assert isinstance(found, OSError) and "no memory" in str(found) and lasted_s == 0

    servers.names.address_of("c.d")
    servers.says = answer_to("c.d")
    assert servers.search("c.d") == ("192.0.2.5", 0)


def test_a_device_keeps_no_code_of_a_search_that_is_over():
    servers = Servers()
    servers.names.address_of("a.b")
    assert "firmware.net.search" in sys.modules
    servers.says = answer_to("a.b")
    servers.search("a.b")

    is_kept = "firmware.net.search" in sys.modules
    assert is_kept == (sys.implementation.name != "micropython")
