"""The firmware's start and its loop, the same on every board (boards/, virtual/).

The start counts itself, reads the configuration, starts and tests the chip, builds the rest
(parts.py). Nothing that is wrong keeps the node from going on with what is right: it connects,
says what is wrong (groundswell.faults), and is armed only when all is well: a chip that passed its
self-test, a detector that knows the noise, a clock that is set.

The loop: empty the sensor's FIFO every BLOCK_MS, then do everybody else's work, then sleep. After
CRASHES_BORNE crashes in a row it runs in safe mode: no sensor and no detector, but connected and
obedient, until somebody mends it or SAFE_FOR_US is over and it tries again.
"""

import gc

# The deepest first: each level of imports takes some kB of a small stack. Only then the rest.
import groundswell.filters

# isort: split
import groundswell.reporter  # noqa: F401

# isort: split

from firmware.indicators import ARMED, FAULT, NO_BROKER, NO_TIME, SAFE_MODE, STARTING
from firmware.net.trust import TrustError
from firmware.state.starts import HEALTHY_US, Starts
from groundswell import faults, wire

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Any

    from firmware.boards import Board

BLOCK_MS = 32  # between two readings of the sensor, on average: 4 samples at 125 Hz
TRIAL_US = 180000000  # new settings: Wi-Fi, time and broker need a minute at worst
SAFE_FOR_US = 1800000000
LEAVE_AFTER_US = 1000000  # from the answer to the start: the answer has to get out
PAST_EVERY_US = 200000  # between packets of the past: five times as fast as they are made
PAST_OUTBOX = 8  # and not while so many frames wait
LOOK_EVERY_US = 1000000
LOW_MEMORY_B = 8192
HUNGRY_CALLS = 10  # of brokers in a row, five minutes: a start puts the heap in order
SELF_TEST_EVERY_US = 60000000  # again, after one that failed: perhaps the ground shook


class Restart(BaseException):
    """Leave the loop and start anew; cause is what the next start will say (wire.RESET_...)."""

    def __init__(self, cause: int) -> None:
        self.cause = cause


class Stop(BaseException):
    """The board is to be switched off: say goodbye."""


def pause_ms(number: int, period_ms: int) -> int:
    """Return how long to sleep after reading the sensor for the nth time.

    Whoever always looks at the same moment between two samples does not see where within the
    period it is (sampler.py). 7 is prime to the period of every chip and rate, so that as many
    readings as it has milliseconds look at as many moments of it. Never less than a period: of
    readings with nothing new one learns no time, and the others would all be early ones.
    """
    mean_ms = max(BLOCK_MS, period_ms + period_ms // 2)
    return mean_ms - period_ms // 2 + 7 * number % period_ms


def run(board: "Board") -> None:
    """Start and loop. Returns after Stop, and where board.restart() does."""
    life = Life(board)
    while life.turn():
        pass


class Life:
    """From a start to the next: says why it ended, to flash and to the next start.

    The watchdog watches from the first moment: a start that hangs (the chip's bus, the flash) ends
    in another, and after three in safe mode, which leaves the chip alone.
    """

    def __init__(self, board: "Board") -> None:
        self._board = board
        board.guard()
        self._starts = Starts(board.files)
        self._starts.begin(board.reset_cause)
        self.firmware: "Firmware | None" = None
        self.is_over = False  # switched off: there is no next start

    def turn(self) -> "bool":
        """Start, or do one turn of the loop; return whether there is another."""
        try:
            if self.firmware is None:
                self._board.feed()
                self.firmware = Firmware(self._board, self._starts)
            else:
                self.firmware.step()
                self.firmware.rest()
            return True
        except Stop:
            self.is_over = True
            if self.firmware is not None:
                self.firmware.node.close()
            self._starts.plan(wire.RESET_COMMAND)
            return False
        except Restart as restart:
            self._starts.plan(restart.cause)
        except Exception as error:  # noqa: BLE001  counted, told by the next start, and survived
            gc.collect()  # to have room for these words
            text = f"crashed: {error!r}"
            self._board.log(text)
            self._starts.crashed(text)
        self._board.restart()
        return False


class Firmware:
    """The loop, around the parts that the start made."""

    def __init__(self, board: "Board", starts: Starts) -> None:
        self._board = board
        self._starts = starts
        from firmware.assembly import assemble  # not kept (lean.py)

        self.parts = parts = assemble(board, starts)
        self.health = parts.health
        self.node = parts.node
        self.said: "list[Any]" = []  # in this turn, for whoever watches
        self._was_up = self._was_ever_up = False
        self._begun_us = board.ticks()
        self._leave_us: "int | None" = None
        self._next_look_us = 0
        self._next_past_us = 0
        self._next_test_us = self._begun_us + SELF_TEST_EVERY_US
        chip = None if parts.sampler is None else parts.sampler.chip
        self._period_ms = 8 if chip is None else 1000000 // chip.rate_mhz
        self._late_us = 1000 * board.longest_step_ms
        self._polls = 0
        self._polled_us = self._begun_us
        self._overruns = 0
        self._broker_losses = 0

    def step(self) -> None:
        """Do everything once."""
        board, guard = self._board, self.health.guard
        board.feed()
        now_us = board.ticks()
        if now_us - self._polled_us > self._late_us:
            self.health.note(faults.LATE_LOOP, now_us)
        self._polled_us = now_us
        self.said = self.node.step()
        guard(faults.TASK_NETWORK, now_us, self._look_at_network, now_us)
        guard(faults.TASK_TIME, now_us, self.parts.time.step, now_us)
        guard(faults.TASK_SIGNALS, now_us, self._signal, now_us)
        guard(faults.TASK_HISTORY, now_us, self._send_past, now_us)
        guard(faults.TASK_UPDATE, now_us, self._update, now_us)
        if now_us >= self._next_look_us:
            self._next_look_us = now_us + LOOK_EVERY_US
            try:
                self._look_around(now_us)
            except OSError as error:  # of the flash: confirming settings, noting the day
                self.health.hold(faults.STORAGE, True)
                self.health.say(f"the flash fails: {error!r}")
            except MemoryError:  # and the same: in a second they find room, or later
                gc.collect()
                self.health.note(faults.MEMORY, now_us)
        self._leave_if_planned(now_us)

    def _look_at_network(self, now_us: int) -> None:
        network = self.parts.network
        network.step(now_us)
        if network.is_up and not self._was_up:
            self.parts.time.hurry(now_us)
            self.node.uplink.hurry(now_us)
        elif self._was_up and not network.is_up:
            self.health.note(faults.NETWORK, now_us)
        self._was_up = network.is_up
        self._was_ever_up = self._was_ever_up or network.is_up

    def _signal(self, now_us: int) -> None:
        self.parts.signals.step(self._shown(now_us), now_us)
        self.parts.reporter.is_masked = self.parts.signals.is_masking(now_us)

    def _shown(self, now_us: int) -> str:
        state = self.node.state(now_us)
        if state == wire.STATE_SAFE_MODE:
            return SAFE_MODE
        if state == wire.STATE_FAULT:
            return FAULT
        if not self.node.uplink.is_online:
            return NO_BROKER
        if not self.parts.clock.is_synchronised(now_us):
            return NO_TIME
        return ARMED if state == wire.STATE_ARMED else STARTING

    def _send_past(self, now_us: int) -> None:
        waveforms = self.parts.reporter.waveforms
        if waveforms is None or not waveforms.has_past or now_us < self._next_past_us:
            return
        uplink = self.node.uplink
        if not uplink.is_online or len(uplink.outbox) >= PAST_OUTBOX:
            return
        self._next_past_us = now_us + PAST_EVERY_US
        packet = waveforms.fetch_past(self.parts.reporter.flags(now_us))
        if packet is not None:
            self.node.say(packet, now_us)

    def _update(self, now_us: int) -> None:
        trial, updater = self.parts.trial, self.parts.updater
        if updater is not None:
            updater.step(now_us)
        if trial is not None:
            # armed: the chip passed its self-test, the detector knows the noise, the clock is set
            is_armed = self.node.state(now_us) == wire.STATE_ARMED
            trial.step(now_us, is_armed and self.node.uplink.is_online)
        if any(one is not None and one.wants_restart for one in (trial, updater)):
            self.parts.planned_cause = wire.RESET_UPDATE

    def _look_around(self, now_us: int) -> None:
        """What is looked at once a second: memory, losses, trials."""
        node, health = self.node, self.health
        mem_free = getattr(gc, "mem_free", None)  # None on CPython
        if mem_free is not None:
            gc.collect()  # the FIFO has just been emptied: a pause of 13 ms is harmless
            if mem_free() < LOW_MEMORY_B:
                health.note(faults.MEMORY, now_us)
        if not self._starts.can_write:
            health.hold(faults.STORAGE, True)
        node.rssi_dbm = self.parts.network.rssi_dbm()
        node.battery_mv = self._board.battery_mv()
        if not self.parts.network.is_up and self._was_ever_up:
            health.note(faults.NETWORK, now_us)
        was_lost = node.uplink.disconnects > self._broker_losses
        if was_lost or (node.uplink.connects and not node.uplink.is_online):
            self._broker_losses = node.uplink.disconnects
            health.note(faults.UPLINK, now_us)
        if node.uplink.out_of_memory >= HUNGRY_CALLS:
            raise Restart(wire.RESET_CRASH)
        health.hold(faults.CERTIFICATE, isinstance(node.uplink.error, TrustError))
        self._keep_calendar(now_us)
        sampler = self.parts.sampler
        if sampler is not None:
            if sampler.overruns > self._overruns:
                self._overruns = sampler.overruns
                health.note(faults.OVERRUN, now_us)
            if health.bits(now_us) & faults.SELF_TEST and now_us >= self._next_test_us:
                self._next_test_us = now_us + SELF_TEST_EVERY_US
                self.parts.test_sensor()
        self._end_trials(now_us)

    def _keep_calendar(self, now_us: int) -> None:
        """Let the clock by which TLS judges certificates follow ours (cold_clock.py)."""
        calendar, clock = self.parts.calendar, self.parts.clock
        if calendar is None:
            return
        if clock.is_synchronised(now_us) and not calendar.learn(clock.utc_us(now_us)):
            self.health.note(faults.TIME_SERVERS, now_us)
        if self.node.uplink.is_online:
            calendar.proved()

    def _end_trials(self, now_us: int) -> None:
        running_us = now_us - self._begun_us
        if self.parts.configuration.is_on_trial:
            if self.node.uplink.is_online and self.node.uplink.may_hear:
                self.parts.configuration.confirm()
            elif running_us > TRIAL_US:
                self.parts.configuration.give_up()
                raise Restart(wire.RESET_SETTINGS)
        if self._starts.is_safe:
            if running_us > SAFE_FOR_US:
                self._starts.nearly_safe()
                raise Restart(wire.RESET_CRASH)
        elif running_us > HEALTHY_US:
            self._starts.is_well()

    def _leave_if_planned(self, now_us: int) -> None:
        cause = self.parts.planned_cause
        if cause is None:
            return
        if self._leave_us is None:
            self._leave_us = now_us + LEAVE_AFTER_US
        elif now_us >= self._leave_us:
            self.node.close()
            raise Restart(cause)

    def rest(self) -> None:
        """Sleep until the sensor is due; look for answers of time servers meanwhile."""
        board = self._board
        self._polls += 1
        next_us = self._polled_us + 1000 * pause_ms(self._polls, self._period_ms)
        left_us = next_us - board.ticks()
        while left_us >= 1000:
            if self.parts.time.is_asking:
                board.sleep_ms(1)
                now_us = board.ticks()
                self.health.guard(faults.TASK_TIME, now_us, self.parts.time.step, now_us)
            else:
                board.sleep_ms(left_us // 1000)
            left_us = next_us - board.ticks()
