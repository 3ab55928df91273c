"""What the record tells, while the engine writes it (store.py)."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BUSY_TIMEOUT_S = 2.0  # somebody else's write transaction
TRIGGERS_OF_US, MAX_TRIGGERS_OF = 120_000_000, 50_000  # of one earthquake


class Reader:
    """Reads the record while the engine writes it; each call opens the file anew, read only.

    Raises sqlite3.Error where there is no file or no schema in it yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def nodes(self) -> list[dict[str, Any]]:
        return self._rows("SELECT * FROM nodes ORDER BY node_id", ())

    def events(self, limit: int) -> list[dict[str, Any]]:
        """Return the last `limit` events, newest first."""
        return self._rows("SELECT * FROM events ORDER BY last_issued_us DESC LIMIT ?", (limit,))

    def alerts(self, limit: int) -> list[bytes]:
        """Return the last `limit` alerts as they were published, oldest first."""
        found = self._rows("SELECT document FROM alerts ORDER BY alert_id DESC LIMIT ?", (limit,))
        return [row["document"].encode() for row in reversed(found)]

    def alerts_of(self, event_id: str) -> list[bytes]:
        """Return the versions of one event as they were published, oldest first, each once."""
        found = self._rows(
            "SELECT document FROM alerts WHERE event_id = ? GROUP BY version ORDER BY version",
            (event_id,),
        )
        return [row["document"].encode() for row in found]

    def nodes_since(self, since_us: int) -> list[dict[str, Any]]:
        """Return the nodes heard since then, earliest first."""
        return self._rows("SELECT * FROM nodes WHERE heard_us >= ? ORDER BY heard_us", (since_us,))

    def triggers_of(self, origin_us: int) -> list[dict[str, Any]]:
        """Return the messages of nodes that came within two minutes of an origin time."""
        return self._rows(
            "SELECT * FROM triggers WHERE received_us BETWEEN ? AND ? LIMIT ?",
            (origin_us, origin_us + TRIGGERS_OF_US, MAX_TRIGGERS_OF),
        )

    def triggers_between(self, since_us: int, until_us: int, limit: int) -> list[dict[str, Any]]:
        """Return the last `limit` messages of nodes that came in that time, earliest first."""
        found = self._rows(
            "SELECT * FROM triggers WHERE received_us BETWEEN ? AND ?"
            " ORDER BY received_us DESC LIMIT ?",
            (since_us, until_us, limit),
        )
        return found[::-1]

    def learnt(self) -> str | None:
        """Return what put_learnt() was given last."""
        found = self._rows("SELECT document FROM learnt WHERE what = 'false triggers'", ())
        return found[0]["document"] if found else None

    def _rows(self, query: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        uri = self._path.absolute().as_uri() + "?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, parameters)]
        finally:
            connection.close()
