"""The ground floor: what every node computes and what every part of the network says.

Pure: no file, no socket, no clock is touched here. MicroPython code that CPython can import.
"""
