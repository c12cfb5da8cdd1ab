"""Asking a wrong answer questions: how is its result related to the right one, what doesn't matter, where is it wrong?

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
        bases = sorted((i for i in bases if isinstance(self.wanted[i], list)), key=lambda i: -size(self.again[i]))
        for name in dict.fromkeys(name for i in bases for name in self.exercise.named(self.again[i])):
            pairs = []
            for way in (_more, _less):
                tried = [self._pair(i, name, lambda value, way=way: way(value, rng)) for i in bases]
                matters = [pair for pair in tried if pair and pair[-1]]
                if len(matters) < max(2, 0.5 * sum(map(bool, tried))) and any(tried):
                    pairs = []  # it hardly matters to the right answer itself
                    break
                pairs += [pair[:3] for pair in matters[:2]]
            found += pairs
        return found

    def _pair(self, i, name, change):
        """Return name, case i, the case with that input changed, and whether that changes the right result.

        None where nothing else is safe to try.
        """
        other = self.exercise.changed(self.again[i], name, change)
        if other is None:
            return None
        (wanted,) = self.results(self.exercise, [other])
        matters = isinstance(wanted, list) and not alike(self.exercise, wanted, self.wanted[i])
        return name, self.again[i], other, matters

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
        same.setdefault(name, []).append(finite and alike(exercise, before, after))
    names = [name for name, each in same.items() if all(each)]
    if not names or len(names) == len(same):  # who depends on nothing is told so by nobody
        return ""
    return f"Your result doesn't depend on {' and '.join(names)}: another value changes nothing."


def _place(exercise, runs):
    """Return the one label that all wrong cases have, and no right one."""
    labelled, wrong = [], []
    for cases, wanted, got in runs:
        usable = [i for i in range(len(cases)) if not is_empty(exercise, cases[i], wanted[i])]
        usable = [i for i in usable if isinstance(wanted[i], list)]
        if not all(isinstance(got[i], list) for i in usable):  # what an error says is better
            return ""
        labelled += [list(_labels(exercise.named(cases[i]), exercise.defaults())) for i in usable]
        wrong += [_is_wrong(exercise, got[i], wanted[i]) for i in usable]
    if sum(wrong) < 2 or len(wrong) - sum(wrong) < 4:
        return ""
    known = dict.fromkeys(label for labels in labelled for label in labels)
    telling = [label for label in known if [label in labels for labels in labelled] == wrong]
    return f"It is wrong wherever {telling[0]}, and right elsewhere." if len(telling) == 1 else ""


def _labels(inputs, defaults):
    """Yield what is special about a case, each as the end of a sentence; what it leaves out has its default."""
    for name, value in (defaults | inputs).items():
        if isinstance(value, bool | str | None):
            yield f"{name} is {value!r}"
        elif isinstance(value, int | float):
            yield f"{name} is {value!r}"
            yield from (f"{name} isn't {usual!r}" for usual in {0, 1, defaults.get(name, 0)} if value != usual)
        elif isinstance(value, np.ndarray):
            yield from _labels_of(name, value)


def _labels_of(name, array):
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


def alike(exercise, one, other):
    """Say whether two results of one function agree, in the sense of the exercise's comparison."""
    try:
        return not exercise.compare(one, other) if exercise.compare else differ(one, other) is None
    except Exception:
        return False


def _finite(array):
    return array.dtype.kind != "f" or bool(np.all(np.isfinite(array)))


def _more(value, rng):
    """Return a larger number, or an array whose numbers differ a little; None where there is nothing safe to try."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, float) and value:
        return value * 1.5 if value * 1.5 < 1 or value >= 1 else (1 + value) / 2
    if _is_floats(value):
        return (value * rng.uniform(0.5, 0.9, value.shape)).astype(value.dtype)
    return _inside(value, rng, _more)


def _less(value, rng):
    """Return a smaller number, or an array with its numbers in another order; one without axes has but one, halved."""
    if isinstance(value, float) and value:
        return value / 2
    if _is_floats(value):
        return rng.permuted(value) if value.ndim else np.asarray(value / 2)
    return _inside(value, rng, _less)


def _is_floats(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size > 0


def _inside(value, rng, change):
    """Return a tuple, list or dict with all changed that can be."""
    if type(value) not in (tuple, list, dict) or not any(map(_is_floats, arrays_in(value))):
        return None
    items = value.items() if isinstance(value, dict) else enumerate(value)
    parts = {key: copied(part) if (other := change(part, rng)) is None else other for key, part in items}
    return parts if isinstance(value, dict) else type(value)(parts.values())
