"""The first minutes of an updated copy: it confirms itself, or goes back to the former one."""

from firmware.update.selection import Selection

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from firmware.update.staging import Files
    from groundswell.release import Version

# Two brokers, four addresses and their back-off of a minute have their chance in it.
CONFIRM_WITHIN_US = 600000000


class Trial:
    """
    version         of the firmware that runs
    wants_restart   it is over, and the former copy shall run
    """

    def __init__(self, files: "Files", version: "Version") -> None:
        """Raises OSError where the flash cannot be read."""
        self._version = version
        self._since_us: "int | None" = None
        self.selection = Selection(files)
        self.wants_restart = False

    def step(self, now_us: int, is_well: bool) -> None:
        """is_well: connected, and passed the self-test. Raises OSError where the flash fails."""
        if not self.selection.is_on_trial or self.wants_restart:
            return
        if self._since_us is None:
            self._since_us = now_us
        if is_well:
            self.selection.confirm(self._version)
        elif now_us - self._since_us > CONFIRM_WITHIN_US:
            self.wants_restart = True  # which costs the trial a start, whatever the flash does
            self.selection.roll_back("it did not connect and pass its self-test in time")
