"""The engine's settings. `python -m aggregator --print-config` prints them as a file.

The category is none of them: that alerts are live is said on the command line, every time.
"""

from dataclasses import dataclass

from link.configuration import setting
from link.mqtt import parse_address

CATEGORIES = ("exercise", "test", "live")


@dataclass(frozen=True)
class Config:
    broker: str = setting(
        "127.0.0.1:1883", "The broker that gateways publish to and alerts go out on."
    )
    database: str = setting("groundswell.db", "The record: nodes, triggers, events, alerts.")
    sender: str = setting("groundswell", "How this engine signs its alerts.")

    def __post_init__(self) -> None:
        parse_address(self.broker)
        if not self.sender or len(self.sender) > 64:
            raise ValueError("sender must have 1 to 64 characters")
        if not self.database:
            raise ValueError("database must be a file")
