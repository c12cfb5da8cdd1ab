"""What enters the sandbox of an exercise: the code around the answer, and nothing that gives the answer away."""

import ast
import inspect
import sys
import textwrap

import pytest

from course_lib.exercises.core import exercises, notebooks
from course_lib.grading.engine.calls import settings, source_of

MODULE = '''
"""A module of exercises."""
import math
from functools import partial
import numpy as np

LIMIT = 3
TABLE = {"a": LIMIT, **{str(i): i for i in range(2)}}
SECRET = "the answer"


def decorate(function):
    return function


def reference(x):
    return SECRET


class Kept:
    size = LIMIT


@decorate
def call(answer, case):
    return helper([v for v in answer(*case)]), TABLE, Kept.size


def helper(x):
    return np.asarray(x)


lone = lambda answer, case: answer(*case)
EXERCISE = partial(lambda x: [v for v in reference(x)], SECRET)  # its v is another one
'''


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "some_exercises.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    import some_exercises

    yield some_exercises
    del sys.modules["some_exercises"]


def test_source_with_what_it_needs_and_no_more(module):
    text = source_of(module.call)
    names = {}
    exec(text, names)
    assert names["call"](lambda x: [x + 1], (2,))[1:] == ({"a": 3, "0": 0, "1": 1}, 3)
    assert "answer" not in names and not {"SECRET", "reference", "EXERCISE", "math", "partial", "lone"} & set(names)
    assert "the answer" not in text


def test_lambdas_cant_be_sent(module):
    with pytest.raises(ValueError, match="made by def"):
        source_of(module.lone)


@pytest.mark.parametrize("notebook", notebooks())
def test_neither_references_nor_mistakes_nor_cases_go_in(notebook):
    sent = settings(notebook)
    outside = [part for exercise in exercises(notebook).values() for part in
               (exercise.reference, exercise.cases, *(mistake.function for mistake in exercise.mistakes))]
    known = {getattr(part, "__name__", "<lambda>") for part in outside} - {"<lambda>"}
    for name, (function, source) in sent["calls"].items():
        names = {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
        assert function in names
        assert not names & known, name
        assert "Mistake(" not in source and "Exercise(" not in source
    for exercise in exercises(notebook).values():
        body = textwrap.dedent(inspect.getsource(inspect.unwrap(exercise.reference))).split('"""')[-1].strip()
        assert body not in "".join(source for _, source in sent["calls"].values()) + sent["set_up"]


@pytest.mark.parametrize("notebook", notebooks())
def test_the_set_up_loads_no_exercises(notebook):
    assert "exercises.nb" not in settings(notebook)["set_up"]
    for module, _ in settings(notebook)["references"].values():
        assert not module.startswith("course_lib.exercises")


def test_no_call_imports_what_holds_the_mistakes():
    for notebook in notebooks():
        for name, (_, source) in settings(notebook)["calls"].items():
            assert "course_lib.exercises.nb" not in source, name
