"""Processes that hear Ctrl-C, wherever the tests were started."""

import signal
from contextlib import contextmanager


@contextmanager
def heard():
    """Start processes in here as from a terminal.

    Where the tests run in the background, or under nohup, Ctrl-C is ignored, and whatever they start inherits that.
    The commands leave it so, since whoever starts them in the background wants it: only tests press it there.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
