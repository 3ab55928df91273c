from groundswell import wire
from groundswell.lateness import as_late

from golden_frames import GOLDEN


def test_the_late_version_says_the_same_and_that_it_is_late():
    for message, _, _ in GOLDEN:
        if isinstance(message, (wire.Trigger, wire.Shaking)):
            topic, frame = as_late(message)
            late = wire.decode(frame)

            assert topic == "groundswell/1/node/0000002a/late"
            assert late.flags == message.flags | wire.FLAG_LATE
            assert [a for a, b in zip(late, message) if a != b] in ([], [late.flags])
