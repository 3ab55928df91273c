"""The sender against a real updater on a simulated flash, over a line that loses what it likes."""

import random
from pathlib import Path

import pytest
from groundswell import topics, wire

from failure import Failure
from system import bundle
from system.bundle import Bundle
from system.sending import SendingUpdate
from tests.shared.update_bench import NODE_ID, Bench
from tests.system.test_bundle import a_key

STEP_US = 32_000


@pytest.fixture
def release(tmp_path: Path) -> Bundle:
    firmware = tmp_path / "firmware"
    firmware.mkdir()
    (firmware / "main.py").write_bytes(b"new" * 5000)
    (firmware / "same.py").write_bytes(b"same" * 200)
    return bundle.build(tmp_path, "esp32", (0, 1, 0), a_key(tmp_path), (0, 2, 0))


def new_bench(release: Bundle) -> Bench:
    """A node that believes every signature: they have tests of their own."""

    def believe(*_: bytes) -> "object":
        yield
        return True

    return Bench(keys=[release.announcement[:8] + bytes(24)], verify=believe)


class Line:
    """Carries packets to the node and its replies back; loses a share of either."""

    def __init__(self, bench: Bench, sending: SendingUpdate, loss: float = 0.0) -> None:
        self._bench = bench
        self._sending = sending
        self._loss = loss
        self._random = random.Random(4)
        self.is_cut = False

    def run(self, steps: int) -> None:
        for _ in range(steps):
            if self._sending.is_done:
                return
            bench = self._bench
            packets = self._sending.step(bench.now_us)
            while packets:
                topic, payload = packets.pop(0)
                if not self.is_cut and self._random.random() >= self._loss:
                    packets += self._deliver(topic, payload)
            bench.step()
            if bench.updater.wants_restart:
                bench.start((0, 2, 0))

    def _deliver(self, topic: str, payload: bytes) -> list[tuple[str, bytes]]:
        assert topic == topics.of_node(NODE_ID, "command")
        message = wire.decode(payload)
        now_us = self._bench.now_us
        if isinstance(message, wire.Chunk):
            self._bench.updater.take_chunk(message, now_us)
            return []
        assert message.issued_us == now_us < message.expires_us
        result, text = self._bench.updater.begin(message.payload, now_us)
        reply = wire.Reply(NODE_ID, 1, 1, message.command_id, result, now_us, text)
        if self._random.random() < self._loss:
            return []
        return self._sending.hear(wire.encode(reply), now_us)


def new_sending(release: Bundle) -> SendingUpdate:
    numbers = iter(range(1, 10**6))
    return SendingUpdate(release, NODE_ID, lambda: next(numbers), 60_000_000)


@pytest.mark.parametrize("loss", [0.0, 0.3])
def test_a_node_is_updated_over_a_line_that_loses_packets(release: Bundle, loss: float) -> None:
    bench = new_bench(release)
    sending = new_sending(release)
    line = Line(bench, sending, loss)

    line.run(10000)
    assert sending.state == "on trial, not confirmed yet"
    bench.confirm()
    line.run(1000)

    assert sending.is_done
    assert bench.flash.files["b/firmware/main.py"] == b"new" * 5000


def test_another_sender_goes_on_where_the_first_was_cut_off(release: Bundle) -> None:
    bench = new_bench(release)
    first = new_sending(release)
    Line(bench, first).run(30)
    assert 0 < first.share < 1

    second = new_sending(release)
    shares = []
    line = Line(bench, second)
    for _ in range(3000):
        line.run(1)
        shares.append(second.share)

    assert next(share for share in shares if share > 0) >= first.share
    assert second.state == "on trial, not confirmed yet"


def test_a_roll_back_is_told_with_its_reason(release: Bundle) -> None:
    bench = new_bench(release)
    sending = new_sending(release)
    line = Line(bench, sending)
    line.run(3000)
    for _ in range(2):
        bench.start()

    with pytest.raises(Failure, match=r"it was started and never confirmed.* a higher --version"):
        line.run(100)


def test_a_node_that_says_nothing_is_given_up_after_our_patience(release: Bundle) -> None:
    bench = new_bench(release)
    line = Line(bench, new_sending(release))
    line.is_cut = True

    line.run(60_000_000 // STEP_US - 10)
    with pytest.raises(Failure, match="0000002a does not answer"):
        line.run(20)


def test_a_refusal_is_borne_for_a_while_and_a_strange_question_is_not(release: Bundle) -> None:
    sending = new_sending(release)
    for number in range(1, 100):
        now_us = number * 3_000_001
        sending.step(now_us)
        reply = wire.Reply(NODE_ID, 1, 1, number, wire.RESULT_REFUSED, now_us, b"no clock")
        if now_us - 3_000_001 > 90_000_000:
            with pytest.raises(Failure, match="refuses: no clock"):
                sending.hear(wire.encode(reply), now_us)
            break
        assert sending.hear(wire.encode(reply), now_us) == []
    for text in (b"send 9 0", b"send 1 99999"):
        sending = new_sending(release)
        sending.step(0)
        reply = wire.Reply(NODE_ID, 1, 1, 1, wire.RESULT_DONE, 0, text)
        with pytest.raises(Failure, match="asks for file"):
            sending.hear(wire.encode(reply), 0)


def test_whatever_else_comes_on_the_reply_topic_is_ignored(release: Bundle) -> None:
    sending = new_sending(release)
    sending.step(0)
    other = wire.Reply(NODE_ID, 1, 1, 77, wire.RESULT_FAILED, 0, b"another command")
    for payload in (b"", b"\xff" * 40, wire.encode(other)):
        assert sending.hear(payload, 0) == []
    assert sending.state == "asking"
