"""The unit of grading: bytes in, JSON out, the same wherever it runs. It is done in a sandbox of this process's own."""

import hashlib
import json
import os
import re
import shutil
import sys
from dataclasses import replace
from functools import cache

from course_lib.delivery import building
from course_lib.exercises.core import exercises
from course_lib.grading.engine import bubblewrap, calls, judging, likeness, sandbox
from course_lib.grading.handed_in import lifting
from course_lib.grading.records import Result

TOGETHER = 1  # second of processor time for all answers of a notebook in one process: what takes longer is run alone
ASKING = 1  # second for what is asked of a wrong answer
TENSORFLOW = r"\b(tf|tensorflow|keras)\b"  # of an answer that computes with it, and can't share a process anyway
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
    notebook, places, cells = content["notebook"], content["answers"], content["cells"]
    found, tasks = {}, {}
    for name, exercise in exercises(notebook).items():
        place = places[name]
        if isinstance(place, str):
            message = "Still to be written." if place == "open" else "No cell of the notebook holds this exercise."
            found[name] = Result(name, place, 0, exercise.points, message)
        elif len(cells[place]) > lifting.LONGEST:
            message = f"Its cell is too long: at most {lifting.LONGEST:,} characters are graded."
            found[name] = Result(name, "error", 0, exercise.points, message)
        else:
            tasks[name] = judging.task(notebook, name, seed)
    run = _Run(notebook, seed, places, cells, unsafe)
    sure = run.together([task for name, task in tasks.items() if not re.search(TENSORFLOW, cells[places[name]])])
    for name, task in tasks.items():
        result = sure.get(name) or run.alone(task)
        found[name] = replace(result, fingerprint=likeness.fingerprint(cells[places[name]]))
    return json.dumps([vars(found[name]) for name in exercises(notebook)])


class _Run:
    """The runs of one notebook's answers; a cell beside one that hangs or crashes is left out from then on."""

    def __init__(self, notebook, seed, places, cells, unsafe):
        self.notebook, self.seed, self.places, self.cells, self.unsafe = notebook, seed, places, cells, unsafe
        self.helpers = True
        self.short = [cell if len(cell) <= lifting.LONGEST else "" for cell in cells]
        self.more = IMPORTING if any("tensorflow" in cell or "keras" in cell for cell in self.short) else 0

    def together(self, tasks):
        """Run in one process those answers that can do nothing to each other; return exercise -> `Result`.

        What came of a limit, which they share there, or of an error, is found out alone; as are those that didn't run.
        """
        if len(tasks) < 2:
            return {}
        parts = self._parts(tasks, TOGETHER, judging.IN_ALL * TOGETHER)
        marks = [self._marked(task, parts) for task in tasks]
        results = self._explained([mark for mark in marks if mark.result.status in ("passed", "failed", "open")])
        return {result.exercise: result for result in results}

    def alone(self, task):
        """Run one answer in a process of its own; return its `Result`."""
        mark = self._marked(task, self._parts([task], task.cpu, task.wall))
        if self.helpers and mark.ended and mark.claims.cell not in (-1, self.places[task.exercise.name]):
            self.helpers = False
            second = self._marked(task, self._parts([task], task.cpu, task.wall))
            mark = second if second.result.status == "passed" else mark
        return self._explained([mark])[0]

    def _parts(self, tasks, cpu, wall, cases=None):
        """Run answers in one process, on other cases than the hidden ones if given; return exercise -> `Outcome`.

        Parameters
        ----------
        tasks : list of Task
        cpu, wall : float
        cases : dict, optional
            By the names of the exercises.
        """
        known = {task.exercise.name: task.exercise for task in tasks}
        answers = [{"exercise": name, "cell": self.places[name], "forbid": known[name].forbid,
                    "cases": cases and cases[name]} for name in known]
        job = {"answers": answers, "cells": self.short, "helpers": self.helpers}
        limits = {"cpu": cpu + self.more, "wall": wall + self.more, "limit": sum(task.limit for task in tasks)}
        return _once(self.notebook, self.seed, job, limits, self.unsafe).parts(known)

    def _marked(self, task, parts):
        name = task.exercise.name
        return judging.mark(task, parts[name], self.cells, self.places[name])

    def _explained(self, marks):
        """Return the results of marks; where more can be told, with what comes of the cases that `check` uses."""
        unclear = [mark for mark in marks if mark.unclear]
        parts = {}
        if unclear:
            known = [mark.task.known for mark in unclear]
            cpu = min(ASKING + 2 * sum(mark.result.seconds for mark in unclear), sum(task.cpu for task in known))
            cases = {task.exercise.name: task.cases for task in known}
            parts = self._parts(known, cpu, judging.IN_ALL * cpu, cases)
        return [self._told(mark, parts.get(mark.task.exercise.name)) for mark in marks]

    def _told(self, mark, outcome):
        name = mark.task.exercise.name

        def again(cases):
            return self._parts([mark.task], ASKING, judging.IN_ALL * ASKING, {name: cases})[name]

        return judging.explained(mark, outcome, self.cells, self.places[name], again)


def _once(notebook, seed, job, limits, unsafe):
    """Run a job; where it takes the sandbox down with it, once more in a new one."""
    for _ in range(2):
        try:
            return _sandbox(notebook, seed, unsafe).run(job, **limits)
        except sandbox.NotReady:  # no fault of the answer's: it must not cost a mark
            close()
            raise
        except sandbox.Broken as error:
            close()
            reason = str(error)
    return sandbox.Outcome(end="died", detail=reason)


def _sandbox(notebook, seed, unsafe):
    """Return this process's sandbox for a notebook with its hidden cases; one at a time is kept."""
    key = notebook, seed, unsafe
    if key not in _sandboxes:
        close()
        cases = {name: judging.task(notebook, name, seed).cases for name in exercises(notebook)}
        _sandboxes[key] = sandbox.Sandbox(calls.settings(notebook) | {"cases": cases}, unsafe)
    return _sandboxes[key]


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
                f"apt install bubblewrap; on Fedora: dnf install bubblewrap. {advice}")
    reason = bubblewrap.trial()
    return reason and f"The sandbox doesn't work on this machine: {reason} {advice}"
