"""Asking a wrong answer questions: how is its result related to the right one, what doesn't matter to it, where is it
wrong?

What explains all wrong cases is tried on others, drawn anew, before it is said.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from course_lib.exercises.judge.comparing import arrays_in, copied, differ, size
from course_lib.exercises.judge.recognising import is_empty, is_ordinary
from course_lib.exercises.judge.relations import explain

SMALL = 5000  # numbers in a case: what larger ones would tell, small ones tell sooner


@dataclass(frozen=True)
class Probes:
    """The questions to answers of one exercise.

    Parameters
    ----------
    exercise : Exercise
    seed : int or list of int
        Other than that of the cases that were wrong.
    results : function (exercise, cases) -> list
        What is wanted.
    """

    exercise: object
    seed: object
    results: object

    @cached_property
    def again(self):
        """Cases of another seed."""
        return [case for case in self.exercise.cases(np.random.default_rng(self.seed)) if size(case) <= SMALL]

    @cached_property
    def alone(self):
        """Tuples (name of an input, case, the same case with that input changed) for which the right result changes."""
        found, rng = [], np.random.default_rng(self.seed)
        bases = [i for i, case in enumerate(self.again) if not is_empty(self.exercise, case, self.wanted[i])]
        bases = [i for i in bases if isinstance(self.wanted[i], list)]
        for name in dict.fromkeys(name for i in bases for name in self.exercise.named(self.again[i])):
            pairs = []
            for i in sorted(bases, key=lambda i: -size(self.again[i])):
                other = self.exercise.changed(self.again[i], name, lambda value: _other(value, rng))
                if other is None or len(pairs) == 2:
                    continue
                (wanted,) = self.results(self.exercise, [other])
                if isinstance(wanted, list) and not _alike(self.exercise, wanted, self.wanted[i]):
                    pairs.append((name, self.again[i], other))
            found += pairs if len(pairs) == 2 else []
        return found

    @cached_property
    def wanted(self):
        """What is right for the cases of another seed."""
        return self.results(self.exercise, self.again)

    @cached_property
    def cases(self):
        """All cases to put to an answer, in the order in which `diagnose` wants its results."""
        return [*self.again, *(case for _, *pair in self.alone for case in pair)]


def diagnose(exercise, cases, wanted, got, probes, ask):
    """Return a sentence on what is wrong with an answer, or "" where no question told.

    Parameters
    ----------
    cases, wanted, got : list
        Of the run that went wrong.
    probes : Probes
    ask : function (cases) -> list
        What the answer gives for further cases, as `Run.got` has it; fewer where it was stopped.
    """
    if not any(isinstance(result, list) for result in got):
        return ""
    further = ask(probes.cases)
    if len(further) != len(probes.cases):
        return ""
    again, alone = further[: len(probes.again)], further[len(probes.again) :]
    runs = [(cases, wanted, got), (probes.again, probes.wanted, again)]
    return _relation(exercise, runs) or _independence(exercise, probes.alone, alone) or _place(exercise, runs)


def _relation(exercise, runs):
    """Return what is true of all wrong cases of both runs."""
    if exercise.compare:  # its arrays aren't the answer's result
        return ""
    wrong = []
    for cases, wanted, got in runs:
        usable = [i for i in range(len(cases)) if not is_empty(exercise, cases[i], wanted[i])]
        usable = [i for i in usable if _is_wrong(exercise, got[i], wanted[i])]
        ordinary = [i for i in usable if isinstance(wanted[i], list) and is_ordinary(cases[i], wanted[i])]
        small = [i for i in ordinary or usable if size(cases[i]) <= SMALL]
        if not small:
            return ""
        wrong += [(exercise.named(cases[i]), got[i], wanted[i]) for i in small]
    return explain(exercise, wrong)


def _independence(exercise, alone, got):
    """Return which inputs could be changed alone without any change of the result."""
    same = {}
    for (name, *_), before, after in zip(alone, got[::2], got[1::2], strict=True):
        finite = isinstance(before, list) and isinstance(after, list) and all(_finite(a) for a in before + after)
        same.setdefault(name, []).append(finite and _alike(exercise, before, after))
    names = [name for name, each in same.items() if all(each)]
    if not names or len(names) == len(same):  # who depends on nothing is told so by nobody
        return ""
    return f"Your result doesn't depend on {' and '.join(names)}: another value changes nothing."


def _place(exercise, runs):
    """Return the one label that all wrong cases have, and no right one."""
    labelled, wrong = [], []
    for cases, wanted, got in runs:
        usable = [i for i in range(len(cases)) if not is_empty(exercise, cases[i], wanted[i]) and isinstance(wanted[i], list)]
        labelled += [list(_labels(exercise.named(cases[i]))) for i in usable]
        wrong += [_is_wrong(exercise, got[i], wanted[i]) for i in usable]
    if sum(wrong) < 2 or len(wrong) - sum(wrong) < 4:
        return ""
    known = dict.fromkeys(label for labels in labelled for label in labels)
    telling = [label for label in known if [label in labels for labels in labelled] == wrong]
    return f"It is wrong wherever {telling[0]}, and right elsewhere." if len(telling) == 1 else ""


def _labels(inputs):
    """Yield what is special about a case, each as the end of a sentence."""
    for name, value in inputs.items():
        arrays = [value] if isinstance(value, np.ndarray) else []
        if isinstance(value, bool | int | float | str | None):
            yield f"{name} is {value!r}"
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield f"{name} isn't {1 if value != 1 else 0}"
        for array in arrays:
            if array.dtype.kind == "f":
                yield f"{name} is {array.dtype}"
                if (array == 0).any():
                    yield f"{name} holds zeros"
                if (np.abs(array) > 300).any():
                    yield f"{name} holds numbers beyond 300"
            if array.ndim > 2:
                yield f"{name} has more than two axes"
            if array.ndim and len(array) == 1:
                yield f"{name} has length 1"
            if array.ndim == 4 and array.shape[1] != array.shape[2]:
                yield f"{name} isn't as high as wide"


def _is_wrong(exercise, got, wanted):
    if not isinstance(got, list) or not isinstance(wanted, list):
        return type(got) is not type(wanted)
    try:
        return bool(exercise.compare(got, wanted)) if exercise.compare else differ(got, wanted) is not None
    except Exception:
        return True


def _alike(exercise, one, other):
    try:
        return not exercise.compare(one, other) if exercise.compare else differ(one, other) is None
    except Exception:
        return False


def _finite(array):
    return array.dtype.kind != "f" or bool(np.all(np.isfinite(array)))


def _other(value, rng):
    """Return another value of the same kind; None where there is none that is safe to try."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, float) and value:
        return value * 1.5 if value * 1.5 < 1 or value >= 1 else value * 0.5
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size:
        return (value * rng.uniform(0.5, 0.9, value.shape)).astype(value.dtype)
    if type(value) in (tuple, list, dict) and any(array.dtype.kind == "f" for array in arrays_in(value)):
        keys = value if isinstance(value, dict) else range(len(value))
        parts = {key: _other(value[key], rng) for key in keys}
        parts = {key: copied(value[key]) if part is None else part for key, part in parts.items()}
        return parts if isinstance(value, dict) else type(value)(parts.values())
    return None
