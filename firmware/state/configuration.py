"""The settings in force, on flash: new ones are on trial until the node has connected with them.

    configuration = Configuration(files)     reads; never raises
    configuration.propose(new)               kept as a trial; start again to try it
    configuration.confirm()                  the trial is over: it connected
    configuration.give_up()                  it did not: the old ones again

Settings that were never confirmed are tried at TRIAL_STARTS starts at most. One file holds both
the old and the new ones and is written as a whole (storage.py), so a cut of power leaves either
what was or what shall be. What an older firmware did not save has its default, and what a newer
one saved besides is left out: an update changes nothing else. A file that cannot be read is no
reason to be silent: then what the technician left (`node.json`) is in force, then the defaults;
`is_broken` says so, and `trouble` what is wrong with it.
"""

import json

from firmware.state import storage

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from firmware.state.flash import Flash
    from firmware.state.settings import Settings

NAME = "state/settings"
FACTORY_FILE = "node.json"  # written with the firmware: an object of changes to the defaults
TRIAL_STARTS = 2


class Configuration:
    """settings: those in force."""

    def __init__(self, files: "Flash") -> None:
        self._files = files
        self._old: "Settings | None" = None  # what a roll-back leads to, while on trial
        self._starts_left = 0
        self._has_debris = False  # something was saved that cannot be read
        self.is_broken = False
        self.trouble = ""  # for whoever has a cable at the node
        self.was_rolled_back = False
        self.settings: "Settings" = {}
        if not self._read():
            self.settings = self._factory()

    @property
    def is_on_trial(self) -> bool:
        return self._old is not None

    def begin(self) -> None:
        """Count this start against the trial; goes back to the old settings after too many."""
        if self._has_debris:  # told in this run; a cut during the first save leaves it too
            for slot in (0, 1):
                self._files.remove(f"{NAME}.{slot}")
        if self._old is None:
            if self.was_rolled_back:
                self._write(self.settings, None, 0, False)  # said once
            return
        if self._starts_left <= 0:
            self.give_up()
            return
        self._starts_left -= 1
        self._write(self._old, self.settings, self._starts_left, False)

    def propose(self, new: "Settings") -> None:
        """Keep new settings on trial. Raises OSError where the flash does not take them."""
        old = self.settings if self._old is None else self._old
        self._write(old, new, TRIAL_STARTS, False)

    def keep(self, new: "Settings") -> None:
        """Keep settings that need no trial, because nothing of the connection changes."""
        if self._old is None:
            self._write(new, None, 0, False)
        else:
            self._write(self._old, new, self._starts_left, False)
        self.settings = new

    def confirm(self) -> None:
        if self._old is not None:
            self._write(self.settings, None, 0, False)
            self._old = None

    def give_up(self) -> None:
        if self._old is not None:
            self._write(self._old, None, 0, True)
            self.settings, self._old = self._old, None
            self.was_rolled_back = True

    def _factory(self) -> "Settings":
        """Return what the technician left, or the defaults."""
        from firmware.state import settings as rules  # not kept (lean.py)

        try:
            content = self._files.read(FACTORY_FILE)
            if content is not None:
                return rules.changed(rules.defaults(), content)
            self.trouble = "there is no node.json"
        except (OSError, ValueError) as error:  # SettingsError
            self.is_broken = True
            self.trouble = f"node.json is of no use: {error}"
        return rules.defaults()

    def _read(self) -> bool:
        """Read what was saved; False if there is nothing that can be used."""
        from firmware.state import settings as rules  # not kept (lean.py)

        try:
            content = storage.load(self._files, NAME)
        except OSError:
            content = None
        if content is None:
            # never saved is not broken; saved and unreadable is
            self._has_debris = self.is_broken = self._was_saved()
            return False
        try:
            document = json.loads(str(content, "utf-8"))
            now, trial = rules.completed(document["now"]), document["trial"]
            rules.check(now)
            if trial is not None:
                trial = rules.completed(trial)
                rules.check(trial)
            self._starts_left = int(document["left"])
            self.was_rolled_back = bool(document["rolled_back"])
        except (ValueError, KeyError, TypeError, AttributeError):
            self.is_broken = True
            return False
        self.settings = now if trial is None else trial
        self._old = None if trial is None else now
        return True

    def _was_saved(self) -> bool:
        try:
            return any(self._files.read(f"{NAME}.{slot}", 0, 1) is not None for slot in (0, 1))
        except OSError:
            return True

    def _write(
        self, now: "Settings", trial: "Settings | None", left: int, was_rolled_back: bool
    ) -> None:
        document = {"now": now, "trial": trial, "left": left, "rolled_back": was_rolled_back}
        storage.save(self._files, NAME, json.dumps(document).encode())
