"""How often this node started, why, and how often in a row it crashed: kept on flash.

After CRASHES_BORNE crashes in a row a start is a safe one. A run of HEALTHY_US ends the row. A cut
of power is no crash; a watchdog is, but where the start was planned: a Pico starts anew by its
watchdog and says so of every reset (ports/rp2/modmachine.c; micropython issue 19409), and so does
a Raspberry Pi of every start that is not the machine's own.
"""

import json

from firmware.state import storage
from groundswell import wire

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from firmware.state.flash import Flash

NAME = "state/starts"
CRASHES_BORNE = 3
HEALTHY_US = 300000000  # a fault of the loop shows within minutes, as far as faults do
MAX_TEXT = 300


class Starts:
    """Reads what was kept; never raises. can_write: False once the flash did not take it."""

    def __init__(self, files: "Flash") -> None:
        self._files = files
        self.can_write = True
        self.restarts = 0
        self.crashes = 0  # in a row, before this start
        self.reset_cause = wire.RESET_UNKNOWN
        self.last_crash = ""
        self._planned = wire.RESET_UNKNOWN  # why the next start will be, as far as we know
        try:
            files.make_folder("state")
            document = json.loads(str(storage.load(files, NAME) or b"{}", "utf-8"))
            self.restarts = int(document.get("restarts", 0))
            self.crashes = int(document.get("crashes", 0))
            self._planned = int(document.get("planned", wire.RESET_UNKNOWN))
            self.last_crash = str(document.get("text", ""))
        except (OSError, ValueError, TypeError, AttributeError):
            pass  # counting begins again

    @property
    def is_safe(self) -> bool:
        return self.crashes >= CRASHES_BORNE

    def begin(self, hardware_cause: int) -> None:
        """Count this start. hardware_cause: what the chip says of its reset."""
        if self.restarts == 0 and hardware_cause == wire.RESET_WATCHDOG:
            hardware_cause = wire.RESET_UNKNOWN  # nothing of ours ran before
        self.restarts = (self.restarts + 1) & 0xFFFF
        self.reset_cause = self._planned or hardware_cause
        if self.reset_cause == wire.RESET_WATCHDOG:
            self.crashes = min(255, self.crashes + 1)
            self.last_crash = "the watchdog bit: the loop hung"
        self._planned = wire.RESET_UNKNOWN
        self._write()

    def plan(self, cause: int) -> None:
        """Note why the next start will be."""
        self._planned = cause
        if cause != wire.RESET_CRASH:
            self.crashes = 0
        self._write()

    def crashed(self, text: str) -> None:
        self.crashes = min(255, self.crashes + 1)
        self.last_crash = text[:MAX_TEXT]
        self.plan(wire.RESET_CRASH)

    def is_well(self) -> None:
        """The run has lasted: what was before counts no more."""
        if self.crashes:
            self.crashes = 0
            self._write()

    def nearly_safe(self) -> None:
        """Try an ordinary start: one more crash leads back."""
        self.crashes = CRASHES_BORNE - 1
        self._planned = wire.RESET_COMMAND
        self._write()

    def _write(self) -> None:
        document = {
            "restarts": self.restarts,
            "crashes": self.crashes,
            "planned": self._planned,
            "text": self.last_crash,
        }
        try:
            storage.save(self._files, NAME, json.dumps(document).encode())
        except (OSError, MemoryError):  # the start that follows has memory again
            self.can_write = False
