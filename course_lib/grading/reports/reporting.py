"""Writes what a store holds: tables for people and for an LMS, a page for each student, statistics, JSON."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

from course_lib.grading.files import put
from course_lib.grading.reports import lms, pages, statistics
from course_lib.grading.reports.marks import file_names, number, sheets, title

COLUMNS = ("student", "notebook", "exercise", "score", "max", "status", "time")
SCHEMA = 1


class Written(list):
    """The paths that were written; `problems` says in sentences what a person should know."""

    def __init__(self, paths, problems):
        super().__init__(paths)
        self.problems = list(problems)


def write(folder, *, canvas=None, moodle=None, nbgrader=None, notebook=None):
    """Write every report into a folder of grades.

    Parameters
    ----------
    folder : path
        Where `course grade` put `grades.sqlite`.
    canvas : path, optional
        The gradebook that Canvas exported; gives `canvas.csv`, see `course_lib.grading.reports.lms.canvas`.
    moodle : path, optional
        The grading worksheet of a Moodle assignment; gives `moodle.csv`, see `course_lib.grading.reports.lms.moodle`.
    nbgrader : path, optional
        The folder of an nbgrader course: marks given there by hand are read first, ours are written to it last.
    notebook : str, optional
        Which notebook the Moodle sheet belongs to, if the grades hold several: "01", or its name.

    Returns
    -------
    Written
        A list of paths, with the attribute `problems`.

    Raises
    ------
    StoreError
        Without grades, and where they can't be read.
    ValueError
        For a table that is none of the LMS's; nothing is written then.
    """
    from course_lib.grading.store import Store

    with Store(folder, new=False) as store:
        said = []
        if nbgrader is not None:
            from course_lib.grading.nbgrader_course import gradebook
            said = [f"nbgrader: {sentence}" for sentence in gradebook.read_marks(store, nbgrader)]
        written = publish(store, folder, canvas=canvas, moodle=moodle, notebook=notebook, said=said)
        if nbgrader is not None:
            written.problems += [f"nbgrader: {sentence}" for sentence in gradebook.write(store, nbgrader)]
        return written


def publish(store, folder, *, canvas=None, moodle=None, notebook=None, said=()):
    """Do what `write` does from an open store, without nbgrader; `said` are problems that are known already."""
    found, problems, files = sheets(store), list(said), {}
    for name, path, fill in [("canvas.csv", canvas, lms.canvas),
                             ("moodle.csv", moodle, lambda path, found: lms.moodle(path, found, notebook))]:
        if path is not None:
            files[name], wrong = fill(path, found)
            problems += wrong
    files["grades.csv"] = table(found)
    by_student = {}
    for sheet in found:
        by_student.setdefault(sheet.student, []).append(sheet)
    names, notebooks = file_names(by_student), file_names({sheet.notebook for sheet in found})
    for student, own in by_student.items():
        files[f"feedback/{names[student]}.html"] = pages.feedback(student, own)
        for sheet in own:
            if sheet.handed_in:
                files[f"json/{names[student]}/{notebooks[sheet.notebook]}.json"] = as_json(sheet)
    listed = [*store.problems(), *(sentence.split(": ", 1) for sentence in problems)]
    files["statistics.html"] = pages.statistics(statistics.summary(found, map(tuple, listed)))
    paths = [put(Path(folder) / name, text) for name, text in sorted(files.items())]
    return Written(paths, problems)


def table(sheets):
    """Everything as one long CSV: a row for each exercise and each free-text answer of each student.

    The columns are `COLUMNS`; "time" is in seconds. The file begins with a byte-order mark, without which Excel takes
    UTF-8 for something else; pandas drops it by itself, Python's csv module with the encoding "utf-8-sig". Every field
    is quoted, so that no name ends one, whatever a program takes for a delimiter. A text that a spreadsheet would take
    for a formula, such as the name "=1+1", gets an apostrophe in front. Nothing else reads this file: the tables for an
    LMS keep the LMS's own names.

    Parameters
    ----------
    sheets : list of Sheet

    Returns
    -------
    str
    """
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    rows.writerow(COLUMNS)
    for sheet in sheets:
        for line in sheet.lines:
            rows.writerow([harmless(sheet.student), harmless(sheet.notebook), harmless(line.exercise),
                           number(line.score, 4), number(line.max, 4), line.status, number(line.seconds, 3)])
    return "\ufeff" + file.getvalue()


def harmless(text):
    """A text with an apostrophe in front if a spreadsheet would take it for a formula.

    One that begins with apostrophes and then like a formula gets one more, so that taking one away always gives the
    text back. Signs: OWASP, CSV Injection.
    """
    return f"'{text}" if re.match(r"[\s']*[=+\-@|%＝＋－＠]|[\t\r\n]", text) else text


def as_json(sheet):
    """One submission as JSON, for the instructor: it holds details that no student should see.

    Keys: "schema" (1), "student", "notebook", "title", "origin", "modified" (ISO 8601, UTC), "ids" (what an LMS calls
    the student), "sha256" (of the file), "score", "max", "waiting" (answers that a person has to mark or to look at),
    "notes" (on the file), "exercises" (each: "exercise", "status", "score", "max", "seconds", "message", "hint",
    "detail", "fingerprint") and "texts" (each: "grade_id", "status", "score", which is null until marked, "max",
    "text", "comment"). Later versions add keys; a change of meaning raises "schema".
    """
    exercises = [{key: getattr(line, key) for key in
                  ("exercise", "status", "score", "max", "seconds", "message", "hint", "detail", "fingerprint")}
                 for line in sheet.lines if line.text is None]
    texts = [{"grade_id": line.exercise, "status": line.status,
              "score": None if line.status in ("needs review", "open", "missing") else line.score,
              "max": line.max, "text": line.text, "comment": line.comment}
             for line in sheet.lines if line.text is not None]
    whole = {"schema": SCHEMA, "student": sheet.student, "notebook": sheet.notebook, "title": title(sheet.notebook),
             "origin": sheet.origin, "modified": _iso(sheet.modified), "ids": dict(sheet.ids), "sha256": sheet.sha256,
             "score": sheet.score, "max": sheet.max, "waiting": sheet.waiting, "notes": list(sheet.notes),
             "exercises": exercises, "texts": texts}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _iso(seconds):
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return None
