"""A node that does not listen to the ground, and says so: in safe mode, or without a chip."""

from array import array

from groundswell import wire
from groundswell.moment import Moment
from groundswell.reporter import FIRMWARE

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from groundswell.clock import Clock
    from groundswell.reporter import Identity


class NoSensor:
    """error: why, for a technician."""

    def __init__(self, error: str) -> None:
        self.counts = array("i")
        self.end = Moment()
        self.error = error

    def poll(self) -> int:
        return 0


class AsleepReporter:
    """state: wire.STATE_SAFE_MODE or wire.STATE_FAULT."""

    waveforms = None

    def __init__(self, identity: "Identity", clock: "Clock", state: int) -> None:
        self._identity = identity
        self._clock = clock
        self._seq = 0
        self.state = state
        self.is_masked = False
        self.send_from_permille = 0

    def next_seq(self) -> int:
        self._seq = (self._seq + 1) & 0xFFFFFFFF
        return self._seq

    def status(
        self, now_ticks_us: int, free_memory_b: int = 0, rssi_dbm: int = 0, battery_mv: int = 0
    ) -> "wire.Status":
        identity, clock = self._identity, self._clock
        is_set = clock.is_synchronised(now_ticks_us)
        return wire.Status(
            identity.node_id,
            identity.boot_id,
            self.next_seq(),
            self.state,
            0 if is_set else wire.FLAG_UNSYNCHRONISED,
            identity.sensor,
            clock.utc_us(now_ticks_us),
            clock.error_us(now_ticks_us),
            clock.drift_ppb,
            identity.lat_udeg,
            identity.lon_udeg,
            identity.elevation_m,
            0,
            0,
            0,
            now_ticks_us // 1000000,
            free_memory_b,
            0,
            battery_mv,
            rssi_dbm,
            *(FIRMWARE + (0, 0, wire.RESET_UNKNOWN)),
        )
