"""One piece of the study: from a seed to one line of results."""

import zlib
from collections import Counter
from dataclasses import asdict
from typing import Any

import numpy as np

from study import bursts, false_triggers, node_messages, rules_on_noise, trigger_model
from study.engine import judged
from study.networks import NETWORKS
from study.outcome import outcome_of
from study.plan import CHANCE, PLAIN, VARIANTS, Piece, Variant
from study.shocks import drawn_quake
from vote.decision import Decider
from vote.settings import Settings


def done(piece: Piece, settings: Settings | None = None) -> dict[str, Any]:
    """Return the line of a piece."""
    play = _quake if piece.kind == "quake" else _year
    line = play(piece, settings or Settings())
    return {"key": piece.key, "kind": piece.kind, "variant": piece.variant, **line}


def _quake(piece: Piece, settings: Settings) -> dict[str, Any]:
    network, variant = NETWORKS[piece.network], VARIANTS[piece.variant]
    quake = drawn_quake(network, piece.number, piece.of)
    letters, marks = node_messages.letters_of(network, quake, variant.conditions)
    decider = Decider("study", "live", network.areas(), _settings(variant, settings))
    decider.fleet.false_mark = trigger_model.FALSE_MARK
    alerts = judged(decider, letters)
    return asdict(outcome_of(network, quake, alerts, marks if piece.variant == PLAIN else None))


def _year(piece: Piece, settings: Settings) -> dict[str, Any]:
    network, variant = NETWORKS[piece.network], VARIANTS[piece.variant]
    rng = np.random.default_rng(zlib.crc32(f"{piece.network}/year/{piece.number}".encode()))
    rates_h = trigger_model.false_rates_h(rng, network.size)
    settings = _settings(variant, settings)
    played: Counter[str] = Counter()
    false: Counter[str] = Counter()
    above_none: Counter[str] = Counter()
    by_rules: Counter[str] = Counter()
    stations = rules_on_noise.stations_of(network)
    has_rules = piece.variant == PLAIN and piece.number % rules_on_noise.EVERY == 0
    named = [(CHANCE, one) for one in false_triggers.episodes(network, rates_h, 1.0, rng)]
    named += list(bursts.bursts(network, 1.0, rng))
    for name, episode in named:
        decider = false_triggers.decider_of(
            network, rates_h, settings, variant.conditions.heeds_silence
        )
        letters = false_triggers.letters_of(
            network, episode, rng, variant.conditions.heeds_p_quake
        )
        alerts = judged(decider, letters)
        if has_rules:
            by_rules.update(rules_on_noise.declared(stations, letters))
        played[name] += 1
        false[name] += len({alert.event_id for alert in alerts})
        above_none[name] += len({a.event_id for a in alerts if a.level != "none"})
    return {
        "network": piece.network,
        "nodes": network.size,
        "triggers": round(float(rates_h.sum()) * false_triggers.HOURS_A_YEAR),
        "played": dict(played),
        "false": dict(false),
        "above_none": dict(above_none),
        "by_rules": dict(by_rules) if has_rules else None,
    }


def _settings(variant: Variant, settings: Settings) -> Settings:
    if variant.guards_moveout:
        return settings
    return Settings(**{**asdict(settings), "guards_moveout": False})
