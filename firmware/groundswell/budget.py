"""Counts what a model needs before it is taken: no model may use up the node."""

from array import array

from groundswell.flatbuffer import ModelError

MULTIPLY_ADDS = 1000000  # 0.1 s on an ESP32 (embedded measurements: some 30 cycles each)


class Budget:
    """Gives out arrays of zeros and refuses when the model is too large."""

    def __init__(self, ram_bytes: int) -> None:
        self._limit_bytes = ram_bytes
        self.ram_bytes = 0
        self.multiply_adds = 0
        self._tables: "list[array[int]]" = []

    def bytes(self, count: int) -> "array[int]":
        self._take(count)
        return array("B", bytes(count))

    def words(self, count: int) -> "array[int]":
        """Return int32 numbers."""
        self._take(4 * count)
        return array("i", bytes(4 * count))

    def keep(self, table: "array[int]", entry_bytes: int) -> "array[int]":
        """Count a table that was made elsewhere; the like of one that is kept is given up."""
        for kept in self._tables:
            if kept == table:
                return kept
        self._take(len(table) * entry_bytes)
        self._tables.append(table)
        return table

    def work(self, multiply_adds: int) -> None:
        self.multiply_adds += multiply_adds
        if self.multiply_adds > MULTIPLY_ADDS:
            raise ModelError(f"more than {MULTIPLY_ADDS} multiplications")

    def _take(self, size_bytes: int) -> None:
        self.ram_bytes += size_bytes
        if self.ram_bytes > self._limit_bytes:
            raise ModelError(f"needs more than {self._limit_bytes} bytes of memory")
