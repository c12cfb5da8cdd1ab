"""The gradebook of nbgrader: our marks go into it, marks given by hand in its formgrader come back."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from course_lib.delivery import building
from course_lib.grading.files import put
from course_lib.grading.nbgrader_course.autograded import annotated, master
from course_lib.grading.nbgrader_course.coursefolder import (
    SETTINGS,
    handed_in,
    memory,
    names,
    opened,
    place,
    student_id,
)

LOOK = ("tampered", "needs review", "died")  # a person should see these before the mark counts
NO_RESPONSE = "No response."  # nbgrader's own words


def write(store, course_folder):
    """Make or complete an nbgrader course: settings, notebooks, gradebook.

    Called again, it brings everything up to date. Marks, comments and extra credit given in formgrader stay; where
    the answer changed after them, formgrader shows that they need another look.

    Parameters
    ----------
    store : Store
    course_folder : path

    Returns
    -------
    list of str
        Files that are gone.

    Raises
    ------
    ValueError
        If nbgrader isn't installed, or its gradebook is in use or can't be written.
    """
    folder = Path(course_folder).resolve()
    if not (folder / "nbgrader_config.py").exists():
        put(folder / "nbgrader_config.py", SETTINGS.read_text(encoding="utf-8"))
        (folder / "exchange").mkdir(exist_ok=True)  # as the settings say; formgrader warns where there is none
    graded, said = store.submissions(), []
    with opened(folder) as (gradebook, course):
        for student in dict.fromkeys([*store.roster, *(one.student for one in graded)]):
            _add_student(gradebook, student)
        cells = {notebook: _write_assignment(gradebook, course, notebook)
                 for notebook in sorted({one.notebook for one in graded})}
        for one, data in handed_in(graded):
            if data is None:
                said.append(f"{one.origin} is gone, or was changed since it was graded: nbgrader has {one.student}'s "
                            "marks without the notebook. Put it back, or call this in the folder of that course grade.")
            path = place(course, course.autograded_directory, one)
            before = memory(path)
            _write_marks(gradebook, one, before, cells[one.notebook])
            _write_notebooks(course, one, data, path, before)  # last: what breaks off before is done again
    return sorted(said)


def read_marks(store, course_folder):
    """Bring marks and comments that were given in formgrader for free-text answers into the store.

    A mark is left out while formgrader says that it needs another look, since the answer is another one by now.

    Returns
    -------
    list of str
        Marks that the store has no place for: those that replace an exercise's.

    Raises
    ------
    ValueError
        As `write` does.
    """
    folder, said = Path(course_folder).resolve(), []
    if not (folder / "nbgrader_config.py").exists():
        return said  # nothing was written to it yet
    with opened(folder) as (gradebook, course):
        for one in store.submissions():
            before = memory(place(course, course.autograded_directory, one)).get("answers", {})
            for name, (score, comment, stale) in _by_hand(gradebook, one).items():
                text, (digest, stored) = one.texts.get(name), before.get(name, ("", None))
                if text is None and score is not None:
                    said.append(f"{one.student}, {one.notebook}: formgrader's {score:g} points for {name} count in "
                                "nbgrader only; the reports keep the mark of course grade.")
                if text is None or stale or digest != _digest(text.text):
                    continue
                if score is None and stored != text.score:  # it was never in this gradebook, so nobody took it out
                    score, comment = text.score, comment or text.comment
                if (score, comment) != (text.score, text.comment):
                    store.set_manual(one.student, one.notebook, name, score, comment)
    return said


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _add_student(gradebook, student):
    """Add a student; one that is there keeps the names that somebody may have mended."""
    from nbgrader.api import MissingEntry

    try:
        gradebook.find_student(student_id(student))
    except MissingEntry:
        first, last = names(student)
        gradebook.add_student(student_id(student), first_name=first, last_name=last)


def _write_assignment(gradebook, course, notebook):
    """Write a notebook's assignment and cells; return the names of its graded and its answer cells, by id."""
    text = building.text_of(building.assemble(notebook))
    for step in (course.source_directory, course.release_directory):
        path = Path(course.format_path(step, ".", notebook)) / f"{notebook}.ipynb"
        if not path.exists() or not building.changed(path):  # what the instructor edited stays
            put(path, text)
    gradebook.update_or_create_assignment(notebook)
    kernel = json.dumps({"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"})
    gradebook.update_or_create_notebook(notebook, notebook, kernelspec=kernel)
    for name, cell in master(notebook).items():
        meta = cell.metadata.nbgrader
        where = (name, notebook, notebook)
        if meta["grade"]:
            gradebook.update_or_create_grade_cell(*where, max_score=float(meta["points"]), cell_type=cell.cell_type)
        if meta["solution"]:
            gradebook.update_or_create_solution_cell(*where)
        gradebook.update_or_create_source_cell(*where, cell_type=cell.cell_type, locked=meta["locked"],
                                               source=cell.source, checksum=meta["checksum"])
    written = gradebook.find_notebook(notebook, notebook)
    return ({cell.id: cell.name for cell in written.grade_cells},
            {cell.id: cell.name for cell in written.solution_cells})


def _write_notebooks(course, graded, data, path, before):
    """Write what was handed in, and its autograded form, which remembers what it was made of."""
    import nbformat

    stamp = f"{_time(graded)} UTC"
    submitted = place(course, course.submitted_directory, graded)
    put(submitted.with_name("timestamp.txt"), stamp)  # without, formgrader would call for nbgrader's autograde
    put(path.with_name("timestamp.txt"), stamp)
    if data is not None:
        put(submitted, data)
    answers = {name: [_digest(text.text), text.score] for name, text in graded.texts.items()}
    made_of = _digest(repr((graded.sha256, graded.results, graded.notes, answers)))
    if before.get("made_of") == made_of:
        return
    kept = data is None and before.get("sha256") == graded.sha256
    nb = nbformat.read(path, as_version=4) if kept else annotated(graded, data)
    nb.metadata["course"] |= {"answers": answers, "made_of": made_of if data else ""}
    put(path, building.text_of(nb))


def _time(graded):
    return datetime.fromtimestamp(min(max(int(graded.modified), 0), 2**32), UTC).replace(tzinfo=None)


def _write_marks(gradebook, graded, before, cells):
    """Write a submission's scores; `before` is what its former autograded notebook remembered."""
    from nbgrader.api import Comment, Grade

    student = gradebook.find_student(student_id(graded.student))
    if not any(submission.assignment.name == graded.notebook for submission in student.submissions):
        before = {}  # of another gradebook
    with gradebook.db.no_autoflush:  # else SQLAlchemy warns of nbgrader's half-made rows
        submission = gradebook.update_or_create_submission(graded.notebook, student_id(graded.student),
                                                           timestamp=_time(graded))
    notebook = next(notebook for notebook in submission.notebooks if notebook.name == graded.notebook)
    grades, comments = ({row.cell_id: row for row in rows} for rows in (notebook.grades, notebook.comments))
    for kind, known, rows in ((Grade, cells[0], grades), (Comment, cells[1], comments)):
        for cell in known.keys() - rows.keys():  # a cell that the notebook didn't have when this was handed in
            rows[cell] = kind(cell_id=cell, notebook=notebook)
            gradebook.db.add(rows[cell])
    grades = {cells[0][cell]: row for cell, row in grades.items() if cell in cells[0]}
    comments = {cells[1][cell]: row for cell, row in comments.items() if cell in cells[1]}
    for result in graded.results:
        if f"{result.exercise}-check" in grades:
            _write_score(grades[f"{result.exercise}-check"], result, before.get("sha256") != graded.sha256)
    for name, text in graded.texts.items():
        if name in grades:
            _write_answer(grades[name], comments[name], text, before.get("answers", {}).get(name))
    gradebook.db.commit()


def _write_score(grade, result, new):
    """Write an exercise's score; one that is new beside a mark given by hand calls for another look."""
    if new or grade.auto_score != result.score:
        grade.needs_manual_grade = result.status in LOOK or grade.manual_score is not None
    grade.auto_score = float(result.score)


def _write_answer(grade, comment, text, before):
    """Write what is known of a free-text answer; `before` is its digest and mark at the last time."""
    digest, stored = before or ("", None)
    empty = not text.text.strip()
    if grade.manual_score is None and text.score is not None and stored != text.score:
        grade.manual_score, grade.needs_manual_grade = text.score, False  # given in a gradebook that is no more
        comment.manual_comment = comment.manual_comment or text.comment or None
    elif grade.manual_score is None:
        grade.needs_manual_grade = not empty
    elif digest and digest != _digest(text.text):
        grade.needs_manual_grade = True
    grade.auto_score = 0.0 if empty else None
    comment.auto_comment = NO_RESPONSE if empty else None


def _by_hand(gradebook, graded):
    """Return what was given in formgrader: name -> (score or None, comment, whether it needs another look)."""
    from nbgrader.api import MissingEntry

    try:
        notebook = gradebook.find_submission_notebook(graded.notebook, graded.notebook, student_id(graded.student))
    except MissingEntry:
        return {}
    comments = {row.name: row.manual_comment or "" for row in notebook.comments}
    given = {}
    for grade in notebook.grades:
        by_hand = grade.manual_score is not None or grade.extra_credit
        score = float(grade.score) if by_hand else None
        given[grade.name] = score, comments.get(grade.name, ""), bool(by_hand and grade.needs_manual_grade)
    return given
