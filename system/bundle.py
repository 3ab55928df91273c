"""A release in one file: what a node is sent, made and signed on the admin's machine.

A bundle is a zip of `announcement`, `manifest` (groundswell/release.py) and the files under their
own paths. The private key is a PEM file, Ed25519, of its owner alone; a node knows the public key.
"""

import hashlib
import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from groundswell import release
from groundswell.release import Announcement, Entry, Head, ReleaseError

from failure import Failure, reason_of

# not on a device: twins and simulations for PCs, the other kind of node, and what a node was
# flashed with and never updates
NOT_FOR_DEVICES = {"twins", "virtual", "pi", "open_ssl", "launch"}
_VERSION_LINE = re.compile(r"^FIRMWARE = \((\d+), (\d+), (\d+)\)$", re.M)
_ANNOUNCEMENT = "announcement"
_MANIFEST = "manifest"


Version = tuple[int, int, int]


@dataclass(frozen=True)
class Bundle:
    announcement: bytes
    manifest: bytes
    files: tuple[tuple[Entry, bytes], ...]  # in the manifest's order

    @property
    def head(self) -> Head:
        return release.decode_head(self.manifest.decode().split("\n")[: release.HEAD_LINES])

    @property
    def number(self) -> int:
        """Chunk.release of its pieces."""
        return release.number_of(hashlib.sha256(self.manifest).digest())

    @property
    def contents(self) -> tuple[bytes, ...]:
        """By Chunk.file_index."""
        return (self.manifest, *(content for _, content in self.files))


def new_key(path: Path, passphrase: str | None) -> str:
    """Write a private key where none is; return the public key in hexadecimal digits."""
    key = Ed25519PrivateKey.generate()
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Failure(f"{path} is there already; a key is never written over") from error
    except OSError as error:
        raise Failure(f"cannot write {path}: {reason_of(error)}") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    return public_key(key).hex()


def read_key(path: Path, passphrase: str | None) -> Ed25519PrivateKey:
    try:
        password = passphrase.encode() if passphrase else None
        key = serialization.load_pem_private_key(path.read_bytes(), password)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Failure(f"{path}: no key that can be read ({reason_of(error)})") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Failure(f"{path}: a key, but not an Ed25519 one")
    return key


def public_key(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )


def build(
    tree: Path, board: str, needs: Version, key: Ed25519PrivateKey, version: Version | None = None
) -> Bundle:
    """Return a release of the folder `firmware` in a tree.

    version: default is what the tree's groundswell/reporter.py says, if that is source text
    """
    contents = {path.relative_to(tree).as_posix(): path.read_bytes() for path in _files(tree)}
    if not contents:
        raise Failure(f"{tree}: no firmware/ with modules in it")
    head = Head(board, version or _version_of(tree), needs)
    entries = [
        Entry(path, len(contents[path]), hashlib.sha256(contents[path]).digest())
        for path in sorted(contents)
    ]
    text = release.encode_head(head) + "".join(map(release.encode_entry, entries))
    manifest = text.encode()
    digest = hashlib.sha256(manifest).digest()
    announcement = Announcement(
        public_key(key)[:8], len(manifest), digest, key.sign(release.signed_bytes(digest))
    )
    try:
        payload = release.encode_announcement(announcement)
        return _checked(payload, manifest, contents)
    except ReleaseError as error:
        raise Failure(f"{tree}: {error}") from error


def save(bundle: Bundle, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_ANNOUNCEMENT, bundle.announcement)
        archive.writestr(_MANIFEST, bundle.manifest)
        for entry, content in bundle.files:
            archive.writestr(entry.path, content)


def load(path: Path) -> Bundle:
    """Return a bundle whose files are those of its manifest; a node verifies the signature."""
    try:
        with zipfile.ZipFile(path) as archive:
            contents = {}
            for info in archive.infolist()[: release.MAX_FILES + 2]:
                if info.file_size > release.MAX_FILE_BYTES:
                    raise ReleaseError(f"{info.filename} has {info.file_size} bytes")
                contents[info.filename] = archive.read(info)
        announcement, manifest = contents.pop(_ANNOUNCEMENT), contents.pop(_MANIFEST)
        return _checked(announcement, manifest, contents)
    except (OSError, KeyError, ReleaseError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise Failure(f"{path}: no bundle ({reason_of(error)})") from error


def _checked(announcement: bytes, manifest: bytes, contents: dict[str, bytes]) -> Bundle:
    """Raises ReleaseError for what a node would refuse."""
    announced = release.decode_announcement(announcement)
    if announced.manifest_sha256 != hashlib.sha256(manifest).digest():
        raise ReleaseError("another manifest than the one that was signed")
    *lines, rest = manifest.decode().split("\n")
    if rest or max(map(len, lines)) > release.MAX_LINE_BYTES:
        raise ReleaseError("lines of the manifest are too long or do not end")
    release.decode_head(lines[: release.HEAD_LINES])
    files = []
    path = ""
    for line in lines[release.HEAD_LINES :]:
        entry = release.decode_entry(line, path)
        path = entry.path
        content = contents.get(path)
        if content is None or len(content) != entry.size:
            raise ReleaseError(f"{path} is not what the manifest lists")
        if hashlib.sha256(content).digest() != entry.sha256:
            raise ReleaseError(f"{path} is not what was signed")
        files.append((entry, content))
    if not 0 < len(files) <= release.MAX_FILES:
        raise ReleaseError(f"{len(files)} files")
    return Bundle(announcement, manifest, tuple(files))


def _files(tree: Path) -> list[Path]:
    return [
        path
        for path in sorted((tree / "firmware").rglob("*"))
        if path.is_file()
        and path.suffix in (".py", ".mpy", ".tflite", ".bin")
        and not NOT_FOR_DEVICES & {part.split(".")[0] for part in path.relative_to(tree).parts}
        and "__pycache__" not in path.parts
    ]


def _version_of(tree: Path) -> Version:
    source = tree / "firmware" / "groundswell" / "reporter.py"
    found = _VERSION_LINE.search(source.read_text()) if source.is_file() else None
    if found is None:
        raise Failure(f"{tree}: compiled firmware does not say its version: --version, please")
    major, minor, patch = map(int, found.groups())
    return major, minor, patch
