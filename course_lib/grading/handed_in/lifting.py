"""Lifting the answers out of a learner's notebook, whatever was done to the rest of it."""

import json
from dataclasses import dataclass, field
from functools import cache

from course_lib.delivery.delivered import delivered
from course_lib.exercises.core import exercises, notebooks
from course_lib.grading.handed_in.reading import LONGEST, Unreadable, cells, dict_of, parsed, unreadable

__all__ = ["LONGEST", "Lifted", "Unreadable", "identify", "lift"]
LARGEST = 8_000_000  # characters of all cells that are the learner's own


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
    try:
        return _identified(data, filename)
    except ValueError:
        raise
    except Exception as error:  # whatever is in a file, it costs no other learner anything
        raise unreadable(f"looking at it failed ({type(error).__name__}: {error})"[:200]) from error


def _identified(data, filename):
    content, _ = parsed(data)
    said = dict_of(dict_of(content.get("metadata")).get("course")).get("notebook")
    if isinstance(said, str) and said in notebooks():
        return said
    found = {name for cell in cells(content) for name in (cell.name, *cell.defined)}
    best = max(notebooks(), key=lambda name: len(found & set(exercises(name))))
    if found & set(exercises(best)):
        return best
    named = [name for name in notebooks() if name in filename]
    if named:
        return named[0]
    raise Unreadable("it is a notebook, but none of the course's: no exercise is in it")


def lift(data, notebook):
    """Return what is graded of a file's bytes as `Lifted`; Unreadable if it is no notebook."""
    content, notes = parsed(data)
    known, everything = exercises(notebook), cells(content)
    own, stubs, untouched = [], set(), _untouched(notebook)
    for cell in everything:
        if cell.kind != "code" and cell.name not in known:
            continue
        if _normal(cell.source) in untouched:
            stubs |= {cell.name} & set(known)
        elif cell.source.strip():
            own.append(cell)
    if sum(len(cell.source) for cell in own) > LARGEST:
        raise unreadable(f"the code in it has more than {LARGEST:,} characters")
    answers = {}
    for name in known:
        place, note = _answer(name, own, set(known))
        notes += note
        answers[name] = place if place is not None else "open" if name in stubs else "missing"
    job = {"notebook": notebook, "answers": answers, "cells": [cell.source for cell in own]}
    texts, more = _texts(everything, delivered(notebook))
    return Lifted(json.dumps(job, sort_keys=True).encode(), tuple(notes + more), texts)


def _normal(source):
    """Return a source without spaces at the ends of its lines and without empty lines around it."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _answer(name, cells, known):
    """Return the place of the cell that holds an answer, or None, and notes where that isn't plain."""
    named = [i for i, cell in enumerate(cells) if cell.name == name and not cell.defined & known - {name}]
    defining = [i for i, cell in enumerate(cells) if name in cell.defined]
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
