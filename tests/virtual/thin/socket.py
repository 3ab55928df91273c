"""Non-blocking sockets whose other end is in the world."""

import io
import struct

import pipe

AF_INET = 2
SOCK_STREAM = 1
SOCK_DGRAM = 2
_EAGAIN = 11
_POLL = 3
_POLLOUT = 4


def getaddrinfo(host, port, *options):
    return ((AF_INET, SOCK_STREAM, 0, "", (host, port)),)


class socket(io.IOBase):  # noqa: N801  its name on every device
    _count = 0

    def __init__(self, family=AF_INET, kind=SOCK_STREAM):
        socket._count = (socket._count + 1) & 255
        self._number = socket._count

    def setblocking(self, is_blocking):
        pass

    def setsockopt(self, *option):
        pass

    def connect(self, address):
        if pipe.ask(67, self._number, struct.pack("<H", address[1])) is None:
            raise OSError(111)

    def write(self, data):
        if pipe.ask(87, self._number, data) is None:
            raise OSError(104)
        return len(data)

    def readinto(self, buffer):
        # as in C: no copy of a TLS record in the heap
        return pipe.ask_up_to(82, self._number, struct.pack("<H", len(buffer)), buffer)

    def send(self, data):
        return self.write(data)

    def recv(self, count):
        found = pipe.ask(82, self._number, struct.pack("<H", count))
        if found is None:
            raise OSError(_EAGAIN)
        return found

    def sendto(self, data, address):
        pipe.ask(85, self._number, struct.pack("<H", address[1]) + bytes(data))

    def ioctl(self, request, argument):
        return argument & _POLLOUT if request == _POLL else 0

    def close(self):
        pipe.tell(70, self._number, b"")
