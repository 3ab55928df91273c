"""What a signed update looks like: an announcement, a manifest, and the files that it lists.

The announcement is the payload of ACTION_UPDATE: which key signed, and the size, the hash and the
signature of the manifest. A node believes nothing else before it has verified it; what it
verifies is `signed_bytes`. The manifest is text:

    groundswell 1
    board esp32
    version 0.2.0
    needs 0.1.0
    file 1234 <SHA-256, 64 hexadecimal digits> firmware/node.py

`needs` is the lowest version that knows how to update to this one. Paths ascend, so that none
comes twice. Everything read here comes from outside: what is not exactly so raises ReleaseError.
"""

import struct
from collections import namedtuple

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this name for True
if TYPE_CHECKING:
    Version = tuple[int, int, int]

FORMAT = "groundswell 1"
CHUNK_BYTES = 1024
MAX_MANIFEST_BYTES = 32768
MAX_FILES = 256
MAX_FILE_BYTES = 262144  # a model is 5 to 30 kB, the longest source file 15
MAX_LINE_BYTES = 192
MAX_PATH_BYTES = 80
HEAD_LINES = 4

Announcement = namedtuple(
    "Announcement",
    (
        "key_id",  # the first eight bytes of the public key
        "manifest_bytes",
        "manifest_sha256",
        "signature",  # Ed25519, of signed_bytes
    ),
)
_ANNOUNCEMENT = "<8sI32s64s"
_ANNOUNCEMENT_BYTES = 108

Head = namedtuple("Head", ("board", "version", "needs"))
Entry = namedtuple("Entry", ("path", "size", "sha256"))

_ALLOWED = "abcdefghijklmnopqrstuvwxyz0123456789_"
_ENDINGS = (".py", ".mpy", ".tflite", ".bin")


class ReleaseError(ValueError):
    """This is no release of ours. The text is for people."""


def encode_announcement(announcement: Announcement) -> bytes:
    return struct.pack(_ANNOUNCEMENT, *announcement)


def decode_announcement(payload: bytes) -> Announcement:
    if len(payload) != _ANNOUNCEMENT_BYTES:
        raise ReleaseError(f"an announcement has {_ANNOUNCEMENT_BYTES} bytes, not {len(payload)}")
    announcement = Announcement(*struct.unpack(_ANNOUNCEMENT, payload))
    if not 0 < announcement.manifest_bytes <= MAX_MANIFEST_BYTES:
        raise ReleaseError(f"a manifest of {announcement.manifest_bytes} bytes")
    return announcement


def signed_bytes(manifest_sha256: bytes) -> bytes:
    """Return what the key signs: 46 bytes, with which SHA-512 has one block."""
    return b"groundswell 1 " + manifest_sha256


def number_of(manifest_sha256: bytes) -> int:
    """Return Chunk.release."""
    return int(struct.unpack_from("<I", manifest_sha256, 0)[0])


def encode_head(head: Head) -> str:
    board, version, needs = head.board, version_text(head.version), version_text(head.needs)
    return f"{FORMAT}\nboard {board}\nversion {version}\nneeds {needs}\n"


def encode_entry(entry: Entry) -> str:
    return f"file {entry.size} {entry.sha256.hex()} {entry.path}\n"


def decode_head(lines: "list[str]") -> Head:
    """Return what the first HEAD_LINES lines say."""
    if len(lines) != HEAD_LINES or lines[0] != FORMAT:
        raise ReleaseError("this is no manifest that this firmware can read")
    board, version, needs = [
        _after(name, line) for name, line in zip(("board", "version", "needs"), lines[1:])
    ]
    return Head(board, parse_version(version), parse_version(needs))


def decode_entry(line: str, path_before: str) -> Entry:
    """path_before: that of the line before, "" for the first."""
    words = line.split(" ")
    if len(words) != 4 or words[0] != "file" or len(words[2]) != 64:
        raise ReleaseError("no line of a manifest: " + line[:40])
    size = _number(words[1], MAX_FILE_BYTES)
    try:
        sha256 = bytes.fromhex(words[2])
    except ValueError:
        sha256 = b""
    if len(sha256) != 32:
        raise ReleaseError("no hash: " + words[2])
    if not is_safe(words[3]):
        raise ReleaseError("no path for a node: " + words[3][:40])
    if words[3] <= path_before:
        raise ReleaseError("paths do not ascend: " + words[3])
    return Entry(words[3], size, sha256)


def is_safe(path: str) -> bool:
    """Return whether a path stays within its folder and is a kind of file that a node has."""
    if len(path) > MAX_PATH_BYTES or not path.endswith(_ENDINGS):
        return False
    folders, name = path.split("/")[:-1], path.split("/")[-1]
    words = folders + [name[: name.rfind(".")]]
    return len(words) <= 5 and all(
        word != "" and all(letter in _ALLOWED for letter in word) for word in words
    )


def parse_version(text: str) -> "Version":
    words = text.split(".")
    if len(words) != 3:
        raise ReleaseError("no version: " + text[:20])
    major, minor, patch = [_number(word, 255) for word in words]
    return major, minor, patch


def version_text(version: "Version") -> str:
    return ".".join(str(number) for number in version)


def _after(name: str, line: str) -> str:
    if not line.startswith(name + " "):
        raise ReleaseError(f"the manifest has no {name} where it should be")
    return line[len(name) + 1 :]


def _number(text: str, highest: int) -> int:
    is_number = 0 < len(text) <= 8 and all(letter in "0123456789" for letter in text)
    if not is_number or int(text) > highest:
        raise ReleaseError("no number from 0 to " + str(highest) + ": " + text[:20])
    return int(text)
