"""A node's uplink over TLS, for tests: on MicroPython and CPython alike.

    tls_client.py HOST PORT CA CERTIFICATE KEY LIMIT_MS FRAMES [NAME_SERVER_PORT]

Publishes FRAMES triggers as soon as it is online, and ends when all are confirmed, at the first
trouble, or when LIMIT_MS are over. "-" as CERTIFICATE: none. Prints one line of JSON.
"""

import json
import sys
import time

from firmware.net.names import Names
from firmware.net.security import Security
from firmware.uplink import outbox
from firmware.uplink.outbox import Frame
from firmware.uplink.uplink import Uplink
from firmware.uplink.way import Way
from tests.own_time import now_us


def main() -> None:
    host, port, ca, certificate, key, limit_ms, frames = sys.argv[1:8]
    security = Security(ca) if certificate == "-" else Security(ca, certificate, key)
    names = Names(["127.0.0.1"], now_us, port=int(sys.argv[8])) if len(sys.argv) > 8 else None
    link = Uplink("n1", "n1/command", [Way(host, int(port), names, security)])
    link.set_last_words(lambda: ("n1/status", b"gone"))
    for number in range(int(frames)):
        link.publish(Frame(f"t/{number}", b"frame", outbox.TRIGGER, 1, False, None, None))
    start_us = now_us()
    steps_us = []
    was_online = False
    received = []
    while now_us() - start_us < int(limit_ms) * 1000:
        before_us = now_us()
        received += [payload.decode() for _, payload in link.step(before_us)]
        steps_us.append(now_us() - before_us)
        was_online = was_online or link.is_online
        is_done = link.is_online and not link._in_flight and not len(link.outbox)
        if is_done or link.trouble:
            break
        time.sleep(0.002)
    link.close(now_us())
    said = {
        "was_online": was_online,
        "connects": link.connects,
        "unconfirmed": len(link._in_flight) + len(link.outbox),
        "trouble": link.trouble,
        "received": received,
        "steps": len(steps_us),
        "steps_us": sorted(steps_us)[-8:],
    }
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
