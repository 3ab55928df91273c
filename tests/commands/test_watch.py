"""`groundswell watch` shows people what is said, whatever is said."""

import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from groundswell import faults, topics, wire

from commands import traffic
from commands.watch import Screen
from gateway.batch import Batcher, prompt
from link.mqtt import MqttLink
from tests.aggregator.samples import GATEWAY, NOW_US, alert, status, trigger
from tests.link.broker_process import BrokerProcess

ROOT = Path(__file__).resolve().parents[2]
PROMPT = topics.of_gateway(GATEWAY, topics.PROMPT)


def said(message, received_us=NOW_US + 1500):
    (only,) = traffic.open_message(topics.of_message(message), wire.encode(message), received_us)
    return only


def watch(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "commands.main", "watch", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_important_numbers_come_with_their_units():
    line = said(trigger(flags=wire.FLAG_CLIPPED, pga_um_s2=9000)).text

    for part in ("STA/LTA 20.0", "p 0.95", "PGA 9.00 mm/s²", "Pd 9.0 µm", "1.5 ms ago", "clipped"):
        assert part in line
    assert "last sample 11.5 ms ago" in line


def test_each_kind_of_frame_has_a_line():
    shaking = wire.Shaking(42, 5, 1, 0, NOW_US, 2000, 9000, 300_000)
    waveform = wire.Waveform(42, 5, 1, wire.FLAG_LATE, NOW_US, 125_000, 3900, 125, b"12345")
    command = wire.Command(42, 7, wire.ACTION_IDENTIFY, NOW_US, NOW_US, b"")
    reply = wire.Reply(42, 5, 1, 7, wire.RESULT_REFUSED, NOW_US, b"")

    assert "PGA 9.00 mm/s²" in said(shaking).text
    assert "125 samples" in said(waveform).text
    assert "armed at 17.0000 -100.0000" in said(status()).text
    assert "the clock is not set" in said(status(fault_bits=faults.CLOCK)).text
    assert "OFFLINE" in said(status(state=wire.STATE_OFFLINE)).text
    assert "identify (command 7)" in said(command).text
    assert "refused" in said(reply).text
    kinds = [said(m).kind for m in (shaking, waveform, command, reply, status(), trigger())]
    assert set(kinds) <= set(traffic.KINDS)


def test_a_batch_is_opened():
    batcher = Batcher(GATEWAY, 1)
    for seq in range(30):
        batcher.add(wire.encode(status(seq)), NOW_US)
    batcher.add(b"garbage", NOW_US)
    (payload,) = batcher.take(NOW_US + 250_000)

    first, *inside = traffic.open_message(topics.of_gateway(GATEWAY, "batch"), payload, NOW_US)

    assert "batch: 30 status, 1 malformed" in first.text
    assert "waited 250.0 ms" in first.text
    assert [frame.kind for frame in inside] == ["status"] * 30 + ["malformed"]
    json.dumps(first.fields)


def test_an_alert_says_category_size_and_place():
    line = alert().as_json().encode()

    (only,) = traffic.open_message(topics.of_alert("exercise"), line, NOW_US + 2000)

    assert only.text.startswith("EXERCISE new gs1 version 1: M 6.1 ±0.4 at 17.10 -100.20")
    assert "take_action" in only.text


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"category":1,"sender":2,"nodes_live":[],"nodes_known":{},"store":"x"}',
        alert().as_json().replace(str(alert().origin_us), "9" * 400).encode(),
        alert().as_json().replace(str(alert().origin_us), "1e300").encode(),
    ],
)
@pytest.mark.parametrize("topic", [topics.of_alert("live"), topics.HEARTBEAT, PROMPT, "x"])
def test_what_is_malformed_is_shown_as_such(topic, payload):
    (only,) = traffic.open_message(topic, payload, NOW_US)

    assert only.kind == "malformed"
    assert only.fields["bytes"] == len(payload)


def test_random_bytes_are_shown_as_what_they_are_and_never_raise():
    source = random.Random(6)
    whole = prompt(GATEWAY, 1, 0, wire.encode(trigger()), NOW_US)
    of_damaged, of_random = set(), set()

    for i in range(5000):
        damaged = bytearray(whole)
        damaged[source.randrange(len(whole))] = source.randrange(256)
        of_damaged |= {one.kind for one in traffic.open_message(PROMPT, bytes(damaged), NOW_US)}
        noise = source.randbytes(i % 100)
        of_random |= {one.kind for one in traffic.open_message(PROMPT, noise, NOW_US)}

    assert {"batch", "trigger", "malformed"} <= of_damaged <= set(traffic.KINDS)
    assert of_random == {"malformed"}


def test_nobody_can_write_to_the_terminal():
    assert traffic.printable("a\x1b[2J\r\nb\x9b‮") == "a\\x1b[2J\\x0d\\x0ab\\x9b\\x202e"


def test_a_nodes_message_is_shown_once_however_it_is_heard(capsys):
    screen = Screen(wanted={"trigger"}, is_json=False, count=None)
    direct, distant = trigger(seq=1), trigger(seq=2)

    screen.show(topics.of_message(direct), wire.encode(direct), NOW_US)
    for message in (direct, distant, distant):
        screen.show(PROMPT, prompt(GATEWAY, 1, 0, wire.encode(message), NOW_US), NOW_US)

    assert capsys.readouterr().out.count("detection") == 2


def test_no_broker_gives_one_clear_line_and_exit_code_2():
    process = watch("--broker", "127.0.0.1:9")

    out, err = process.communicate(timeout=120)

    assert process.returncode == 2
    assert out == ""
    assert re.fullmatch(r"groundswell watch: no broker answers at 127\.0\.0\.1:9;.*\n", err)


@pytest.mark.parametrize(
    "arguments", [["--only", "gossip"], ["--broker", "here"], ["--count", "0"], ["--count", "x"]]
)
def test_bad_arguments_give_exit_code_2(arguments):
    process = watch(*arguments)

    err = process.communicate(timeout=120)[1]

    assert process.returncode == 2
    assert "Traceback" not in err


def test_traffic_is_printed_for_people_and_for_machines(tmp_path):
    broker = BrokerProcess("nats", tmp_path)
    broker.start()
    speaker = MqttLink(broker.address, "speaker", [])
    speaker.start()
    assert speaker.wait_until_ready(10)
    try:
        people = watch("--broker", broker.address, "--only", "trigger,alert", "--count", "2")
        machines = watch("--broker", broker.address, "--json", "--count", "4")
        # a view that nobody asked for, again and again, until both listen and are full
        while people.poll() is None or machines.poll() is None:
            speaker.publish(topics.of_view("nodes"), b"{}")
            for topic, payload in (
                (topics.of_message(trigger()), wire.encode(trigger())),
                (PROMPT, prompt(GATEWAY, 1, 0, wire.encode(trigger()), NOW_US)),
                (topics.of_node(42, "status"), b"\x1b[31m"),
                (topics.of_alert("exercise"), alert().as_json().encode()),
            ):
                speaker.publish(topic, payload, 1)
            assert broker.is_running_after(0.05)

        lines = people.communicate()[0].splitlines()
        documents = [json.loads(line) for line in machines.communicate()[0].splitlines()]

        assert len(lines) == 2
        assert all(" trigger " in line or " alert " in line for line in lines)
        assert people.returncode == machines.returncode == 0
        kinds = {document["kind"] for document in documents}
        assert kinds == {"trigger", "batch", "malformed", "alert"}
        (batch,) = (document for document in documents if document["kind"] == "batch")
        assert batch["frames"][0]["node_id"] == 42
    finally:
        speaker.stop()
        broker.stop()
