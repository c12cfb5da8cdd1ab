"""Marks in SQLite: one writer, one transaction a submission, so that a killed run loses nothing that was stored."""

import hashlib
import json
import math
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from course_lib.grading.database import Database, StoreError
from course_lib.grading.records import Result

FILE = "grades.sqlite"
VERSION = 1
APPLICATION = 0x54444E47  # marks the file as ours
TABLES = """
create table setting (name text primary key, value text not null);
create table roster (position integer primary key, student text not null);
create table submission (
    student text, notebook text, origin text not null, modified real not null, ids text not null, sha256 text not null,
    notes text not null, results text not null, key text not null, stored real not null,
    primary key (student, notebook));
create table text (
    student text, notebook text, grade_id text, position integer not null, text text not null, max real not null,
    score real, comment text not null default '',
    primary key (student, notebook, grade_id));
create table problem (origin text, reason text, source text not null, primary key (origin, reason));
create table cache (key text primary key, results text not null);
"""

@dataclass(frozen=True)
class Text:
    """A free-text answer; the score is None until a person gave one."""

    text: str
    max: float
    score: float | None = None
    comment: str = ""


@dataclass(frozen=True)
class Graded:
    """What is stored of one notebook of one student; `ids` and `texts` are dicts, `sha256` is of the file."""

    student: str
    notebook: str
    origin: str
    modified: float
    ids: dict
    sha256: str
    notes: tuple
    results: tuple
    texts: dict


class Store:
    """The marks of a class in ``FOLDER/grades.sqlite``, for one process at a time.

    Parameters
    ----------
    folder : path
        Made if it isn't there.
    seed : int
        Of the hidden inputs; without it, the one that is stored or a fresh secret one.
    new : bool
        False: raise if nothing was graded into this folder yet.

    Raises
    ------
    StoreError
        Here and in every method: no right to write, disk full, in use, damaged, of a newer version.
    """

    def __init__(self, folder, seed=None, new=True):
        self.folder = Path(folder)
        path = self.folder / FILE
        if not new and not path.exists():
            raise StoreError(f"There are no marks in {folder}: course grade SUBMISSIONS --out {folder} comes first.")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"The folder {folder} can't be made: {error.strerror}.") from error
        self._database = Database(path, TABLES, APPLICATION, VERSION)
        with self._database.transaction():
            if seed is not None or not self._rows("select 1 from setting where name = 'seed'"):
                seed = secrets.randbits(63) if seed is None else seed
                self._rows("replace into setting values ('seed', ?)", str(seed))
        self.seed = int(self._rows("select value from setting where name = 'seed'")[0][0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Close the file; what was added is in it already."""
        self._database.close()

    def add(self, submission, notes, texts, results, key, sha256=None):
        """Store what came of a submission, in place of an older one of that student and notebook.

        Marks given by hand are kept where the text is the same.

        Parameters
        ----------
        submission : Submission
        notes : sequence of str
        texts : dict
            grade_id -> (text, points)
        results : list of Result
        key : str
            Of `has`.
        sha256 : str
            Of the file, if the submission doesn't hold its bytes any more.
        """
        who = (submission.student, submission.notebook)
        sha256 = sha256 or hashlib.sha256(submission.data).hexdigest()
        modified = submission.modified if math.isfinite(submission.modified) else 0.0  # SQLite takes NaN for nothing
        row = (*who, _storable(submission.origin), modified, json.dumps(submission.ids), sha256,
               json.dumps(list(notes)), json.dumps([vars(result) for result in results]), key, time.time())
        old = {grade_id: text for grade_id, text in self._texts(who).items() if text.score is not None or text.comment}
        with self._database.transaction():
            self._rows("replace into submission values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *row)
            self._rows("delete from text where student = ? and notebook = ?", *who)
            for position, (grade_id, (text, points)) in enumerate(texts.items()):
                mark, text = old.get(grade_id), _storable(text)
                kept = (mark.score, mark.comment) if mark and mark.text == text else (None, "")
                self._rows("insert into text values (?, ?, ?, ?, ?, ?, ?, ?)", *who, grade_id, position, text, points,
                           *kept)

    def has(self, student, notebook, key, sha256=None):
        """Tell whether this student's notebook was graded with this key, and from this very file if given."""
        found = self._rows("select sha256 from submission where student = ? and notebook = ? and key = ?",
                           student, notebook, key)
        return bool(found) and sha256 in (None, found[0][0])

    def problem(self, origin, reason, source=""):
        """Store why something was not taken or needs a look; the same one twice is one."""
        with self._database.transaction():
            self._add_problem(origin, reason, source)

    def begin(self, source, problems, roster=()):
        """Start a run: its problems replace those of earlier runs on the same source, its roster an earlier one."""
        with self._database.transaction():
            self._rows("delete from problem where source = ?", source)
            for origin, reason in problems:
                self._add_problem(origin, reason, source)
            if roster:
                self._rows("delete from roster")
                for name in roster:
                    self._rows("insert into roster (student) values (?)", name)

    def remember(self, key, results):
        """Keep the results' JSON of a job, so that equal jobs are graded once."""
        with self._database.transaction():
            self._rows("replace into cache values (?, ?)", key, results)

    def recall(self, key):
        """Return the results' JSON of an equal job, or None."""
        found = self._rows("select results from cache where key = ?", key)
        return found[0][0] if found else None

    def set_manual(self, student, notebook, grade_id, score, comment=""):
        """Store a mark that a person gave for a free-text answer; KeyError if there is no such answer."""
        with self._database.transaction():
            known = self._texts((student, notebook))
            self._rows("update text set score = ?, comment = ? where student = ? and notebook = ? and grade_id = ?",
                       score, comment or "", student, notebook, grade_id)
        if grade_id not in known:
            raise KeyError(f"{student} has no answer {grade_id} in {notebook}")

    def submissions(self):
        """Return everything that is stored as a list of `Graded`, sorted by student and notebook."""
        rows = self._rows("select student, notebook, origin, modified, ids, sha256, notes, results from submission "
                          "order by student, notebook")
        return [Graded(student, notebook, origin, modified, dict(json.loads(ids)), sha256, tuple(json.loads(notes)),
                       tuple(Result(**result) for result in json.loads(results)), self._texts((student, notebook)))
                for student, notebook, origin, modified, ids, sha256, notes, results in rows]

    def problems(self):
        """Return (origin, reason) of all problems, sorted."""
        return self._rows("select origin, reason from problem order by origin, reason")

    @property
    def roster(self):
        """The names of the class, in the roster's order; empty without one."""
        return [name for (name,) in self._rows("select student from roster order by position")]

    def _texts(self, who):
        rows = self._rows("select grade_id, text, max, score, comment from text where student = ? and notebook = ? "
                          "order by position", *who)
        return {grade_id: Text(*values) for grade_id, *values in rows}

    def _add_problem(self, origin, reason, source):
        self._rows("replace into problem values (?, ?, ?)", _storable(origin), _storable(reason), source)

    def _rows(self, statement, *values):
        return self._database.rows(statement, *values)


def _storable(text):
    """Return a text without half characters, which JSON can hold and SQLite can't."""
    return text.encode("utf-8", "replace").decode()
