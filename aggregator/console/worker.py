"""gunicorn's gevent worker, as one that ends when it is told to.

gunicorn's own looks once a second whether it shall end, and then waits for its pages. Pages that
follow a stream do not end, so gunicorn kills the worker, and complains that it had to.
"""

import os
import signal
from types import FrameType

import gevent
from gunicorn.workers.ggevent import GeventWorker

LAST_WORDS_S = 0.1  # for answers that are being written


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn publishes no types
    def init_process(self) -> None:
        # until gunicorn sets ours we have the arbiter's handlers: they would put a signal into a
        # queue that nobody reads here
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, self.handle_quit)
        super().init_process()

    def handle_exit(self, number: int, frame: FrameType | None) -> None:
        """SIGTERM is taken as SIGINT is."""
        self.handle_quit(number, frame)

    def handle_quit(self, number: int, frame: FrameType | None) -> None:
        if not self.booted:  # it loads, for seconds on a busy machine, and serves nobody yet
            os._exit(0)
        gevent.spawn(self._end)  # a signal handler must not wait

    def _end(self) -> None:
        self.alive = False
        self.cfg.worker_int(self)
        gevent.sleep(LAST_WORDS_S)
        os._exit(0)  # taking an interpreter down with all that it holds takes longer than this
