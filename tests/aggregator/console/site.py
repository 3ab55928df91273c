"""The console without a broker: the real app on a free port, its feed in the test's hands."""

import threading
import time

from groundswell import topics
from werkzeug.serving import WSGIRequestHandler, make_server

from aggregator.console.app import create_app
from aggregator.console.feed import Feed
from aggregator.console.live import Live
from aggregator.console.places import Place
from tests.aggregator.console import traffic

TICK_S = 0.25
UP_US = 60_000_000  # it has been up for a while: a link that is down is no longer starting


class Site:
    """ahead_us: how far the console's clock is ahead of the browser's; a page follows at once.

    While is_beating an engine is heard, however long a busy machine needs."""

    def __init__(self, ahead_us: int = 0, up_us: int = UP_US, is_connected: bool = True) -> None:
        self._ahead_us = ahead_us
        self.is_connected = is_connected
        self.is_silent = False
        self.is_beating = False
        started_us = self.now_us() - up_us
        places = [Place(*place) for place in traffic.PLACES]
        self.live = Live(Feed(started_us, places), self.now_us, epoch="test")
        self.live.tick(self.is_connected)  # a page may ask before the first one is due
        self._server = make_server(
            "127.0.0.1", 0, create_app(self.live), threaded=True, request_handler=_Quiet
        )
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._ended = threading.Event()
        for target in (self._server.serve_forever, self._tick):
            threading.Thread(target=target, daemon=True).start()

    def now_us(self) -> int:
        return time.time_ns() // 1000 + self._ahead_us

    def pass_time(self, us: int) -> None:
        self._ahead_us += us

    def beat(self) -> None:
        self.say(topics.HEARTBEAT, traffic.heartbeat(self.now_us()))

    def say(self, topic: str, payload: bytes) -> None:
        self.live.hear(topic, payload, self.now_us())

    def say_nodes(self, triggered: int = 0) -> None:
        self.say(topics.of_view("nodes"), traffic.nodes(self.now_us(), triggered))

    def alert(self, document: dict[str, object]) -> None:
        self.say(topics.of_alert(str(document["category"])), traffic.to_json(document))

    def close(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def _tick(self) -> None:
        while not self._ended.wait(TICK_S):
            if not self.is_silent:
                self.live.tick(self.is_connected)
                if self.is_beating:
                    self.beat()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """The browser's reloads are of no interest."""
