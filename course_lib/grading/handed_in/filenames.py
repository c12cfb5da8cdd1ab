"""What a file's or a folder's name says: which notebook, which student, which copy."""

import re
import unicodedata
from functools import cache

from course_lib.exercises.core import notebooks

COPY = r"(?:-(\d{1,9})|[ _]?\((\d{1,9})\))?"  # as Canvas and browsers number files of one name


def notebook_named(filename):
    """Return the notebook that a file's name names, or nothing."""
    found = re.search(rf"(?<![a-z0-9])({_names()})(?![a-z0-9])", stem(filename), re.IGNORECASE)
    return found[1].lower() if found else ""


def canonical(name):
    """Return a name with its accents in one form and without white space around it."""
    return unicodedata.normalize("NFC", name).strip()


def stem(name):
    """Return a file's name without the suffix of an archive or a notebook."""
    before, _, ending = name.rpartition(".")
    return before if before and ending.lower() in ("zip", "ipynb") else name


def cut(name):
    """Return what stands before the name of a notebook at the end of a file's name; None if there is none."""
    whole = stem(name)
    found = _at_the_end().search(whole[-100:])
    return None if not found else whole[: len(whole) - len(found[0])]


def copy_of(filename):
    """Return the number by which a file's name differs from others of that name; 0 if there is none."""
    found = re.search(rf"{COPY}$", stem(filename)[-20:])
    return int(found[1] or found[2] or 0)


@cache
def _names():
    """Return the notebooks' names as a regular expression."""
    return "|".join(re.escape(name) for name in notebooks())


@cache
def _at_the_end():
    return re.compile(rf"(?:^|(?<=[ _-]))(?:{_names()}){COPY}$", re.IGNORECASE)


def student_of(filename):
    """Return the student of "STUDENT_NOTEBOOK.ipynb" or "STUDENT.ipynb"."""
    before = cut(filename)
    if before is not None:
        return before.rstrip(" _-").strip()
    return "" if is_assignment(stem(filename)) else stem(filename).strip()


def is_assignment(folder):
    """Tell whether a folder is an assignment's: "01" or "01_vanishing_gradients"."""
    return any(folder.lower() in (name, name.split("_")[0]) for name in notebooks())
