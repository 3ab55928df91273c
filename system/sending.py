"""Sends a bundle to a node: asks it what it needs, gives it that, and asks again.

The node knows how far it is; nothing is remembered here. So it does not matter which of the two
was away in between, or which piece was lost. `SendingUpdate` does no I/O: what is to be published
comes out of it, replies go into it, time is an argument.
"""

from collections.abc import Callable

from groundswell import topics, wire
from groundswell.release import CHUNK_BYTES

from failure import Failure
from system.bundle import Bundle

BLOCK_BYTES = 4096  # what a node holds before it writes
VALID_US = 30_000_000
ANSWER_WITHIN_US = 3_000_000  # then the question is put again
ASK_AGAIN_US = 200_000  # while the node is busy with what it has
REFUSALS_BORNE_US = 90_000_000  # a node that has just started does not know the time yet

Packets = list[tuple[str, bytes]]


class SendingUpdate:
    """
    draw        () -> a number of 32 bits for a command
    patience_us for a node that says nothing at all
    """

    def __init__(
        self, bundle: Bundle, node_id: int, draw: Callable[[], int], patience_us: int
    ) -> None:
        self._bundle = bundle
        self._node_id = node_id
        self._draw = draw
        self._patience_us = patience_us
        self._ask_at_us: int | None = None
        self._command_id: int | None = None
        self._heard_us: int | None = None
        self._refused_since_us: int | None = None
        self._total = sum(map(len, bundle.contents))
        self.state = "asking"  # for people
        self.share = 0.0  # of the bytes that the node has
        self.is_done = False

    def step(self, now_us: int) -> Packets:
        """Return what is to be published now. Raises Failure."""
        if self._heard_us is None:
            self._heard_us = now_us
        if now_us - self._heard_us > self._patience_us:
            raise Failure(f"node {self._node_id:08x} does not answer; last: {self.state}")
        if self.is_done or (self._ask_at_us is not None and now_us < self._ask_at_us):
            return []
        return [self._question(now_us)]

    def hear(self, payload: bytes, now_us: int) -> Packets:
        """Take what came on the node's reply topic; return what is to be published."""
        try:
            reply = wire.decode(payload)
        except wire.WireError:
            return []
        if not isinstance(reply, wire.Reply) or reply.command_id != self._command_id:
            return []
        self._heard_us = now_us
        text = reply.payload.decode(errors="replace")
        if reply.result == wire.RESULT_DONE:
            self._refused_since_us = None
            return self._obey(text, now_us)
        if reply.result == wire.RESULT_UNKNOWN_ACTION:
            raise Failure(f"node {self._node_id:08x} cannot be updated this way: {text}")
        if reply.result == wire.RESULT_FAILED:
            if text.startswith("rolled back"):
                text += ". It tries no release twice: build it anew with a higher --version"
            raise Failure(f"node {self._node_id:08x}: {text}")
        if self._refused_since_us is None:
            self._refused_since_us = now_us
        if now_us - self._refused_since_us > REFUSALS_BORNE_US:
            raise Failure(f"node {self._node_id:08x} refuses: {text}")
        self.state = text or "expired"
        self._ask_at_us = now_us + 10 * ASK_AGAIN_US
        return []

    def _obey(self, text: str, now_us: int) -> Packets:
        self.state = text
        self._ask_at_us = now_us + ASK_AGAIN_US
        words = text.split()
        if words == ["done"]:
            self.is_done = True
            self.share = 1.0
        elif words == ["trial"]:
            self.share = 1.0
            self.state = "on trial, not confirmed yet"
        elif len(words) == 3 and words[0] == "send" and words[1].isdigit() and words[2].isdigit():
            return self._pieces(int(words[1]), int(words[2]), now_us)
        return []

    def _pieces(self, index: int, offset: int, now_us: int) -> Packets:
        contents = self._bundle.contents
        if index >= len(contents) or offset >= len(contents[index]):
            raise Failure(f"node {self._node_id:08x} asks for file {index} from byte {offset} on")
        self.share = (sum(map(len, contents[:index])) + offset) / self._total
        self.state = f"file {index} of {len(contents) - 1}"
        end = min(len(contents[index]), offset - offset % BLOCK_BYTES + BLOCK_BYTES)
        chunks = [
            wire.Chunk(
                self._node_id,
                self._bundle.number,
                index,
                at,
                contents[index][at : min(end, at + CHUNK_BYTES)],
            )
            for at in range(offset, end, CHUNK_BYTES)
        ]
        packets = [(topics.of_message(chunk), wire.encode(chunk)) for chunk in chunks]
        return [*packets, self._question(now_us)]

    def _question(self, now_us: int) -> tuple[str, bytes]:
        self._command_id = self._draw()
        self._ask_at_us = now_us + ANSWER_WITHIN_US
        command = wire.Command(
            self._node_id,
            self._command_id,
            wire.ACTION_UPDATE,
            now_us,
            now_us + VALID_US,
            self._bundle.announcement,
        )
        return topics.of_message(command), wire.encode(command)
