"""What Linux says about the machine, from its files; and systemd's watchdog."""

import os
import socket

TYPE_CHECKING = False  # as in the modules that MicroPython reads
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_FILE_BYTES = 65536


def text_of(path: str) -> str:
    """Return a small file's text, "" where there is none."""
    try:
        with open(path, "rb") as file:
            return str(file.read(MAX_FILE_BYTES), "utf-8", "replace")
    except OSError:
        return ""


class Network:
    """Joined by Linux (NetworkManager, dhcpcd): here it is only looked at."""

    def __init__(self, root: str, on_up: "Callable[[list[str]], None]") -> None:
        """
        root    what stands before /sys, /proc and /etc; for tests
        on_up   called with the name servers, whenever the network comes up
        """
        self._root = root
        self._on_up = on_up
        self.is_up = False

    def step(self, now_us: int) -> None:
        folder = self._root + "/sys/class/net"
        try:
            interfaces = os.listdir(folder)
        except OSError:
            interfaces = []
        states = [
            text_of(f"{folder}/{name}/operstate").strip() for name in interfaces if name != "lo"
        ]
        was_up, self.is_up = self.is_up, "up" in states
        if self.is_up and not was_up:
            self._on_up(self.name_servers())

    def rssi_dbm(self) -> int:
        """Return the strength of the access point's signal; 0 without a radio."""
        # two lines of heads, then:  wlan0: 0000   54.  -56.  -256        0      0 ...
        for line in text_of(self._root + "/proc/net/wireless").splitlines()[2:]:
            words = line.split()
            try:
                return max(-127, min(0, int(float(words[3]))))
            except (IndexError, ValueError):
                continue
        return 0

    def name_servers(self) -> "list[str]":
        """Return the IPv4 ones, three at most, as resolv.conf(5) has it."""
        lines = [line.split() for line in text_of(self._root + "/etc/resolv.conf").splitlines()]
        found = [words[1] for words in lines if words[:1] == ["nameserver"] and len(words) > 1]
        return [server for server in found if ":" not in server][:3]


def notify(state: str) -> None:
    """Tell systemd, if it is there: "READY=1", "WATCHDOG=1", ... (sd_notify(3))."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    address = "\0" + path[1:] if path.startswith("@") else path
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        try:
            line.sendto(state.encode(), address)
        except OSError:
            pass  # a watchdog that does not hear us will say so


def light_of(folder: str) -> "Callable[[bool], None] | None":
    """Return what switches one of Linux's LEDs; None without it, or where we may not."""
    path = folder + "/brightness"
    if not os.access(path, os.W_OK):
        return None

    try:
        with open(folder + "/trigger", "w") as file:
            file.write("none")  # else the card's reader switches it
    except OSError:
        pass  # no such LED, or it is ours alone

    def switch(is_on: bool) -> None:
        with open(path, "w") as file:
            file.write("1" if is_on else "0")

    return switch
