"""Finding functions that do an exercise's work: every public one is handed in as the answer, written in simple ways."""

import contextlib
import importlib
import inspect
import os
import pkgutil
import signal
import types
import warnings

import numpy as np

from course_lib.exercises.judge.comparing import copied
from course_lib.exercises.judge.verdicts import Raised, Run, given_by, results, verdict

PLACES = {
    "course_lib": (
        *("course_lib." + name for name in """
          activations augmentation conv datasets fast_conv first_network folding gradcheck gradients initializers layers
          losses measuring.mean_field measuring.profiles measuring.units models network normalization optimizers
          regularizers residual schedules surfaces training transfer.changing transfer.comparing transfer.reusing
          windows""".split()),),
    "numpy": ("numpy", "numpy.linalg", "numpy.fft", "numpy.random", "numpy.lib.stride_tricks", "numpy.polynomial"),
    "scipy": ("scipy.special", "scipy.stats", "scipy.signal", "scipy.ndimage", "scipy.linalg", "scipy.fft",
              "scipy.interpolate", "scipy.optimize", "scipy.spatial.distance", "scipy.integrate", "scipy.differentiate"),
    "keras": ("keras.activations", "keras.ops", "keras.ops.nn", "keras.ops.numpy", "keras.ops.linalg", "keras.random",
              "keras.initializers", "keras.losses", "keras.regularizers", "keras.constraints", "keras.layers",
              "keras.optimizers.schedules", "keras.utils"),
    "tensorflow": ("tensorflow", "tensorflow.math", "tensorflow.nn", "tensorflow.linalg", "tensorflow.image",
                   "tensorflow.raw_ops", "tensorflow.random", "tensorflow.signal"),
}
NEVER = {  # what ends, stops, writes, or changes how everything else works
    *"save savez savez_compressed savetxt load loadtxt fromfile memmap DataSource test info show_config".split(),
    *"seterr seterrcall set_printoptions setbufsize set_state seed get_include lookfor source".split(),
    *"Abort Exit Assert ReadFile WriteFile SaveV2 Save SaveSlices Barrier Print PrintV2 numpy_function py_function".split(),
    *"set_random_seed set_backend set_floatx get_file enable_interactive_logging Timestamp".split(),
}
SECONDS = 1.0


class TooLong(BaseException):
    """Raised in a function that takes too long."""


def public(places):
    """Return dotted name -> function or class, of the public ones that modules hold, each once."""
    found, seen = {}, set()
    for place in places:
        try:
            module = importlib.import_module(place)
        except ImportError:  # this version has none such
            continue
        for name in sorted(dir(module)):
            if name.startswith("_") or name in NEVER:
                continue
            with contextlib.suppress(Exception):
                value = getattr(module, name)
                if callable(value) and not _is_exception(value) and id(value) not in seen:
                    seen.add(id(value))
                    found[f"{place}.{name}"] = value
    return found


def _is_exception(value):
    return isinstance(value, type) and issubclass(value, BaseException)


def written(function):
    """Yield answers that hand everything to a function, in simple ways: form -> answer."""
    if not isinstance(function, type):
        yield "itself", function
        yield "its inputs", lambda *args, **options: function(*args)
        yield "in its dtype", lambda *args, **options: np.asarray(function(*args, **options), _dtype(args))
        yield "its first result", lambda *args, **options: _first(function(*args, **options))
        yield "its last result", lambda *args, **options: _last(function(*args, **options))
        yield "a tuple of it", lambda *args, **options: (np.asarray(function(*args, **options)),)
        yield "with a cache taken apart", lambda dy, cache, **options: np.asarray(function(dy, *_several(cache), **options))
        yield "turned round", lambda a, b, **options: function(b, a, **options)
    else:
        yield "an object of it", lambda *args, **options: np.asarray(function()(*args, **options), _dtype(args))
        yield "an object of its options", lambda *args, **options: np.asarray(function(**options)(*args), _dtype(args))


def _dtype(args):
    return next((arg.dtype for arg in args if isinstance(arg, np.ndarray)), np.float64)


def _several(value):
    if not isinstance(value, tuple):
        raise TypeError("not several")
    return value


def _first(value):
    return _several(value)[0]


def _last(value):
    return _several(value)[-1]


class Asked:
    """An exercise with its cases, the small ones first, and what is wanted.

    What an answer should refuse is left out: whoever hands everything on can add the refusal.
    """

    def __init__(self, exercise, seed=3):
        self.exercise = exercise
        cases = list(exercise.cases(np.random.default_rng(seed)))
        pairs = [(c, w) for c, w in zip(cases, results(exercise, cases), strict=True) if not isinstance(w, Raised)]
        self.cases, self.wanted = ([pair[i] for pair in pairs] for i in (0, 1))
        self.ordinary = [i for i, w in enumerate(self.wanted) if all(a.size for a in w)][:2]

    def right(self, answer):
        """Tell whether an answer passes; two cases are tried first."""
        with limited(), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for i in self.ordinary:
                if self._status([i], answer) != "passed":
                    return False
            return self._status(range(len(self.cases)), answer) == "passed"
        return False

    def _status(self, places, answer):
        cases, wanted = [self.cases[i] for i in places], [self.wanted[i] for i in places]
        got = []
        for case in cases:
            got.append(given_by(answer, self.exercise, copied(case)))
            if not isinstance(got[-1], list) and len(places) == 1:
                return "failed"
        return verdict(self.exercise, cases, wanted, Run(got, [False] * len(got)), lambda mistake, i: "").status


@contextlib.contextmanager
def limited():
    """Stop after a while, and take whatever is raised for a wrong answer."""
    def stop(*_):
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    except (Exception, SystemExit, TooLong):
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def twins(exercise, functions):
    """Return dotted name -> the first form in which it answers an exercise rightly."""
    asked, found = Asked(exercise), {}
    for name, function in functions.items():
        for form, answer in written(function):
            if asked.right(answer):
                found[name] = form
                break
    return found
