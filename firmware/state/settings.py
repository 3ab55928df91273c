"""What can be set at a node: names, bounds, defaults, and whether all of it fits together. Pure.

Settings are a dict with a value for every name of SETTINGS. `changed` takes a file or a command
(JSON, an object of changes) and gives new settings or says in one line what is wrong: all of it is
taken or nothing.
"""

import json

from firmware.state.addresses import SettingsError as SettingsError
from firmware.state.addresses import address

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Any

    Settings = dict[str, Any]

MAX_CHANGES_BYTES = 2048
MAX_SERVERS = 4
# module in firmware/sensors: class in it
DRIVERS = {
    "adxl355": "Adxl355",
    "lis3dh": "Lis3dh",
    "mpu6050": "Mpu6050",
    "lsm6dso": "Lsm6dso",
    "adxl345": "Adxl345",
}

_POOL = [f"{number}.pool.ntp.org:123" for number in range(MAX_SERVERS)]
# name: (type, default, lowest or shortest, highest or longest)
SETTINGS = {
    "node_id": (int, 0, 0, (1 << 32) - 1),  # 0: nobody yet
    "lat_udeg": (int, 0, -90000000, 90000000),
    "lon_udeg": (int, 0, -180000000, 180000000),
    "elevation_m": (int, 0, -500, 9000),
    "wifi_ssid": (str, "", 0, 32),  # IEEE 802.11: 32 bytes
    "wifi_key": (str, "", 0, 63),  # WPA2: 8 to 63 characters; "" for an open network
    "brokers": (list, [], 0, MAX_SERVERS),  # "host:port", the first that answers
    "has_tls": (bool, False, 0, 1),  # the files are beside the firmware: boards/micro.py
    "seal_key": (str, "", 0, 64),  # 64 hexadecimal digits: all that it says is sealed (seal.py)
    "time_servers": (list, _POOL, 0, MAX_SERVERS),  # three outvote one that lies
    "pps_pin": (int, -1, -1, 48),  # of a GNSS receiver's pulse; -1: there is none
    "sensor": (str, "adxl355", 1, 16),
    "bus": (str, "spi", 3, 3),
    "address_pin": (int, 0, 0, 1),  # I2C: the level of the chip's address pin
    "rate_mhz": (int, 0, 0, 500000),  # 0: what rate_for says
    "range_g": (int, 0, 0, 16),  # 0: what the driver takes by itself
    "send_from_permille": (int, 400, 0, 1000),  # less probable detections are kept silent
    "busy_from_permille": (int, 900, 0, 1000),  # the same where the ground is never quiet
    "ratio_milli": (int, 3750, 2000, 10000),  # of STA to LTA, from which on the judge is asked
    "status_every_s": (int, 30, 5, 60),  # the vote takes a node for dead after 75 s
    "sends_waveforms": (bool, True, 0, 1),
    "has_buzzer": (bool, True, 0, 1),
}
SECRETS = ("wifi_key", "seal_key")
# These take effect at once; any other change needs a start.
LIVE = ("send_from_permille", "busy_from_permille", "ratio_milli") + (
    ("status_every_s", "sends_waveforms", "has_buzzer")
)


def defaults() -> "Settings":
    return {name: row[1] for name, row in SETTINGS.items()}


def completed(saved: "Settings") -> "Settings":
    """Return what was saved by a firmware with other settings, as this one has them; unchecked."""
    return {name: saved.get(name, row[1]) for name, row in SETTINGS.items()}


def changed(settings: "Settings", changes_json: bytes) -> "Settings":
    """Return new settings. Raises SettingsError; the old ones stay as they are."""
    new = dict(settings)
    new.update(_object(changes_json))
    check(new)
    return new


def check(settings: "Settings") -> None:
    """Raise SettingsError unless every value is possible and all fit together."""
    for name, value in settings.items():
        _check_one(name, value)
    for name in SETTINGS:
        if name not in settings:
            raise SettingsError(f"{name} is missing")
    _check_chip(settings)


def needs_start(old: "Settings", new: "Settings") -> bool:
    return any(new[name] != old[name] and name not in LIVE for name in SETTINGS)


def without_secrets(settings: "Settings") -> "Settings":
    """Return what may be shown: what is secret only says whether there is something."""
    shown = dict(settings)
    for name in SECRETS:
        shown[name] = "***" if settings[name] else ""
    return shown


def driver_of(settings: "Settings") -> "Any":
    """Return the class of the chip's driver; only its module takes memory."""
    return getattr(_module_of(settings["sensor"]), DRIVERS[settings["sensor"]])


def rate_for(settings: "Settings", longest_step_ms: int) -> int:
    """Return the rate to sample at, mHz.

    Where none is set: the highest up to the driver's own at which the chip's FIFO outlasts the
    longest step of the board's loop; where there is none, the lowest that is of use.
    """
    if settings["rate_mhz"]:
        return int(settings["rate_mhz"])
    driver = driver_of(settings)
    rates_mhz = sorted(_module_of(settings["sensor"]).RATES_MHZ)
    of_use = [one for one in rates_mhz if driver.least_rate_mhz <= one <= driver.own_rate_mhz]
    chosen: int = of_use[0]
    for rate_mhz in of_use:
        if lasts_ms(driver, rate_mhz) >= longest_step_ms:
            chosen = rate_mhz
    return chosen


def lasts_ms(driver: "Any", rate_mhz: int) -> int:
    """Return how long the FIFO of this chip holds what comes at this rate."""
    return int(driver.fifo_triplets) * 1000000 // rate_mhz


def _module_of(sensor: str) -> "Any":
    return __import__("firmware.sensors." + sensor, None, None, ("RATES_MHZ",))


def _object(changes_json: bytes) -> "dict[str, Any]":
    if len(changes_json) > MAX_CHANGES_BYTES:
        raise SettingsError(f"{len(changes_json)} bytes are too many")
    try:
        text = str(changes_json, "utf-8").strip()
        if not text.endswith("}"):  # MicroPython's reader takes an object that was cut off
            raise ValueError
        found = json.loads(text)
    except (ValueError, RuntimeError):  # RuntimeError: nested too deeply, on MicroPython
        raise SettingsError("not JSON") from None
    if not isinstance(found, dict):
        raise SettingsError("not a JSON object")
    return found


def _check_one(name: str, value: "Any") -> None:
    if name not in SETTINGS:
        raise SettingsError(f"there is no setting {name[:40]!r}")
    kind, _, low, high = SETTINGS[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise SettingsError(f"{name} must be {_WORDS[kind]}")
    size = value if kind in (int, bool) else len(value.encode()) if kind is str else len(value)
    if not low <= size <= high:
        raise SettingsError(f"{name} must be {_BOUNDS[kind]} {low} to {high}")
    if kind is list:
        for text in value:
            if not isinstance(text, str):
                raise SettingsError(f"{name} must be a list of HOST:PORT")
            address(text)


def _check_chip(settings: "Settings") -> None:
    sensor, bus = settings["sensor"], settings["bus"]
    if sensor not in DRIVERS:
        raise SettingsError(f"no driver for {sensor!r}: {', '.join(sorted(DRIVERS))}")
    if bus not in ("spi", "i2c"):
        raise SettingsError("bus must be spi or i2c")
    if sensor == "mpu6050" and bus == "spi":
        raise SettingsError("an MPU6050 has no SPI")
    module = _module_of(sensor)
    for name, offered in (("rate_mhz", module.RATES_MHZ), ("range_g", module.RANGES_G)):
        if settings[name] and settings[name] not in offered:
            there = ", ".join([str(one) for one in sorted(offered)])
            raise SettingsError(f"{sensor} has no {name} {settings[name]}: {there}, 0 for its own")
    if not _is_key(settings["seal_key"]):
        raise SettingsError("seal_key must have 64 hexadecimal digits, or none")
    if 0 < len(settings["wifi_key"]) < 8:
        raise SettingsError("wifi_key must have 8 to 63 characters, or none")


def _is_key(text: str) -> bool:
    return len(text) in (0, 64) and all(digit in "0123456789abcdef" for digit in text)


_WORDS = {int: "a whole number", str: "text", list: "a list", bool: "true or false"}
_BOUNDS = {int: "in", str: "of bytes", list: "of entries", bool: "in"}
