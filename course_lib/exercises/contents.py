"""What the course consists of: its notebooks in order, each with title, aims and the hours it takes a learner.

All of it is read from the notebooks' sources, so whoever adds a notebook adds it there and nowhere else.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from course_lib.exercises import outline

ROOT = Path(__file__).resolve().parents[2]
AIMS = "Afterwards you can"  # what follows these words in the first cell, as a list
WORDS_A_MINUTE = 200
MINUTES_A_CELL = 0.5  # to run a cell of code, and to look at what comes out
MINUTES_ASKED = {r"\bquiz\(": 1, r"\bpredict\(": 1, r"_explorer\(": 5, r'tags=\["answer"\]': 5}
MINUTES_A_POINT = {outline.Task.WRITE: 5, outline.Task.DERIVE: 8, outline.Task.TOGETHER: 8, outline.Task.LAB: 5}


@dataclass(frozen=True)
class Chapter:
    """One notebook of the course; `aims` is what it lets a learner do."""

    name: str
    title: str
    aims: tuple
    hours: float

    @property
    def file(self):
        return f"{self.name}.ipynb"


def names(root=ROOT):
    """Return the names of all notebooks, in order: "00_start_here", ..."""
    return sorted(path.stem for path in (root / "sources").glob("*.py"))


def named(text, root=ROOT):
    """Return the name of the notebook that somebody means by "3", " 03 ", "03_activations" or a path of its file.

    Raises
    ------
    ValueError
        For an unknown one; the message lists those there are.
    """
    wanted = str(text).strip()
    path = Path(wanted)
    stem = path.stem if path.suffix in (".ipynb", ".py") else path.name
    if stem.isdecimal():
        stem = f"{int(stem):02}"
    matching = [name for name in names(root) if stem in (name, name.split("_")[0])]
    if len(matching) != 1:
        raise ValueError(f"No notebook is called {str(text)!r}. There are: {', '.join(names(root))}.")
    return matching[0]


def source_of(name, root=ROOT):
    """Return the text of a notebook's percent script."""
    return (root / "sources" / f"{name}.py").read_text(encoding="utf-8")


def chapter(name, root=ROOT, find=outline.outline):
    """Return one notebook of the course; `find` gives its exercises by name."""
    source = source_of(name, root)
    return Chapter(name, heading(source), aims(source), hours(source, find(name).values()))


def chapters(root=ROOT, find=outline.outline):
    """Return all notebooks of the course, in order."""
    return [chapter(name, root, find) for name in names(root)]


def heading(source):
    """Return the first heading of a percent script."""
    return next((line[4:].strip() for line in source.splitlines() if line.startswith("# # ")), "")


def aims(source):
    """Return what a notebook lets a learner do, as a tuple; empty where its first cell doesn't say so."""
    lines = iter(source.splitlines())
    if not any(line.startswith(f"# {AIMS}") for line in lines):  # leaves what follows that line
        return ()
    found = []
    for line in lines:
        if line.startswith("# - "):
            found.append(line[4:].strip().rstrip(",."))
        elif line.strip("# "):  # the next paragraph
            break
    return tuple(found)


def hours(source, exercises):
    """Return how long a notebook takes a learner, in hours, rounded to halves, by a rule.

    Parameters
    ----------
    source : str
        Its percent script: words are read, cells are run, and whatever asks takes its minutes.
    exercises : iterable of Exercise
        A point is worth some minutes, more where a formula is to be found.
    """
    heads, bodies = (re.split(r"^# %%(.*)\n", source, flags=re.MULTILINE)[start::2] for start in (1, 2))
    cells = list(zip(heads, bodies, strict=True))
    minutes = sum(len(body.split()) for head, body in cells if "[markdown]" in head) / WORDS_A_MINUTE
    minutes += MINUTES_A_CELL * sum("[markdown]" not in head for head, _ in cells)
    code = "\n".join(head if "[markdown]" in head else head + "\n" + body for head, body in cells)
    minutes += sum(each * len(re.findall(what, code)) for what, each in MINUTES_ASKED.items())
    minutes += sum(exercise.points * MINUTES_A_POINT[exercise.task] for exercise in exercises)
    return max(0.5, round(minutes / 30) / 2)


def in_words(hours):
    """Say hours that are rounded to halves: "half an hour", "1 hour", "2½ hours"."""
    if hours == 0.5:
        return "half an hour"
    whole, half = divmod(hours, 1)
    return f"{whole:.0f}{'½' if half else ''} hour{'' if hours == 1 else 's'}"
