"""What everybody's answers add up to: one sheet for each notebook of each student, handed in or not."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from course_lib.delivery.building import source_of

NEEDS_A_LOOK = ("tampered", "needs review", "died")  # an instructor should see these, the gravest first
WAITING = ("needs review", "tampered")  # a person may yet give points for these


@dataclass(frozen=True)
class Line:
    """One exercise, or one free-text answer, of one student.

    Parameters
    ----------
    exercise : str
        The exercise's name, or the free-text answer's `grade_id`.
    status : str
        One of `course_lib.grading.records.STATUSES`; for a free-text answer see `text_status`.
    score, max : float
    seconds : float
    message, hint : str
        For the student.
    detail, fingerprint : str
        For the instructor only.
    text : str or None
        The free-text answer; None for an exercise.
    comment : str
        What the instructor wrote about it.
    """

    exercise: str
    status: str
    score: float
    max: float
    seconds: float = 0.0
    message: str = ""
    hint: str = ""
    detail: str = ""
    fingerprint: str = ""
    text: str | None = None
    comment: str = ""


@dataclass(frozen=True)
class Sheet:
    """One notebook of one student; `handed_in` is False where the roster has the student and nothing came."""

    student: str
    notebook: str
    lines: tuple
    handed_in: bool = True
    origin: str = ""
    modified: float = 0.0
    ids: tuple = ()
    sha256: str = ""
    notes: tuple = ()

    @property
    def score(self):
        """Points reached so far; an answer that waits for a mark by hand counts 0."""
        return sum(line.score for line in self.lines)

    @property
    def max(self):
        """Points to be had."""
        return sum(line.max for line in self.lines)

    @property
    def waiting(self):
        """How many answers wait for a person: to be marked by hand, or to be looked at."""
        return sum(line.status in WAITING for line in self.lines)

    @property
    def unreadable(self):
        """Why the file could not be read; empty where it could."""
        if self.handed_in and self.lines and all(line.status == "missing" for line in self.lines):
            return next((line.message for line in self.lines if line.message), "Nothing of the notebook was found.")
        return ""

    @property
    def seconds(self):
        """Time that all its answers took."""
        return sum(line.seconds for line in self.lines)


def text_status(text):
    """Status of a free-text answer, which only people mark.

    "needs review" until there is a mark; then "passed" for full marks and "failed" for less, so that a table can
    be filtered by the same words as for exercises. An answer left empty is "open": nobody has to look at it. One
    that gives no points is "passed".
    """
    if text.score is not None:
        return "passed" if text.score >= text.max else "failed"
    if not text.text.strip():
        return "open"
    return "needs review" if text.max > 0 else "passed"


def sheets(store):
    """Everybody's sheets, sorted by student and notebook.

    Every sheet of a notebook has a line for whatever anybody's has: what is not there is "missing", at no points.
    So it is for a student of the roster who handed nothing in of a notebook that others did.
    """
    read = [_read(graded) for graded in store.submissions()]
    wanted = {}
    for sheet in read:
        known = wanted.setdefault(sheet.notebook, {})
        for line in sheet.lines:
            known.setdefault(line.exercise, line)
    there = {(sheet.student, sheet.notebook) for sheet in read}
    read += [Sheet(student, notebook, (), handed_in=False) for student in dict.fromkeys(store.roster)
             for notebook in wanted if (student, notebook) not in there]
    return sorted((_complete(sheet, wanted[sheet.notebook]) for sheet in read),
                  key=lambda sheet: (sheet.student, sheet.notebook))


def _read(graded):
    lines = [Line(r.exercise, r.status, r.score, r.max, r.seconds, r.message, r.hint, r.detail, r.fingerprint)
             for r in graded.results]
    lines += [Line(grade_id, text_status(text), text.score or 0.0, text.max, text=text.text, comment=text.comment or "")
              for grade_id, text in graded.texts.items()]
    return Sheet(graded.student, graded.notebook, tuple(lines), True, graded.origin, graded.modified,
                 tuple(sorted(dict(graded.ids).items())), graded.sha256, tuple(graded.notes))


def _complete(sheet, wanted):
    there = {line.exercise: line for line in sheet.lines}
    lines = [there.get(name) or Line(name, "missing", 0.0, like.max, text=None if like.text is None else "")
             for name, like in wanted.items()]
    lines.sort(key=lambda line: line.text is not None)  # exercises first
    return Sheet(**{**vars(sheet), "lines": tuple(lines)})


@cache
def title(notebook):
    """A notebook's title, "01 · Vanishing and exploding gradients"; its name where the source is not at hand."""
    try:
        found = re.search(r"^# # (.+)$", source_of(notebook), re.MULTILINE)
    except (OSError, ValueError):  # installed without the notebooks, or a name that no file can have
        return notebook
    return found[1].strip() if found else notebook


def number(value, decimals=2):
    """A number as people write it: 4, 2.5, 0.33."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}".rstrip("0").rstrip(".")


def file_names(names):
    """A file name, without ending, for each name: safe on every system, and never the same for two.

    A plain name stays as it is. From others, whatever a file system could stumble on is replaced, and a piece of
    the name's hash is added; so it is for the later ones of names that differ in upper and lower case only.

    Returns
    -------
    dict from str to str
    """
    found, used = {}, set()
    for name in sorted(names):
        safe, digest = _safe(name), hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        file = safe if safe == name else f"{safe}-{digest[:10]}"
        if file.casefold() in used:  # "Ada" and "ada", or somebody who is called like another's file
            file = f"{safe}-{digest}"
        used.add(file.casefold())
        found[name] = file
    return found


def _safe(name):
    kept = "".join(c if c.isalnum() or c in " -_." else "_" for c in unicodedata.normalize("NFC", name))
    kept = kept.encode("utf-8", "replace")[:150].decode("utf-8", "ignore").strip(" .")
    reserved = re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", kept, re.IGNORECASE)  # Windows
    return f"_{kept}" if reserved or not kept else kept
