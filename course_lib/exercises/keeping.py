"""Answers that passed are kept with their source, in one record beside the progress; the newest counts, none is lost.

The record is a file like the logbook's: a line of JSON a version, appended, damage set aside. It holds the learner's
code, which runs on the learner's own machine, as it does in the notebook.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FunctionType

from course_lib.exercises import core, logbook, outline
from course_lib.exercises.tracing import HANDED, LIBRARY, Piece, PieceKind, Traced, Untraceable, source_of, trace

_read = {}


@dataclass(frozen=True)
class Kept:
    """A version of an answer that passed: its source, what it needs, and where it came from."""

    name: str
    time: datetime
    notebook: str
    file: str
    hash: str
    source: str
    pieces: tuple

    @property
    def day(self):
        return f"{self.time.day} {self.time:%B %Y}"


def path():
    """Return where answers are kept: beside the progress."""
    progress = logbook.path()
    return progress.with_name(f"{progress.stem}.answers.jsonl")


def active():
    """Say whether answers are kept and read.

    Not where answers are graded: nbgrader sets NBGRADER_EXECUTION, the course's own grader COURSE_ANSWERS=off. Nor
    where COURSE_SEED asks for a run that is the same everywhere, unless COURSE_PROGRESS gives that run its own record.
    """
    if os.environ.get("NBGRADER_EXECUTION") or os.environ.get("COURSE_ANSWERS") == "off":
        return False
    return bool(os.environ.get("COURSE_PROGRESS")) or not os.environ.get("COURSE_SEED")


def keep(answer, name, file=None):
    """Keep an answer that passed; return what is to be said of it, mostly nothing.

    Parameters
    ----------
    answer : function
    name : str
        The exercise.
    file : str, optional
        Where it was written; without it the notebook that this kernel belongs to.
    """
    if not active():
        return ""
    try:
        traced = trace(answer, name, exercise_of=lambda used, value: _exercise_of(used, value, answer))
    except Untraceable as error:
        return f"It couldn't be kept for `mine` and for your library, since {error}."
    except Exception as error:  # objects of a learner's own can do anything when they are looked at
        return f"It couldn't be kept for `mine` and for your library: {type(error).__name__}: {error}."
    file = file or _this_file()
    pieces, before = [[piece.kind.value, piece.name, piece.text] for piece in traced.pieces], newest(name)
    digest = hashlib.sha256(json.dumps([traced.source, pieces]).encode()).hexdigest()[:16]
    if before and before.hash == digest:
        return ""
    logbook.record(name, "kept", into=path(), notebook=core.notebook_of(name), file=file, hash=digest,
                   source=traced.source, pieces=pieces)
    if before and file and before.file and before.file != file:
        return (f"Before, yours was the one from {before.file} of {before.day}. This one is the newest now; the other "
                f"stays in `mine.versions(\"{name}\")`.")
    return ""


def _this_file():
    """Return the name of the notebook that is being run, as far as its front end tells."""
    return Path(os.environ.get("JPY_SESSION_NAME") or "").name


def _exercise_of(name, value, answer):
    """Return the exercise that something used in an answer stands for.

    It does if it is the course's own function for it, was handed out by `mine`, is an exercise's in another module of
    the learner's library, or a version that was kept before: anything else of that name is a helper.
    """
    if not isinstance(value, FunctionType):
        return None
    own = value.__name__
    if own not in outline.places():
        return None
    if value.__module__ == HANDED:
        return own
    try:
        exercise = core.find(own)
    except ValueError:  # a quiz
        return None
    if value is exercise.reference:
        return own
    library = value.__module__.split(".")[0] == LIBRARY and value.__module__ != answer.__module__
    return own if library or any(same(value, kept) for kept in versions(own)) else None


def same(function, kept):
    """Say whether a function's own source is that of a version."""
    try:
        return source_of(function)[0] == kept.source
    except Untraceable:
        return False


def versions(name=None):
    """Return the kept versions of an answer, or of all, oldest first."""
    found = _all() if active() else []
    return [kept for kept in found if name is None or kept.name == name]


def newest(name):
    """Return the newest version of an answer, or None."""
    return next((kept for kept in reversed(versions(name))), None)


def state():
    """Return what changes whenever the record does; None where there is none."""
    file = path()
    try:
        found = os.stat(file)
    except OSError:
        return None
    return file, found.st_mtime_ns, found.st_size


def _all():
    """Return all kept versions; the file is read again only if it has changed."""
    file, now = path(), state()
    if now is None:
        return []
    if _read.get("state") != now:
        _read.update(state=now, versions=[kept for event in logbook.events(file) if (kept := _version(event))])
    return _read["versions"]


def _version(event):
    """Return what an event says; None for one that isn't whole, which stays in its file."""
    try:
        pieces = tuple(Piece(PieceKind(kind), str(name), str(text)) for kind, name, text in event["pieces"])
        texts = {key: str(event[key]) for key in ("name", "notebook", "file", "hash", "source")}
        return Kept(time=datetime.fromisoformat(event["time"]), pieces=pieces, **texts)
    except (KeyError, TypeError, ValueError):
        return None


def traced(kept):
    """Return a version as `trace` gave it."""
    return Traced(kept.source, list(kept.pieces))
