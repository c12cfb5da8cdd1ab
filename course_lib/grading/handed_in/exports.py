"""How Moodle and Canvas name what they export: read from the left, where the LMS writes; what follows is a learner's.

Moodle writes "Full Name_NUMBER_assignsubmission_file" as a folder (until 2019 with "_" behind it) or, if the teacher
wants no folders, before every file's name; the number is the participant's in that assignment. It turns each "_" of a
name into a space, so that the first one ends the name, whatever learners call themselves (mod/assign's `downloader`).

Canvas writes "lastnamefirstname_LATE_USER_ATTACHMENT_file", with "anon_CODE" for name and user where students are
anonymous. It takes "_12_" out of names before it drops signs, not after ("x_12-_" becomes "x_12_"), so a name made for
it can look like somebody else's beginning: what can be read in two ways comes after what can't (its `ContentZipper`).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from course_lib.grading.handed_in.archives import is_archive
from course_lib.grading.handed_in.filenames import cut, stem

WORD = r"[^\x00-/:-@\[-^`{-\x7f]*?"  # what Canvas leaves of a name: no ASCII signs
NUMBER = r"[1-9]\d{0,17}"
MOODLE = re.compile(rf"([^_]*)_({NUMBER})_assignsubmission_[a-z0-9]+(_?)", re.DOTALL)
CANVAS = re.compile(rf"({WORD})_(?:(late)_)?({NUMBER})_({NUMBER})_(?=.)", re.DOTALL | re.IGNORECASE)
ANONYMOUS = re.compile(rf"(?:(late)_)?(anon_[^_]+)_({NUMBER})_(?=.)", re.DOTALL | re.IGNORECASE)
OURS = re.compile(r".* \(\d+\)|participant \d+|anon_.*", re.DOTALL | re.IGNORECASE)  # names as the grader makes them


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
    order: tuple = (True, False, 0)
    copy: int = 0


def moodle(name, is_folder):
    """Return whose an entry of Moodle's export is, or None if Moodle doesn't write such a name."""
    found = MOODLE.fullmatch(name) if is_folder else MOODLE.match(name)
    if not found or not is_folder and (not found[3] or found.end() == len(name)):
        return None
    # Where marking is anonymous, the number is all that there is
    anonymous = found[1].lower() == "participant"
    return Owner(f"Participant {found[2]}" if anonymous else found[1].strip() or found[2], (("moodle", found[2]),))


def canvas(name, is_folder=False):
    """Return whose an entry of Canvas's export is, or None if Canvas doesn't write such a name."""
    read = _without_notebook(name)
    if not (found := CANVAS.match(read)):
        return None
    sure = not re.search(rf"_{NUMBER}_{NUMBER}_.", read[found.start(4) - 1 :], re.DOTALL)
    return Owner(found[1] or found[3], (("canvas", found[3]),), (sure, bool(found[2]), int(found[4])))


def canvas_anonymous(name, is_folder=False):
    """As `canvas`, for an assignment whose students are anonymous."""
    if not (found := ANONYMOUS.match(_without_notebook(name))):
        return None
    return Owner(found[2], (), (True, bool(found[1]), int(found[3])))


def _without_notebook(name):
    """Return a name in which no notebook's own number can be taken for Canvas's: "ada_2_01_nets" gives "ada_2_file"."""
    before = cut(name)
    return stem(name) if before is None else f"{before.removesuffix('_')}_file"


LMS = {"moodle": moodle, "canvas-anonymous": canvas_anonymous, "canvas": canvas}  # of two that fit alike the first


def by_lms(path, depth, layout):
    """Return whose a file is by what an LMS writes into one part of its path, or None."""
    if len(path) <= depth:
        return None
    return _by_name(layout, path[depth], len(path) > depth + 1 and not is_archive(path[depth]))


@lru_cache(10_000)  # the files of a folder share its name
def _by_name(layout, name, is_folder):
    return LMS[layout](name, is_folder)
