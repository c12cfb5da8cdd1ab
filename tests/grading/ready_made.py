"""Finding functions that do an exercise's work: every public one is handed in as the answer, written in simple ways.

`python -m tests.grading.ready_made PACKAGE [--full] [EXERCISE ...]` prints what passes, by exercise and name. Before,
the reference and its twins are emptied, as where answers run; with --full they are not.
"""

import contextlib
import importlib
import json
import mmap
import os
import resource
import signal
import struct
import sys
import tempfile
import traceback
import warnings

import numpy as np

from course_lib.exercises.core import exercises, find, notebooks
from course_lib.exercises.judge.comparing import copied
from course_lib.exercises.judge.verdicts import Raised, Run, find_faults, given_by, results, verdict
from course_lib.grading.engine import emptying, twins

PLACES = {
    "course_lib": """
        activations augmentation conv datasets fast_conv first_network folding gradcheck gradients initializers layers
        losses measuring.mean_field measuring.profiles measuring.units models network normalization optimizers
        regularizers residual schedules surfaces training transfer.changing transfer.reusing windows
        """,
    "numpy": ". linalg fft random lib.stride_tricks polynomial",
    "scipy": """
        special special.cython_special stats signal ndimage linalg fft interpolate optimize spatial.distance
        """,
    "sklearn": "utils.extmath preprocessing metrics metrics.pairwise",
    "keras": """
        activations ops ops.nn ops.numpy ops.linalg random initializers losses regularizers constraints layers
        optimizers.schedules utils
        """,
    "tensorflow": ". math nn linalg random image",
}
NEVER = set(
    """
    save savez savez_compressed savetxt load loadtxt fromfile memmap DataSource test info show_config seterr seterrcall
    set_printoptions setbufsize set_state seed get_include lookfor source show_options set_random_seed set_backend
    set_floatx get_file enable_interactive_logging
""".split()
)  # what writes, prints, or changes how everything else works
SECONDS = 1  # of processor time that a function may take
PATIENCE = 30  # seconds in all


class TooLong(BaseException):
    """Raised in a function that takes too long."""


class Called(BaseException):
    """Raised where something is called that was emptied."""


def public(package):
    """Return dotted name -> function or class, of the public ones that a package's modules hold, each once."""
    found, seen = {}, set()
    for place in PLACES[package].split():
        place = package if place == "." else f"{package}.{place}"
        module = importlib.import_module(place)
        for name in sorted(dir(module)):
            if name.startswith("_") or name in NEVER:
                continue
            with contextlib.suppress(Exception):  # a name that only leads to a warning
                value = getattr(module, name)
                if callable(value) and not _is_exception(value) and id(value) not in seen:
                    seen.add(id(value))
                    found[f"{place}.{name}"] = value
    return found


def _is_exception(value):
    return isinstance(value, type) and issubclass(value, BaseException)


def handed_on(name, function, args, options):
    """Yield ways to hand an answer's inputs, such as these, on to a function: how -> answer."""
    if isinstance(function, type):
        yield "an object of it", lambda *args, **options: function()(*args, **options)
        yield "an object with its options", lambda *args, **options: function(**options)(*args)
        return
    yield "all its inputs", function
    if options:
        yield "its inputs without options", lambda *args, **options: function(*args)
    if len(args) == 1:
        yield "its inputs, along the last axis", lambda *args, **options: function(*args, axis=-1)
    if len(args) == 2:
        yield "its inputs turned round", lambda a, b, **options: function(b, a, **options)
    if len(args) == 2 and isinstance(args[1], tuple | list):
        yield "its cache taken apart", lambda dy, cache, **options: function(dy, *cache, **options)
    if "cython" in name:
        yield "number by number", lambda z: np.vectorize(function, otypes=[z.dtype])(z)
    if name.endswith("_backward") and "course_lib" in name:
        forward = vars(sys.modules[function.__module__]).get(function.__name__.removesuffix("_backward"))
        yield "by way of forward", lambda dy, x, **options: function(dy, forward(x, **options)[1])


RETURNED = {
    "": lambda result, args: result,
    "in its dtype": lambda result, args: np.asarray(result, _dtype(args)),
    "the first of it": lambda result, args: result[0],
    "the second of it": lambda result, args: result[1],
    "the last of it": lambda result, args: result[-1],
    "a tuple of it": lambda result, args: (np.asarray(result, _dtype(args)),),
}


def forms(result, args, wanted):
    """Return the forms in which a wrong result might still be right, where the reference's is of some type."""
    if isinstance(result, tuple | list):
        return ["the first of it", "the second of it", "the last of it"]
    found = ["a tuple of it"] if wanted is tuple else []
    if not isinstance(result, np.ndarray) or result.dtype != _dtype(args):
        found.append("in its dtype")
    return found


def _dtype(args):
    return next((arg.dtype for arg in args if isinstance(arg, np.ndarray)), np.float64)


def _noting(answer, last, change=RETURNED[""]):
    """Return an answer that notes in a list what it last gave and for what, and changes it."""

    def whole(*args, **options):
        result = answer(*args, **options)
        last[:] = result, args, options
        return change(result, args)

    return whole


class Asked:
    """An exercise with its cases and what is wanted, which must be worked out before its reference is emptied.

    What an answer should refuse is left out: whoever hands everything on can add the refusal.
    """

    def __init__(self, exercise, seed=3):
        self.exercise = exercise
        cases = list(exercise.cases(np.random.default_rng(seed)))
        pairs = [(c, w) for c, w in zip(cases, results(exercise, cases), strict=True) if not isinstance(w, Raised)]
        self.cases, self.wanted = ([pair[i] for pair in pairs] for i in (0, 1))
        ordinary = [i for i, wanted in enumerate(self.wanted) if all(array.size for array in wanted)]
        self.order, last = [*ordinary[:2], range(len(self.cases))], []
        exercise.run(_noting(exercise.reference, last), copied(self.cases[0]))
        self.kind, self.example = type(last[0]), last[1:]

    def how(self, name, function):
        """Return in which way a function passes as the answer; "" if in none."""
        for way, answer in handed_on(name, function, *self.example):
            last = []
            if self.right(_noting(answer, last)):
                return way
            for form in forms(*last[:2], self.kind) if last else ():  # else it raised
                if self.right(_noting(answer, [], RETURNED[form])):
                    return f"{way}, {form}"
        return ""

    def right(self, answer):
        """Tell whether an answer passes; two cases are tried first."""
        with limited(), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return all(self._passes([places] if isinstance(places, int) else places, answer) for places in self.order)
        return False

    def _passes(self, places, answer):
        cases, wanted, got = [self.cases[i] for i in places], [self.wanted[i] for i in places], []
        for case in cases:
            got.append(given_by(answer, self.exercise, copied(case)))
            if not isinstance(got[-1], list):
                return False
        same = [False] * len(got)
        return not find_faults(self.exercise, got, wanted, same) or (
            verdict(self.exercise, cases, wanted, Run(got, same), lambda mistake, i: "").status == "passed")


@contextlib.contextmanager
def limited():
    """Stop after a while, and take whatever is raised for a wrong answer."""

    def stop(*_):
        raise TooLong

    clocks = {signal.ITIMER_PROF: SECONDS, signal.ITIMER_REAL: PATIENCE}
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, stop)
    with contextlib.suppress(Exception, SystemExit, TooLong, Called):
        for clock, seconds in clocks.items():
            signal.setitimer(clock, seconds)
        yield
    for clock in clocks:
        signal.setitimer(clock, 0)


def passing(exercise, package, full=False):
    """Return name -> how, of a package's public functions that pass as the answer of an exercise.

    They are tried in a process of their own: what one of them ends is begun again behind it.
    """
    at, found, names = mmap.mmap(-1, 8), {}, sorted(public(package))
    while (first := struct.unpack("q", at[:8])[0]) < len(names):
        with tempfile.TemporaryFile() as said:
            pid = os.fork()
            if pid == 0:
                _try_all(exercise, package, names, first, full, at, said)
            os.waitpid(pid, 0)
            said.seek(0)
            found |= dict(json.loads(line) for line in said)
        at[:8] = struct.pack("q", max(first, struct.unpack("q", at[:8])[0]) + 1)
    return found


def _try_all(exercise, package, names, first, full, at, said):
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            os.dup2(null, descriptor)
        asked, position = Asked(exercise), first
        if not full:
            _empty(exercise)
        functions = public(package)  # once more: what was emptied may have been replaced
        for position in range(first, len(names)):
            at[:8] = struct.pack("q", position)
            resource.setrlimit(resource.RLIMIT_CPU, (int(sum(os.times()[:2])) + 20, resource.RLIM_INFINITY))
            name = names[position]
            if name in functions and (how := asked.how(name, functions[name])):
                said.write(json.dumps([name, how]).encode() + b"\n")
                said.flush()
        at[:8] = struct.pack("q", len(names))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _empty(exercise):
    def called(name):
        raise Called

    place = twins.reference(exercise)
    if place:
        module, name = place
        emptying.empty_function(getattr(importlib.import_module(module), name), name, called)
    compiled = emptying.holders([place for place in twins.of(exercise) if place in twins.COMPILED])
    emptying.empty(twins.of(exercise), compiled, called)


def main():
    """Print what passes."""
    package, *chosen = [argument for argument in sys.argv[1:] if argument != "--full"]
    os.chdir(tempfile.mkdtemp())
    public(package)  # imported once for all
    asked = [find(name) for name in chosen]
    if not asked:
        known = [exercise for notebook in notebooks() for exercise in exercises(notebook).values()]
        asked = [each for each in known if not each.lab]  # what a lab asks for are settings of its own training run
    for each in asked:
        print(json.dumps([each.name, passing(each, package, "--full" in sys.argv)]), flush=True)


if __name__ == "__main__":
    main()
