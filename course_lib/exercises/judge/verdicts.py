"""What an answer's results say: which cases are wrong and how, which shows it best, and which mistake it looks like.

`verdict` decides for `check` and for the grader alike; each puts it into words for its own readers.
"""

import warnings
from dataclasses import dataclass, field

import numpy as np

from course_lib.exercises.judge.comparing import copied, differ, plain, size


@dataclass
class Raised:
    """An exception of an answer, put into words while its time still ran."""

    name: str
    trace: str


@dataclass(frozen=True)
class Run:
    """What is known of an answer's run.

    Parameters
    ----------
    got : list
        For each case the answer's arrays, or `Raised`, or text: why its result can't be compared.
    altered : list of bool
        Whether the answer changed the case's inputs.
    forbidden : tuple of str
        What it uses of the names that do the exercise's work.
    called : bool
        Whether it called the reference.
    stopped : str
        The name of the exception that stopped it before all cases were tried.
    end : str
        What ended it from outside: "time", "memory", "died", or "forged".
    """

    got: list = field(default_factory=list)
    altered: list = field(default_factory=list)
    forbidden: tuple = ()
    called: bool = False
    stopped: str = ""
    end: str = ""


@dataclass(frozen=True)
class Verdict:
    """What an answer deserves, and why.

    Parameters
    ----------
    status : str
        As a grader has it.
    why : str
        "forged", "called", "forbidden", "open", "memory", "stopped", "time", "died", "form" (its results have another
        form than the exercise's comparison expects), "faults" or "" where nothing is wrong.
    faults : dict
        A sentence for each case that is wrong, by its number.
    case : int
        The number of the wrong case that shows it best.
    hint : str
        Of the mistake that it looks like.
    detail : str
        What the comparison said where it failed itself.
    """

    status: str
    why: str = ""
    faults: dict = field(default_factory=dict)
    case: int = 0
    hint: str = ""
    detail: str = ""


ENDS = {"time": "timeout", "memory": "memory", "died": "died"}
STOPS = {"NotImplementedError": Verdict("open", "open"), "MemoryError": Verdict("memory", "memory")}


def verdict(exercise, cases, wanted, run, mistaken=None):
    """Return the `Verdict` on a run; `mistaken` is a function (mistake, i) -> what it gives for case i."""
    if run.end == "forged":
        return Verdict("tampered", "forged")
    if run.called:
        return Verdict("needs review", "called")
    if run.forbidden:
        return Verdict("failed", "forbidden")
    if run.stopped:
        return STOPS.get(run.stopped, Verdict("error", "stopped"))
    if run.end:
        return Verdict(ENDS[run.end], run.end)
    try:
        faults = find_faults(exercise, run.got, wanted, run.altered)
    except Exception as error:  # results of another form than the exercise's own comparison expects
        return Verdict("failed", "form", detail=repr(error))
    if not faults:
        return Verdict("passed")
    i = plainest(faults, cases, wanted)
    status = "error" if isinstance(run.got[i], Raised) else "failed"
    mistaken = mistaken or (lambda mistake, i: given_by(mistake.function, exercise, cases[i]))
    return Verdict(status, "faults", faults, i, recognise(exercise, run.got, faults, mistaken))


def results(exercise, cases, function=None):
    """Return what a function of ours gives for each case, as plain arrays; without one the reference."""
    return [given_by(function or exercise.reference, exercise, case) for case in cases]


def given_by(function, exercise, case):
    """Return what a function of ours gives for a case, as plain arrays."""
    with np.errstate(all="ignore"), warnings.catch_warnings():  # what it warns of is not the learner's
        warnings.simplefilter("ignore")
        return plain(exercise.run(function, copied(case)))


def find_faults(exercise, got, wanted, altered):
    """Return a sentence for each case that is wrong, by its number.

    Parameters
    ----------
    exercise : Exercise
    got : list
        For each case the answer's arrays, or `Raised`, or text: why its result can't be compared.
    wanted : list of lists of arrays
    altered : list of bool
        Whether the answer changed the case's inputs.
    """
    compare, faults = exercise.compare or differ, {}
    for i, (g, w) in enumerate(zip(got, wanted, strict=True)):
        if isinstance(g, str):
            faults[i] = g
        elif isinstance(g, Raised):
            faults[i] = f"it raised {g.name}"
        elif altered[i]:
            faults[i] = "it changed its input: work on a copy, since the caller still needs it"
        else:
            faults[i] = compare(g, w)
    return {i: fault for i, fault in faults.items() if fault}


def plainest(faults, cases, wanted):
    """Return the number of the smallest case that is wrong; an empty batch tells a learner little, so it comes last."""
    return min(faults, key=lambda i: (_is_empty(wanted[i]), size(cases[i])))


def recognise(exercise, got, faults, mistaken):
    """Return the hint of the mistake that gives the same as the answer wherever the answer gives anything."""
    given = [i for i, result in enumerate(got) if isinstance(result, list) and not _is_empty(result)]
    if not faults.keys() & set(given):  # what it gave is right, and would look like any mistake there
        return ""
    compare = exercise.compare or differ
    for mistake in exercise.mistakes:
        try:
            if all(_same(compare, got[i], mistaken(mistake, i)) for i in given):
                return mistake.hint
        except Exception:  # a mistake may fail in its own way on inputs where the answer didn't
            continue
    return ""


def _same(compare, got, mistaken):
    """Say whether two results agree but for their dtypes: the same mistake is made in float32 and in float64."""
    alike = len(got) == len(mistaken)
    return compare([g.astype(m.dtype) for g, m in zip(got, mistaken, strict=True)] if alike else got, mistaken) is None


def _is_empty(arrays):
    return any(array.size == 0 for array in arrays)
