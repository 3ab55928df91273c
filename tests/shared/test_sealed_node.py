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
