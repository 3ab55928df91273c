"""Which time servers are believed: those that more than half of the witnesses agree with. Pure.

Every server that answered in a round is a witness, and so is our own clock once it has settled. So
of three servers one may lie by an hour; of two that disagree, the one that our clock agrees with
is believed; and a lone server cannot make a settled clock jump. Who refuses too long is wrong
itself: that is TimeSync's business, which then asks without the clock.
"""

from collections import namedtuple

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from groundswell.clock import Clock

Exchange = namedtuple("Exchange", ("t1_ticks_us", "t2_us", "t3_us", "t4_ticks_us"))

# Honest servers differ by half of both delays at most, and by what they are wrong themselves: by
# milliseconds, as they may say 250 (sntp.MOST_ROOT_DISTANCE_US). Of no use against small lies.
ROOM_US = 50000


def delay_us(exchange: Exchange) -> int:
    return (exchange.t4_ticks_us - exchange.t1_ticks_us) - (exchange.t3_us - exchange.t2_us)


def is_possible(exchange: Exchange) -> bool:
    return exchange.t2_us <= exchange.t3_us and delay_us(exchange) >= 0


def agree(one: Exchange, other: Exchange) -> bool:
    """Tell whether one time can explain both."""
    apart_us = abs(_offset_us(one) - _offset_us(other))
    return apart_us <= (delay_us(one) + delay_us(other)) // 2 + ROOM_US


def agrees_with(clock: "Clock", exchange: Exchange) -> bool:
    return clock.agrees(_middle_ticks_us(exchange), _offset_us(exchange), delay_us(exchange))


def believed(exchanges: "list[Exchange]", clock: "Clock | None") -> "list[Exchange]":
    """Return those of one round that a majority agrees with, or none; the clock is one voice."""
    best: "list[Exchange]" = []
    most = 0
    for exchange in exchanges:
        group = [other for other in exchanges if agree(exchange, other)]
        votes = len(group)
        if clock is not None and agrees_with(clock, exchange):
            votes += 1
        if votes > most:
            best, most = group, votes
    voices = len(exchanges) + (0 if clock is None else 1)
    return best if 2 * most > voices else []


def _middle_ticks_us(exchange: Exchange) -> int:
    return (exchange.t1_ticks_us + exchange.t4_ticks_us) // 2


def _offset_us(exchange: Exchange) -> int:
    return (exchange.t2_us + exchange.t3_us) // 2 - _middle_ticks_us(exchange)
