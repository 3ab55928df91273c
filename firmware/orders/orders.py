"""What a node is told to do, and its answer: who may ask, until when, once only.

An action is a function (payload, now_us) -> (result, text) in a table. A command is obeyed once,
answered as often as it comes, and refused where its time cannot be judged.
"""

from groundswell import faults, wire

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.health import Health
    from groundswell.clock import Clock
    from groundswell.reporter import Identity

    Action = Callable[[bytes, int], tuple[int, bytes]]

REMEMBERED = 16
# A person waits for the answer, and a node that is offline for longer is better asked again. An
# answer is remembered until 16 others: a command that is valid for long could be played back
# after that, or after a restart, by whoever recorded it.
LONGEST_VALIDITY_US = 600000000
MAX_ANSWER_BYTES = 1024
MAX_OLD_BYTES = 64  # of answers but the latest: 16 of a kB are more than a small heap has left


class Orders:
    """
    actions    wire.ACTION_... -> what to do
    next_seq   () -> number of the next frame
    """

    def __init__(
        self,
        identity: "Identity",
        clock: "Clock",
        next_seq: "Callable[[], int]",
        actions: "dict[int, Action]",
        health: "Health",
    ) -> None:
        self._identity = identity
        self._clock = clock
        self._next_seq = next_seq
        self._actions = actions
        self._health = health
        self._answers: "list[tuple[int, int, bytes]]" = []  # (command_id, result, text)
        self.malformed = 0

    def obey(self, command: object, now_us: int) -> "wire.Reply | None":
        """Do what is asked, if it is ours and may still be done; None for what is not ours."""
        if not isinstance(command, wire.Command) or command.node_id != self._identity.node_id:
            self.malformed += 1
            return None
        result, text = self._answer(command, now_us)
        return wire.Reply(
            self._identity.node_id,
            self._identity.boot_id,
            self._next_seq(),
            command.command_id,
            result,
            self._clock.utc_us(now_us),
            text[:MAX_ANSWER_BYTES],
        )

    def _answer(self, command: "wire.Command", now_us: int) -> "tuple[int, bytes]":
        for command_id, result, text in self._answers:
            if command_id == command.command_id:
                return result, text
        if not self._clock.is_synchronised(now_us):
            return wire.RESULT_REFUSED, b"my clock is not set: this command may be old"
        utc_us = self._clock.utc_us(now_us)
        if utc_us > command.expires_us:
            return wire.RESULT_EXPIRED, b""
        # one that is issued in the future would otherwise be valid until then
        if command.expires_us - min(command.issued_us, utc_us) > LONGEST_VALIDITY_US:
            return wire.RESULT_REFUSED, b"valid for more than 10 minutes"
        action = self._actions.get(command.action)
        if action is None:
            return wire.RESULT_UNKNOWN_ACTION, b"not on this node"
        answer: "tuple[int, bytes] | None" = self._health.guard(
            faults.TASK_COMMANDS, now_us, action, command.payload, now_us
        )
        result, text = answer or (wire.RESULT_FAILED, b"the firmware failed: see the status")
        if self._answers:
            former_id, its_result, its_text = self._answers[-1]
            self._answers[-1] = former_id, its_result, its_text[:MAX_OLD_BYTES]
        self._answers.append((command.command_id, result, text))
        if len(self._answers) > REMEMBERED:
            self._answers.pop(0)
        return result, text
