"""No mark for what a ready-made function does: every public one is tried, and ways to call it that hide its name."""

import importlib
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_lib.delivery.cells import solution
from course_lib.exercises.core import exercises, find, notebook_of, notebooks
from course_lib.grading.engine import emptying, selfcontained, twins, unit
from tests.grading import ready_made

ROOT = Path(__file__).parents[2]
EXERCISES = {exercise.name: exercise for notebook in notebooks() for exercise in exercises(notebook).values()}
# Where a single step of NumPy's is the whole exercise, and its reference takes it, too
STEPS = {
    "dropout_backward": {"multiply", "multiply_no_nan"},
    "flatten_backward": {"reshape", "resize", "as_strided"},
}


def passing(package, *arguments):
    """Return exercise -> name -> how, of a package's public functions that pass."""
    command = [sys.executable, "-m", "tests.grading.ready_made", package, *arguments]
    env = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    run = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return dict(json.loads(line) for line in run.stdout.splitlines() if line.startswith(b'["'))


@pytest.fixture(scope="module", autouse=True)
def closed():
    yield
    unit.close()


SLOW = {"keras", "tensorflow"}  # each of their errors costs a millisecond
KNOWN = [name for name, places in twins.TWINS.items() if any(place.startswith("tensorflow") for place in places)]
EVERYTHING = os.environ.get("COURSE_TRUST") == "nothing"  # make test-all: those, too, on every exercise


@pytest.mark.parametrize("package", ready_made.PLACES)
def test_no_public_function_passes_as_an_answer(package):
    asked = sorted(name for name, exercise in EXERCISES.items() if not exercise.lab)
    if package in SLOW and not EVERYTHING:
        asked = sorted(KNOWN)
    found = passing(package, *asked)
    assert sorted(found) == asked
    undeserved = {(exercise, name): how for exercise, ways in found.items() for name, how in ways.items()
                  if name.rpartition(".")[2] not in STEPS.get(exercise, ())}
    assert undeserved == {}


def test_the_search_finds_what_is_not_emptied():
    found = passing("course_lib", "--full", "conv2d_backward_input", "max_pool2d_backward", "dropout_backward")
    assert found["conv2d_backward_input"]["course_lib.fast_conv.conv2d_backward"] == "all its inputs, the first of it"
    assert found["max_pool2d_backward"] == {"course_lib.conv.max_pool2d_backward": "by way of forward"}
    assert "course_lib.activations.rrelu_backward" in found["dropout_backward"]
    found = passing("scipy", "--full", "logistic", "softmax")
    assert set(found["logistic"]) == {"scipy.special.expit", "scipy.special.cython_special.expit"}
    assert found["softmax"] == {"scipy.special.softmax": "its inputs, along the last axis"}


def test_the_search_goes_on_behind_a_function_that_ends_its_process(monkeypatch):
    functions = {"a": lambda z: os._exit(1), "b": np.sinh, "c": lambda z: 0.5 * (1 + np.tanh(z / 2))}
    monkeypatch.setattr(ready_made, "public", lambda package: functions)
    assert ready_made.passing(find("logistic"), "none") == {"c": "all its inputs"}


@pytest.mark.parametrize("name", twins.TWINS)
def test_what_is_listed_exists(name):
    """Else a newer version of a library has it elsewhere, and the list says nothing."""
    assert name in EXERCISES
    for place in twins.of(EXERCISES[name]):
        module, _, function = place.partition(":")
        if not module.startswith("tensorflow"):
            assert function == "*" or callable(getattr(importlib.import_module(module), function)), place


@pytest.mark.parametrize("name", [name for name, exercise in EXERCISES.items() if exercise.forbid])
def test_what_is_forbidden_by_name_is_emptied_too(name):
    """But for what is a name of the notebook's own, which leads to functions that are emptied."""
    exercise, covered = EXERCISES[name], {"library"}
    for place in twins.of(exercise):
        module, _, function = place.partition(":")
        covered |= {module, *module.split("."), function}
        covered |= {function} if function != "*" else set(vars(importlib.import_module(module)))
    assert set(exercise.forbid) <= covered


@pytest.mark.parametrize("notebook", notebooks())
def test_answers_that_share_a_process_reach_no_twin(notebook):
    """There only references are emptied."""
    within = {*exercises(notebook), *selfcontained.NAMES}
    places = [place.partition(":") for exercise in exercises(notebook).values() for place in twins.of(exercise)]
    assert not [name for module, _, name in places if module.startswith("course_lib") and name in within]
    whole = {module for module, _, name in places if name == "*"}
    others = {twins.reference(EXERCISES[name]) for name in within & EXERCISES.keys()} - {None}
    assert not [name for module, name in others if module in whole - {"course_lib.conv"}]  # it has more than those


# Emptying


class Called(Exception):
    pass


def told():
    """Return a list and what notes calls in it."""
    names = []

    def called(name):
        names.append(name)
        raise Called(name)

    return names, called


MODULE = """
import functools
from math import gcd

def plain(x=1): return x

def deep(x):
    def inner(): return x
    return inner

def decorated(function):
    @functools.wraps(function)
    def whole(*args): return function(*args)
    return whole

@decorated
def wrapped(x): return x

class Kind:
    def __init__(self): self.x = 1
    def method(self): return 1

kept, other, closed = Kind(), plain, deep(3)
"""


def run(code):
    """Run a test's code in a process of its own, since nothing brings back what is emptied, nor removes the hook."""
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                           env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert found.returncode == 0, found.stderr
    return found.stdout


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "some_functions.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield "some_functions"
    sys.modules.pop("some_functions", None)


@pytest.mark.parametrize("name", ["plain", "other", "wrapped", "closed", "Kind", "kept", "*"])
def test_functions_classes_and_objects_are_emptied(name, module):
    names, called = told()
    some = importlib.import_module(module)
    held = {"plain": some.plain, "other": some.other, "wrapped": some.wrapped, "closed": some.closed, "*": some.plain,
            "Kind": some.Kind, "kept": some.kept.method}[name]
    first = [] if name in ("Kind", "closed", "kept") else [1]
    assert held(*first)
    emptying._called = called
    emptying._empty_all(some, [name])
    with pytest.raises(Called):
        held(*first)
    assert names[0].startswith("some_functions:") and (name == "*" or names[0].endswith(name))


def test_functions_of_c_are_replaced_wherever_they_are_held(module, monkeypatch):
    names, called = told()
    some = importlib.import_module(module)
    places = [f"{module}:gcd"]
    held = emptying.holders(places)[places[0]]
    assert (vars(some), "gcd") in held and (vars(math), "gcd") in held
    for table, key in held:
        monkeypatch.setitem(table, key, table[key])  # put back afterwards
    monkeypatch.setattr(emptying, "_called", called)
    emptying._replace(held, places[0])
    for each in (some, math):
        with pytest.raises(Called):
            each.gcd(4, 6)
    assert names == 2 * places


def test_what_is_imported_later_is_emptied_as_it_comes():
    said = run("""
import sys
from course_lib.grading.engine import emptying
def called(name): raise SystemError(name)
emptying.empty(["fractions:Fraction", "wave:open", "nowhere:nothing"], {}, called)
sys.meta_path[:] = [each for each in sys.meta_path if type(each).__module__ != emptying.__name__]
import fractions
from wave import open as other
for function in (fractions.Fraction, other):
    try: function(1)
    except SystemError as error: print(error)
try: import nowhere
except ImportError: print("no module")
""")
    assert said.split("\n")[:3] == ["fractions:Fraction", "wave:open", "no module"]


def test_a_compiled_module_is_not_loaded_again():
    said = run("""
import ctypes, gc, importlib.util, sys
from course_lib.grading.engine import emptying
places = ["_heapq:heappush"]
import _heapq
file = _heapq.__file__
emptying.empty(places, emptying.holders(places), print)
_heapq.heappush([], 1)
def anew():
    del sys.modules["_heapq"]
    import _heapq
def from_its_file():
    spec = importlib.util.spec_from_file_location("a._heapq", file)
    importlib.util.module_from_spec(spec)
def by_ctypes(): ctypes.PyDLL(file)
def by_its_start(): ctypes.pythonapi.PyInit__heapq
def among_all(): gc.get_objects()
for way in (anew, from_its_file, by_ctypes, by_its_start, among_all):
    try: way()
    except ImportError as error: print(way.__name__, "refused" if "answers are graded" in str(error) else error)
""")
    ways = ["anew", "from_its_file", "by_ctypes", "by_its_start", "among_all"]
    assert said.splitlines() == ["_heapq:heappush", *(f"{way} refused" for way in ways)]


# The real sandbox

INPUT = "def conv2d_backward_input(dy, cache):\n    return found(dy, cache)\n"
FIRST = "def conv2d_backward_input(dy, cache):\n    return found(dy, cache)[0]\n"
LAYER = "def conv2d(x, w, b, *, stride=1, padding='same'):\n    return layer(w, stride, padding).forward(x, w, b)\n"
FAILED, REVIEW = ("failed", "which does the exercise's work"), ("needs review", "neither is there")
ROWS = {  # exercise, its cell and another, what comes of it
    "the reference": (
        "conv2d_backward_input", "from course_lib.conv import conv2d_backward_input\n", "", REVIEW),
    "the reference, imported in another cell": (
        "conv2d_backward_input", INPUT, "from course_lib.conv import conv2d_backward_input as found\n", REVIEW),
    "what calls the reference": (
        "conv2d_backward_input", FIRST, "from course_lib.conv import conv2d_backward as found\n", REVIEW),
    "its fast twin": (
        "conv2d_backward_input", INPUT, "from course_lib.fast_conv import conv2d_backward_input as found\n", FAILED),
    "what calls its fast twin": (
        "conv2d_backward_input", FIRST, "from course_lib.fast_conv import conv2d_backward as found\n", FAILED),
    "its fast twin in a namespace": (
        "conv2d_backward_input", INPUT, "from types import SimpleNamespace\nfrom course_lib import fast_conv\n"
        "found = SimpleNamespace(**vars(fast_conv)).conv2d_backward_input\n", FAILED),
    "a layer of the library": (
        "conv2d", LAYER, "from course_lib.models import conv_layer\ndef layer(w, stride, padding):\n"
        "    return conv_layer(w.shape, lambda *_: w, None, stride=stride, padding=padding)\n", FAILED),
    "a function of the same kind": (
        "dropout_backward", "def dropout_backward(dy, mask):\n    return found(dy, mask)\n",
        "from course_lib.activations import rrelu_backward as found\n", REVIEW),
    "forward and backward of the library": (
        "max_pool2d_backward", "def max_pool2d_backward(dy, x, **more):\n    return back(dy, there(x, **more)[1])\n",
        "from course_lib.conv import max_pool2d as there, max_pool2d_backward as back\n", FAILED),
    "SciPy's": (
        "softmax", "def softmax(z):\n    return found(z, axis=-1)\n",
        "from scipy.special import softmax as found\n", REVIEW),
    "scikit-learn's": (
        "softmax", "def softmax(z):\n    return found(z)\n",
        "from sklearn.utils.extmath import softmax as found\n", REVIEW),
    "a distribution of SciPy's": (
        "truncated_std", "def truncated_std(c):\n    return found(-c, c).std()\n",
        "from scipy.stats import truncnorm as found\n", FAILED),
}


def graded(notebook, cells, name):
    """Grade one answer, in the first of some cells."""
    answers = dict.fromkeys(exercises(notebook), "missing") | {name: 0}
    job = {"notebook": notebook, "answers": answers, "cells": cells}
    return next(each for each in json.loads(unit.grade(json.dumps(job).encode(), 5)) if each["exercise"] == name)


@pytest.mark.parametrize("row", sorted(ROWS, key=lambda row: notebook_of(ROWS[row][0])))
def test_a_ready_made_function_gets_no_mark(row):
    name, cell, other, (status, says) = ROWS[row]
    result = graded(notebook_of(name), [cell, other], name)
    assert (result["status"], result["score"]) == (status, 0), result
    assert says in result["message"]


@pytest.mark.parametrize("name", twins.TWINS)
def test_nothing_that_an_answer_needs_is_emptied(name):
    """The reference's own code passes in a process of its own, where its twins are empty."""
    cells = ["import os\n" + solution(EXERCISES[name].reference)]
    assert graded(notebook_of(name), cells, name)["status"] == "passed"
