"""The node around the pure core: sensors, uplink, start-up. MicroPython first; pi/ is CPython."""
