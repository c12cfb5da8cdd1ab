"""A limit for work outside the sandbox: how long it takes may depend on what an answer sent."""

import ctypes
import threading
import time
from contextlib import contextmanager

from course_lib.exercises.judge.interrupting import OutOfTime

LOOK = 0.1  # seconds between two looks at the clocks

_lock, _limits = threading.Lock(), {}  # thread -> its clock, and when it is over


@contextmanager
def limited(seconds):
    """Raise OutOfTime in the block once its thread has worked so long; waiting, for the sandbox say, costs nothing.

    A timer's signal would do in a process's first thread only, and workers of a cluster have others. One thread has one
    limit at a time.
    """
    thread = threading.get_ident()
    clock = time.pthread_getcpuclockid(thread)
    with _lock:
        _limits[thread] = clock, time.clock_gettime(clock) + seconds
    _watched()
    try:
        yield
    finally:
        _lift(thread)


def _lift(thread):
    """Take the limit from this thread, and what has been raised in it and hasn't arrived."""
    while True:
        try:
            with _lock:
                _limits.pop(thread, None)
            for _ in range(10):  # Python looks at each turn of a loop whether something is to be raised
                pass
            return
        except OutOfTime:
            pass


def _watched():
    global _watch
    with _lock:
        if not _watch.is_alive():
            _watch = threading.Thread(target=_look, daemon=True, name="limits")
            _watch.start()


_watch = threading.Thread()  # not started


def _look():
    while True:
        time.sleep(LOOK)
        with _lock:
            for thread, (clock, end) in _limits.items():
                if time.clock_gettime(clock) > end:
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(OutOfTime))
