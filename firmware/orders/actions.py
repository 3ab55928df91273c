"""What an admin may tell a node to do: the actions of orders.py, on the parts that do it.

Payloads are JSON where there is something to say. Whatever takes effect by a new start is only
planned here (`planned_cause`): the loop starts anew once the answer is out.
"""

import json

from groundswell import faults, wire

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.health import Health
    from firmware.indicators import Indicators
    from firmware.orders.orders import Action
    from firmware.sampler import Sampler
    from firmware.state.configuration import Configuration
    from firmware.state.settings import Settings
    from groundswell.waveforms import Waveforms


class Actions:
    """
    sampler, waveforms   None in safe mode
    apply                apply(settings): make those of rules.LIVE effective
    """

    def __init__(
        self,
        configuration: "Configuration",
        signals: "Indicators",
        health: "Health",
        apply: "Callable[[Settings], None]",
        sampler: "Sampler | None" = None,
        waveforms: "Waveforms | None" = None,
    ) -> None:
        self._configuration = configuration
        self._signals = signals
        self._health = health
        self._apply = apply
        self._sampler = sampler
        self._waveforms = waveforms
        self.planned_cause: "int | None" = None  # wire.RESET_...: start again for this reason

    def table(self) -> "dict[int, Action]":
        found: "dict[int, Action]" = {
            wire.ACTION_IDENTIFY: self._identify,
            wire.ACTION_CONFIGURE: self._configure,
            wire.ACTION_RESTART: self._restart,
        }
        if self._sampler is not None:
            found[wire.ACTION_SELF_TEST] = self._self_test
        if self._waveforms is not None:
            found[wire.ACTION_SEND_HISTORY] = self._send_history
        return found

    def _identify(self, payload: bytes, now_us: int) -> "tuple[int, bytes]":
        if self._signals.identify(now_us):
            return wire.RESULT_DONE, b"light and buzzer for 10 s"
        return wire.RESULT_REFUSED, b"no light and no buzzer here"

    def _restart(self, payload: bytes, now_us: int) -> "tuple[int, bytes]":
        self.planned_cause = wire.RESET_COMMAND
        return wire.RESULT_DONE, b"starting again"

    def _self_test(self, payload: bytes, now_us: int) -> "tuple[int, bytes]":
        assert self._sampler is not None
        verdict = self._sampler.self_test()
        self._health.hold(faults.SELF_TEST, not verdict.has_passed)
        result = wire.RESULT_DONE if verdict.has_passed else wire.RESULT_FAILED
        return result, verdict.text.encode()

    def _configure(self, payload: bytes, now_us: int) -> "tuple[int, bytes]":
        """Take changes; without any, tell the settings in force."""
        from firmware.state import settings as rules  # not kept (lean.py)

        old = self._configuration.settings
        if not payload:
            return wire.RESULT_DONE, json.dumps(rules.without_secrets(old)).encode()
        try:
            new = rules.changed(old, payload)
        except ValueError as error:  # SettingsError
            return wire.RESULT_REFUSED, str(error).encode()
        try:
            if not rules.needs_start(old, new):
                self._configuration.keep(new)
                self._apply(new)
                return wire.RESULT_DONE, b"in force"
            self._configuration.propose(new)
        except OSError:
            self._health.hold(faults.STORAGE, True)
            return wire.RESULT_FAILED, b"the flash does not take it"
        self.planned_cause = wire.RESET_SETTINGS
        return wire.RESULT_DONE, b"starting with them; back to the old ones if I cannot connect"

    def _send_history(self, payload: bytes, now_us: int) -> "tuple[int, bytes]":
        assert self._waveforms is not None
        try:
            asked: "Any" = json.loads(str(payload, "utf-8"))
            from_us, to_us = asked["from_us"], asked["to_us"]
        except (ValueError, KeyError, TypeError):
            return wire.RESULT_REFUSED, b"from_us and to_us, please"
        if not isinstance(from_us, int) or not isinstance(to_us, int) or from_us > to_us:
            return wire.RESULT_REFUSED, b"from_us and to_us, Unix microseconds, in order"
        found = self._waveforms.ask(from_us, to_us)
        if found is None:
            return wire.RESULT_FAILED, b"nothing of it is here"
        packets, begin_us, end_us = found
        promise = {"packets": packets, "from_us": begin_us, "to_us": end_us}
        return wire.RESULT_DONE, json.dumps(promise).encode()
