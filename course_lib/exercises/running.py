"""Running a learner's code with a time limit, in the kernel, on every system: it may loop, exit, raise or print.

This is no sandbox. A thread runs the code and is stopped by an exception from outside, which works wherever Python
runs; code that ignores it is left behind and said to be still running. `os._exit` ends the kernel all the same.
"""

import contextlib
import ctypes
import io
import sys
import threading
import time
import traceback
import warnings
from dataclasses import dataclass, field


class OutOfTime(BaseException):
    """Raised inside a thread that has used up its time; no ordinary `except Exception` catches it."""


@dataclass
class Outcome:
    """How a run ended: `error` and `trace` if it raised, `timeout` if it was stopped, `stuck` if that failed."""

    error: BaseException | None = None
    trace: str = ""
    timeout: bool = False
    stuck: bool = False
    printed: str = ""
    warned: list = field(default_factory=list)


class _Limited(io.TextIOBase):
    """Keeps the first characters that are printed and counts the rest, so that 100 MB cost nothing."""

    def __init__(self, limit=1000):
        self.kept, self.limit, self.lost = [], limit, 0

    def writable(self):
        return True

    def write(self, text):
        text = str(text)
        room = max(self.limit, 0)
        if text[:room]:
            self.kept.append(text[:room])
        self.limit -= len(text[:room])
        self.lost += len(text) - len(text[:room])
        return len(text)

    def text(self):
        return "".join(self.kept) + (f"\n… and {self.lost:,} characters more" if self.lost else "")


def run_limited(function, seconds):
    """Run function() in a thread for at most that many seconds and return the `Outcome`; never raises."""
    outcome, stream = Outcome(), _Limited()

    def work():
        try:
            function()
        except OutOfTime:
            outcome.timeout = True
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: the notebook goes on
            outcome.error, outcome.trace = error, short_trace(error)

    thread = threading.Thread(target=work, daemon=True, name="answer")
    with warnings.catch_warnings(record=True) as warned, _without_exit(), contextlib.ExitStack() as stack:
        warnings.simplefilter("always")
        stack.enter_context(contextlib.redirect_stdout(stream))
        stack.enter_context(contextlib.redirect_stderr(stream))
        thread.start()
        try:
            thread.join(seconds)
        except KeyboardInterrupt as error:
            outcome.error, outcome.trace = error, "interrupted from outside"
        if thread.is_alive():
            outcome.timeout = outcome.error is None
            outcome.stuck = not _stop(thread)
    outcome.printed = stream.text()
    outcome.warned = sorted({f"{w.category.__name__}: {w.message}" for w in warned})
    return outcome


def _stop(thread, patience=1.0):
    end = time.monotonic() + patience
    while thread.is_alive() and time.monotonic() < end:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(OutOfTime))
        thread.join(0.05)
    return not thread.is_alive()


@contextlib.contextmanager
def _without_exit():
    """Let exit() and quit(), which in a notebook ask the kernel to end, raise SystemExit instead."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        yield
        return

    def refuse():
        raise SystemExit("exit() was called")

    had = "ask_exit" in vars(shell)
    before = shell.ask_exit
    shell.ask_exit = refuse
    try:
        yield
    finally:
        if had:
            shell.ask_exit = before
        else:
            del shell.ask_exit


def short_trace(error):
    """Return the last lines of the traceback that lie in the learner's own code, and the error."""
    try:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "course_lib" not in f.filename]
        place = f"line {frames[-1].lineno}: {frames[-1].line}\n" if frames and frames[-1].line else ""
        return place + "".join(traceback.format_exception_only(error)).strip()[:1000]
    except BaseException:  # an exception whose own text raises
        return f"{type(error).__name__}, whose message can't be shown"
