"""Which pins of a board are no use for a receiver's pulses, and why.

Sources: ESP32 data sheet (pin list, strapping pins) and the manuals of its modules WROOM and
WROVER; Pico W data sheet (wireless interface); the rest is our own wiring (boards/).
"""

# board: (number of its highest pin, reasons: pins)
PINS = {
    "esp32": (
        39,
        {
            "it is the flash's": (6, 7, 8, 9, 10, 11),
            "it is the PSRAM's": (16, 17),
            "it is the serial cable's": (1, 3),
            "the chip reads it at power-on: a pulse there keeps it from starting": (0, 12),
            "it is the accelerometer's": (5, 18, 19, 23, 21, 22),
            "it is the light's": (2,),
            "it is the buzzer's": (4,),
            "the chip has none": (20, 24, 28, 29, 30, 31),
        },
    ),
    "pico-w": (
        28,
        {
            "it is the wireless chip's": (23, 24, 25),
            "it is the accelerometer's": (16, 17, 18, 19, 20, 21),
            "it is the buzzer's": (15,),
        },
    ),
}
PINS["pico-2-w"] = PINS["pico-w"]


def why_not(board: str, pin: int) -> str:
    """Return why this pin can hear no receiver; "" if it can, or nobody knows the board."""
    if pin < 0 or board not in PINS:
        return ""
    highest, reasons = PINS[board]
    if pin > highest:
        return f"pps_pin {pin}: the highest that can be used is {highest}"
    for reason in sorted(reasons):
        if pin in reasons[reason]:
            return f"pps_pin {pin}: {reason}"
    return ""
