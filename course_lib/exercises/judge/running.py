"""Running a learner's code with a time limit, in the kernel, on every system: it may loop, exit, raise or print.

This is no sandbox. A thread runs the code and is stopped by an exception from outside, which works wherever Python
runs. Code that swallows this exception, or sleeps in C, is left behind, silenced, and said to be still running.
Two things can't be helped: `os._exit` ends the kernel, and one long C call that keeps the interpreter to itself, such
as sum(range(10**11)), holds up every thread until it returns.
"""

import contextlib
import io
import os
import sys
import sysconfig
import threading
import traceback
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.exercises.judge.interrupting import PATIENCE, AnswerThread, OutOfTime, end_left_behind, stop, wait
from course_lib.exercises.judge.warned import Warned

COURSE, STDLIB = str(Path(__file__).parents[2]), sysconfig.get_path("stdlib")


def inside():
    """Say whether this is called from within an answer."""
    return isinstance(threading.current_thread(), AnswerThread)


@dataclass
class Outcome:
    """How a run ended: `error` and `trace` if it raised, `timeout` if it was stopped, `stuck` if that failed."""

    error: BaseException | None = None
    trace: str = ""
    timeout: bool = False
    stuck: bool = False
    interrupted: bool = False
    printed: str = ""
    warned: Warned = field(default_factory=Warned)


class _Limited(io.TextIOBase):
    """Keeps the first characters that are printed and counts the rest, so that 100 MB cost nothing."""

    encoding = "utf-8"

    def __init__(self, limit=1000):
        self.kept, self.limit, self.lost = [], limit, 0

    def writable(self):
        return True

    def close(self):
        """Stay open: the next print must not fail because the answer closed sys.stdout."""

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if kept := text[: self.limit]:
            self.kept.append(kept)
        self.limit -= len(kept)
        self.lost += len(text) - len(kept)
        return len(text)

    def text(self):
        """Return the first lines."""
        kept = "".join(self.kept)
        shown = "\n".join(kept.split("\n")[:20]).rstrip("\n")
        lost = self.lost + len(kept.rstrip("\n")) - len(shown)
        return shown + (f"\n… and {lost:,} characters more" if lost else "")


class _Threads:
    """The answer's threads: during the run whatever wasn't there before, afterwards what is left of them."""

    def __init__(self):
        self.before, self.left = set(threading.enumerate()), None

    def have_current(self):
        thread = threading.current_thread()
        return thread not in self.before if self.left is None else thread in self.left

    def new(self):
        return set(threading.enumerate()) - self.before

    def settle(self):
        self.left = self.new()
        return bool(self.left)


class _Switch:
    """Stands in for sys.stdout: what the answer's threads write is kept, all else goes where it always went."""

    def __init__(self, usual, kept, threads):
        vars(self).update(_usual=usual, _kept=kept, _threads=threads)

    def _current(self):
        return self._kept if self._threads.have_current() else self._usual

    def __getattr__(self, name):
        return getattr(self._current(), name)

    def __setattr__(self, name, value):  # IPython replaces sys.stdout.write while a cell runs
        setattr(self._current(), name, value)


@contextlib.contextmanager
def _captured(stream):
    """Keep what the answer prints, and keep it from ending the kernel: exit() raises SystemExit instead.

    Where threads of the answer outlive it, they stay silenced, and nothing they do reaches the cells that follow.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    threads, usual, ask_exit = _Threads(), (sys.stdout, sys.stderr), getattr(shell, "ask_exit", None)
    publisher = getattr(shell, "display_pub", None)
    publish = getattr(publisher, "publish", None)

    def refuse():
        if not threads.have_current():
            return ask_exit()
        raise SystemExit("exit() was called")

    def show(*args, **kwargs):
        return None if threads.have_current() else publish(*args, **kwargs)

    switches = tuple(_Switch(file, stream, threads) for file in usual)
    sys.stdout, sys.stderr = switches
    if shell is not None:
        shell.ask_exit, publisher.publish = refuse, show
    try:
        with _descriptors_silenced():
            yield threads
    finally:
        remain = threads.settle()
        sys.stdout, sys.stderr = switches if remain else usual
        if shell is not None and not remain:
            shell.ask_exit, publisher.publish = ask_exit, publish


@contextlib.contextmanager
def _descriptors_silenced():
    """Send to nowhere what goes past sys.stdout: os.write, and the programs that an answer starts."""
    try:
        saved = {descriptor: os.dup(descriptor) for descriptor in (1, 2)}
    except OSError:  # this process has none
        yield
        return
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        for descriptor in saved:
            os.dup2(null, descriptor)
        yield
    finally:
        for descriptor, copy in saved.items():
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(null)


def run_limited(function, seconds, case=lambda: None):
    """Run function() in a thread for that many seconds, as `wait` counts, and return the `Outcome`; never raises.

    case() says in which case it is, for what it warns of.
    """
    outcome, stream, warned = Outcome(), _Limited(), Warned()

    def work():
        try:
            function()
        except OutOfTime:
            pass
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: the notebook goes on
            outcome.trace = short_trace(error)
            outcome.error = error
        finally:
            ended.set()

    ended = threading.Event()  # and not thread.join, which takes a thread for dead once it was interrupted itself
    thread = AnswerThread(target=work, daemon=True, name="answer")
    with warnings.catch_warnings(), _captured(stream) as threads:
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, category, *where, **more: (
            warned.add(message, category, case()) if threads.have_current() else None
        )
        try:  # from the start on: the learner may press stop before `start` has returned
            thread.start()
            wait(ended, seconds)
        except KeyboardInterrupt:  # the learner pressed stop
            outcome.interrupted = True
        outcome.printed, outcome.warned = stream.text(), warned.kept()
        if not ended.is_set():
            outcome.timeout = True
            stop(thread, ended)
            outcome.stuck = not ended.is_set()
        if ended.is_set():
            thread.join(PATIENCE)  # its last steps, so that it isn't taken for one left behind
        end_left_behind(threads)
    return outcome


def raised_inside(error):
    """Say whether an exception arose in the learner's own code, or in what it called."""
    return any(not _installed(frame.filename) for frame in traceback.extract_tb(error.__traceback__))


def short_trace(error):
    """Return the line of the learner's own code in which the error arose, and the error."""
    try:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.line and not _installed(f.filename)]
        place = f"line {frames[-1].lineno}: {frames[-1].line}\n" if frames else ""
        return place + "".join(traceback.format_exception_only(error)).strip()[:1000]
    except Exception:  # an exception whose own text raises
        return f"{type(error).__name__}, whose message can't be shown"


def _installed(filename):
    return filename.startswith((COURSE, STDLIB)) or "site-packages" in filename
