"""What differs between boards, and nothing else: the port that the main loop is plugged into."""

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, Protocol

    from firmware.sensors.bus import SpiBus
    from firmware.sensors.i2c_bus import I2cBus
    from firmware.state.flash import Flash
    from firmware.state.settings import Settings
    from groundswell.moment import Moment

    class Network(Protocol):
        is_up: bool

        def step(self, now_us: int) -> None: ...
        def rssi_dbm(self) -> int: ...

    class Board(Protocol):
        name: str  # what an update is made for
        longest_step_ms: int  # that its loop may stand still: of a TLS handshake (tools/tls_steps)
        reset_cause: int  # wire.RESET_..., as far as the hardware knows
        files: Flash
        light: Callable[[bool], None] | None
        buzzer: Callable[[bool], None] | None

        def now(self) -> Moment:
            """Return now by the ticks, without making a number; good until the next call."""
            ...

        def ticks(self) -> int:
            """Return microseconds that never go back."""
            ...

        def sleep_ms(self, ms: int) -> None: ...

        def bus(self, settings: Settings) -> SpiBus | I2cBus:
            """Return the wires to the chip. Raises OSError or ValueError."""
            ...

        def network(self, settings: Settings) -> Network: ...

        def ways(self, settings: Settings) -> list[Any]:
            """Return the way to each broker (way.py). Raises OSError, ValueError."""
            ...

        def pulses(self, pin: int) -> Callable[[], int | None]:
            """Return what tells the ticks of the last pulse there. Raises OSError, ValueError."""
            ...

        def open_udp(self) -> Any: ...

        def look_up(self, servers: list[tuple[str, int]]) -> list[Any] | None:
            """Return the addresses of (host, port) pairs; None: not yet."""
            ...

        def calendar(self) -> tuple[Callable[[], int], Callable[[int], None]] | None:
            """Return what reads and sets the clock by which TLS judges; None: not our business."""
            ...

        def random_bytes(self, count: int) -> bytes: ...
        def battery_mv(self) -> int: ...

        def guard(self) -> None:
            """From now on the board starts anew if `feed` is not called for 8 s.

            Called at the very beginning, once.
            """
            ...

        def feed(self) -> None: ...
        def log(self, text: str) -> None: ...
        def restart(self) -> NoReturn: ...
