"""Starts one of the two copies of the firmware. What a node was flashed with, and never updated.

On a device (tools and layout: `groundswell release --help`):

    main.py            import sys; sys.path.insert(0, "/boot")
                       from firmware import launch; launch.run("firmware.boards.esp32")
    boot/firmware/     launch, update/selection, state/flash, state/storage: copies of their own
    a/, b/             the copies of the firmware, each with its firmware/ and what is in it
    state/             what outlives an update

On a board with a ROMFS what it was flashed with may lie there instead of in a/: then its code runs
in place and takes hardly any heap. A copy in a/ or b/, an update, comes before it; going back from
that ends in the ROM again.

The watchdog is on from here: a copy that hangs while it loads is started again, and on trial only
so often. A copy that does not load is left at once, on trial or not: for the other one, or where
there is no way back to that (an update was just being written over it) for the ROM. What fails
later is the business of the copy itself: it starts the machine again, and a trial has only so many
starts.
"""

import sys

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

OURS = ("firmware", "groundswell")
WATCHDOG_MS = 8000  # as boards/micro.py; RP2040's longest is 8,388
ROM = "rom"  # where MicroPython mounts a ROMFS, at its start


def choose(entry: str, root: str) -> "Callable[[], Any] | None":
    """Return the main function of the copy that shall start; None: start again, for the other.

    What is imported here is forgotten with this function: the firmware has its own.
    """
    from firmware.state.flash import Flash
    from firmware.update.selection import Selection

    files = Flash(root)
    try:
        files.make_folder("state")
        selection = Selection(files)
        slot = selection.begin()
        if not files.names(slot + "/firmware"):
            slot = ROM
    except OSError as error:  # no guess: the wrong copy might take the right one for the other
        say(f"the flash: {error!r}")
        return None
    try:
        return load(entry, f"{root}/{slot}")
    except Exception as error:  # noqa: BLE001  whatever it is, the other copy is better
        say(f"{slot} does not load: {error!r}")
        if selection.roll_back(f"it does not load: {error!r}"[:200]) or slot == ROM:
            return None
    try:
        return load(entry, f"{root}/{ROM}")
    except Exception as error:  # noqa: BLE001  most boards have none
        say(f"nor does {ROM}: {error!r}")
        return None


def load(entry: str, folder: str) -> "Callable[[], Any]":
    """Make that copy the one that is imported from, and return its main function."""
    for name in list(sys.modules):
        if name.split(".")[0] in OURS:
            del sys.modules[name]
    # the first place is where we ourselves came from
    sys.path[:] = [folder, folder + "/firmware"] + sys.path[1:]
    __import__(entry)
    main: "Callable[[], Any]" = sys.modules[entry].main
    return main


def watch() -> None:
    """From now on the chip starts anew after WATCHDOG_MS, unless the copy feeds its watchdog."""
    import machine

    machine.WDT(timeout=WATCHDOG_MS)


def run(entry: str, root: str = "", restart: "Callable[[], None] | None" = None) -> None:
    """
    entry     the module whose `main()` is the firmware
    root      the folder that holds all of it
    restart   default: the chip's own reset, and its watchdog
    """
    global choose, load, watch
    is_device = restart is None
    if is_device:
        watch()
    main = choose(entry, root)
    if is_device:
        del choose, load, watch  # 1 kB that is done with
    if main is not None:
        try:
            main()
        except Exception as error:  # noqa: BLE001  on a wall nobody types at a prompt
            say(f"the firmware ended: {error!r}")
    return (restart or reset)()


def reset() -> None:
    import machine

    machine.reset()


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
