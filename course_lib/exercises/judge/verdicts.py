"""What an answer's results say: which cases are wrong and how, which shows it best, and which mistake it looks like."""

import warnings
from dataclasses import dataclass

import numpy as np

from course_lib.exercises.judge.comparing import copied, differ, plain, size


@dataclass
class Raised:
    """An exception of an answer, put into words while its time still ran."""

    name: str
    trace: str


def results(exercise, cases, function=None):
    """Return what a function of ours gives for each case, as plain arrays; without one the reference."""
    return [_run(exercise, function or exercise.reference, case) for case in cases]


def _run(exercise, function, case):
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


def recognise(exercise, cases, got, faults):
    """Return the hint of the mistake that gives the same as the answer wherever the answer gives anything."""
    given = [i for i, result in enumerate(got) if isinstance(result, list) and not _is_empty(result)]
    if not faults.keys() & set(given):  # what it gave is right, and would look like any mistake there
        return ""
    compare = exercise.compare or differ
    for mistake in exercise.mistakes:
        try:
            if all(_same(compare, got[i], _run(exercise, mistake.function, cases[i])) for i in given):
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
