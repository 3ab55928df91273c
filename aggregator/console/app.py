"""The web application: one page, its event stream, its state as JSON. Flask and nothing else."""

from flask import Flask, Response, jsonify, render_template, request

from aggregator.console.downloads import AlertsOf, add_downloads
from aggregator.console.live import Live

# Nothing from elsewhere, nothing inline: a string that slips through as markup still runs nothing.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that know no frame-ancestors
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def create_app(feed: Live, alerts_of: AlertsOf = lambda _: []) -> Flask:
    """alerts_of: the versions of one event, from the record; without one there is nothing to
    take away."""
    app = Flask(__name__)
    add_downloads(app, alerts_of)

    @app.get("/")
    def page() -> str:
        return render_template("console.html")

    @app.get("/events")
    def events() -> Response:
        if feed.is_full():
            return Response("Too many pages follow this console.\n", 503, {"Retry-After": "10"})
        last_event_id = request.headers.get("Last-Event-ID", "")
        return Response(
            feed.stream(last_event_id),
            mimetype="text/event-stream",
            # a proxy that collects the stream before it passes it on would delay alerts
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    @app.get("/api/state")
    def state() -> Response:
        return Response(feed.state(), mimetype="application/json")

    @app.get("/healthz")
    def health() -> Response:
        """The console lives if it answers at all; the body says whether what it shows is stale."""
        return jsonify(feed.health())

    @app.after_request
    def add_security_headers(response: Response) -> Response:
        response.headers.update(SECURITY_HEADERS)
        response.headers.setdefault("Cache-Control", "no-cache")
        return response

    return app
