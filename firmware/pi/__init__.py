"""The node on a Raspberry Pi: the same firmware under CPython, with Linux's wires and watchdog.

    python -m firmware.pi --state /var/lib/groundswell-node

Only what differs from other boards is here; INSTALL.md says how it is installed.
"""
