from groundswell import topics, wire

from golden_frames import GOLDEN

NODE_MESSAGES = [message for message, _, _ in GOLDEN if hasattr(message, "node_id")]


def test_each_kind_of_message_has_its_topic_under_its_node():
    names = {
        wire.Trigger: "trigger",
        wire.Shaking: "shaking",
        wire.Status: "status",
        wire.Waveform: "waveform",
        wire.Command: "command",
        wire.Chunk: "command",
        wire.Reply: "reply",
    }
    assert len(NODE_MESSAGES) == len(names)
    for message in NODE_MESSAGES:
        in_time = with_flags(message, 0)
        assert topics.of_message(in_time) == "groundswell/1/node/0000002a/" + names[type(message)]


def test_whatever_is_marked_late_goes_to_the_late_topic():
    for message in NODE_MESSAGES:
        if hasattr(message, "flags"):
            late = with_flags(message, wire.FLAG_LATE + wire.FLAG_CLIPPED)
            assert topics.of_message(late) == "groundswell/1/node/0000002a/late"


def test_no_node_says_a_batch():
    (batch,) = [message for message, _, _ in GOLDEN if isinstance(message, wire.Batch)]
    try:
        topics.of_message(batch)
    except wire.WireError:
        return
    raise AssertionError("a batch has no node's topic")


def test_the_other_topics_are_what_others_rely_on():
    assert topics.of_node(0xFFFFFFFF, "command") == "groundswell/1/node/ffffffff/command"
    assert topics.of_gateway(1, topics.PROMPT) == "groundswell/1/gateway/00000001/prompt"
    assert topics.of_gateway(1, topics.BATCH) == "groundswell/1/gateway/00000001/batch"
    assert topics.of_gateway(1, topics.LATE) == "groundswell/1/gateway/00000001/late"
    assert topics.of_alert("live") == "groundswell/1/alert/live"
    assert topics.HEARTBEAT == "groundswell/1/alert/heartbeat"
    assert topics.of_view("nodes") == "groundswell/1/view/nodes"


def test_a_subscription_hears_its_own_topics_and_no_others():
    trigger = topics.of_node(7, "trigger")
    status = topics.of_node(7, "status")
    prompt = topics.of_gateway(7, topics.PROMPT)
    live = topics.of_alert("live")
    view = topics.of_view("nodes")
    every = (trigger, status, prompt, live, topics.HEARTBEAT, view)

    assert heard(topics.ALL_NODES + "+", every) == [trigger, status]
    assert heard(topics.ALL_NODES + "status", every) == [status]
    assert heard(topics.ALL_GATEWAYS, every) == [prompt]
    assert heard(topics.ALL_ALERTS, every) == [live, topics.HEARTBEAT]
    assert heard(topics.ALL_VIEWS, every) == [view]


def heard(subscription, every):
    """MQTT's rule for `+`: exactly one level, whatever it is."""
    wanted = subscription.split("/")
    return [topic for topic in every if matches(wanted, topic.split("/"))]


def matches(wanted, levels):
    return len(wanted) == len(levels) and all(w in ("+", is_) for w, is_ in zip(wanted, levels))


def with_flags(message, flags):
    if not hasattr(message, "flags"):
        return message
    values = list(message)
    values[type(message)(*range(len(values))).flags] = flags  # MicroPython has no _replace
    return type(message)(*values)
