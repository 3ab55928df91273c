"""A GNSS receiver's pulse per second as a time server without a way: option, tens of microseconds.

The interrupt stores its tick count first thing (`pulse`); the loop gives the receiver's RMC
sentences (`sentence`), which name the second that the last pulse began. An interrupt can only be
late (scheduled behind a bytecode, behind a garbage collection), so of PULSES the one with the
least residual is given to the clock, as an exchange of almost no delay.

A clock that knows the time from servers keeps its second: receivers with old firmware are wrong by
1,024 weeks. What is refused is counted. The date comes from the sentence, from no device's epoch.
"""

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from groundswell.clock import Clock

PULSES = 16  # one given to the clock in so many seconds
LATENCY_US = 100  # of the best of them: an assumption, not measured on a board
# A sentence follows its pulse within a second: NMEA at 9,600 baud takes 0.1..0.6 s.
_SENTENCE_AFTER_US = 950000
_MOST_LENGTH = 82  # NMEA 0183, 5.3
_DAYS_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_DAYS_1970_TO_2000 = 10957


class RmcError(ValueError):
    """This line is not a valid RMC sentence with a fix."""


class Pps:
    """Holds PULSES pairs of tick and second, at most."""

    def __init__(self, clock: "Clock") -> None:
        self._clock = clock
        self._pulse_ticks_us: "int | None" = None
        self._pairs: "list[tuple[int, int]]" = []  # (ticks_us, utc_us)
        self.given = 0
        self.malformed = 0
        self.unpaired = 0  # sentences without a pulse shortly before
        self.refused = 0  # not the second that a synchronised clock knows

    def pulse(self, ticks_us: int) -> None:
        """Take the (extended) tick count of the last pulse."""
        self._pulse_ticks_us = ticks_us

    def sentence(self, line: bytes, ticks_us: int) -> None:
        """Take a line of the receiver and when it came; only RMC says anything."""
        if line[3:6] != b"RMC":
            return
        try:
            utc_us = rmc_utc_us(line)
        except RmcError:
            self.malformed += 1
            return
        pulse_us, self._pulse_ticks_us = self._pulse_ticks_us, None
        if pulse_us is None or not 0 < ticks_us - pulse_us < _SENTENCE_AFTER_US:
            self.unpaired += 1
            return
        self._pairs.append((pulse_us, utc_us))
        if len(self._pairs) == PULSES:
            self._give()

    def _give(self) -> None:
        """Give the clock the pulse that was seen soonest, by the clock's own rate."""
        residuals = [(self._clock.utc_us(ticks) - utc, ticks, utc) for ticks, utc in self._pairs]
        self._pairs = []
        _, ticks_us, utc_us = min(residuals)
        is_known = self._clock.is_synchronised(ticks_us)
        if is_known and not self._clock.agrees(ticks_us, utc_us - ticks_us, LATENCY_US):
            self.refused += 1
            return
        self.given += 1
        # the pulse was LATENCY_US / 2 before we saw it, give or take as much
        self._clock.add_exchange(ticks_us - LATENCY_US, utc_us, utc_us, ticks_us)


def rmc_utc_us(line: bytes) -> int:
    """Return the Unix time of an RMC sentence, us. Raises RmcError."""
    body, star, sum_text = line.strip().partition(b"*")
    if len(line) > _MOST_LENGTH or not star or not body.startswith(b"$"):
        raise RmcError("not a sentence")
    total = 0
    for byte in body[1:]:
        total ^= byte
    if sum_text.upper() != b"%02X" % total:
        raise RmcError("wrong checksum")
    fields = body.split(b",")
    if len(fields) < 10 or fields[2] != b"A":
        raise RmcError("no fix")
    return _utc_us(fields[1], fields[9])


def _utc_us(clock_text: bytes, date_text: bytes) -> int:
    """Return the Unix time of hhmmss.ss and ddmmyy, us; a pulse marks whole seconds only."""
    digits, _, fraction = clock_text.partition(b".")
    if not (len(digits) == len(date_text) == 6 and (digits + date_text).isdigit()):
        raise RmcError("no time")
    if fraction.strip(b"0"):
        raise RmcError("between two seconds")
    hour, minute, second = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    day, month, year = int(date_text[:2]), int(date_text[2:4]), int(date_text[4:])
    if not (hour < 24 and minute < 60 and second < 60 and 1 <= month <= 12 and 1 <= day <= 31):
        raise RmcError("no such time")  # 60 is a leap second: let it pass
    days = _DAYS_1970_TO_2000 + 365 * year + (year + 3) // 4  # 2000 to 2099
    days += _DAYS_BEFORE_MONTH[month - 1] + day - 1
    if year % 4 == 0 and month > 2:
        days += 1
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000000
