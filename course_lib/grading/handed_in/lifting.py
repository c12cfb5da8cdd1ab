"""Lifting the answers out of a learner's notebook, whatever was done to the rest of it."""

import json
import re
from dataclasses import dataclass, field
from functools import cache

from course_lib.delivery.delivered import delivered
from course_lib.exercises.core import exercises, notebooks

LONGEST = 200_000  # characters of one cell; what comes after them isn't read


class Unreadable(ValueError):
    """A file that can't be graded; the message says why."""


@dataclass(frozen=True)
class Lifted:
    """What is graded of a notebook.

    Parameters
    ----------
    job : bytes
        Canonical JSON: the notebook's name; ``cells``, the sources that aren't as the course delivers them, in their
        order; ``answers``, for each exercise the number of its cell, or "open" or "missing". The same answers give
        the same bytes.
    notes : tuple of str
        What is unusual about the file.
    texts : dict
        The free-text answers: grade_id -> (text, points); the text is empty where nothing was written.
    """

    job: bytes
    notes: tuple = ()
    texts: dict = field(default_factory=dict)


@dataclass(frozen=True)
class _Cell:
    kind: str
    name: str  # its grade_id, or else its id
    source: str


@cache
def _untouched(notebook):
    """Return the sources of all cells as learners get them."""
    return {_normal(own.source) for own in delivered(notebook).values()}


def identify(data, filename=""):
    """Return which notebook a file is: by what it says, by its exercises, or by its name.

    Raises
    ------
    Unreadable
        If the file is no notebook, or none of the course's.
    """
    content, _ = _parsed(data)
    said = _dict(_dict(content.get("metadata")).get("course")).get("notebook")
    if said in notebooks():
        return said
    cells = list(_cells(content))
    found = {cell.name for cell in cells} | {name for cell in cells for name in _defined(cell)}
    best = max(notebooks(), key=lambda name: len(found & set(exercises(name))))
    if found & set(exercises(best)):
        return best
    named = [name for name in notebooks() if name in filename]
    if named:
        return named[0]
    raise Unreadable("it is a notebook, but none of the course's: no exercise is in it")


def lift(data, notebook):
    """Return what is graded of a file's bytes as `Lifted`; Unreadable if it is no notebook."""
    content, notes = _parsed(data)
    known, everything = exercises(notebook), list(_cells(content))
    cells, stubs, untouched = [], set(), _untouched(notebook)
    for cell in everything:
        if cell.kind != "code" and cell.name not in known:
            continue
        if _normal(cell.source) in untouched:
            stubs |= {cell.name} & set(known)
        elif cell.source.strip():
            cells.append(cell)
    answers = {}
    for name in known:
        place, note = _answer(name, cells, set(known))
        notes += note
        answers[name] = place if place is not None else "open" if name in stubs else "missing"
    job = {"notebook": notebook, "answers": answers, "cells": [cell.source for cell in cells]}
    texts, more = _texts(everything, delivered(notebook))
    return Lifted(json.dumps(job, sort_keys=True).encode(), tuple(notes + more), texts)


def _parsed(data):
    """Return a notebook's JSON as a dict, and notes on what had to be mended."""
    notes = []
    try:
        try:
            content = json.loads(data)
        except UnicodeDecodeError:
            content = json.loads(data.decode("utf-8", "replace"))
            notes.append("Some characters of the file are damaged and were replaced.")
    except (ValueError, RecursionError) as error:
        what = "it is empty" if not data.strip() else f"it is no JSON ({type(error).__name__}: {error})"[:200]
        raise Unreadable(f"The file can't be read as a notebook: {what}.") from None
    if not isinstance(content, dict) or not isinstance(content.get("cells", content.get("worksheets")), list):
        raise Unreadable("The file can't be read as a notebook: it has no list of cells.")
    return content, notes


def _cells(content):
    """Yield the cells of a notebook of any format; what is no cell is passed over."""
    sheets = [content] if "cells" in content else [sheet for sheet in content["worksheets"] if isinstance(sheet, dict)]
    for sheet in sheets:
        for cell in sheet.get("cells") if isinstance(sheet.get("cells"), list) else ():
            if isinstance(cell, dict):
                source = cell.get("source", cell.get("input", ""))
                source = "".join(map(str, source)) if isinstance(source, list) else str(source)
                named = _dict(_dict(cell.get("metadata")).get("nbgrader")).get("grade_id") or cell.get("id")
                source = source[: LONGEST + 1].encode("utf-8", "replace").decode().replace("\r\n", "\n")
                yield _Cell(str(cell.get("cell_type")), str(named), source)


def _dict(value):
    return value if isinstance(value, dict) else {}


def _normal(source):
    """Return a source without spaces at the ends of its lines and without empty lines around it."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _defined(cell):
    """Return the names that a cell defines or assigns at the beginning of a line, `f = use(f)` apart."""
    found = re.findall(r"^(?:async )?def (\w+)|^class (\w+)|^(\w+)\s*=(?!=)(?!\s*use\()", cell.source, re.MULTILINE)
    return {name for names in found for name in names if name}


def _answer(name, cells, known):
    """Return the place of the cell that holds an answer, or None, and notes where that isn't plain."""
    named = [i for i, cell in enumerate(cells) if cell.name == name and not _defined(cell) & known - {name}]
    defining = [i for i, cell in enumerate(cells) if name in _defined(cell)]
    found = defining or named
    if not found:
        return None, []
    notes = []
    if len(found) > 1:
        notes.append(f"{len(found)} cells hold the exercise {name}: the last one counts.")
    if cells[found[-1]].name != name:
        notes.append(f"The answer to {name} stands in a cell of the learner's own.")
    if cells[found[-1]].kind != "code":
        notes.append(f"The cell of {name} was turned into text; it is graded as code.")
    return found[-1], notes


def _texts(cells, ours):
    """Return the free-text answers, and notes on those whose cells are gone."""
    wanted = {cell.id: cell for cell in ours.values()
              if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("solution")}
    written = {cell.name: cell.source for cell in cells}
    notes = [f"The cell of the free-text answer {name} is gone." for name in wanted if name not in written]
    return {
        name: ("" if _normal(written.get(name, "")) == _normal(cell.source) else written.get(name, ""),
               cell.metadata["nbgrader"]["points"]) for name, cell in wanted.items()
    }, notes
