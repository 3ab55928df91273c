"""The same random numbers on CPython and MicroPython, in integers that fit in 31 bits."""


class RandomNumbers:
    """Three small generators added up: Wichmann and Hill (1982), Applied Statistics 31, 188."""

    def __init__(self, seed):
        self._a = seed % 30268 + 1
        self._b = seed % 30306 + 1
        self._c = seed % 30322 + 1

    def below(self, limit):
        """Return an integer of 0..limit-1; limit at most 30,000."""
        self._a = 171 * self._a % 30269
        self._b = 172 * self._b % 30307
        self._c = 170 * self._c % 30323
        return (self._a + self._b + self._c) % limit

    def some_bytes(self, count):
        return bytes([self.below(256) for _ in range(count)])
