"""A board that is a program: a simulated chip, wires, clock and network around the firmware."""
