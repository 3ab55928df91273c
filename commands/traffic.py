"""What a message on the broker says, for people and for machines. Pure."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import zstandard
from groundswell import faults, topics, wire

KINDS = (
    "trigger", "shaking", "status", "waveform", "reply", "command", "chunk",
    "batch", "alert", "heartbeat", "view", "malformed",
)  # fmt: skip
_FLAGS = {
    wire.FLAG_LATE: "late",
    wire.FLAG_CLIPPED: "clipped",
    wire.FLAG_RETRACTED: "retracted",
    wire.FLAG_UNSYNCHRONISED: "unsynchronised",
    wire.FLAG_MASKED: "masked",
    wire.FLAG_GAP: "gap",
}
_STATES = ("OFFLINE", "starting", "armed", "FAULT", "safe mode")
_ACTIONS = ("", "configure", "self-test", "identify", "send history", "restart", "update")
_RESETS = (
    "", "power on", "a command", "its watchdog", "a crash", "new settings", "an update",
)  # fmt: skip
_RESULTS = ("done", "refused", "failed", "unknown action", "expired")


# What decoding raises (WireError is a ValueError), and what fields raise that are not there, are
# of another type, or are no time of this world.
_NOT_AS_AGREED = (
    ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One message: its kind (of KINDS), who said it, a line for people, fields for machines."""

    kind: str
    source: str
    text: str
    fields: dict[str, Any]
    identity: tuple[int, int, int] | None = None  # of a node's frame: node, boot, number


def open_message(topic: str, payload: bytes, received_us: int) -> list[Said]:
    """Return what was said: one, or for a gateway's batch itself and then its frames."""
    try:
        if topic == topics.HEARTBEAT:
            return [_heartbeat(_document(payload))]
        if topic.startswith(topics.ROOT + "/alert/"):
            return [_alert(_document(payload), received_us)]
        if topic.startswith(topics.ROOT + "/view/"):
            return [_view(topic, _document(payload), len(payload))]
        message = wire.decode(payload)
        if isinstance(message, wire.Batch):
            return _batch(message, topic.rsplit("/", 1)[-1], len(payload), received_us)
        return [_frame(message, received_us)]
    except _NOT_AS_AGREED as error:
        return [_malformed(topic, payload, f"{type(error).__name__}: {error}")]


def clock(moment_us: int) -> str:
    """Return the UTC time of day with milliseconds."""
    return datetime.fromtimestamp(moment_us / 1e6, UTC).strftime("%H:%M:%S.%f")[:-3]


def printable(text: str) -> str:
    """Return text that cannot move the cursor or colour the terminal, however it was meant."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _batch(batch: wire.Batch, channel: str, size: int, received_us: int) -> list[Said]:
    data = batch.payload
    if batch.encoding == wire.ENCODING_ZSTD:
        try:
            with zstandard.ZstdDecompressor().stream_reader(data) as reader:
                data = reader.read(wire.MAX_ENTRIES_BYTES + 1)
        except zstandard.ZstdError as error:
            raise wire.WireError(f"not zstd: {error}") from error
    entries = wire.unpack_entries(data, batch.frame_count)
    inner = []
    for _, frame in entries:
        try:
            inner.append(_frame(wire.decode(frame), received_us))
        except wire.WireError as error:
            inner.append(_malformed(f"in {channel}", frame, str(error)))
    counts = Counter(said.kind for said in inner)
    content = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    waited_ms = (batch.sent_us - entries[0][0]) / 1e3
    text = (
        f"{channel}: {content}; {size} bytes of {len(data)}, waited {waited_ms:.1f} ms,"
        f" under way {(received_us - batch.sent_us) / 1e3:.1f} ms"
    )
    fields = _fields(batch) | {"channel": channel, "frames": [said.fields for said in inner]}
    return [Said("batch", f"gateway {batch.gateway_id:08x}", text, fields), *inner]


def _frame(message: "wire.Message", received_us: int) -> Said:
    if isinstance(message, wire.Trigger):
        text = _trigger(message, received_us)
    elif isinstance(message, wire.Shaking):
        text = f"PGA {_milli(message.pga_um_s2)} mm/s², PGV {message.pgv_nm_s / 1e6:.3f} mm/s"
    elif isinstance(message, wire.Status):
        text = _status(message)
    elif isinstance(message, wire.Waveform):
        text = (
            f"{message.sample_count} samples from {clock(message.start_us)} at"
            f" {message.rate_mhz / 1e3:.2f} Hz, {len(message.payload)} bytes"
        )
    elif isinstance(message, wire.Command):
        text = f"{_ACTIONS[message.action]} (command {message.command_id})"
    elif isinstance(message, wire.Chunk):
        end = message.offset + len(message.payload)
        text = (
            f"update {message.release:08x}, file {message.file_index},"
            f" bytes {message.offset} to {end}"
        )
    elif isinstance(message, wire.Reply):
        text = f"{_RESULTS[message.result]} (command {message.command_id})"
    else:
        raise wire.WireError("a batch in a batch")
    flags = [name for bit, name in _FLAGS.items() if getattr(message, "flags", 0) & bit]
    if flags:
        text += " [" + ", ".join(flags) + "]"
    identity = None
    if not isinstance(message, (wire.Command, wire.Chunk)):
        identity = (message.node_id, message.boot_id, message.seq)
    kind = type(message).__name__.lower()
    return Said(kind, f"node {message.node_id:08x}", text, _fields(message), identity)


def _trigger(m: wire.Trigger, received_us: int) -> str:
    return (
        f"detection {m.detection_id}.{m.update}: onset {clock(m.onset_us)}"
        f" ±{m.clock_error_us / 1e3:.0f} ms, STA/LTA {m.ratio_milli / 1e3:.1f},"
        f" p {m.p_quake_permille / 1e3:.2f}, PGA {_milli(m.pga_um_s2)} mm/s²,"
        f" PGV {m.pgv_nm_s / 1e6:.3f} mm/s, Pd {m.pd_nm / 1e3:.1f} µm,"
        # not since `sent_us`: that is reckoned ahead (reporter.py), and may be yet to come
        f" last sample {(received_us - m.sample_us) / 1e3:.1f} ms ago"
    )


def _status(m: wire.Status) -> str:
    return (
        f"{_STATES[m.state]} at {m.lat_udeg / 1e6:.4f} {m.lon_udeg / 1e6:.4f},"
        f" {m.rate_mhz / 1e3:.2f} Hz, noise {_milli(m.noise_um_s2)} mm/s²,"
        f" clock ±{m.clock_error_us / 1e3:.1f} ms, {m.triggers_hour} triggers/h,"
        f" up {m.uptime_s} s" + (f" after {_RESETS[m.reset_cause]}" if m.reset_cause else "")
        + (f" (start {m.restarts})" if m.restarts else "")
        + f", {m.drops} drops" + "".join(f"; {text}" for text in faults.words(m.faults))
    )  # fmt: skip


def _alert(a: dict[str, Any], received_us: int) -> Said:
    text = f"{str(a['category']).upper()} {a['type']} {a['event_id']} version {a['version']}: "
    if a["type"] == "cancel":
        text += str(a["reason"])
    else:
        text += (
            f"M {a['magnitude']:.1f} ±{a['magnitude_sigma']:.1f} at {a['lat_deg']:.2f}"
            f" {a['lon_deg']:.2f} ±{a['location_sigma_km']:.0f} km, origin"
            f" {clock(a['origin_us'])}, intensity up to {a['max_mmi']:.1f}, {a['level']},"
            f" {a['nodes_triggered']} nodes, {len(a['areas'])} areas,"
            f" {(received_us - a['issued_us']) / 1e3:.1f} ms ago"
        )
    return Said("alert", str(a["sender"]), text, a)


def _heartbeat(beat: dict[str, Any]) -> Said:
    text = f"{beat['category']}, {beat['nodes_live']} of {beat['nodes_known']} nodes alive"
    problem = beat.get("store", {}).get("problem")
    if problem:
        text += f", record not written: {problem}"
    return Said("heartbeat", str(beat["sender"]), text, beat)


def _view(topic: str, document: dict[str, Any], size: int) -> Said:
    return Said("view", "engine", f"{topic.rsplit('/', 1)[-1]}, {size} bytes", document)


def _malformed(topic: str, payload: bytes, reason: str) -> Said:
    fields = {"reason": reason, "bytes": len(payload), "start": payload[:16].hex()}
    return Said("malformed", topic, f"{reason} ({len(payload)} bytes)", fields)


def _document(payload: bytes) -> dict[str, Any]:
    document = json.loads(payload)
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    return document


def _fields(message: Any) -> dict[str, Any]:
    fields: dict[str, Any] = message._asdict()
    payload = fields.pop("payload", None)
    if payload is not None:
        fields["payload_bytes"] = len(payload)
    return fields


def _milli(value_um: int) -> str:
    return f"{value_um / 1e3:.2f}"
