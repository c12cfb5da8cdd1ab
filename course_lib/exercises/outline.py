"""What exercises and quizzes there are, read in their sources.

To import them brings along every reference, case and mistake, and then each notebook would depend on all exercises of
the course, for a panel that shows no more than names and points.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


class Task(Enum):
    """What an exercise asks for.

    What is to be derived stands nowhere before it, neither in the stub nor in the text. A debug lab is judged by a
    training run, which takes seconds, and its answers are asked no further questions.
    """

    DERIVE = "derive"
    WRITE = "write"
    TOGETHER = "put together"
    LAB = "debug lab"


@dataclass(frozen=True)
class Entry:
    """An exercise by name, points and task, as `course_lib.exercises.core.Exercise` has them."""

    name: str
    points: int
    task: Task

    @property
    def lab(self):
        return self.task is Task.LAB


@cache
def notebooks():
    """Return the names of all notebooks that have exercises, in the order of the course."""
    return sorted(place.parent.name.removeprefix("nb") for place in FOLDER.glob("nb*/__init__.py"))


@cache
def outline(notebook):
    """Return the exercises of one notebook, such as "01_vanishing_gradients", as a dict name -> `Entry`."""
    text = _source(notebook)
    listed = re.search(r"^EXERCISES = \[(.*?)\]", text, re.DOTALL | re.MULTILINE)[1]
    written = dict(re.findall(r"^(\w+) = Exercise\(\n(.*?)^\)", text, re.DOTALL | re.MULTILINE))
    entries = (_entry(written[variable]) for variable in re.findall(r"\w+", listed))
    return {entry.name: entry for entry in entries}


@cache
def quizzes(notebook):
    """Return the names of the quizzes of one notebook."""
    return re.findall(r'\bQuiz\(\s*name="([^"]+)"', _source(notebook))


@cache
def places():
    """Return in which notebooks each name is given to an exercise or a quiz: name -> list of notebooks."""
    found = {}
    for notebook in notebooks():
        for name in (*outline(notebook), *quizzes(notebook)):
            found.setdefault(name, []).append(notebook)
    return found


def known_functions():
    """Return the names of all exercises, in the order of the course."""
    return [name for notebook in notebooks() for name in outline(notebook)]


def _entry(fields):
    """Return the `Entry` that the fields of an exercise's definition describe."""
    found = dict(re.findall(r"^    (name|points|task)=(?:Task\.)?\"?(\w+)\"?,", fields, re.MULTILINE))
    return Entry(found["name"], int(found["points"]), Task[found.get("task", "WRITE")])


def _source(notebook):
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted((FOLDER / f"nb{notebook}").glob("*.py")))
