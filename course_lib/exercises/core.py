"""What an exercise is, and where all of them are registered."""

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


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
        Inputs as plain data: ordinary, edge and random ones, and one of the size that the experiments use.
    points : int
    call : function (answer, case) -> array, or tuple or list of arrays
        Our code around the answer; without it ``answer(*case)``.
    compare : function (got, wanted) -> str or None
        Both are lists of arrays; a sentence if they differ. Without it shapes, dtypes and values must agree.
    mistakes : tuple of Mistake
    forbid : tuple of str
        Names that an answer may not use, since they are the exercise's solution ready-made.
    hints : tuple of three str
        The idea; the formula; nearly the code.
    """

    name: str
    reference: Callable
    cases: Callable
    points: int
    call: Callable | None = None
    compare: Callable | None = None
    mistakes: tuple = ()
    forbid: tuple = ()
    hints: tuple = ()

    def run(self, answer, case):
        """Return what the answer gives for one case."""
        return self.call(answer, case) if self.call else answer(*case)


@dataclass(frozen=True)
class Quiz:
    """A question with options; `options` pairs each text with its explanation, `right` is the right one's index."""

    name: str
    question: str
    options: tuple
    right: int


@cache
def notebooks():
    """Return the names of all notebooks that have exercises, in the order of the course."""
    folder = str(Path(__file__).parent)
    modules = sorted(m.name for m in pkgutil.iter_modules([folder]) if m.name.startswith("nb"))
    return [name.removeprefix("nb") for name in modules]


def exercises(notebook):
    """Return the exercises of one notebook, such as "01_vanishing_gradients", as a dict by name."""
    return {exercise.name: exercise for exercise in _module(notebook).EXERCISES}


def quizzes(notebook):
    """Return the quizzes of one notebook as a dict by name."""
    return {quiz.name: quiz for quiz in _module(notebook).QUIZZES}


def find(name):
    """Return the exercise of that name; ValueError with the known names if there is none."""
    return _find(name, exercises, "exercise")


def find_quiz(name):
    """Return the quiz of that name; ValueError with the known names if there is none."""
    return _find(name, quizzes, "quiz")


def _find(name, table, kind):
    for notebook in _places().get(name, ()):
        if name in table(notebook):
            return table(notebook)[name]
    known = [known for notebook in notebooks() for known in table(notebook)]
    raise ValueError(f"There is no {kind} {name!r}; there are {', '.join(known)}")


@cache
def _places():
    """Return in which notebooks each name is given to something, read in their sources: to import them takes long."""
    found = {}
    for notebook in notebooks():
        place = Path(__file__).with_name(f"nb{notebook}")
        for file in sorted(place.glob("*.py")) or [place.with_suffix(".py")]:
            for name in re.findall(r'\bname="([^"]+)"', file.read_text(encoding="utf-8")):
                found.setdefault(name, {})[notebook] = None
    return found


def _module(notebook):
    return importlib.import_module(f"{__package__}.nb{notebook}")
