"""The names under which messages travel. The one place that knows a topic.

    groundswell/1/node/<node>/trigger|shaking|status|waveform|reply|late  a node to its gateway
    groundswell/1/node/<node>/command                                     commands, and updates
    groundswell/1/gateway/<gateway>/prompt|batch|late                     a gateway to the engine
    groundswell/1/alert/live|exercise|test                                the engine to everybody
    groundswell/1/alert/heartbeat                                         the same, every 5 s
    groundswell/1/alert/cap/live|exercise|test                            alerts again, as CAP 1.2
    groundswell/1/view/<subject>                                          the engine to the console

Status is retained; nothing else is: a retained command or alert would come back from the dead.
<node> and <gateway> are eight hexadecimal digits.
"""

from groundswell import wire

ROOT = "groundswell/1"

_NODE_TOPICS: "dict[type[wire.NodeMessage], str]" = {
    wire.Trigger: "trigger",
    wire.Shaking: "shaking",
    wire.Status: "status",
    wire.Waveform: "waveform",
    wire.Reply: "reply",
    wire.Command: "command",
    wire.Chunk: "command",  # one subscription a node
}

ALL_NODES = ROOT + "/node/+/"  # + one of the names above, or +
ALL_GATEWAYS = ROOT + "/gateway/+/+"
ALL_ALERTS = ROOT + "/alert/+"
ALL_VIEWS = ROOT + "/view/+"
HEARTBEAT = ROOT + "/alert/heartbeat"

PROMPT = "prompt"  # a trigger, in a batch of its own, at once
BATCH = "batch"  # everything else
LATE = "late"  # whatever its sender marked late


def of_message(message: "wire.NodeMessage") -> str:
    """Return the topic of a node's message, or of what is sent to it."""
    for message_type, name in _NODE_TOPICS.items():
        if isinstance(message, message_type):
            is_late = getattr(message, "flags", 0) & wire.FLAG_LATE
            return of_node(message.node_id, LATE if is_late else name)
    raise wire.WireError("no node says " + repr(message))


def of_node(node_id: int, name: str) -> str:
    return f"{ROOT}/node/{node_id:08x}/{name}"


def of_gateway(gateway_id: int, name: str) -> str:
    return f"{ROOT}/gateway/{gateway_id:08x}/{name}"


def of_alert(category: str) -> str:
    return f"{ROOT}/alert/{category}"


def of_cap(category: str) -> str:
    return f"{ROOT}/alert/cap/{category}"


def of_view(subject: str) -> str:
    return f"{ROOT}/view/{subject}"
