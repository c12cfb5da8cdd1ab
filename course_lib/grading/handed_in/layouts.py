"""Whose notebook a file is, told by its path: a folder a student, nbgrader's, Moodle's and Canvas's exports.

Moodle writes "Full Name_NUMBER_assignsubmission_file" as a folder (until 2019 with "_" behind it) or, if the teacher
wants no folders, before every file's name; the number is the participant's in that assignment (mod/assign's
`downloader`). Canvas writes "lastnamefirstname_LATE_USER_ATTACHMENT_file" with "anon_CODE" for an anonymous user
(its `ContentZipper`); "-1", "-2", ... before the suffix tell a file from earlier ones of the same name.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from course_lib.exercises.core import notebooks

MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_[a-z]+(_.*)?", re.DOTALL)
CANVAS = re.compile(
    r"(?:(?P<name>.+?)_(?:(?P<late>late)_)?(?P<id>\d+)|(?:(?P<late_too>late)_)?(?P<anonymous>anon_[^_]+))"
    r"_(?P<attachment>\d+)_.+",
    re.DOTALL | re.IGNORECASE,
)
COPY = r"(?:-(\d+)|[ _]?\((\d+)\))?"  # as Canvas and browsers number files of one name
NBGRADER = ("source", "release", "autograded", "feedback")  # folders of a course beside "submitted"


@dataclass(frozen=True)
class Owner:
    """Whose a file is.

    Parameters
    ----------
    name : str
        The student's; empty if the path doesn't say.
    ids : tuple of (str, str)
        What the LMS calls the student.
    order : tuple
        Of two files of one student the one with the larger order was handed in later; times come after it.
    copy : int
        The number that tells it from others of its name.
    """

    name: str
    ids: tuple = ()
    order: tuple = (False, 0)
    copy: int = 0


def notebook_named(filename):
    """Return the notebook that a file's name names, or nothing."""
    found = re.search(rf"(?<![a-z0-9])({_names()})(?![a-z0-9])", _stem(filename), re.IGNORECASE)
    return found[1].lower() if found else ""


def canonical(name):
    """Return a name with its accents in one form and without white space around it."""
    return unicodedata.normalize("NFC", name).strip()


def owners(paths, given):
    """Return the owners of files.

    Parameters
    ----------
    paths : list of tuple of str
        The parts of each file's path; archives among them count as folders.
    given : str
        Name of the folder or archive that they are below.

    Returns
    -------
    list of (Owner or None)
        None for what nbgrader keeps beside the submissions.
    """
    paths = [tuple(canonical(part) for part in path) for path in paths]
    found = [_by_lms(path) for path in paths]
    plain = [path for path, owner in zip(paths, found, strict=True) if owner is None]
    course = any(path[0] == "submitted" for path in plain if len(path) > 1)
    start = 0 if course or given == "submitted" else _wrapper(plain, _stem(given))
    return [owner or _by_folder(path[start:], course) for path, owner in zip(paths, found, strict=True)]


@cache
def _names():
    return "|".join(re.escape(name) for name in notebooks())


def _stem(name):
    """Return a file's name without the suffix of an archive or a notebook."""
    return re.sub(r"\.(zip|ipynb)$", "", name, flags=re.IGNORECASE)


def _by_lms(path):
    for part in path:
        if found := MOODLE.fullmatch(part):
            # Where marking is anonymous, the number is all that there is
            anonymous = found["name"].lower() == "participant"
            name = f"Participant {found['id']}" if anonymous else found["name"].strip()
            return Owner(name, (("moodle", found["id"]),), copy=_copy(path[-1]))
    for part in path:
        # The notebook's own number mustn't be taken for Canvas's
        named = re.fullmatch(rf"(.+)_(?:{_names()}){COPY}", _stem(part), re.DOTALL | re.IGNORECASE)
        if found := CANVAS.fullmatch(f"{named[1]}_" + "file" if named else part):
            late = bool(found["late"] or found["late_too"])
            ids = (("canvas", found["id"]),) if found["id"] else ()
            return Owner(found["name"] or found["anonymous"], ids, (late, int(found["attachment"])), _copy(path[-1]))
    return None


def _by_folder(path, course):
    if course and path[0] in NBGRADER and len(path) > 1:
        return None
    folders = [_stem(part) for part in path[:-1]]
    while folders and (folders[0] == "submitted" and course or _is_notebook(folders[0])):
        del folders[0]
    return Owner(folders[0] if folders else _flat(path[-1])[0], copy=_copy(path[-1]))


def _flat(filename):
    """Return (the student, whether a notebook's name follows) of "STUDENT_NOTEBOOK.ipynb" or "STUDENT.ipynb"."""
    stem = _stem(filename)
    found = re.fullmatch(rf"(?:(.*?)[ _-]+)?(?:{_names()}){COPY}", stem, re.DOTALL | re.IGNORECASE)
    if found or _is_notebook(stem):
        return (found and found[1] or "").strip(), True
    return stem.strip(), False


def _is_notebook(folder):
    """Tell whether a folder is an assignment's: "01" or "01_vanishing_gradients"."""
    return any(folder.lower() in (name, name.split("_")[0]) for name in notebooks())


def _copy(filename):
    found = re.search(rf"{COPY}$", _stem(filename))
    return int(found[1] or found[2] or 0)


def _wrapper(paths, given):
    """Return how many folders around the whole class there are: those that all files share and that are no student."""
    n = 0
    while paths and all(len(path) > n + 1 for path in paths) and len({path[n] for path in paths}) == 1:
        below = {path[n + 1] for path in paths if len(path) > n + 2 and not _is_notebook(_stem(path[n + 1]))}
        flat = {name if named else "" for name, named in (_flat(path[n + 1]) for path in paths if len(path) == n + 2)}
        named_alike = _stem(paths[0][n]) == given
        one_student = {"", paths[0][n]} & flat or len(flat) < 2
        if not named_alike and len(below) < 2 and one_student:
            break
        n += 1
    return n
