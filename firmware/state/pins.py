"""Which pins of a board are no use for a receiver's pulses, and why.

Sources: ESP32 data sheet (pin list, strapping pins) and the manuals of its modules WROOM and
WROVER; for the S3 and the C3 esp-idf's table of pins (api-reference/peripherals/gpio) and
Espressif's book on the C3, 5.2.6; Pico W data sheet (wireless interface); the rest is our own
wiring (boards/).
"""

_READ_AT_START = "the chip reads it at power-on: a pulse there keeps it from starting"
_NONE = "the chip has none"
# board: (number of its highest pin, reasons: pins)
PINS = {
    "esp32": (
        39,
        {
            "it is the flash's": (6, 7, 8, 9, 10, 11),
            "it is the PSRAM's": (16, 17),
            "it is the serial cable's": (1, 3),
            _READ_AT_START: (0, 12),
            "it is the accelerometer's": (5, 18, 19, 23, 21, 22),
            "it is the light's": (2,),
            "it is the buzzer's": (4,),
            _NONE: (20, 24, 28, 29, 30, 31),
        },
    ),
    "esp32-s3": (
        48,
        {
            "it is the flash's": (26, 27, 28, 29, 30, 31, 32),
            "it is the PSRAM's": (33, 34, 35, 36, 37),
            "it is the USB cable's": (19, 20),
            "it is the serial cable's": (43, 44),
            _READ_AT_START: (0, 3, 45, 46),
            "it is the accelerometer's": (8, 9, 10, 11, 12, 13),
            "it is the light's": (4,),
            "it is the buzzer's": (5,),
            _NONE: (22, 23, 24, 25),
        },
    ),
    "esp32-c3": (
        21,
        {
            "it is the flash's": (11, 12, 13, 14, 15, 16, 17),
            "it is the USB cable's": (18, 19),
            "it is the serial cable's": (20, 21),
            _READ_AT_START: (2, 8, 9),
            "it is the accelerometer's": (5, 6, 7, 10),
            "it is the light's": (3,),
            "it is the buzzer's": (4,),
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
