"""Judging what an answer sent: here, outside the sandbox, where the expected values are."""

import builtins
import time
import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np

from course_lib.exercises.core import exercises
from course_lib.exercises.judge.checking import SECONDS
from course_lib.exercises.judge.comparing import difference, part_name
from course_lib.exercises.judge.interrupting import IN_ALL
from course_lib.exercises.judge.verdicts import Raised, find_faults, plainest, recognise, results
from course_lib.grading.records import Result

TAGS = {"forbidden", "cell", "ready", "result", "altered", "unusable", "raised", "reference", "stopped", "end"}
ENDS = {
    "time": ("timeout", "It didn't finish in time: it may take {cpu:g} s of processor time, "
             "sleep as long, and last {wall:g} s in all."),
    "memory": ("memory", "It took more memory than an answer may have."),
    "died": ("died", "Its process ended before it was done: it left by itself, or crashed."),
    "forged": ("tampered", "What came back isn't what the grader's own code sends: somebody else wrote there."),
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


@cache
def task(notebook, name, seed):
    """Return the `Task` of one exercise: the same for the same seed."""
    exercise = exercises(notebook)[name]
    cases = list(exercise.cases(np.random.default_rng([seed, zlib.crc32(name.encode())])))
    wanted = results(exercise, cases)
    began = time.process_time()
    results(exercise, cases)  # once more, since the first time may have imported TensorFlow
    cpu = max(SECONDS, 20 * (time.process_time() - began))
    size = sum(array.nbytes for arrays in wanted for array in arrays)
    return Task(exercise, cases, wanted, cpu, IN_ALL * cpu, 4 * size + 2**21)


def judge(task, outcome, source, fingerprint=""):
    """Return the `Result` of one answer.

    Parameters
    ----------
    task : Task
    outcome : course_lib.grading.engine.sandbox.Outcome
        Its messages are claims of a process that the answer controls.
    source : str
        The answer's cell.
    fingerprint : str
    """

    def result(status, message, hint="", detail=""):
        score = task.exercise.points if status == "passed" else 0
        return Result(task.exercise.name, status, score, task.exercise.points, message, hint, detail[:2000],
                      round(outcome.seconds, 4), fingerprint)  # fmt: skip

    try:
        claims = _claims(outcome, task.exercise, len(task.cases))
    except (TypeError, ValueError, IndexError) as error:
        return result(*ENDS["forged"], detail=str(error))
    if outcome.end == "forged":
        return result(*ENDS["forged"], detail=outcome.detail)
    if claims["reference"]:
        return result("needs review", "It calls the course's own function, which isn't there when answers are graded.")
    if claims["forbidden"]:
        return result("failed", f"It uses {', '.join(claims['forbidden'])}, which does the exercise's work.")
    if claims["stopped"]:
        return result(*_stopped(*claims["stopped"], source))
    if outcome.end:
        status, message = ENDS[outcome.end]
        return result(status, message.format(cpu=task.cpu, wall=task.wall), detail=outcome.detail)
    got = claims["got"]
    try:
        faults = find_faults(task.exercise, got, task.wanted, claims["altered"])
    except Exception as error:  # results of another form than the exercise's own comparison expects
        return result("failed", "Its results can't be compared with what was wanted.", detail=repr(error))
    n = len(task.cases)
    if not faults:
        return result("passed", f"All {n} hidden cases are right." if n > 1 else "It is right.")
    i = plainest(faults, task.cases, task.wanted)
    kind = _kind(got[i], task.wanted[i], claims["altered"][i], source)
    right = f"{n - len(faults)} of {n} hidden cases are right"
    message = f"{right}. In the smallest that isn't, {kind}." if n > 1 else f"{kind[0].upper()}{kind[1:]}."
    status = "error" if isinstance(got[i], Raised) else "failed"
    trace = f"\n{got[i].trace}" if isinstance(got[i], Raised) else ""
    return result(status, message, recognise(task.exercise, task.cases, got, faults), faults[i] + trace)


def _claims(outcome, exercise, n):
    """Return what the messages claim, by kind; TypeError, ValueError or IndexError where our code sent none such."""
    claims = {"forbidden": [], "reference": False, "stopped": None, "got": [], "altered": []}
    for tag, *rest in outcome.messages:
        if tag not in TAGS:
            raise ValueError("a message of no known kind")
        if tag == "forbidden":
            claims["forbidden"] = [name for name in rest[0] if name in exercise.forbid]
        elif tag == "reference":
            claims["reference"] = True
        elif tag == "stopped":
            claims["stopped"] = str(rest[0]), int(rest[1]), str(rest[2])
        elif tag in ("result", "altered", "unusable", "raised"):
            claims["got"].append(_got(tag, rest))
            claims["altered"].append(tag == "altered")
    complete = len(claims["got"]) == n or claims["stopped"] or claims["reference"] or outcome.end
    if not complete or len(claims["got"]) > n:
        raise ValueError(f"{len(claims['got'])} results for {n} cases")
    return claims


def _got(tag, rest):
    if tag == "result":
        arrays = [np.asarray(part) for part in rest[0]]
        if not all(array.dtype.kind in "fiub" for array in arrays):
            raise ValueError("a result that is no array of real numbers")
        return arrays
    if tag == "raised":
        return Raised(str(rest[0])[:100], f"line {int(rest[1])}: {str(rest[2])}"[:600])
    return "it changed its input" if tag == "altered" else str(rest[0])[:600] or "it can't be compared"


def _stopped(kind, line, text, source):
    """Return status, message and more for an answer that stopped before all cases were tried."""
    detail = f"{kind}: {text}"
    if kind == "NotImplementedError":
        return "open", "Still to be written."
    if kind == "Reference":
        return "needs review", "It calls the course's own function."
    if kind == "MemoryError":
        return *ENDS["memory"], "", detail
    return "error", f"It stopped with {_named(kind)}{_at(line, source)}.", "", detail


def _named(kind):
    """Return an exception's name if it is one of Python's own: any other could carry the hidden inputs out."""
    return kind if isinstance(getattr(builtins, kind, None), type) else "an exception of its own"


def _at(line, source):
    """Return the line of the answer's own source where it stopped."""
    lines = source.splitlines()
    return f' in line {line} of its cell, "{lines[line - 1].strip()[:200]}"' if 0 < line <= len(lines) else ""


def _kind(got, wanted, altered, source):
    """Say in which way a result is wrong, without the inputs or the values that were wanted."""
    if isinstance(got, Raised):
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
    name, g, w = part_name(i, wanted), got[i], wanted[i]
    if what == "shape":
        return f"{name} has the wrong shape{', that of the transposed' if g.shape == w.shape[::-1] else ''}"
    if what == "values":
        return f"{name} has wrong values"
    return f"{name} has the right values, but the dtype {g.dtype} instead of {w.dtype}"
