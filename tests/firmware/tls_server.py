"""A broker of a few lines behind TLS, and a name server: a thread each, wrong as a test wants."""

import contextlib
import socket
import ssl
import struct
import threading
from pathlib import Path

from firmware.net import dns_packet
from firmware.uplink import mqtt

HOST = "127.0.0.1"


class TlsServer:
    """Serves one client after the other; `heard` is what came through the encryption."""

    def __init__(
        self,
        folder: Path,
        name: str,
        newest: ssl.TLSVersion | None = None,
        at: tuple[str, int] = (HOST, 0),
    ) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        self._context.load_verify_locations(folder / "ca.pem")
        self._context.verify_mode = ssl.CERT_REQUIRED
        if newest is not None:
            self._context.maximum_version = newest
        self._listener = socket.create_server(at)
        self.port: int = self._listener.getsockname()[1]
        self.heard = b""
        self.handshakes: list[str] = []  # the version, or what went wrong
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            line.settimeout(30)
            try:
                with self._context.wrap_socket(line, server_side=True) as secure:
                    self.handshakes.append(secure.version() or "")
                    self._answer(secure)
            except OSError as error:
                self.handshakes.append(str(error))
                line.close()

    def _answer(self, line: ssl.SSLSocket) -> None:
        while received := line.recv(4096):
            self.heard += received
            while received:  # the client's packets come whole: a record holds several, not parts
                kind, length = received[0] & 0xF0, received[1]
                body, received = received[2 : 2 + length], received[2 + length :]
                if kind == 0x10:
                    line.sendall(b"\x20\x02\x00\x00")
                elif kind == 0x80:
                    line.sendall(b"\x90\x03" + body[:2] + b"\x00")
                elif kind == 0x30:
                    at = 2 + body[1]
                    line.sendall(mqtt.puback(int.from_bytes(body[at : at + 2], "big")))


class NameServer:
    """Says that every name is `address`; None: it is silent."""

    def __init__(self, address: str | None, ttl_s: int = 60) -> None:
        self.address = address
        self._ttl_s = ttl_s
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._socket.settimeout(0.05)
        self.port: int = self._socket.getsockname()[1]
        self.asked = 0
        self._is_over = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        self._is_over = True
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._is_over:
            with contextlib.suppress(TimeoutError):
                question, client = self._socket.recvfrom(dns_packet.MAX_PACKET_BYTES)
                self.asked += 1
                if self.address is not None:
                    head = question[:2] + b"\x81\x80" + question[4:6] + b"\x00\x01" + bytes(4)
                    record = struct.pack(">HHHIH", 0xC00C, 1, 1, self._ttl_s, 4)
                    answer = head + question[12:] + record + socket.inet_aton(self.address)
                    self._socket.sendto(answer, client)
