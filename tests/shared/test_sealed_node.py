import json

from firmware.orders import actions
from firmware.state import settings
from groundswell import wire
from groundswell.seal import Seal

from test_node import Bench, trigger


def test_a_node_with_a_key_seals_all_that_it_says():
    seal = Seal(bytes(range(32)))
    bench = Bench(lambda payload, now_us: (wire.RESULT_DONE, b""), encode=seal.encode)
    bench.reporter.says = [trigger()]
    bench.sensor.blocks = [(0, 0, 0)]
    bench.node.step()
    said = [frame.payload for frame in bench.uplink.frames]
    said += [frame.late[1] for frame in bench.uplink.frames if frame.late]
    said.append(bench.uplink.last_words()[1])
    bench.command(wire.ACTION_IDENTIFY)
    bench.node.step()
    bench.node.close()
    said += [frame.payload for frame in bench.uplink.frames]

    kinds = [type(wire.decode(seal.open(payload))) for payload in said]  # open raises for others
    for kind in (wire.Status, wire.Trigger):
        assert kinds.count(kind) >= 2, kind


class SealedParts:
    """As much of a node's parts as a command to configure it sees; takes what it is given."""

    board_name = "virtual"

    def __init__(self):
        self.configuration = self
        self.settings = settings.defaults()
        self.settings["seal_key"] = "ab" * 32
        self.proposed = None

    def propose(self, new):
        self.proposed = new


def test_no_command_changes_the_key():
    for key in ("cd" * 32, ""):
        parts = SealedParts()
        changes = json.dumps({"seal_key": key, "wifi_ssid": "other"}).encode()
        result, text = actions.DO[wire.ACTION_CONFIGURE](parts, changes, 0)

        assert result == wire.RESULT_REFUSED and b"cable" in text
        assert parts.proposed is None
    result, _ = actions.DO[wire.ACTION_CONFIGURE](parts, b'{"wifi_ssid": "other"}', 0)
    assert result == wire.RESULT_DONE and parts.proposed["seal_key"] == "ab" * 32
