"""Events to take away: QuakeML for catalogues, CAP as it was announced. From the engine's record.

/api/events/<event_id>/quakeml     all estimates of one event
/api/events/<event_id>/cap         its last CAP message
"""

import json
import re
import sqlite3
from collections.abc import Callable

from flask import Flask, Response, abort

from aggregator import quakeml
from aggregator.cap import series_of
from vote.alert import Alert, alert_of

AlertsOf = Callable[[str], list[bytes]]  # of one event, as published; raises sqlite3.Error
_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def add_downloads(app: Flask, alerts_of: AlertsOf) -> None:
    @app.get("/api/events/<event_id>/quakeml")
    def as_quakeml(event_id: str) -> Response:
        alerts = _alerts(event_id, alerts_of)
        return _attached(quakeml.document(alerts), f"{event_id}.quakeml.xml")

    @app.get("/api/events/<event_id>/cap")
    def as_cap(event_id: str) -> Response:
        announced = series_of(_alerts(event_id, alerts_of))
        if not announced:
            abort(404, "This event called for nothing, so nothing was announced.")
        return _attached(announced[-1][1], f"{event_id}.cap.xml")


def _alerts(event_id: str, alerts_of: AlertsOf) -> list[Alert]:
    """Return the event's versions, or answer that there are none (404) or no record (503)."""
    if not _ID.fullmatch(event_id):
        abort(404)
    try:
        alerts = [alert_of(json.loads(line)) for line in alerts_of(event_id)]
    except (sqlite3.Error, OSError):
        abort(503, "The record cannot be read.")
    except ValueError:  # written by another version
        abort(404, "The record of this event is of another version.")
    if not alerts:
        abort(404)
    return alerts


def _attached(document: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(document, mimetype="application/xml", headers=headers)
