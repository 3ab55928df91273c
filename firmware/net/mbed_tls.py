"""TLS as MicroPython has it (mbedtls), in pieces that a sample loop survives.

A handshake is four to six operations on elliptic curves, together over a second on an ESP32.
mbedtls does as many of them in one call as the bytes that it has allow. So we stand between it and
the socket and let one record at a time through: a call then costs about one such operation, and
the loop drains its FIFO between them.

A line's object is 632 bytes of the heap in one piece (mbedtls' own buffers lie elsewhere on an
ESP32). While there is no line that piece is kept free, or a full heap could never connect again.
"""

import gc
import io
import os
from binascii import a2b_base64

import tls

from firmware.net.trust import TrustError

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    import socket
    from typing import Any

MAX_PEM_BYTES = 16384
ROOM_B = 640
_room: "list[bytearray]" = []
_HEAD_BYTES = 5  # of a TLS record: kind, version, length (RFC 8446, 5.1)
_EIO = 5
_LAST_ERRNO = -256  # what the sluice passes on comes back negative
_STREAM_CLOSE = 4  # MicroPython's MP_STREAM_CLOSE


def new_context(ca: str, certificate: "str | None", key: "str | None") -> "Any":
    context: "Any" = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_REQUIRED
    for der in blocks_of(ca):
        context.load_verify_locations(der)
    if certificate is not None and key is not None:
        context.load_cert_chain(blocks_of(certificate)[0], blocks_of(key)[-1])
    _keep_room()
    return context


def _keep_room() -> None:
    gc.collect()
    try:
        _room[:] = [bytearray(ROOM_B)]
    except MemoryError:
        pass  # then a line takes what it finds


class Stream:
    def __init__(self, context: "Any", line: "socket.socket", host: str) -> None:
        self._sluice = Sluice(line)
        del _room[:]
        gc.collect()
        try:
            self._stream: "Any" = context.wrap_socket(
                self._sluice, server_hostname=host, do_handshake_on_connect=False
            )
        except (OSError, MemoryError, ValueError):
            _keep_room()
            raise
        self._is_greeted = False

    def write(self, data: bytes) -> "int | None":
        """Return how much went out; None: not yet. Raises OSError."""
        if not self._is_greeted:
            self._sluice.let_one_through()
        sent: "int | None" = self._attempt(self._stream.write, data)
        if sent and not self._is_greeted:
            self._is_greeted = True
            self._sluice.open()
        return sent

    def read(self, count: int) -> "bytes | None":
        """Return what came, b"" at the end; None: nothing yet. Raises OSError."""
        received: "bytes | None" = self._attempt(self._stream.read, count)
        return received

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
            stream = None
            _keep_room()

    def _attempt(self, action: "Any", argument: "Any") -> "Any":
        try:
            return action(argument)
        except ValueError as error:  # how MicroPython says what is wrong with a certificate
            raise TrustError(str(error).strip()) from None
        except OSError as error:
            if error.errno is not None and error.errno < _LAST_ERRNO:  # mbedtls counts down
                raise TrustError("TLS failed: " + str(error)) from None
            raise  # of the socket below


class Sluice(io.IOBase):
    """A stream between mbedtls and the socket that lets a record at a time through."""

    def __init__(self, line: "Any") -> None:
        self._line = line
        self._may_read = False
        self._may_write = False
        self._is_open = False
        self._left = 0  # bytes of the record that is on its way in

    def let_one_through(self) -> None:
        self._may_read = self._may_write = True

    def open(self) -> None:
        """The handshake is over: from now on it is only a pipe."""
        self._is_open = True

    def readinto(self, buffer: "Any") -> "int | None":
        if not (self._may_read or self._is_open):
            return None
        try:
            count: "int | None" = self._line.readinto(buffer)
        except OSError as error:
            return -(error.errno or _EIO)
        if count and not self._is_open:
            self._follow(buffer, count)
        return count

    def write(self, buffer: "Any") -> "int | None":
        if not (self._may_write or self._is_open):
            return None
        self._may_write = False
        try:
            count: "int | None" = self._line.write(buffer)
        except OSError as error:
            return -(error.errno or _EIO)
        return count

    def ioctl(self, request: int, argument: int) -> int:
        if request == _STREAM_CLOSE:
            self._line.close()
        return 0

    def _follow(self, buffer: "Any", count: int) -> None:
        """Close behind a whole record. mbedtls reads its head first, then exactly the rest."""
        if self._left == 0 and count == _HEAD_BYTES:
            self._left = buffer[3] << 8 | buffer[4]
        else:
            self._left = max(0, self._left - count)
        if self._left == 0:
            self._may_read = False


def blocks_of(path: str) -> "list[bytes]":
    """Return the DER blocks in a PEM file: not every build of mbedtls reads PEM itself.

    Raises OSError, and ValueError for what is no PEM.
    """
    size = os.stat(path)[6]
    if size > MAX_PEM_BYTES:
        raise ValueError(path + " is too long for certificates")
    with open(path, "rb") as file:
        text = file.read(size)  # a device's heap has no room for a bound's worth of bytes
    blocks: "list[bytes]" = []
    for part in text.split(b"-----BEGIN ")[1:]:
        label, body = part.split(b"-----END ")[0].split(b"-----", 1)
        if b"PARAMETERS" not in label:  # openssl puts them before a key
            blocks.append(a2b_base64(body.replace(b"\n", b"").replace(b"\r", b"")))
    if not blocks:
        raise ValueError(path + " holds no PEM")
    return blocks
