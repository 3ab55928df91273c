"""What an admin may tell a node to do: the actions of orders.py, on the parts that do it.

Payloads are JSON where there is something to say. Whatever takes effect by a new start is only
planned here (`planned_cause`): the loop starts anew once the answer is out. Loaded for each
command anew (parts.py).
"""

import json

from groundswell import faults, wire
from groundswell.judge import STEP_PERMILLE

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from typing import Any

    from firmware.parts import Parts


def _identify(parts: "Parts", payload: bytes, now_us: int) -> "tuple[int, bytes]":
    if parts.signals.identify(now_us):
        return wire.RESULT_DONE, b"light and buzzer for 10 s"
    return wire.RESULT_REFUSED, b"no light and no buzzer here"


def _self_test(parts: "Parts", payload: bytes, now_us: int) -> "tuple[int, bytes]":
    assert parts.sampler is not None
    verdict = parts.sampler.self_test()
    if verdict.has_passed:  # it may have given nothing at the start
        parts.sampler.find_vertical(parts.sleep_ms)
    parts.health.hold(faults.SELF_TEST, not verdict.has_passed)
    result = wire.RESULT_DONE if verdict.has_passed else wire.RESULT_FAILED
    text = verdict.text
    surer_permille = STEP_PERMILLE * parts.reporter.opinion.allowance.steps(now_us)
    if surer_permille:
        text += f". It publishes too much: its detections must be {surer_permille} permille surer"
    return result, text.encode()


def _configure(parts: "Parts", payload: bytes, now_us: int) -> "tuple[int, bytes]":
    """Take changes; without any, tell the settings in force."""
    from firmware.state import settings as rules  # not kept (lean.py)

    old = parts.configuration.settings
    if not payload:
        return wire.RESULT_DONE, json.dumps(rules.without_secrets(old)).encode()
    try:
        new = rules.changed(old, payload)
    except ValueError as error:  # SettingsError
        return wire.RESULT_REFUSED, str(error).encode()
    for name in ("node_id", "seal_key"):  # one command could put a node out of reach for good
        if new[name] != old[name]:
            return wire.RESULT_REFUSED, name.encode() + b" is set by cable only"
    from firmware.state.pins import why_not  # not kept

    reason = why_not(parts.board_name, new["pps_pin"])
    if reason:
        return wire.RESULT_REFUSED, reason.encode()
    try:
        if not rules.needs_start(old, new):
            parts.configuration.keep(new)
            parts.apply(new)
            return wire.RESULT_DONE, b"in force"
        parts.configuration.propose(new)
    except OSError:
        parts.health.hold(faults.STORAGE, True)
        return wire.RESULT_FAILED, b"the flash does not take it"
    parts.planned_cause = wire.RESET_SETTINGS
    return wire.RESULT_DONE, b"starting with them; back to the old ones if I cannot connect"


def _send_history(parts: "Parts", payload: bytes, now_us: int) -> "tuple[int, bytes]":
    assert parts.reporter.waveforms is not None
    try:
        asked: "Any" = json.loads(str(payload, "utf-8"))
        from_us, to_us = asked["from_us"], asked["to_us"]
    except (ValueError, KeyError, TypeError, RuntimeError):  # of [[[[...
        return wire.RESULT_REFUSED, b"from_us and to_us, please"
    if not isinstance(from_us, int) or not isinstance(to_us, int) or from_us > to_us:
        return wire.RESULT_REFUSED, b"from_us and to_us, Unix microseconds, in order"
    found = parts.reporter.waveforms.ask(from_us, to_us)
    if found is None:
        return wire.RESULT_FAILED, b"nothing of it is here"
    packets, begin_us, end_us = found
    promise = {"packets": packets, "from_us": begin_us, "to_us": end_us}
    return wire.RESULT_DONE, json.dumps(promise).encode()


DO = {
    wire.ACTION_IDENTIFY: _identify,
    wire.ACTION_CONFIGURE: _configure,
    wire.ACTION_SELF_TEST: _self_test,
    wire.ACTION_SEND_HISTORY: _send_history,
}
