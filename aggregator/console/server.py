"""The console's process: gunicorn with one gevent worker, the broker link, a tick each second.

One worker, because one process must own the feed; gevent, because it holds thousands of streams
open (infrastructure.md section 6). The arbiter only watches: everything below `load` happens in
the worker, after gevent has patched the standard library.
"""

import itertools
import os
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

TICK_S = 1.0
HISTORY_RETRY_TICKS = 5  # a console may start before the engine has made its store
SLOW_CLIENT_TIMEOUT_MS = 30_000  # the kernel drops a page that takes nothing for so long
HISTORY_LENGTH = 200  # alerts; feed.LOG_LENGTH
BACKLOG = 512
STREAMS_END_WITHIN_S = 0.5  # they are woken at once; a page that reads nothing has no longer
KILLED_AFTER_S = 2  # a worker that does not end by itself; below supervisor.ENDS_WITHIN_S


@dataclass(frozen=True)
class Settings:
    broker: str  # host:port
    database: Path
    bind: str
    port: int
    places: Path | None
    tls: str  # FOLDER/NAME of our certificate; empty: none


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that accepts connections; raises OSError where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    # accepted connections inherit it; it also ends those whose window stays closed (tcp(7))
    user_timeout = getattr(socket, "TCP_USER_TIMEOUT", None)
    if user_timeout is not None:
        listener.setsockopt(socket.IPPROTO_TCP, user_timeout, SLOW_CLIENT_TIMEOUT_MS)
    return listener


def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; does not return."""
    os.set_inheritable(listener.fileno(), True)
    _Console(settings, listener).run()


class _Console(BaseApplication):  # type: ignore[misc]  # gunicorn publishes no types
    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._end_streams: Callable[[], None] = lambda: None  # none before `load`
        super().__init__()

    def load_config(self) -> None:
        choices: dict[str, Any] = {
            "bind": f"fd://{self._listener.fileno()}",
            "workers": 1,
            "worker_class": "aggregator.console.worker.Worker",
            "worker_connections": 4000,  # live.MAX_STREAMS, and room for pages that load
            "graceful_timeout": KILLED_AFTER_S,
            "worker_int": lambda worker: self._end_streams(),
            "timeout": 60,
            "loglevel": "warning",
            "logger_class": _Log,
            "proc_name": "groundswell-console",
            "control_socket_disable": True,  # gunicorn 25 and later: ~/.gunicorn/gunicorn.ctl
            "worker_tmp_dir": _memory_folder(),
        }
        for name, choice in choices.items():
            if name in self.cfg.settings:
                self.cfg.set(name, choice)

    def load(self) -> Any:
        # imported here: paho and threading must meet the patched socket module
        from groundswell import topics

        from aggregator.console.app import create_app
        from aggregator.console.feed import Feed
        from aggregator.console.live import Live
        from aggregator.console.places import read_places
        from aggregator.reader import Reader
        from link.mqtt import MqttLink

        started_us = _now_us()
        places = read_places(self._settings.places) if self._settings.places else []
        live = Live(Feed(started_us, places), _now_us, epoch=f"{started_us:x}")
        reader = Reader(self._settings.database)
        link = MqttLink(
            self._settings.broker,
            client_id=f"groundswell-console-{os.getpid()}-{started_us:x}",
            subscriptions=[topics.ALL_ALERTS, topics.ALL_VIEWS],
            on_message=live.hear,
            on_retained=live.refuse_retained,
            tls=self._settings.tls,
        )
        link.start()
        self._end_streams = lambda: live.end_streams(STREAMS_END_WITHIN_S)
        _start_ticking(lambda: live.tick(link.is_connected), lambda: _recall(reader, live))
        return create_app(live, reader.alerts_of)


class _Log(Logger):  # type: ignore[misc]  # gunicorn publishes no types
    def exception(self, message: str, *details: Any, **options: Any) -> None:
        """A page that reads nothing is let go: one line, for it is no error of ours."""
        if isinstance(sys.exc_info()[1], TimeoutError):
            self.warning("a page read nothing for %d s, let go", SLOW_CLIENT_TIMEOUT_MS // 1000)
        else:
            super().exception(message, *details, **options)


def _start_ticking(tick: Callable[[], None], recall: Callable[[], bool]) -> None:
    """Run both in a thread. If it ever dies, pages hear nothing and say so within seconds."""

    def run() -> None:
        has_history = False
        for ticks in itertools.count():
            if not has_history and ticks % HISTORY_RETRY_TICKS == 0:
                has_history = recall()
            tick()
            time.sleep(TICK_S)

    threading.Thread(target=run, name="tick", daemon=True).start()


def _recall(reader: Any, live: Any) -> bool:
    """Fill the log from the store; return whether there was one."""
    try:
        live.recall(reader.alerts(HISTORY_LENGTH))
    except (OSError, sqlite3.Error):
        return False
    return True


def _memory_folder() -> str | None:
    """Where the worker's sign of life is kept: never on a disk that may be slow or full."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _now_us() -> int:
    return time.time_ns() // 1000
