"""Addresses of servers as text, HOST:PORT. Apart from the other settings: 1 kB instead of 7."""


class SettingsError(ValueError):
    """The text says which setting cannot be so, and why."""


def address(text: str) -> "tuple[str, int]":
    """Return (host, port). Raises SettingsError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or len(host) > 253 or not port.isdigit():
        raise SettingsError(f"{text[:80]!r} is not HOST:PORT")
    if not 0 < int(port) < 65536 or " " in host:
        raise SettingsError(f"{text[:80]!r} is not HOST:PORT")
    return host, int(port)
