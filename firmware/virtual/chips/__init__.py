"""Models of accelerometers, register by register, and of the wires to them."""
