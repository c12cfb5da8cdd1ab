"""What a learner reads of a mark.

It must not tell the hidden inputs, and an answer knows them while it runs: any choice it has, of a line to stop in,
of an exception, of a way to be wrong, could carry some bits of them out. So of the run on hidden cases nothing is told
but its status. Everything else is told of a second run: on the cases of `check`, which every learner has, in a process
that has lost the hidden ones.
"""

import builtins

from course_lib.exercises.judge.comparing import difference, part_name
from course_lib.exercises.judge.verdicts import DTYPE, Raised

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
    "stopped": "It stopped with an error.",
}


def in_brief(task, found, run):
    """Return what is told of a run on hidden cases.

    Parameters
    ----------
    task : Task
    found : Verdict
    run : Run
    """
    n = len(task.cases)
    if found.remark:
        return f"It is right wherever the text asks for something. {_remark(found.remark)}"
    if not found.why:
        return f"All {n} hidden cases are right." if n > 1 else "It is right."
    if found.why == "forbidden":
        return f"It uses {', '.join(run.forbidden)}, which does the exercise's work."
    if found.why == "faults":
        return f"Not all of the {n} hidden cases are right." if n > 1 else "It isn't right."
    return MESSAGES[found.why].format(task=task)


def _remark(remark):
    """Return what is forgiven, without the numbers in it."""
    lines = remark.splitlines()
    empty = ["For an empty array it isn't. No experiment here meets one."] if lines != [DTYPE] else []
    return " ".join(empty + [DTYPE] * (DTYPE in lines))


def in_full(task, found, claims, source):
    """Return what is told of a run on cases that every learner has; "" where there is nothing more to tell.

    Parameters
    ----------
    task : Task
        With those cases.
    found : Verdict
    claims : Claims
    source : str
        The answer's cell.
    """
    run, n = claims.run, len(task.cases)
    if found.status == "passed":
        return "It is right in every case that check tries, so try others: other shapes, and numbers of another size."
    if found.why == "stopped":
        return f"It stopped with {_named(run.stopped)}{_at(claims.line, source)}."
    if found.why != "faults":
        return ""
    i = found.case
    kind = _kind(run.got[i], task.wanted[i], run.altered[i], source, task.exercise.parts)
    if n == 1:
        return f"{kind[0].upper()}{kind[1:]}."
    return f"With check's inputs {n - len(found.faults)} of {n} cases are right; in the smallest that isn't, {kind}."


def _named(kind):
    """Return an exception's name if it is one of Python's own: any other is the learner's own text."""
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
