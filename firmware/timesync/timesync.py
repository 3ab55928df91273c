"""Asks time servers for the time and gives the clock what a majority of them says; never blocks.

A round asks every server once; failover is that who is silent is not counted. Eight rounds two
seconds apart at the start, after a step and after a long silence; then one every 64 s, slowly
growing to `longest_us`. The states, all changed in this class only:

    RESTING    nothing is under way; the next round begins at a time with jitter
    ASKING     questions are out; ends when all have answered or after PATIENCE_US

Whose word counts is decided in witnesses.py. What this means for liars: of three servers one may
lie, from the start on. Two that disagree at the start give no time at all: the node stays
unsynchronised and says so. A settled clock refuses a step that its own voice can prevent (a lone
server, one of two) for REFUSALS_BORNE rounds, about nine minutes, and only follows if nobody
contradicted all that time. All of it is counted.

No epoch of a device is used, and time.time() is never read: UTC comes from servers, everything
else is ticks. A name is looked up before all this, by names.py.
"""

import os

from firmware.net.udp import UdpLine
from firmware.timesync import sntp, witnesses
from firmware.timesync.witnesses import Exchange

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from groundswell.clock import Clock

    class Line(Protocol):
        socket: "Any"  # what the loop's poll waits for

        def send(self, packet: bytes, address: "Any") -> None: ...
        def receive(self, most: int) -> "bytes | None": ...
        def close(self) -> None: ...


RESTING = 0
ASKING = 1

MOST_SERVERS = 4  # three outvote one that lies; more only cost their owners
BURST_ROUNDS = 8
BURST_GAP_US = 2000000  # as ntpd's iburst (RFC 5905, appendix A: BTIME)
PATIENCE_US = 1500000  # mobile networks answer within a second
SHORTEST_US = 64000000  # between rounds; public servers ask for no less
LONGEST_US = 256000000  # p95 of a day 2 ms; every 1,024 s it is 3.4 ms and 25 ms at worst
LONGEST_POSSIBLE_US = 1024000000
ROUNDS_PER_PACE = 8  # good rounds before the pause doubles
SILENT_ROUNDS_LONG = 4  # after so many the crystal may have wandered: a burst again
REFUSALS_BORNE = 8
REFUSALS_TOLD = 2
ROUNDS_FOR_THE_OTHERS = 3  # at the start a minority that answers waits so long for the others
_PACKETS_PER_STEP = 4  # bounds the time of a step, whoever floods us


class Server:
    """One time server, and whether it may be asked."""

    def __init__(self, address: "Any") -> None:
        self.address = address
        self.cookie = b""  # of the question that is out
        self.t1_ticks_us = 0
        self.pause_us = 0  # it asked for at least so much between questions
        self.rests_until_us = 0
        self.sent_us_away = False

    def may_be_asked(self, now_us: int) -> bool:
        return not self.sent_us_away and now_us >= self.rests_until_us

    def obey(self, kiss: bytes, now_us: int) -> None:
        if kiss in sntp.GO_AWAY:
            self.sent_us_away = True
        elif kiss == sntp.RATE:
            self.pause_us = min(max(2 * self.pause_us, 2 * SHORTEST_US), LONGEST_POSSIBLE_US)
            self.rests_until_us = now_us + self.pause_us


class TimeSync:
    """
    clock         gets one exchange a round, at most
    ticks         () -> microseconds of a counter that never goes back
    addresses     of MOST_SERVERS at most, from names.find_all; the rest is not asked
    open_line     returns a line like udp.UdpLine, or raises OSError
    random_bytes  random_bytes(8): nobody may foresee them
    """

    def __init__(
        self,
        clock: "Clock",
        ticks: "Callable[[], int]",
        addresses: "list[Any]",
        open_line: "Callable[[], Line]" = UdpLine,
        random_bytes: "Callable[[int], bytes]" = os.urandom,
        longest_us: int = LONGEST_US,
    ) -> None:
        self._clock = clock
        self._ticks = ticks
        self._servers: "list[Server]" = []
        self.will_ask(addresses)
        self._open_line = open_line
        self._random_bytes = random_bytes
        self._longest_us = min(max(longest_us, SHORTEST_US), LONGEST_POSSIBLE_US)
        self._exchanges: "list[Exchange]" = []
        self._due_us: "int | None" = None
        self._asked_us = 0
        self._pause_us = SHORTEST_US
        self._burst_left = BURST_ROUNDS
        self._rounds_at_pace = 0
        self._silent_rounds = 0
        self._refusals = 0  # rounds in a row in which a settled clock had its way
        self._is_settled = False
        self._rounds_alone = 0  # in a row in which a minority answered
        self.line: "Line | None" = None  # while asking; see `step`
        self.state = RESTING
        self.asked = 0
        self.answered = 0
        self.malformed = 0  # packets that answer no question of ours, or are no good answer
        self.unanswered = 0
        self.unsendable = 0
        self.kisses = 0
        self.outvoted = 0  # answers that a majority contradicted
        self.undecided = 0  # rounds without a majority

    @property
    def is_lost(self) -> bool:
        """No server is left to ask: names must be looked up (again), when that may block."""
        return all(server.sent_us_away for server in self._servers)

    @property
    def is_in_doubt(self) -> bool:
        """For some rounds nobody or a minority answered, or no majority agreed."""
        is_quiet = max(self._silent_rounds, self._rounds_alone) >= SILENT_ROUNDS_LONG
        return is_quiet or self._refusals >= REFUSALS_TOLD

    def will_ask(self, addresses: "list[Any]") -> None:
        """Ask these from the next round on. Who sent us away and is named again is asked again."""
        stay = [one for one in self._servers if one.address in addresses and not one.sent_us_away]
        there = [one.address for one in stay]
        fresh = [Server(address) for address in addresses if address not in there]
        self._servers = (stay + fresh)[:MOST_SERVERS]

    def hurry(self, now_us: int) -> None:
        """Ask soon: the network is back."""
        if self.state == RESTING:
            self._rest(now_us, BURST_GAP_US // 2)

    def step(self, now_us: int) -> None:
        """Do what is due. now_us: ticks.

        An answer counts as come when it is read. So while `state` is ASKING wait for
        `line.socket` in the loop's poll, or come every millisecond or two: a loop that sleeps
        10 ms makes the clock late by 1.5 ms (p95 of a day 3.6 ms instead of 1.7).
        """
        if self._due_us is None:  # many nodes after a power cut: not all at once
            self._rest(now_us, BURST_GAP_US // 2)
        elif self.line is not None:
            self._read(self.line, now_us)
            is_complete = not any(server.cookie for server in self._servers)
            if is_complete or now_us - self._asked_us > PATIENCE_US:
                self._finish(self.line, now_us)
        elif now_us >= self._due_us:
            self._ask(now_us)

    def _ask(self, now_us: int) -> None:
        self._exchanges = []
        try:
            self.line = self._open_line()
        except OSError:
            self.unsendable += 1
            self._stay_silent(now_us)
            return
        self.state = ASKING
        self._asked_us = now_us
        for server in self._servers:
            if server.may_be_asked(now_us):
                self._question(self.line, server, now_us)

    def _question(self, line: "Line", server: Server, now_us: int) -> None:
        cookie = self._random_bytes(sntp.COOKIE_BYTES)
        packet = sntp.question(cookie)
        server.rests_until_us = now_us + server.pause_us
        server.t1_ticks_us = self._ticks()
        try:
            line.send(packet, server.address)
        except OSError:
            self.unsendable += 1
            return
        server.cookie = cookie
        self.asked += 1

    def _read(self, line: "Line", now_us: int) -> None:
        for _ in range(_PACKETS_PER_STEP):
            try:
                packet = line.receive(sntp.BYTES)
            except OSError:
                return  # the network went; patience ends the round
            if packet is None:
                return
            self._hear(packet, self._ticks(), now_us)

    def _hear(self, packet: bytes, t4_ticks_us: int, now_us: int) -> None:
        for server in self._servers:
            if server.cookie and packet[24:32] == server.cookie:
                cookie, server.cookie = server.cookie, b""
                try:
                    answer = sntp.answer(packet, cookie)
                except sntp.SntpError:
                    break
                self._take(server, answer, t4_ticks_us, now_us)
                return
        self.malformed += 1

    def _take(self, server: Server, answer: sntp.Answer, t4_ticks_us: int, now_us: int) -> None:
        if answer.kiss:
            self.kisses += 1
            server.obey(answer.kiss, now_us)
            return
        exchange = Exchange(
            server.t1_ticks_us, answer.received_us, answer.answered_us, t4_ticks_us
        )
        if not witnesses.is_possible(exchange):
            self.malformed += 1
            return
        self.answered += 1
        self._exchanges.append(exchange)

    def _finish(self, line: "Line", now_us: int) -> None:
        line.close()
        self.line = None
        for server in self._servers:
            self.unanswered += 1 if server.cookie else 0
            server.cookie = b""
        if not self._exchanges:
            self._stay_silent(now_us)
            return
        if self._silent_rounds >= SILENT_ROUNDS_LONG:
            self._burst_left = BURST_ROUNDS
        self._silent_rounds = 0
        is_minority = 2 * len(self._exchanges) <= len(self._servers)
        self._rounds_alone = self._rounds_alone + 1 if is_minority else 0
        if is_minority and not self._is_settled and self._rounds_alone <= ROUNDS_FOR_THE_OTHERS:
            self._rest(now_us, BURST_GAP_US)
            return
        self._judge(now_us)

    def _judge(self, now_us: int) -> None:
        has_voice = self._is_settled and self._refusals < REFUSALS_BORNE
        good = witnesses.believed(self._exchanges, self._clock if has_voice else None)
        if not good:
            self.undecided += 1
            self._refusals += 1
            self._slow_down(False)
            self._rest(now_us, self._pause_us)
            return
        self.outvoted += len(self._exchanges) - len(good)
        steps = self._clock.steps
        self._clock.add_exchange(*min(good, key=witnesses.delay_us))
        if self._clock.steps != steps:
            self._burst_left = BURST_ROUNDS
            self._is_settled = False
        self._go_on(now_us)

    def _go_on(self, now_us: int) -> None:
        """Choose the pause after a round that gave the clock an exchange."""
        if self._clock.contradictions:  # decide soon which of the two is right
            self._slow_down(False)
            self._rest(now_us, BURST_GAP_US)
            return
        self._refusals = 0
        self._burst_left -= 1
        if self._burst_left > 0:
            self._rest(now_us, BURST_GAP_US)
            return
        self._burst_left = 0
        self._is_settled = True
        self._rest(now_us, self._pause_us)
        self._slow_down(True)

    def _slow_down(self, is_good: bool) -> None:
        self._rounds_at_pace = self._rounds_at_pace + 1 if is_good else 0
        if not is_good:
            self._pause_us = SHORTEST_US
        elif self._rounds_at_pace >= ROUNDS_PER_PACE:
            self._rounds_at_pace = 0
            self._pause_us = min(2 * self._pause_us, self._longest_us)

    def _stay_silent(self, now_us: int) -> None:
        """Nobody answered: ask ever less often, and begin anew when somebody does."""
        self._silent_rounds += 1
        self._slow_down(False)
        self._rest(now_us, min(BURST_GAP_US << min(self._silent_rounds, 7), LONGEST_US))

    def _rest(self, now_us: int, pause_us: int) -> None:
        """Wait 7/8 to 9/8 of the pause."""
        self.state = RESTING
        jitter = self._random_bytes(1)[0]
        self._due_us = now_us + pause_us * 7 // 8 + pause_us * jitter // 1024
