"""`groundswell node` against a node that is a few lines, and what a person types."""

import json
import threading
from pathlib import Path

import pytest
from groundswell import codec, topics, wire

from commands.main import main
from link.mqtt import MqttLink
from tests.aggregator.samples import NOW_US, status
from tests.link.broker_process import BrokerProcess

NODE_ID = 0x2A


class ObedientNode:
    """Answers every command with `result` and `text`; then says `afterwards`."""

    def __init__(self, address: str) -> None:
        self.commands: list[wire.Command] = []
        self.result = wire.RESULT_DONE
        self.text = b""
        self.afterwards: list[wire.NodeMessage] = []
        self._answers = threading.Lock()
        self.link = MqttLink(address, "node", [topics.of_node(NODE_ID, "command")], self._hear)
        self.link.start()
        assert self.link.wait_until_ready(10)

    def _hear(self, topic: str, payload: bytes, received_us: int) -> None:
        command = wire.decode(payload)
        assert isinstance(command, wire.Command)
        self.commands.append(command)
        reply = wire.Reply(NODE_ID, 5, 1, command.command_id, self.result, NOW_US, self.text)
        for message in (reply, *self.afterwards):
            self.link.publish(topics.of_message(message), wire.encode(message), qos=1)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory):
    broker = BrokerProcess("nats", tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker.address
    broker.stop()


@pytest.fixture
def node(address: str):
    found = ObedientNode(address)
    yield found
    found.link.stop()


def tell(address: str, *words: str) -> int:
    return main(["node", "--broker", address, "0000002a", *words])


def test_options_may_stand_behind_the_action_too(node, address, capsys):
    assert main(["node", "0000002a", "identify", "--broker", address, "--timeout", "10"]) == 0

    assert [command.action for command in node.commands] == [wire.ACTION_IDENTIFY]


def test_a_command_goes_out_with_a_deadline_and_the_answer_is_printed(node, address, capsys):
    node.text = b"PASS: x, y, z moved by 310, 290, 1479 mg"

    assert tell(address, "self-test") == 0

    (command,) = node.commands
    assert command.action == wire.ACTION_SELF_TEST and command.node_id == NODE_ID
    assert command.expires_us - command.issued_us == 30_000_000
    assert capsys.readouterr().out == f"node 0000002a: done: {node.text.decode()}\n"


def test_a_refusal_is_printed_and_is_exit_code_1(node, address, capsys):
    node.result, node.text = wire.RESULT_REFUSED, b"brokers must be a list"

    assert tell(address, "configure", "brokers=a:1,b:2", "rate_mhz=125000", "wifi_ssid=home") == 1

    document = json.loads(node.commands[0].payload)
    assert document == {"brokers": ["a:1", "b:2"], "rate_mhz": 125000, "wifi_ssid": "home"}
    assert "refused: brokers must be a list" in capsys.readouterr().out


def test_history_is_received_and_written(node, address, capsys, tmp_path: Path):
    counts = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    node.text = json.dumps({"packets": 1, "from_us": 0, "to_us": 1}).encode()
    packet = codec.encode(counts)
    node.afterwards = [
        wire.Waveform(NODE_ID, 5, 2, wire.FLAG_LATE, NOW_US, 125_000, 38246, 3, packet)
    ]
    out = tmp_path / "seconds.jsonl"

    assert tell(address, "history", "now-8", "now", "--out", str(out)) == 0

    asked = json.loads(node.commands[0].payload)
    assert asked["to_us"] - asked["from_us"] == 8_000_000
    assert json.loads(out.read_text())["counts"] == counts
    assert "1 of 1 packets came, 3 samples" in capsys.readouterr().out


def test_wait_tells_how_the_next_start_went(node, address, capsys):
    starting = status(node_id=NODE_ID, boot_id=6, state=wire.STATE_STARTING)
    node.afterwards = [starting, status(node_id=NODE_ID, boot_id=6)]
    assert tell(address, "restart", "--wait") == 0
    assert capsys.readouterr().out.endswith("armed\n")

    node.afterwards = [status(node_id=NODE_ID, boot_id=7, fault_bits=256)]
    assert tell(address, "configure", "wifi_ssid=x", "--wait") == 1
    assert "the old ones are in force" in capsys.readouterr().out


def test_a_node_that_is_silent_is_told_in_one_line(address, capsys):
    assert main(["node", "--broker", address, "--timeout", "0.5", "0000002b", "identify"]) == 2
    assert "does not answer" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["node", "xyz", "identify"],
        ["node", "123456789", "identify"],
        ["node", "2a", "configure", "novalue"],
        ["node", "2a", "history", "now", "now-8"],
        ["node", "2a", "history", "yesterday", "now"],
        ["node", "--broker", "here", "2a", "identify"],
        ["node", "--broker", "127.0.0.1:9", "2a", "identify"],
        ["node", "--tls", "no/such", "2a", "identify"],
    ],
)
def test_bad_arguments_give_one_line_and_exit_code_2(words, capsys):
    assert main(words) == 2

    assert capsys.readouterr().err.startswith("groundswell node: ")
