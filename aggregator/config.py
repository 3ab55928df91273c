"""The engine's settings. `python -m aggregator --print-config` prints them as a file.

The category is none of them: that alerts are live is said on the command line, every time.
"""

from dataclasses import dataclass

from link.configuration import setting
from link.mqtt import parse_address
from link.tls import context_of
from vote.settings import Settings

CATEGORIES = ("exercise", "test", "live")


@dataclass(frozen=True)
class Config:
    broker: str = setting(
        "127.0.0.1:1883", "The broker that gateways publish to and alerts go out on."
    )
    tls: str = setting(
        "",
        "FOLDER/NAME of this engine's certificate for the broker: FOLDER/ca.pem, NAME.pem and"
        " NAME.key, as `groundswell certificates` writes them. Empty: no TLS.",
    )
    database: str = setting("groundswell.db", "The record: nodes, triggers, events, alerts.")
    sender: str = setting("groundswell", "How this engine signs its alerts.")
    targets: str = setting("", "A TOML file of registered targets that every alert lists.")
    site_terms: str = setting(
        "", "A file of `groundswell site-terms`: what the ground under each node does to Pd."
    )
    seal_keys: str = setting(
        "",
        "A file of nodes' keys (`groundswell flash-layout --seal-keys`): what one of these nodes"
        " says without its seal is dropped and counted. Nodes that are not in it need none"
        " (but see sealed_only). Read at the start only.",
    )
    sealed_only: bool = setting(
        False,
        "Whether nodes that are not in seal_keys are dropped too: until they are, whoever may"
        " publish can invent nodes.",
    )
    without_vote: str = setting(
        "",
        "A TOML file of nodes that nobody believes for the time being, each with a dated reason;"
        " read again whenever it changes.",
    )
    false_per_year: float = setting(
        0.05,
        "The budget: false alerts a year. `groundswell thresholds` shows what each budget costs.",
    )
    earthquakes_per_year: float = setting(
        30.0, "Earthquakes a year that three nodes of this network notice."
    )
    min_nodes: int = setting(3, "Nodes that must agree, at two sites or more.")
    be_aware_mmi: float = setting(3.5, "Level be_aware begins at this intensity.")
    take_action_mmi: float = setting(5.0, "Level take_action begins at this intensity.")
    be_aware_cost_ratio: float = setting(
        0.5,
        "What a needless alarm costs, of that and what a missed one costs together. The level is "
        "given where its intensity is at least so probable: 0.5 is at the median, 0.1 far sooner.",
    )
    take_action_cost_ratio: float = setting(0.5, "The same for take_action.")

    def __post_init__(self) -> None:
        parse_address(self.broker)
        if self.tls:
            context_of(self.tls)
        if not self.sender or len(self.sender) > 64:
            raise ValueError("sender must have 1 to 64 characters")
        if not self.database:
            raise ValueError("database must be a file")
        if self.sealed_only and not self.seal_keys:
            raise ValueError("sealed_only without seal_keys would hear nobody")
        self.settings()

    def settings(self) -> Settings:
        """Return what the vote needs. Raises ValueError for choices that make no sense."""
        return Settings(
            false_per_year=self.false_per_year,
            earthquakes_per_year=self.earthquakes_per_year,
            min_nodes=self.min_nodes,
            be_aware_mmi=self.be_aware_mmi,
            take_action_mmi=self.take_action_mmi,
            be_aware_cost_ratio=self.be_aware_cost_ratio,
            take_action_cost_ratio=self.take_action_cost_ratio,
        )
