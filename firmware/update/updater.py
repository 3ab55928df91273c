"""A node's update over the air: takes what is signed and writes it beside what runs.

    result, text = updater.begin(payload, now_us)   ACTION_UPDATE: begins, or says how far it is
    updater.take_chunk(chunk, now_us)               a piece that was asked for
    updater.step(now_us)                            one slice of the work; call it in each loop
    updater.wants_restart                           now is a good moment

Whoever sends an update asks `begin` again and again, always with the same announcement. The
answer's text is one of
    checking             wait and ask again
    send INDEX OFFSET    send that file from there on (0: the manifest), a block at most, and ask
    trial                it runs, and is not confirmed yet
    done                 it is confirmed
or, refused or failed, the reason in words. So nothing is lost with a connection, and a node that
started again goes on: what is whole in the folder stays, a half-written file comes again. Nothing
is asked for before the signature is verified; nothing is tried before each file was read back and
found to be what was signed. Files that the running copy has too are copied from there. The trial
is trial.py's. This module and what it imports take 18 kB of memory: it is imported when an update
is announced.
"""

import gc

from firmware.update import staging
from firmware.update.staging import Gap
from groundswell import ed25519, release
from groundswell.release import ReleaseError

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from firmware.update.selection import Selection
    from firmware.update.staging import Files
    from groundswell import wire
    from groundswell.release import Announcement, Entry, Version

MANIFEST = "state/manifest"
KEYS_FILE = "release_keys"  # in the root, by cable: a public key a line, 64 hexadecimal digits
MAX_KEYS = 4
IDLE_US = 600000000  # nobody asked: the memory is given back; what is on flash stays
RESTART_AFTER_US = 2000000  # the sender learns that all is there

# Free memory without which no update is begun: chunks, a block to write and one to compare, and
# room between. Seen on the 32-bit build: in a heap of 196 kB it is taken, in 192 it may fail in
# the middle and say so, in 176 the line to the broker would break again and again.
ROOM_B = 28000
# wire.RESULT_...; a plain number each, so that this file needs no messages
_DONE = 0
_REFUSED = 1
_FAILED = 2
# littlefs gives a file whole blocks, but keeps one of up to a block's quarter in its folder
_IN_FOLDER_BYTES = 1024


def read_keys(files: "Files") -> "list[bytes]":
    """Return the public keys whose signatures this node believes; none if the file is odd."""
    try:
        text = str(files.read(KEYS_FILE, 0, 512) or b"", "utf-8")
        keys = [bytes.fromhex(line.strip()) for line in text.split("\n") if line.strip()]
    except (OSError, ValueError):
        return []
    is_fine = len(keys) <= MAX_KEYS and all(len(key) == ed25519.KEY_BYTES for key in keys)
    return keys if is_fine else []


class Updater:
    """
    board     what a manifest must name
    version   of the firmware that runs
    keys      see read_keys
    verify    of a signature, in slices
    """

    def __init__(
        self,
        files: "Files",
        selection: "Selection",
        board: str,
        version: "Version",
        keys: "list[bytes]",
        verify: "Callable[[bytes, bytes, bytes], Generator[None, None, bool]]" = (
            ed25519.verification
        ),
    ) -> None:
        self._files = files
        self._selection = selection
        self._board = board
        self._version = version
        self._keys = keys
        self._verify = verify
        self._announced: "Announcement | None" = None
        self._work: "Iterator[None] | None" = None
        self._gap: "Gap | None" = None
        self._block = bytearray()
        self._problem = ""  # of the work that ended, for whoever asks next
        self._asked_us = 0
        self._restart_us: "int | None" = None
        self.wants_restart = False
        self.unwanted_chunks = 0

    @property
    def is_busy(self) -> bool:
        return self._work is not None or self._restart_us is not None or self._problem != ""

    def begin(self, payload: bytes, now_us: int) -> "tuple[int, bytes]":
        """Return a wire.RESULT_... and a text."""
        try:
            announced = release.decode_announcement(payload)
        except ReleaseError as error:
            return _REFUSED, str(error).encode()
        name = name_of(announced)
        if name == self._selection.release:
            return _DONE, b"trial" if self._selection.is_on_trial else b"done"
        if name == self._selection.failed:
            return _FAILED, ("rolled back: " + self._selection.why).encode()
        if self._selection.is_on_trial:
            return _REFUSED, b"another update is on trial"
        if self._announced != announced:
            if self._work is not None or self._restart_us is not None:
                return _REFUSED, b"another update is under way"
            self._problem = ""
            self._announced = announced
        self._asked_us = now_us
        if self._problem:
            problem, self._problem, self._announced = self._problem, "", None
            return _FAILED, problem.encode()
        if self._work is None and self._restart_us is None:
            lacking = _lacking()
            if lacking:
                self._announced = None
                return _FAILED, lacking.encode()
            self._work = self._updating(announced)
        return _DONE, self._progress().encode()

    def take_chunk(self, chunk: "wire.Chunk", now_us: int) -> None:
        announced = self._announced
        is_ours = announced is not None and chunk.release == release.number_of(
            announced.manifest_sha256
        )
        if self._gap is not None and is_ours and self._gap.take(*chunk[2:]):
            self._asked_us = now_us
        else:
            self.unwanted_chunks += 1

    def step(self, now_us: int) -> None:
        """Do one slice. Raises nothing: what goes wrong is told to whoever asks."""
        if self._restart_us is not None:
            self.wants_restart = self.wants_restart or now_us >= self._restart_us
        if self._work is None:
            return
        try:
            next(self._work)
            if now_us - self._asked_us > IDLE_US:
                self._end("")
        except StopIteration:
            self._end("")
            self._restart_us = now_us + RESTART_AFTER_US
        except ReleaseError as error:
            self._end(str(error))
        except OSError as error:
            self._end(f"the flash: {error}")
        except MemoryError:  # the generator is over then: without this its end would mean success
            self._end("no memory left for it: a restart helps, or a cable")
        except Exception as error:  # noqa: BLE001  the same
            self._end(repr(error))

    def _end(self, problem: str) -> None:
        self._work = None
        self._gap = None
        self._problem = problem

    def _progress(self) -> str:
        gap = self._gap
        if gap is None or not gap.has_room:
            return "checking"
        return f"send {gap.index} {gap.offset}"

    def _updating(self, announced: "Announcement") -> "Iterator[None]":
        """All of the work, in slices; raises ReleaseError for what is refused."""
        self._block = bytearray(staging.BLOCK_BYTES)  # while there is room for it in one piece
        yield from self._verifying(announced)
        size, sha256 = announced.manifest_bytes, announced.manifest_sha256
        yield from self._getting(0, MANIFEST, "", size, sha256)
        self._judge()
        folder = self._selection.other
        if self._selection.staged != name_of(announced):
            # only a folder that is known to be empty is marked: no stranger's file is left in it
            self._selection.stage("")
            yield
            yield from staging.clearing(self._files, folder)
            self._selection.stage(name_of(announced))
            yield
        self._files.make_folder(folder)
        yield
        yield from self._measuring(folder)
        for index, entry in enumerate(self._entries()):
            goal, own = folder + "/" + entry.path, self._selection.active + "/" + entry.path
            yield from self._getting(1 + index, goal, own, entry.size, entry.sha256)
        self._selection.switch(name_of(announced))

    def _verifying(self, announced: "Announcement") -> "Iterator[None]":
        key = [key for key in self._keys if key[:8] == announced.key_id]
        if not key:
            raise ReleaseError("signed with a key that this node does not know")
        message = release.signed_bytes(announced.manifest_sha256)
        is_good = yield from self._verify(key[0], announced.signature, message)
        if not is_good:
            raise ReleaseError("the signature is wrong")

    def _judge(self) -> None:
        """Refuse what is not for this node, before anything of the other copy is touched."""
        lines = staging.lines(self._files, MANIFEST)
        head = release.decode_head([next(lines, "") for _ in range(release.HEAD_LINES)])
        if head.board != self._board:
            raise ReleaseError(f"for {head.board}, and this is {self._board}")
        newest = max(self._version, self._selection.floor)
        if head.version <= newest:
            version = release.version_text(head.version)
            raise ReleaseError(f"{version} is not newer than {release.version_text(newest)}")
        if head.needs > self._version:
            raise ReleaseError(f"needs {release.version_text(head.needs)} first")

    def _measuring(self, folder: str) -> "Iterator[None]":
        """Refuse a list of files that is none, or too much for the flash."""
        needed_bytes = 0
        count = 0
        for entry in self._entries():
            count += 1
            if self._files.size(folder + "/" + entry.path) != entry.size:
                needed_bytes += _taken_bytes(entry.size)
            yield
        if not 0 < count <= release.MAX_FILES:
            raise ReleaseError(f"{count} files")
        if needed_bytes > self._files.free_bytes():
            raise ReleaseError(
                f"needs {needed_bytes} bytes of flash, {self._files.free_bytes()} are free"
            )

    def _entries(self) -> "Iterator[Entry]":
        path = ""
        for number, line in enumerate(staging.lines(self._files, MANIFEST)):
            if number >= release.HEAD_LINES:
                entry = release.decode_entry(line, path)
                path = entry.path
                yield entry

    def _getting(
        self, index: int, goal: str, own: str, size: int, sha256: bytes
    ) -> "Iterator[None]":
        """Make sure that a file is at its goal: found there, copied from our own, or asked for."""
        is_whole = yield from staging.comparing(self._files, goal, size, sha256)
        if is_whole:
            return
        yield from staging.making_parents(self._files, goal)
        is_whole = yield from staging.comparing(self._files, own, size, sha256)
        if is_whole:
            work = staging.copying(self._files, own, goal, size)
        else:
            self._gap = Gap(self._files, goal, index, size, self._block)
            work = self._gap.filling()
        yield from work
        self._gap = None
        is_whole = yield from staging.comparing(self._files, goal, size, sha256)
        if not is_whole:
            self._files.remove(goal)
            raise ReleaseError(f"{goal} did not arrive as it was signed")


def _lacking() -> str:
    """Return what is wrong with the memory, if it is too little; CPython has enough."""
    mem_free = getattr(gc, "mem_free", None)
    if mem_free is None:
        return ""
    gc.collect()
    free_b = mem_free()
    return "" if free_b >= ROOM_B else f"{free_b} bytes of memory are free, it needs {ROOM_B}"


def _taken_bytes(size: int) -> int:
    blocks = (size + staging.BLOCK_BYTES - 1) // staging.BLOCK_BYTES
    return size if size <= _IN_FOLDER_BYTES else blocks * staging.BLOCK_BYTES


def name_of(announced: "Announcement") -> str:
    """Return what a release is called in the record: the hash of its manifest."""
    return announced.manifest_sha256.hex()
