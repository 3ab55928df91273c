"""How long one packet of a second takes to encode and decode; runs on CPython and MicroPython."""

import gc
import sys
import time

from groundswell import codec

ROUNDS = 200
SAMPLES = 100


def microseconds():
    if hasattr(time, "ticks_us"):
        return time.ticks_us()
    return time.perf_counter_ns() // 1000


def shortest_us(function, *arguments):
    """The shortest of many: the machine's other work can only add."""
    shortest = 1000000
    for _ in range(ROUNDS):
        gc.collect()
        start_us = microseconds()
        function(*arguments)
        shortest = min(shortest, microseconds() - start_us)
    return shortest


def noise():
    """Three components of 41 counts RMS (ADXL355), one g on the last; Lehmer's generator."""
    seed = 1
    components = []
    for offset in (0, 0, 256410):
        samples = []
        for _ in range(SAMPLES):
            total = 0
            for _ in range(12):
                seed = seed * 171 % 30269
                total += seed % 1000
            samples.append((total - 5994) * 41 // 1000 + offset)
        components.append(samples)
    return components


packet = noise()
payload = codec.encode(packet)
print(
    f"{sys.implementation.name:12} encode {shortest_us(codec.encode, packet):5} us,"
    f" decode {shortest_us(codec.decode, payload, SAMPLES):5} us"
    f" (one second, 3 x {SAMPLES} samples, {len(payload)} bytes)"
)
