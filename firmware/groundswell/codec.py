"""Waveforms in few bytes, without loss: differences and Rice codes, a packet of its own each time.

Three components follow one another as one stream of bits, most significant first:

    order (2 bits)  0: samples less a mean   1, 2: first, second differences   3: as they are
    k (6 bits), width (6 bits), first (width bits): that mean or the first sample, as unsigned
    for each residual: its unsigned form u as u >> k zeros, a one, the low k bits of u
    (where u >> k would be ESCAPE or more: ESCAPE zeros, a one, u in WIDEST bits)

Unsigned: 0, -1, 1, -2, ... become 0, 1, 2, 3, ... ("zigzag"). Order 3 has no k, width and first,
and 32 bits a sample: what random numbers cost, and so the bound of a packet.
Rice (1979), "Some practical universal noiseless coding techniques", JPL 79-22. k follows a running
mean of u, which both ends know, so that it costs nothing: against one k a packet this saves 6 to
12 % where the P wave arrives and 1 to 2 % in the shaking, and loses 1 % in the quiet before it
(recordings, packets of 1 and 2 s); blocks of 32 with a k each save half of that.
"""

from array import array

from groundswell.wire import WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_SAMPLES = 4096  # of each component, as wire.py has it for Waveform.sample_count
COMPONENTS = 3

_MEAN = 0
_FIRST = 1
_SECOND = 2
_PLAIN = 3
_ESCAPE = 20  # a spike in quiet ground costs 57 bits and no more
_WIDEST = 36  # a second difference of 32-bit samples has 34 bits and a sign
_MEMORY_BITS = 4  # the running mean forgets with 1/16 a sample; 1/8 and 1/32 differ by 1 or 2 %
_START = 16  # k begins with the mean of so many residuals
_LOWEST = -(1 << 31)
_HIGHEST = (1 << 31) - 1


def encode(components: "Sequence[Sequence[int]]") -> bytes:
    """Return the payload of a Waveform. Raises WireError if these are no three such components.

    components: three sequences (lists, arrays) of equally many 32-bit integers.
    """
    _check_components(components)
    stream = _BitWriter()
    for samples in components:
        _write_component(stream, samples)
    return stream.finish()


def decode(payload: bytes, sample_count: int) -> "list[array[int]]":
    """Return three array('i') of sample_count samples. Raises WireError for any other payload."""
    if not 1 <= sample_count <= MAX_SAMPLES or len(payload) > max_bytes(sample_count):
        raise WireError(f"waveform of {len(payload)} bytes and {sample_count} samples")
    stream = _BitReader(payload)
    components = [_read_component(stream, sample_count) for _ in range(COMPONENTS)]
    stream.finish()
    return components


def max_bytes(sample_count: int) -> int:
    """Return what no packet of so many samples exceeds, whatever is in it."""
    return COMPONENTS * (6 + 4 * sample_count)


def _check_components(components: "Sequence[Sequence[int]]") -> None:
    if len(components) != COMPONENTS:
        raise WireError(f"{len(components)} components")
    for samples in components:
        if not 1 <= len(samples) <= MAX_SAMPLES or len(samples) != len(components[0]):
            raise WireError(f"component of {len(samples)} samples")
        _check_range(samples)


def _check_range(samples: "Sequence[int]") -> None:
    if min(samples) < _LOWEST or max(samples) > _HIGHEST:
        raise WireError("a sample does not fit in 32 bits")


def _write_component(stream: "_BitWriter", samples: "Sequence[int]") -> None:
    mean = _mean_without_a_spike(samples)
    order = _order_of(samples, mean)
    residuals = _residuals_of(samples, mean, order)
    zigzag = [r + r if r >= 0 else -1 - r - r for r in residuals]
    start = zigzag[:_START]
    k = _parameter_of((sum(start) << _MEMORY_BITS) // len(start))
    first = mean if order == _MEAN else samples[0]
    first = first + first if first >= 0 else -1 - first - first
    width = 0
    while first >> width:
        width += 1
    begin = stream.position()
    stream.append(order, 2)
    stream.append(k, 6)
    stream.append(width, 6)
    stream.append(first, width)
    stream.append_rice(zigzag, k)
    if stream.bits_since(begin) > 2 + 32 * len(samples):
        stream.back_to(begin)
        stream.append(_PLAIN, 2)
        for sample in samples:
            stream.append(sample & 0xFFFFFFFF, 32)


def _mean_without_a_spike(samples: "Sequence[int]") -> int:
    if len(samples) < 3:
        return samples[0]
    return (sum(samples) - min(samples) - max(samples)) // (len(samples) - 2)


def _order_of(samples: "Sequence[int]", mean: int) -> int:
    """Return the order with the smallest sum of absolute residuals."""
    around_mean = slopes = bends = 0
    before = samples[0]
    slope_before = 0
    for sample in samples:
        slope = sample - before
        bend = slope - slope_before
        before = sample
        slope_before = slope
        sample -= mean
        # abs() is a call, which costs MicroPython more than the rest of this line
        around_mean += sample if sample >= 0 else -sample
        slopes += slope if slope >= 0 else -slope
        bends += bend if bend >= 0 else -bend
    if around_mean <= slopes and around_mean <= bends:
        return _MEAN
    return _FIRST if slopes <= bends else _SECOND


def _residuals_of(samples: "Sequence[int]", mean: int, order: int) -> "list[int]":
    """Return the residuals: as many as samples about the mean, else one fewer."""
    if order == _MEAN:
        return [sample - mean for sample in samples]
    slopes = [b - a for a, b in zip(samples, samples[1:])]
    if order == _FIRST:
        return slopes
    return slopes[:1] + [b - a for a, b in zip(slopes, slopes[1:])]


def _parameter_of(level: int) -> int:
    """Return the k for a running mean of level / 2^_MEMORY_BITS: the largest 2^k not above it."""
    k = 0
    while level >= 2 << (k + _MEMORY_BITS):
        k += 1
    return k


def _level_of(k: int) -> int:
    """Return the level in the middle of those of k, where the running mean begins."""
    return 3 << (k + _MEMORY_BITS) >> 1


def _read_component(stream: "_BitReader", sample_count: int) -> "array[int]":
    order = stream.take(2)
    if order == _PLAIN:
        samples = [_signed(stream.take(32)) for _ in range(sample_count)]
        return array("i", samples)
    k = stream.take(6)
    width = stream.take(6)
    if max(k, width) > _WIDEST:
        raise WireError("no such waveform")
    first = stream.take(width)
    first = first >> 1 if first & 1 == 0 else -(first >> 1) - 1
    residuals = stream.take_rice(sample_count - (0 if order == _MEAN else 1), k)
    if order == _MEAN:
        samples = [first + r for r in residuals]
    else:
        samples = _summed(residuals, first, order)
    _check_range(samples)
    return array("i", samples)


def _summed(residuals: "list[int]", first: int, order: int) -> "list[int]":
    samples = [first]
    slope = 0
    for residual in residuals:
        slope = slope + residual if order == _SECOND else residual
        first += slope
        samples.append(first)
    return samples


def _signed(u: int) -> int:
    return u if u <= _HIGHEST else u - (1 << 32)


class _BitWriter:
    def __init__(self) -> None:
        self._bytes = bytearray()
        self._waiting = 0  # bits that fill no byte yet
        self._waiting_bits = 0

    def append(self, u: int, width: int) -> None:
        waiting = (self._waiting << width) | u
        bits = self._waiting_bits + width
        while bits >= 8:
            bits -= 8
            self._bytes.append(waiting >> bits & 255)
        self._waiting = waiting & ((1 << bits) - 1)
        self._waiting_bits = bits

    def append_rice(self, zigzag: "list[int]", k: int) -> None:
        """What `append` does for each code, in one loop: half of the time of a packet is here."""
        out = self._bytes.append
        waiting = self._waiting
        bits = self._waiting_bits
        level = _level_of(k)
        one = 1 << k
        for u in zigzag:
            quotient = u >> k
            if quotient < _ESCAPE:
                waiting = (waiting << (quotient + 1 + k)) | one | (u & (one - 1))
                bits += quotient + 1 + k
            else:
                waiting = (waiting << (_ESCAPE + 1 + _WIDEST)) | (1 << _WIDEST) | u
                bits += _ESCAPE + 1 + _WIDEST
                u = one << 5  # one spike must not spoil k for long
            while bits >= 8:
                bits -= 8
                out(waiting >> bits & 255)
            waiting &= (1 << bits) - 1
            level += u - (level >> _MEMORY_BITS)
            if not one <= level >> _MEMORY_BITS < one + one:
                k = _parameter_of(level)
                one = 1 << k
        self._waiting = waiting
        self._waiting_bits = bits

    def position(self) -> "tuple[int, int, int]":
        return len(self._bytes), self._waiting, self._waiting_bits

    def bits_since(self, position: "tuple[int, int, int]") -> int:
        return 8 * (len(self._bytes) - position[0]) + self._waiting_bits - position[2]

    def back_to(self, position: "tuple[int, int, int]") -> None:
        self._bytes = self._bytes[: position[0]]
        self._waiting = position[1]
        self._waiting_bits = position[2]

    def finish(self) -> bytes:
        self.append(0, -self._waiting_bits & 7)
        return bytes(self._bytes)


class _BitReader:
    """The bits as ASCII digits: finding the next one is a single call on both interpreters."""

    def __init__(self, payload: bytes) -> None:
        # in pieces, because MicroPython takes a time that grows with the square of a number's size
        pieces = [_digits_of(payload[at : at + 64]) for at in range(0, len(payload), 64)]
        self._digits = "".join(pieces).encode()  # in a str of MicroPython, finding a place is slow
        self._at = 0

    def take(self, width: int) -> int:
        end = self._at + width
        if end > len(self._digits):
            raise WireError("waveform ends too early")
        u = int(self._digits[self._at : end], 2) if width else 0
        self._at = end
        return u

    def take_rice(self, count: int, k: int) -> "list[int]":
        digits = self._digits
        at = self._at
        residuals = []
        level = _level_of(k)
        for _ in range(count):
            one = digits.find(b"1", at, at + _ESCAPE + 1)
            quotient = one - at
            width = k if quotient < _ESCAPE else _WIDEST
            at = one + 1 + width
            if one < 0 or at > len(digits):
                raise WireError("waveform ends too early")
            u = int(digits[one:at], 2) - (
                1 << width
            )  # with its leading one: never without a digit
            if quotient < _ESCAPE:
                u |= quotient << k
            residuals.append(u >> 1 if u & 1 == 0 else -(u >> 1) - 1)
            level += (u if quotient < _ESCAPE else 32 << k) - (level >> _MEMORY_BITS)
            if not 1 <= level >> (_MEMORY_BITS + k) < 2:
                k = _parameter_of(level)
        self._at = at
        return residuals

    def finish(self) -> None:
        rest = self._digits[self._at :]
        if len(rest) >= 8 or b"1" in rest:
            raise WireError("waveform goes on after its end")


def _digits_of(piece: bytes) -> str:
    return bin(int.from_bytes(b"\x01" + piece, "big"))[3:]  # without 0b and the leading one
