"""What an exercise is, and where all of them are registered."""

import importlib
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass

from course_lib.exercises import outline
from course_lib.exercises.judge.calling import call, split
from course_lib.exercises.outline import Task, notebooks


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people really write, and the hint that helps whoever wrote it."""

    function: Callable
    hint: str


@dataclass(frozen=True)
class Exercise:
    """A function that the learner writes, and how an answer is judged.

    Parameters
    ----------
    name : str
        The function's name.
    reference : function
        The model answer: the public function of that name in `course_lib`.
    cases : function rng -> iterable of tuples
        Inputs as plain data: the worked example, ordinary, edge and random ones, and one of the size that the
        experiments use. A dict at the end of a case holds what is passed by keyword; what a case leaves out has its
        default. Where the reference raises ValueError, an answer must.
    points : int
    task : Task
    call : function (answer, case) -> array, or tuple or list of arrays
        Our code around the answer; without it ``answer(*inputs, **options)``.
    compare : function (got, wanted) -> str or None
        Both are lists of arrays; a sentence if they differ. Without it shapes, dtypes and values must agree.
    inputs : tuple of str
        Names of what a case holds; without it those of the reference's parameters.
    parts : tuple of str
        Names of the arrays in a result, if it has several; a shorter result takes the first of them.
    rows : str
        What the first axis of a result counts, such as "example" or "step".
    refuses : bool
        Whether the text asks for ValueError on bad input: then the stub says so, and there are cases for it.
    empty : bool
        Whether the text says what an empty array gives: else it costs nothing to fail there.
    any_dtype : bool
        Whether the text leaves the result's dtype open: then another one passes, with a remark.
    mistakes : tuple of Mistake
        The commonest first: where two look alike, the first is named.
    forbid : tuple of str
        Names that an answer may not use, since they are the exercise's solution ready-made.
    hints : tuple of two or three str
        The idea; the formula; nearly the code. Without the second the reference's own formula is quoted.
    """

    name: str
    reference: Callable
    cases: Callable
    points: int
    task: Task = Task.WRITE
    call: Callable | None = None
    compare: Callable | None = None
    inputs: tuple = ()
    parts: tuple = ()
    rows: str = "row"
    refuses: bool = False
    empty: bool = False
    any_dtype: bool = False
    mistakes: tuple = ()
    forbid: tuple = ()
    hints: tuple = ()

    @property
    def lab(self):
        return self.task is Task.LAB

    @property
    def steps(self):
        """The three hints: the idea, the formula, nearly the code."""
        return self.hints if len(self.hints) != 2 else (self.hints[0], formula(self.reference), self.hints[1])

    def run(self, answer, case):
        """Return what the answer gives for one case."""
        return (self.call or call)(answer, case)

    def named(self, case):
        """Return a case's inputs by their names."""
        inputs, options = split(case)
        return dict(zip(self._names(), inputs, strict=False)) | options

    def defaults(self):
        """Return the defaults of the reference's arguments."""
        parameters = inspect.signature(inspect.unwrap(self.reference)).parameters.values()
        return {each.name: each.default for each in parameters if each.default is not each.empty}

    def _names(self):
        code = inspect.unwrap(self.reference).__code__
        return self.inputs or code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

    def changed(self, case, name, change):
        """Return a case with one input changed by a function; None where it has none of that name, or no other."""
        inputs, options = split(case)
        own = dict(zip(self._names(), inputs, strict=False))
        if name not in own and name not in options:
            return None
        other = change(own[name] if name in own else options[name])
        if other is None:
            return None
        inputs = tuple(other if key == name else value for key, value in own.items())
        options = {key: other if key == name else value for key, value in options.items()}
        return (*inputs, options) if options else inputs


@dataclass(frozen=True)
class Quiz:
    """A question with options; `options` pairs each text with its explanation, `right` is the right one's index."""

    name: str
    question: str
    options: tuple
    right: int


def formula(function):
    """Return what a docstring says in its section "Formula", in one line; "" without one.

    The learner's stub leaves that section out; the second hint quotes it.
    """
    doc = inspect.getdoc(inspect.unwrap(function)) or ""
    found = re.search(r"^Formula\n-+\n(.*?)(?=\n\n?[A-Z][A-Za-z ]+\n-+\n|\Z)", doc, re.DOTALL | re.MULTILINE)
    return " ".join(found[1].split()) if found else ""


def exercises(notebook):
    """Return the exercises of one notebook, such as "01_vanishing_gradients", as a dict by name."""
    return {exercise.name: exercise for exercise in _module(notebook).EXERCISES}


def quizzes(notebook):
    """Return the quizzes of one notebook as a dict by name."""
    return {quiz.name: quiz for quiz in _module(notebook).QUIZZES}


def notebook_of(name):
    """Return the notebook that an exercise belongs to; ValueError with the known names if there is none."""
    found = next((notebook for notebook in notebooks() if name in outline.outline(notebook)), None)
    return found or find(name)


def find(name):
    """Return the exercise of that name; ValueError with the known names if there is none."""
    return _find(name, exercises, "exercise")


def find_quiz(name):
    """Return the quiz of that name; ValueError with the known names if there is none."""
    return _find(name, quizzes, "quiz")


def _find(name, table, kind):
    for notebook in outline.places().get(name, ()):
        if name in table(notebook):
            return table(notebook)[name]
    known = [known for notebook in notebooks() for known in table(notebook)]
    raise ValueError(f"There is no {kind} {name!r}; there are {', '.join(known)}")


def _module(notebook):
    return importlib.import_module(f"{__package__}.nb{notebook}")
