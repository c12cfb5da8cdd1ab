"""What an answer's results say: which cases are wrong and how, which shows it best, and which mistake it looks like.

`verdict` decides for `check` and for the grader alike; each puts it into words for its own readers.
"""

import warnings
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from course_lib.exercises.judge.comparing import Unusable, copied, differ, difference, plain, size
from course_lib.exercises.judge.probing import Probes, diagnose
from course_lib.exercises.judge.recognising import is_empty, named_hint


@dataclass
class Raised:
    """An exception, put into words: of an answer while its time still ran, or the one that an answer should raise.

    `inside` says whether it arose in the answer: else it couldn't be called as it should be, or its result not be used.
    """

    name: str
    trace: str
    inside: bool = True


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
        Of the mistake that it looks like, or else what questions to the answer have shown.
    remark : str
        What is worth saying of an answer that passed.
    detail : str
        What the comparison said where it failed itself.
    """

    status: str
    why: str = ""
    faults: dict = field(default_factory=dict)
    case: int = 0
    hint: str = ""
    remark: str = ""
    detail: str = ""


PROBING = 20  # the seed of further cases, which is none that checks and grades use


def kind_of(error):
    """Return the name of the exception of Python's own that an error is, or is a kind of."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")


ENDS = {"time": "timeout", "memory": "memory", "died": "died"}
STOPS = {"NotImplementedError": Verdict("open", "open"), "MemoryError": Verdict("memory", "memory")}


def verdict(exercise, cases, wanted, run, mistaken=None, ask=None):
    """Return the `Verdict` on a run.

    Parameters
    ----------
    exercise : Exercise
    cases, wanted : list
    run : Run
    mistaken : function (mistake, i), optional
        What a mistake gives for case i, where it was worked out before.
    ask : function (cases) -> list, optional
        What the answer gives for further cases, as `Run.got` has it: where no mistake is recognised, they may tell
        what is wrong.
    """
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
    forgiven = _forgiven(exercise, cases, run.got, wanted, faults)
    if faults.keys() <= forgiven.keys():
        return Verdict("passed", remark="\n".join(dict.fromkeys(forgiven.values())))
    faults = {i: fault for i, fault in faults.items() if i not in forgiven}
    i = plainest(faults, cases, wanted, run.got)
    status = "error" if isinstance(run.got[i], Raised) else "failed"
    mistaken = mistaken or cache(lambda mistake, i: given_by(mistake.function, exercise, cases[i]))
    hint = named_hint(exercise, cases, run.got, wanted, faults, mistaken)
    if ask and not hint and not exercise.lab:
        hint = diagnose(exercise, cases, wanted, run.got, probes(exercise), ask)
    return Verdict(status, "faults", faults, i, hint)


@cache
def probes(exercise):
    """Return the questions to wrong answers of an exercise."""
    return Probes(exercise, PROBING, results)


def results(exercise, cases):
    """Return what the reference gives for each case: plain arrays, or `Raised` where it refuses with ValueError."""
    found = []
    for case in cases:
        try:
            found.append(_given(exercise.reference, exercise, case))
        except ValueError as error:
            found.append(Raised("ValueError", str(error)))
    return found


def given_by(function, exercise, case):
    """Return what a wrong function of ours gives for a case: as `Run.got` holds it."""
    try:
        return _given(function, exercise, case)
    except Unusable as error:
        return str(error)
    except Exception as error:
        return Raised(kind_of(error), str(error)[:500])


def _given(function, exercise, case):
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
    wanted : list
        For each case arrays, or `Raised`: what the answer should refuse.
    altered : list of bool
        Whether the answer changed the case's inputs.
    """
    faults = {}
    for i, (g, w) in enumerate(zip(got, wanted, strict=True)):
        if isinstance(w, Raised):
            faults[i] = _refused(g, w)
        elif isinstance(g, str):
            faults[i] = g
        elif isinstance(g, Raised):
            faults[i] = f"it raised {g.name}" if g.inside else f"calling it, or using its result, raised {g.name}"
        elif altered[i]:
            faults[i] = "it changed its input: work on a copy, since the caller still needs it"
        else:
            faults[i] = exercise.compare(g, w) if exercise.compare else differ(g, w, exercise.parts)
    return {i: fault for i, fault in faults.items() if fault}


def _refused(got, wanted):
    if isinstance(got, str) and not got.startswith("it returned"):
        return got
    if not isinstance(got, Raised):
        return f"it should refuse these inputs with {wanted.name}, and it doesn't"
    return None if got.name == wanted.name else f"it raised {got.name}, wanted {wanted.name}"


def _forgiven(exercise, cases, got, wanted, faults):
    """Return a remark for each wrong case that costs nothing, by its number.

    Few exercises' texts speak of empty arrays; and another dtype matters where the text says so.
    """
    remarks = {}
    for i in faults:
        if isinstance(wanted[i], Raised):
            continue
        if is_empty(exercise, cases[i], wanted[i]):
            remarks[i] = f"For an empty array {faults[i]}. No experiment here meets one."
        elif exercise.any_dtype and isinstance(got[i], list) and difference(got[i], wanted[i])[0] == "dtype":
            remarks[i] = DTYPE
    return remarks


DTYPE = (
    "float32 goes in and float64 comes out, which takes twice the memory. A NumPy number such as np.sqrt(0.5) is "
    "float64 and makes every array float64 that it meets; a Python number, such as 0.5 ** 0.5, leaves them as they are."
)


def plainest(faults, cases, wanted, got):
    """Return the number of the smallest wrong case; one that is wrong in its dtype alone comes last."""

    def key(i):
        arrays = isinstance(got[i], list) and isinstance(wanted[i], list)
        return arrays and difference(got[i], wanted[i])[0] == "dtype", size(cases[i])

    return min(faults, key=key)
