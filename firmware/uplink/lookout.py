"""Looks whether the preferred broker answers again while the node is at another one.

A second socket for a moment, without TLS and without a word of MQTT: the line that we have stays
as it is until the preferred broker has accepted a connection.
"""

from firmware.uplink.rota import Rota

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from firmware.uplink.way import Line, Way

PATIENCE_US = 5000000


class Lookout:
    def __init__(self, way: "Way", rota: Rota) -> None:
        self._way = way
        self._rota = rota
        self._probe: "Line | None" = None
        self._since_us = 0

    def is_back(self, now_us: int, is_calm: bool) -> bool:
        """Look if it is time to, and only when nothing is at stake; return what is seen."""
        try:
            if self._probe is None:
                if is_calm and self._rota.is_look_due(now_us):
                    self._rota.look_later(now_us)
                    self._since_us = now_us
                    self._probe = self._way.probe()
                return False
            if self._probe.advance():
                self.close()
                return is_calm
            if now_us - self._since_us > PATIENCE_US:
                self.close()
        except (OSError, MemoryError):
            self.close()
        return False

    def close(self) -> None:
        if self._probe is not None:
            self._probe.close()
            self._probe = None
