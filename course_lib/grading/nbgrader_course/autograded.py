"""A student's notebook as nbgrader's formgrader shows it: answers, verdicts, and nothing that a browser could run."""

import json
from functools import cache

from course_lib.delivery import delivered
from course_lib.exercises.judge.interrupting import OutOfTime
from course_lib.grading.handed_in import lifting, reading
from course_lib.grading.limited import within
from course_lib.grading.nbgrader_course.harmless import IMAGES, as_typed, is_image, safe_markdown, safe_outputs

RESTORED = "**The cells below were not in the file that was handed in.**"
OURS = "this is the course's own notebook, with the verdicts."
GONE = f"The file that was handed in is gone: {OURS}"
SECONDS = 20  # of processor time that a file may take: an ordinary one takes a twentieth of a second
MARKS = {"passed": "✓", "open": "–", "needs review": "?"}


@cache
def master(notebook):
    """Return the cells of a notebook that nbgrader knows, by grade_id: as delivered, with nbgrader's checksums."""
    from nbformat import from_dict
    from nbgrader.utils import compute_checksum

    own = delivered.delivered(notebook)
    cells = {name: from_dict(cell) for name, cell in own.items() if "nbgrader" in cell.metadata}
    for cell in cells.values():
        cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
    return cells


def annotated(graded, data):
    """Return a submission as the notebook that formgrader and nbgrader's feedback show.

    The student's cells keep their order. One that holds an answer becomes nbgrader's solution cell, and our own check
    follows it, with our verdict as its output; what is missing comes at the end. Formgrader passes Markdown and
    outputs on to the browser as they are, on a page that may do everything on the instructor's Jupyter server: so
    outputs become text and images, and Markdown that holds more than Markdown is shown as it was typed.

    Parameters
    ----------
    graded : Graded
        From the store.
    data : bytes or None
        The file that was handed in; None where it is gone.

    Returns
    -------
    nbformat.NotebookNode
    """
    try:
        with within(SECONDS):
            return _annotated(graded, data)
    except (Exception, OutOfTime) as error:  # whatever is in the file, its learner's verdicts can be shown
        return _annotated(graded, None, f"The file can't be shown ({type(error).__name__}): {OURS}")


def _annotated(graded, data, reason=GONE):
    from nbformat import from_dict

    notes, families = list(graded.notes), _families(graded.notebook)
    try:
        if data is None:
            raise lifting.Unreadable(reason)
        given = _read(data)
        places = _places(graded.notebook, data, given)
    except lifting.Unreadable as error:
        notes.insert(0, str(error))
        given = _ours(graded)
        places = {cell["name"]: index for index, cell in enumerate(given) if cell["name"] in families}
    verdicts = {f"{result.exercise}-check": _verdict(result) for result in graded.results}
    here, images = {}, []
    for name, index in places.items():
        here.setdefault(index, []).append(name)
    cells = [_new("markdown", "\n".join(["**About this file**", "", *map(_item, notes)]))] if notes else []
    for index, cell in enumerate(given):
        for number, name in enumerate(here.get(index, ())):  # one cell can hold two answers: the second shows its text
            cells += _filled(families[name], cell if number == 0 else {**cell, "outputs": []}, verdicts, images)
        if index not in here and cell["name"] not in _locked(graded.notebook):
            cells.append(_plain(cell, graded.notebook, images))
    if lost := [family for name, family in families.items() if name not in places]:
        cells.append(_new("markdown", RESTORED))
        cells += [cell for family in lost for cell in _filled(family, None, verdicts, images)]
    for number, cell in enumerate(cells):
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{number}")
    return from_dict({"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
        "language_info": {"name": "python"}, "course": {"notebook": graded.notebook, "sha256": graded.sha256}}})


@cache
def _families(notebook):
    """Return the cells that belong to each answer, the answer's own first, by its name."""
    families = {}
    for name, cell in master(notebook).items():
        if cell.metadata.nbgrader["solution"]:
            families[name] = []
        families[next(reversed(families))].append(cell)
    return families


@cache
def _locked(notebook):
    return {name for name, cell in master(notebook).items() if cell.metadata.nbgrader["locked"]}


def _read(data):
    """Return the cells of a file as dicts of kind, name, source, outputs and attachments, whatever its format."""
    lifting.identify(data)
    return _given(reading.parsed(data)[0])


def _given(content):
    return [{"kind": cell.kind, "name": cell.name, "source": cell.source, "outputs": cell.outputs,
             "attachments": cell.attachments} for cell in reading.cells(content)]


def _ours(graded):
    """Return the delivered cells in the form of `_read`, with the free-text answers that the store keeps."""
    texts = {name: text.text for name, text in graded.texts.items() if text.text.strip()}
    return _given({"cells": [{**cell, "source": texts.get(name, cell.source), "outputs": []}
                             for name, cell in delivered.delivered(graded.notebook).items()]})


def _places(notebook, data, given):
    """Return in which of the given cells each answer is, by the same rules as it is graded by."""
    job = json.loads(lifting.lift(data, notebook).job)
    last = {cell["source"]: index for index, cell in enumerate(given)}
    named = {cell["name"]: index for index, cell in enumerate(given)}
    places = {}
    for name in _families(notebook):
        answer = job["answers"].get(name, "open")
        place = last.get(job["cells"][answer]) if isinstance(answer, int) else named.get(name)
        if place is not None:
            places[name] = place
    return places


def _filled(family, given, verdicts, images):
    """Return copies of an answer's cells: with the student's source and outputs, and the verdict on them."""
    from nbformat import from_dict

    cells = [from_dict(cell) for cell in family]
    for cell in cells:
        cell.pop("attachments", None)
        if cell.id in verdicts:
            verdict = {"output_type": "display_data", "data": {"text/plain": verdicts[cell.id]}}
            cell.outputs = safe_outputs([verdict], images)
    if given and cells[0].cell_type == "code":
        cells[0].source, cells[0].outputs = given["source"], safe_outputs(given["outputs"], images)
    elif given:
        _write(cells[0], given, images)
    return cells


def _new(kind, source, **more):
    from nbformat import from_dict  # nbformat's own functions check every cell, which takes longer than all the rest

    return from_dict({"cell_type": kind, "metadata": {}, "source": source, **more})


def _verdict(result):
    first = f"{MARKS.get(result.status, '✗')} {result.status}: {result.score:g} of {result.max:g} points"
    hint = f"Hint: {result.hint}" if result.hint else ""
    return "\n".join(filter(None, [first, result.message, hint]))


def _plain(given, notebook, images):
    """Return a student's cell that is no answer."""
    if given["kind"] == "code":
        return _new("code", given["source"], execution_count=None, outputs=safe_outputs(given["outputs"], images))
    cell = _new("markdown", given["source"])
    own = delivered.delivered(notebook).get(given["name"])
    if own is None or own.source != given["source"]:
        _write(cell, given, images)
    return cell


def _write(cell, given, images):
    """Write a student's words into a Markdown cell."""
    attachments = {}
    for name, bundle in given["attachments"].items():
        kept = {kind: data for kind, data in bundle.items() if kind in IMAGES and is_image(data, images)}
        attachments |= {name: kept} if kept else {}
    written = given["source"]
    cell.source = safe_markdown(written, attachments) if given["kind"] == "markdown" else as_typed(written)
    if attachments:
        cell.attachments = attachments


def _item(note):
    return f"- {safe_markdown(' '.join(note.split()))}"
