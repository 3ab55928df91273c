"""Signs as RFC 8032, section 5.1.6, says, on both interpreters; slowly, and not in secret."""

import hashlib

from groundswell import ed25519, release, sha512

from slices import result_of

SEED = bytes(range(32))


class Signer:
    def __init__(self, seed=SEED):
        digest = result_of(sha512.hashing(seed))
        self._scalar = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | (1 << 254)
        self._prefix = digest[32:]
        self.public_key = times_base(self._scalar % ed25519._ORDER)

    def sign(self, message):
        nonce = number(self._prefix + message)
        start = times_base(nonce)
        factor = nonce + number(start + self.public_key + message) * self._scalar
        return start + (factor % ed25519._ORDER).to_bytes(32, "little")


def number(message):
    return int.from_bytes(result_of(sha512.hashing(message)), "little") % ed25519._ORDER


def times_base(scalar):
    """Return the encoding of [scalar] B."""
    point = result_of(ed25519._combining(scalar, 0, ed25519._BASE))
    shrink = pow(point[2], ed25519._P - 2, ed25519._P)
    x, y = point[0] * shrink % ed25519._P, point[1] * shrink % ed25519._P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def sha256(content):
    return hashlib.sha256(content).digest()


def manifest_of(files, board="esp32", version=(0, 2, 0), needs=(0, 1, 0)):
    """files: path -> content"""
    text = release.encode_head(release.Head(board, version, needs))
    for path in sorted(files):
        text += release.encode_entry(release.Entry(path, len(files[path]), sha256(files[path])))
    return text.encode()


def announcement_of(manifest, signer):
    """Return the payload of the command."""
    digest = sha256(manifest)
    return release.encode_announcement(
        release.Announcement(
            signer.public_key[:8],
            len(manifest),
            digest,
            signer.sign(release.signed_bytes(digest)),
        )
    )
