"""Drivers of the accelerometers that a node may have: a module each, one interface (chip.py)."""
