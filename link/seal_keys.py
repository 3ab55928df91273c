"""The file of nodes' keys, one a line: the node's number and its key, hexadecimal.

    0000002a 6f0c...      (8 and 64 digits; lines that begin with # are remarks)

`groundswell flash-layout --seal-keys FILE` adds to it, the engine reads it at its start.
"""

import os
from pathlib import Path

from groundswell.seal import KEY_BYTES

MOST_BYTES = 8 << 20  # 100,000 nodes


class SealKeysError(ValueError):
    """This file holds no keys; the message says where, and shows none."""


def read_seal_keys(path: Path) -> dict[int, bytes]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SealKeysError(f"{path}: larger than {MOST_BYTES >> 20} MiB")
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError as error:
        raise SealKeysError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SealKeysError(f"{path}: not a text") from error
    keys: dict[int, bytes] = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            name, text = words
            node_id, key = int(name, 16), bytes.fromhex(text)
        except ValueError:
            raise SealKeysError(f"{path}: line {number} is not NODE_ID KEY") from None
        if len(name) != 8 or len(key) != KEY_BYTES or node_id in keys:
            raise SealKeysError(f"{path}: line {number}: 8 and 64 digits, and each node once")
        keys[node_id] = key
    return keys


def add_seal_key(path: Path, node_id: int, key: bytes) -> None:
    """Add a line; a new file is for its owner's eyes only."""
    number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(number, "a+b") as file:
        file.seek(0)
        if file.read()[-1:] not in (b"", b"\n"):  # an editor may leave the last line without end
            file.write(b"\n")
        file.write(f"{node_id:08x} {key.hex()}\n".encode())
