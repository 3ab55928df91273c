"""The date of the device's own calendar clock, by which TLS judges certificates.

After a power cut an ESP32 or a Pico believes that it is the year 2000 or 2021: every certificate
is then not yet valid, and the node could not make its first connection. So the calendar is never
left before a lower bound: the day on which this firmware was made, or the last day that was
proved, which the node notes on flash. Time servers are asked before the first call; a time before
the bound is refused, because whoever can turn the calendar back can make an expired certificate
valid again. What they say of the future sets the calendar and proves nothing: only a broker whose
certificate is valid on that day does, or a single lie would lock the node out for good.

The sample path has nothing to do with this clock: times of samples are those of groundswell.clock.
"""

from firmware.timesync.sntp import BUILT_UNIX_S

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

NOTE_EVERY_S = 7 * 86400  # 260 writes in five years; a certificate lives for a year or more
TOLERANCE_S = 60  # certificates are dated in days; setting the calendar oftener helps nobody


class ColdClock:
    """
    read      () -> Unix seconds of the device's calendar
    set_to    (Unix seconds) -> sets it; None where we may not (a Raspberry Pi has chrony)
    note      (Unix seconds) -> keeps them on flash
    noted_s   what was kept there, 0 for nothing
    """

    def __init__(
        self,
        read: "Callable[[], int]",
        set_to: "Callable[[int], None] | None",
        note: "Callable[[int], None]",
        noted_s: int,
    ) -> None:
        self._read = read
        self._set_to = set_to
        self._note = note
        self._noted_s = noted_s
        self.refused = 0  # times that lie before the bound
        if self._read() < self.earliest_s:
            self._set(self.earliest_s)

    @property
    def earliest_s(self) -> int:
        """It is not earlier than this."""
        return max(BUILT_UNIX_S, self._noted_s)

    def learn(self, utc_us: int) -> bool:
        """Take the time that the time servers agree on; return whether it can be true."""
        utc_s = utc_us // 1000000
        if utc_s < self.earliest_s:
            self.refused += 1
            return False
        if abs(utc_s - self._read()) > TOLERANCE_S:
            self._set(utc_s)
        return True

    def proved(self) -> None:
        """A broker's certificate was valid by the calendar: note the day, once a week."""
        today_s = self._read()
        if today_s - self._noted_s > NOTE_EVERY_S:
            self._noted_s = today_s
            self._note(today_s)

    def _set(self, unix_s: int) -> None:
        if self._set_to is not None:
            self._set_to(unix_s)
