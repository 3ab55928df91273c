"""What light and buzzer say to whoever stands in front of the node. One table.

The light always moves while the loop lives: one that is steadily on or off is a dead node. While
the buzzer sounds, and until the ground under it is quiet again, own detections are masked.
"""

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

STARTING = "starting"
ARMED = "armed"
NO_BROKER = "no broker"
NO_TIME = "no time"
FAULT = "fault"
SAFE_MODE = "safe mode"
IDENTIFY = "identify"

# milliseconds of light, darkness, light, darkness ...
PATTERNS = {
    STARTING: (100, 100),
    ARMED: (50, 2950),  # one blink
    NO_BROKER: (50, 200, 50, 2700),  # two
    NO_TIME: (50, 200, 50, 200, 50, 2450),  # three
    FAULT: (1000, 1000),
    SAFE_MODE: (1000, 200, 200, 200),
    IDENTIFY: (250, 250),  # the buzzer with it
}
IDENTIFY_US = 10000000
MASKED_AFTER_US = 3000000  # the short average holds half a second, a wall rings no longer


def is_lit(pattern: "tuple[int, ...]", ms: int) -> bool:
    """Tell whether the light is on so many milliseconds after any beginning of the pattern."""
    place = ms % sum(pattern)
    is_on = True
    for length in pattern:
        if place < length:
            return is_on
        place -= length
        is_on = not is_on
    return False


class Indicators:
    """
    light, buzzer   f(is_on), or None where there is none
    """

    def __init__(
        self,
        light: "Callable[[bool], None] | None",
        buzzer: "Callable[[bool], None] | None",
    ) -> None:
        self._light = light
        self._buzzer = buzzer
        self._identify_from_us: "int | None" = None
        self._was_on: "bool | None" = None
        self._buzzed_us: "int | None" = None  # when it last sounded
        self.may_buzz = True

    def identify(self, now_us: int) -> bool:
        """Blink and buzz for a while; False where there is neither light nor buzzer."""
        if self._light is None and not self._has_buzzer():
            return False
        self._identify_from_us = now_us
        if self._has_buzzer():
            self._buzzed_us = now_us
        return True

    def is_masking(self, now_us: int) -> bool:
        """Tell whether what the ground does may be our own buzzer's doing."""
        return self._buzzed_us is not None and now_us - self._buzzed_us < MASKED_AFTER_US

    def step(self, state: str, now_us: int) -> None:
        """Show a state, one of PATTERNS."""
        since_us = self._identify_from_us
        if since_us is not None and now_us - since_us < IDENTIFY_US:
            state = IDENTIFY
        else:
            self._identify_from_us = None
        is_on = is_lit(PATTERNS[state], now_us // 1000)
        is_buzzing = is_on and state == IDENTIFY and self._has_buzzer()
        if is_buzzing or (state == IDENTIFY and self._buzzed_us is not None):
            self._buzzed_us = now_us
        if is_on == self._was_on:
            return
        self._was_on = is_on
        if self._light is not None:
            self._light(is_on)
        if self._buzzer is not None:
            self._buzzer(is_buzzing)

    def _has_buzzer(self) -> bool:
        return self._buzzer is not None and self.may_buzz
