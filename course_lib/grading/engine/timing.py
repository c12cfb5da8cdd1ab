"""A limit for work outside the sandbox: how long it takes may depend on what an answer sent."""

import ctypes
import threading
import time
from dataclasses import dataclass

from course_lib.exercises.judge.interrupting import OutOfTime

LOOK = 0.1  # seconds between two looks at the clocks

_lock, _limits = threading.Lock(), []


@dataclass
class _Limit:
    thread: int
    clock: int
    end: float
    over: bool = False


def within(seconds, function, *arguments):
    """Return what a call gives; raise OutOfTime in it once this thread has worked so long.

    Waiting, for the sandbox say, costs nothing. A timer's signal would do in a process's first thread only, and workers
    of a cluster have others. And it is no context manager, since what is raised could arrive on the way out of it.
    """
    thread = threading.get_ident()
    clock = time.pthread_getcpuclockid(thread)
    limit = _Limit(thread, clock, time.clock_gettime(clock) + seconds)
    try:
        with _lock:
            _limits.append(limit)
        _watched()
        return function(*arguments)
    finally:
        limit.over = True
        for _ in range(2):
            try:
                with _lock:  # a look that has begun ends first, and what it raised arrives here
                    pass
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
            _limits[:] = [limit for limit in _limits if not limit.over]
            for limit in _limits:
                if time.clock_gettime(limit.clock) > limit.end:
                    kind = ctypes.py_object(OutOfTime)
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(limit.thread), kind)
