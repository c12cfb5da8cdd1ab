"""The unit of grading: bytes in, JSON out, the same wherever it runs. It is done in a sandbox of this process's own."""

import hashlib
import json
import os
import shutil
import sys
from dataclasses import asdict
from functools import cache

from course_lib.delivery import building
from course_lib.exercises.core import exercises
from course_lib.grading.engine import bubblewrap, calls, judging, likeness, sandbox
from course_lib.grading.handed_in import lifting
from course_lib.grading.records import Result

IMPORTING = 15  # seconds more where TensorFlow may have to be imported
NO_MATTER = {"widgets", "reports", "nbgrader_course"}  # what marks don't depend on
_sandboxes = {}


def grade(job, seed, unsafe=False):
    """Grade the answers of one notebook.

    Parameters
    ----------
    job : bytes
        `course_lib.grading.handed_in.lifting.Lifted.job`.
    seed : int
        From which the hidden cases are drawn.
    unsafe : bool
        Without walls; see `refusal`.

    Returns
    -------
    str
        JSON: a list with the `Result` of every exercise of the notebook as a dict.

    Raises
    ------
    course_lib.grading.engine.sandbox.NotReady
        If this machine can't run the sandbox.
    """
    content = json.loads(job)
    notebook, answers, cells = content["notebook"], content["answers"], content["cells"]
    found, helpers = [], True
    for name, exercise in exercises(notebook).items():
        place = answers[name]
        if isinstance(place, str):
            message = "Still to be written." if place == "open" else "No cell of the notebook holds this exercise."
            found.append(Result(name, place, 0, exercise.points, message))
        elif len(cells[place]) > lifting.LONGEST:
            message = f"Its cell is too long: at most {lifting.LONGEST:,} characters are graded."
            found.append(Result(name, "error", 0, exercise.points, message))
        else:
            task = judging.task(notebook, name, seed)
            outcomes, helpers = _run(notebook, task, place, cells, helpers, unsafe)
            likeness_of = likeness.fingerprint(cells[place])
            tried = [judging.judge(task, outcome, cells[place], likeness_of) for outcome in outcomes]
            found.append(tried[-1] if tried[-1].status == "passed" else tried[0])
    return json.dumps([asdict(result) for result in found])


def _run(notebook, task, place, cells, helpers, unsafe):
    """Run one answer; a cell beside it that hangs or crashes is left out from then on. Return (outcomes, helpers)."""
    short = [cell if len(cell) <= lifting.LONGEST else "" for cell in cells]
    job = {"exercise": task.exercise.name, "cell": place, "cells": short, "cases": task.cases,
           "forbid": task.exercise.forbid}  # fmt: skip
    more = IMPORTING if any("tensorflow" in cell or "keras" in cell for cell in short) else 0
    limits = {"cpu": task.cpu + more, "wall": task.wall + more, "limit": task.limit}
    outcomes = [_once(notebook, job | {"helpers": helpers}, limits, unsafe)]
    at = [message[1] for message in outcomes[0].messages if message[0] == "cell" and len(message) == 2]
    if not all(type(i) is int and 0 <= i < len(cells) for i in at):
        outcomes[0].end, outcomes[0].detail = "forged", "a cell that isn't there"
    elif helpers and outcomes[0].end and at and at[-1] != place:
        helpers = False
        outcomes.append(_once(notebook, job | {"helpers": helpers}, limits, unsafe))
    return outcomes, helpers


def _once(notebook, job, limits, unsafe):
    """Run a job; where it takes the sandbox down with it, once more in a new one."""
    for _ in range(2):
        try:
            return _sandbox(notebook, unsafe).run(job, **limits)
        except sandbox.NotReady:  # no fault of the answer's: it must not cost a mark
            close()
            raise
        except sandbox.Broken as error:
            close()
            reason = str(error)
    return sandbox.Outcome(end="died", detail=reason)


def _sandbox(notebook, unsafe):
    """Return this process's sandbox for a notebook; one at a time is kept."""
    if (notebook, unsafe) not in _sandboxes:
        close()
        _sandboxes[notebook, unsafe] = sandbox.Sandbox(calls.settings(notebook), unsafe)
    return _sandboxes[notebook, unsafe]


def close():
    """End this process's sandbox."""
    while _sandboxes:
        _sandboxes.popitem()[1].close()


@cache
def version(notebook):
    """Return a hash of all that decides about marks besides answer and seed: library, notebook, lock."""
    files = sorted(path for path in bubblewrap.COURSE.rglob("*.py") if not NO_MATTER & set(path.parts))
    files.append(building.ROOT / "requirements.txt")
    text = b"".join(path.read_bytes() for path in files if path.exists())
    return hashlib.sha256(text + building.source_of(notebook).encode()).hexdigest()


def refusal(unsafe=False):
    """Return why this machine can't grade, and what to do; empty if it can."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return "Grading needs Linux: on Windows use WSL, on a Mac a container or a virtual machine."
    if unsafe:
        return ""
    advice = "With --unsafe answers run without any walls: only for answers that you trust like your own code."
    if not shutil.which("bwrap"):
        return ("bubblewrap, in which answers are locked up, isn't installed. On Debian and Ubuntu: "
                f"apt install bubblewrap; on Fedora: dnf install bubblewrap. {advice}")  # fmt: skip
    reason = bubblewrap.trial()
    return reason and f"The sandbox doesn't work on this machine: {reason} {advice}"
