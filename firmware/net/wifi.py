"""The node's radio: joins a wireless network and joins it again, never waiting for it.

`wlan` is a network.WLAN(network.STA_IF) of MicroPython, or what looks like one. Its own
reconnecting is not relied on: firmware gives up after some kinds of refusal.
"""

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ATTEMPT_US = 20000000  # a join with DHCP takes 2 to 8 s
PAUSE_FIRST_US = 1000000
PAUSE_LONGEST_US = 30000000


class Wifi:
    """on_up: called with the address of the name server that the access point gave."""

    def __init__(self, wlan: "Any", ssid: str, key: str, on_up: "Callable[[str], None]") -> None:
        self._wlan = wlan
        self._on_up = on_up
        self._ssid = ssid
        self._key = key
        self._next_us = 0
        self._pause_us = PAUSE_FIRST_US
        self.is_up = False
        self.losses = 0

    def step(self, now_us: int) -> None:
        is_up = bool(self._wlan.isconnected())
        if is_up:
            self._pause_us = PAUSE_FIRST_US
            if not self.is_up:
                self._on_up(self._wlan.ifconfig()[3])
        elif self.is_up:
            self.losses += 1
            self._next_us = now_us
        self.is_up = is_up
        if not is_up and now_us >= self._next_us:
            self._join(now_us)

    def rssi_dbm(self) -> int:
        """Return the strength of the access point's signal; 0 without one."""
        if not self.is_up:
            return 0
        try:
            return max(-127, min(0, int(self._wlan.status("rssi"))))
        except (OSError, ValueError, TypeError):
            return 0

    def _join(self, now_us: int) -> None:
        self._next_us = now_us + ATTEMPT_US + self._pause_us
        self._pause_us = min(2 * self._pause_us, PAUSE_LONGEST_US)
        try:
            self._wlan.active(True)
            self._wlan.disconnect()
        except OSError:
            pass  # there was nothing to disconnect
        try:
            self._wlan.connect(self._ssid, self._key or None)
        except OSError:
            pass  # the next attempt comes
