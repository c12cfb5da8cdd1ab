"""Judging what an answer sent: here, outside the sandbox, where the expected values are."""

import builtins
import time
import zlib
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from course_lib.exercises.core import exercises
from course_lib.exercises.judge.checking import SECONDS
from course_lib.exercises.judge.comparing import difference, part_name
from course_lib.exercises.judge.interrupting import IN_ALL
from course_lib.exercises.judge.verdicts import Raised, Run, given_by, results, verdict
from course_lib.grading.engine import twins
from course_lib.grading.records import Result

TAGS = {"forbidden", "cell", "ready", "result", "altered", "unusable", "raised", "reference", "stopped", "end"}
MESSAGES = {
    "open": "Still to be written.",
    "forged": "What came back isn't what the grader's own code sends: somebody else wrote there.",
    "called": "It calls the course's own function, or a library's that does the same: neither is there when answers "
    "are graded.",
    "time": "It didn't finish in time: it may take {task.cpu:g} s of processor time, sleep as long, and last "
    "{task.wall:g} s in all.",
    "memory": "It took more memory than an answer may have.",
    "died": "Its process ended before it was done: it left by itself, or crashed.",
    "form": "Its results can't be compared with what was wanted.",
}


@dataclass(frozen=True)
class Task:
    """One exercise with its hidden cases.

    Parameters
    ----------
    exercise : Exercise
    cases : list of tuples
    wanted : list of lists of arrays
    cpu, wall : float
        Seconds that an answer may work, and last in all: as `check` allows, 5 s or twenty times what the reference
        takes, and six times that where the machine does other work.
    limit : int
        Bytes that it may send back.
    """

    exercise: object
    cases: list
    wanted: list
    cpu: float
    wall: float
    limit: int
    _mistaken: dict = field(default_factory=dict)

    def mistaken(self, mistake, i):
        """Return what a mistake gives for case i: worked out once for all answers that are compared with it."""
        if (mistake, i) not in self._mistaken:
            self._mistaken[mistake, i] = given_by(mistake.function, self.exercise, self.cases[i])
        return self._mistaken[mistake, i]


@cache
def task(notebook, name, seed):
    """Return the `Task` of one exercise: the same for the same seed."""
    exercise = exercises(notebook)[name]
    cases = list(exercise.cases(np.random.default_rng([seed, zlib.crc32(name.encode())])))
    wanted = results(exercise, cases)
    began = time.process_time()
    results(exercise, cases)  # once more, since the first time may have imported TensorFlow
    cpu = max(SECONDS, 20 * (time.process_time() - began))
    size = sum(array.nbytes for arrays in wanted if isinstance(arrays, list) for array in arrays)
    return Task(exercise, cases, wanted, cpu, IN_ALL * cpu, 4 * size + 2**21)


def judge(task, outcome, cells, place, again):
    """Return the `Result` of one answer.

    Parameters
    ----------
    task : Task
    outcome : course_lib.grading.engine.sandbox.Outcome
        Its messages are claims of a process that the answer controls.
    cells : list of str
    place : int
        The number of the answer's cell.
    again : function (cases) -> Outcome
        Runs the answer on other cases, where they may tell what is wrong with it. They change no mark.
    """

    def ask(cases):
        try:
            return _claims(again(cases), task.exercise, len(cases), len(cells))[0].got
        except (TypeError, ValueError, IndexError):
            return []

    try:
        run, line, said = _claims(outcome, task.exercise, len(task.cases), len(cells))
    except (TypeError, ValueError, IndexError) as error:
        run, line, said = Run(end="forged"), 0, str(error)
    found = verdict(task.exercise, task.cases, task.wanted, run, task.mistaken, ask)
    message, detail = _told(task, found, run, cells[place], line, said)
    name, points = task.exercise.name, task.exercise.points
    score, seconds = points if found.status == "passed" else 0, round(outcome.seconds, 4)
    return Result(name, found.status, score, points, message, found.hint, detail[:2000], seconds)


def _told(task, found, run, source, line, said):
    """Return what the student reads, with neither hidden inputs nor wanted values, and what the instructor reads."""
    n, right = len(task.cases), len(task.cases) - len(found.faults)
    if found.remark:
        return f"It is right wherever the text asks for something. {found.remark}", ""
    if not found.why:
        return f"All {n} hidden cases are right." if n > 1 else "It is right.", ""
    if found.why == "forbidden":
        return f"It uses {', '.join(run.forbidden)}, which does the exercise's work.", ""
    if found.why == "stopped":
        return f"It stopped with {_named(run.stopped)}{_at(line, source)}.", said
    if found.why in ("open", "called"):
        return MESSAGES[found.why], said if found.why == "called" else ""
    if found.why != "faults":
        return MESSAGES[found.why].format(task=task), found.detail or said
    i = found.case
    kind = _kind(run.got[i], task.wanted[i], run.altered[i], source, task.exercise.parts)
    trace = f"\n{run.got[i].trace}" if isinstance(run.got[i], Raised) else ""
    message = f"{right} of {n} hidden cases are right. In the smallest that isn't, {kind}."
    return message if n > 1 else f"{kind[0].upper()}{kind[1:]}.", found.faults[i] + trace


def _claims(outcome, exercise, cases, cells):
    """Return what the messages claim, as a `Run`, the line where it stopped, and what the instructor may want to know.

    TypeError, ValueError or IndexError where our code sent none such.
    """
    forbidden, got, altered, called, stopped, line, said = [], [], [], "", "", 0, outcome.detail
    for tag, *rest in outcome.messages:
        if tag not in TAGS:
            raise ValueError("a message of no known kind")
        if tag == "forbidden":  # the first of them was sent before any answer ran, and none takes it back
            forbidden += [name for name in rest[1] if name in exercise.forbid and name not in forbidden]
        elif tag == "cell" and not (type(rest[0]) is int and 0 <= rest[0] < cells):
            raise ValueError("a cell that isn't there")
        elif tag == "reference":
            called = called or str(rest[0])[:200]  # the first says enough
        elif tag == "stopped":
            stopped, line, said = str(rest[0]), int(rest[1]), f"{rest[0]}: {rest[2]}"
        elif tag in ("result", "altered", "unusable", "raised"):
            got.append(_got(tag, rest))
            altered.append(tag == "altered")
    ready = twins.ready_made(exercise, called)
    forbidden += [name for name in ready if name not in forbidden]  # as if its cell named it
    said = f"It calls {called}." if called else said
    called = not ready and bool(called or stopped == "Reference")
    if len(got) > cases or not (len(got) == cases or stopped or called or outcome.end):
        raise ValueError(f"{len(got)} results for {cases} cases")
    return Run(got, altered, tuple(forbidden), called, stopped, outcome.end), line, said


def _got(tag, rest):
    if tag == "result":
        arrays = [np.asarray(part) for part in rest[0]]
        if not all(array.dtype.kind in "fiub" for array in arrays):
            raise ValueError("a result that is no array of real numbers")
        return arrays
    if tag == "raised":
        return Raised(str(rest[0])[:100], f"line {int(rest[1])}: {str(rest[2])}"[:600], int(rest[1]) > 0)
    return "it changed its input" if tag == "altered" else str(rest[0])[:600] or "it can't be compared"


def _named(kind):
    """Return an exception's name if it is one of Python's own: any other could carry the hidden inputs out."""
    return kind if isinstance(getattr(builtins, kind, None), type) else "an exception of its own"


def _at(line, source):
    """Return the line of the answer's own source where it stopped."""
    lines = source.splitlines()
    return f' in line {line} of its cell, "{lines[line - 1].strip()[:200]}"' if 0 < line <= len(lines) else ""


def _kind(got, wanted, altered, source, parts):
    """Say in which way a result is wrong, without the inputs or the values that were wanted."""
    if isinstance(wanted, Raised):
        return f"it accepts inputs that it should refuse with {wanted.name}"
    if isinstance(got, Raised):
        if not got.inside:
            return f"calling it, or using its result, raises {_named(got.name)}"
        return f"it raises {_named(got.name)}{_at(int(got.trace.split(':')[0].removeprefix('line ')), source)}"
    if altered:
        return "it changes its input: work on a copy, since the caller still needs it"
    if isinstance(got, str):
        return "it returns something other than arrays of real numbers"
    what, i = difference(got, wanted)
    if what == "count":
        return "it returns a wrong number of arrays"
    if not what:  # by the exercise's own comparison
        return "the result isn't what was wanted"
    name, g, w = part_name(i, wanted, parts), got[i], wanted[i]
    if what == "shape":
        return f"{name} has the wrong shape{', that of the transposed' if g.shape == w.shape[::-1] else ''}"
    if what == "values":
        return f"{name} has wrong values"
    return f"{name} has the right values, but the dtype {g.dtype} instead of {w.dtype}"
