"""Runs answers on an exercise's cases in a process of their own, for they may hang, die, or fill the memory."""

import contextlib
import inspect
import multiprocessing
import os
import sys
import time
import warnings
from numbers import Real

import numpy as np
import psutil
from threadpoolctl import threadpool_limits

from course_lib.exercises import find
from course_lib.exercises.judge.comparing import Unusable, changed, copied, plain
from course_lib.exercises.judge.verdicts import Raised, Run, results

EACH, REFERENCES = 2.0, 20  # seconds for one answer, or so many times what the reference takes
MEMORY = 2**29  # bytes more than the process has before its first answer
START = 120.0  # seconds to import what the reference needs
NAMES = {"np": "numpy", "tf": "tensorflow", "keras": "keras"}  # what notebooks call what they may have imported


class Trials:
    """Runs answers to one exercise, one after the other; a context.

    Parameters
    ----------
    name : str
        The exercise's.
    each : float
        Seconds for one answer by the clock; more where the reference takes long.
    memory : int
        Bytes that answers may take, where the system can limit them.
    """

    def __init__(self, name, *, each=EACH, memory=MEMORY):
        self.name, self.each, self.memory = name, each, memory
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._end()

    def run(self, source):
        """Return the `Run` of an answer, given by its source."""
        if self.process is None:
            self._begin()
        try:
            self.pipe.send(source)
            if self.pipe.poll(self.seconds):
                return self.pipe.recv()
            end = "time"
        except (EOFError, OSError):  # the process is gone
            end = "died"
        self._end()
        return Run(end=end)

    def _begin(self):
        # spawned: a fork would have TensorFlow's threads without what they hold
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_work, args=(self.name, self.memory, other), daemon=True)
        self.process.start()
        other.close()
        try:
            taken = self.pipe.recv() if self.pipe.poll(START) else None
        except EOFError:
            taken = None
        if taken is None:
            self._end()
            raise RuntimeError(f"{self.name}: the process that runs answers didn't start")
        self.seconds = max(self.each, REFERENCES * taken)

    def _end(self):
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.pipe.close()
            self.process = None


def _work(name, memory, pipe):
    exercise = find(name)
    cases = list(exercise.cases(np.random.default_rng(0)))
    with threadpool_limits(1):
        for _ in range(2):  # at first it may load what it needs
            began = time.perf_counter()
            results(exercise, cases)
        pipe.send(time.perf_counter() - began)
        _silence()
        _limit(memory)
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            while True:
                pipe.send(attempt(exercise, cases, pipe.recv()))


def _silence():
    """Send what is printed to nowhere, what libraries in C print, too."""
    null = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(null, descriptor)


def _limit(memory):
    try:
        import resource
    except ImportError:  # Windows has none
        return
    most = psutil.Process().memory_info().vms + memory
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        with contextlib.suppress(ValueError, OSError):  # some systems know a limit and don't let it be set
            resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def attempt(exercise, cases, source):
    """Return the `Run` of an answer on some cases, in this process: among the names that the reference's module has."""
    names = {short: sys.modules[name] for short, name in NAMES.items() if name in sys.modules}
    names |= inspect.unwrap(exercise.reference).__globals__
    got, altered = [], []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            exec(compile(source, "answer", "exec"), names)
            for case in cases:
                own = copied(case)
                got.append(_given(exercise, names[exercise.name], own))
                altered.append(changed(case, own))
        except MemoryError:
            return Run(stopped="MemoryError")
        except Exception as error:
            return Run(stopped=type(error).__name__)
    return Run(got, altered)


def held(exercise, cases, source):
    """Return what the names of a right answer hold when it returns, in a word each: "ndarray 2", "number", "tuple"."""
    found = {}

    def look(frame, event, result):
        if event == "return" and (frame.f_code.co_name, frame.f_code.co_filename) == (exercise.name, "answer"):
            found.update({name: _kind(value) for name, value in frame.f_locals.items()})

    sys.setprofile(look)
    try:
        attempt(exercise, cases, source)
    finally:
        sys.setprofile(None)
    return found


def _kind(value):
    if isinstance(value, np.ndarray):
        return f"ndarray {value.ndim}"
    return "number" if isinstance(value, Real) and not isinstance(value, bool) else type(value).__name__


def _given(exercise, answer, case):
    try:
        return plain(exercise.run(answer, case))
    except Unusable as error:
        return str(error)
    except MemoryError:  # what it left behind of the memory is no ground for more cases
        raise
    except (Exception, SystemExit) as error:
        return Raised(type(error).__name__, str(error))
