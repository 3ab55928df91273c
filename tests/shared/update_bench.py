"""A node that is only its flash and its updater, and somebody who sends it releases."""

from firmware.update.selection import CONFIRMED, Selection
from firmware.update.trial import Trial
from firmware.update.updater import Updater
from groundswell import wire

from signer import announcement_of, manifest_of, sha256
from simulated_flash import SimulatedFlash

NODE_ID = 42
BLOCK_US = 32000
OLD = {"firmware/main.py": b"old main" * 30, "firmware/same.py": b"same" * 200}
NEW = {
    "firmware/main.py": b"new main" * 700,
    "firmware/parts/empty.py": b"",
    "firmware/parts/model.tflite": bytes(range(256)) * 4,
    "firmware/same.py": b"same" * 200,
}


class QuickSigner:
    """A signature that takes no time: for tests of what comes after it."""

    public_key = b"quick-key-of-thirty-two-bytes---"

    def sign(self, message):
        return (sha256(message) + sha256(self.public_key + message))[:64]


def quick_verification(public_key, signature, message):
    yield
    return signature == QuickSigner().sign(message) and public_key == QuickSigner.public_key


class Release:
    def __init__(self, files=NEW, signer=None, **head):
        self.manifest = manifest_of(files, **head)
        self.announcement = announcement_of(self.manifest, signer or QuickSigner())
        self.contents = [self.manifest] + [files[path] for path in sorted(files)]


class Bench:
    def __init__(self, files=None, version=(0, 1, 0), keys=None, verify=quick_verification):
        self.flash = files or new_flash()
        self.now_us = 0
        self.asked = []  # (file index, offset) that the node asked for
        self.most_changes = 0  # of the flash, in one step
        self._settings = (keys or [QuickSigner.public_key], verify)
        self.start(version)

    def start(self, version=(0, 1, 0)):
        self.slot = Selection(self.flash).begin()
        self.trial = Trial(self.flash, version)
        self.selection = self.trial.selection
        keys, verify = self._settings
        self.updater = Updater(self.flash, self.selection, "esp32", version, keys, verify)

    def confirm(self):
        self.trial.step(self.now_us, True)

    def ask(self, release):
        return self.updater.begin(release.announcement, self.now_us)

    def step(self, count=1):
        for _ in range(count):
            before = self.flash.changes
            self.updater.step(self.now_us)
            self.trial.step(self.now_us, False)
            self.most_changes = max(self.most_changes, self.flash.changes - before)
            self.now_us += BLOCK_US

    def chunk(self, release, index, offset, payload):
        self.updater.take_chunk(
            wire.Chunk(NODE_ID, number_of(release), index, offset, payload), self.now_us
        )

    def send(self, release, until=None):
        """Do what the node asks for; return its last answer. until(answer): stop there."""
        for _ in range(3000):
            answer = self.ask(release)
            self.step()
            words = answer[1].split()
            if answer[0] != wire.RESULT_DONE or words[0] in (b"trial", b"done"):
                return answer
            if until is not None and until(answer[1]):
                return answer
            if self.updater.wants_restart:
                return answer
            if words[0] == b"send":
                index, offset = int(words[1]), int(words[2])
                self.asked.append((index, offset))
                piece = release.contents[index][offset : offset + 1024]
                self.chunk(release, index, offset, piece)
        raise AssertionError("no end")

    def runs(self, files):
        """Return whether the folder that would run holds exactly these files."""
        found = {}
        for path, content in self.flash.files.items():
            if path.startswith(self.slot + "/"):
                found[path[2:]] = content
        found.pop(CONFIRMED, None)
        return found == files


def number_of(release):
    return int.from_bytes(sha256(release.manifest)[:4], "little")


def new_flash(capacity_bytes=1 << 20):
    flash = SimulatedFlash(capacity_bytes)
    for folder in ("state", "a", "a/firmware"):
        flash.make_folder(folder)
    for path, content in OLD.items():
        flash.write("a/" + path, content)
    return flash
