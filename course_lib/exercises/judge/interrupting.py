"""Ending threads from outside: the one that runs an answer, and those that the answer leaves behind."""

import ctypes
import sys
import threading
from time import monotonic, process_time, sleep  # by name: an answer may replace what stands in the module

PATIENCE = 1.0  # seconds that code gets to stop
IN_ALL = 6  # times its limit is how long an answer may take by the clock


class OutOfTime(BaseException):
    """Raised inside a thread that has used up its time; no ordinary `except Exception` catches it."""


class AnswerThread(threading.Thread):
    """The thread that a learner's code runs in."""


def wait(ended, seconds):
    """Wait until an answer has ended or its time is used up.

    Its time is what this process works: where other programs want the same cores it gets as much as on an idle
    machine. Several threads cost it no more than one, since nothing is stopped before so many seconds have passed by
    the clock. One that only sleeps would never use it up, and is waited for `IN_ALL` times as long.
    """
    began, worked = monotonic(), process_time()
    left = seconds
    while left > 0 and not ended.wait(max(left, 0.005)):
        left = min(seconds - (process_time() - worked), IN_ALL * seconds - (monotonic() - began))


def stop(thread, ended):
    """Raise OutOfTime in a thread until it has ended or patience has."""
    end = monotonic() + PATIENCE
    while (thread.is_alive() or thread.ident is None) and not ended.is_set() and monotonic() < end:
        if thread.ident is not None:  # else it is about to start
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(OutOfTime))
        ended.wait(0.005)  # often: code that swallows exceptions is caught at last between its try blocks


def end_left_behind(threads):
    """End the threads in which the learner's functions go on: what they print would get into a cell's %%capture.

    Threads that only libraries run in, such as a pool's workers, stay.
    """
    end = monotonic() + PATIENCE / 5
    while (own := [thread for thread in threads.new() if _runs_own_code(thread)]) and monotonic() < end:
        for thread in own:  # by an exception that ends a thread without a word
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))
        sleep(0.005)


def _runs_own_code(thread):
    frame = None if isinstance(thread, AnswerThread) else sys._current_frames().get(thread.ident)
    while frame is not None and frame.f_globals.get("__name__") != "__main__":
        frame = frame.f_back
    return frame is not None
