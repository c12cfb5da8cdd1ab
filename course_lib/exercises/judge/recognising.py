"""Recognising a named mistake in an answer's results: in all of them, in the ordinary ones, or part by part."""

import re

import numpy as np

from course_lib.exercises.judge.comparing import arrays_in, close, differ, size

ORDINARY = 100.0  # cases with larger numbers are there to make something overflow


def named_hint(exercise, cases, got, wanted, faults, mistaken):
    """Return the hint of the mistake, or of the two, that give what the answer gives.

    A mistake is tried on all cases first; then on the ordinary ones, since an answer may add a slip of its own where
    numbers are extreme; then on each wrong part of the result by itself.

    Parameters
    ----------
    got : list
        For each case the answer's arrays, or what else came of it.
    faults : dict
        By the numbers of the wrong cases.
    mistaken : function (mistake, i)
        What a mistake gives for case i.
    """
    usable = [i for i in range(len(cases)) if not is_empty(exercise, cases[i], wanted[i])]
    usable.sort(key=lambda i: (i not in faults, size(cases[i])))  # where they are likely to differ, and quickly seen
    given = [i for i in usable if isinstance(got[i], list) and isinstance(wanted[i], list)]
    ordinary = [i for i in given if is_ordinary(cases[i], wanted[i])]
    chosen = [usable]
    if 2 * len(given) >= len(usable):  # else what came says too little
        chosen += [given, ordinary]
    for places in chosen:
        alike = same
        if all(same(exercise, got[i], wanted[i]) for i in places):  # it isn't the numbers
            alike = _same_dtypes
        if all(alike(exercise, got[i], wanted[i]) for i in places):  # then any mistake that is right there would match
            continue
        for mistake in exercise.mistakes:
            if all(alike(exercise, got[i], mistaken(mistake, i)) for i in places):
                return mistake.hint
    return "" if exercise.compare else _by_parts(exercise, got, wanted, ordinary, mistaken)


def _by_parts(exercise, got, wanted, places, mistaken):
    """Return the hints of the mistakes, at most two, that explain the wrong parts of results that have several."""
    counts = {len(arrays) for i in places for arrays in (got[i], wanted[i])}
    if len(counts) != 1 or counts == {1}:
        return ""
    hints = []
    for part in range(counts.pop()):
        wrong = [i for i in places if not _agree(got[i][part : part + 1], wanted[i][part : part + 1])]
        if not wrong:
            continue
        others = [i for i in places if i not in wrong]  # last, since most mistakes differ where the answer is wrong
        for mistake in exercise.mistakes:
            if all(_has_part(mistaken(mistake, i), part, got[i]) for i in wrong + others):
                hints.append(mistake.hint)
                break
    hints = list(dict.fromkeys(hints))
    return "\n".join(hints) if len(hints) <= 2 else ""


def _has_part(mistaken, part, got):
    return isinstance(mistaken, list) and _agree(got[part : part + 1], mistaken[part : part + 1])


def same(exercise, got, mistaken):
    """Say whether an answer and a mistake give the same but for dtypes: one slip is made in float32 and in float64."""
    if not isinstance(got, list) or not isinstance(mistaken, list):
        if isinstance(got, str) or isinstance(mistaken, str):
            return got == mistaken
        alike = type(got) is type(mistaken) and got.name == mistaken.name
        return alike and _words(got.trace).endswith(_words(mistaken.trace))
    try:
        return exercise.compare(got, mistaken) is None if exercise.compare else _agree(got, mistaken)
    except Exception:  # results of another form than the comparison expects
        return False


def _same_dtypes(exercise, got, mistaken):
    """Say whether an answer and a mistake give the same, dtypes included."""
    arrays = isinstance(got, list) and isinstance(mistaken, list) and not exercise.compare
    return differ(got, mistaken) is None if arrays else same(exercise, got, mistaken)


def _words(text):
    """Return an error's text without the function's name and without numbers, such as those of layers made since."""
    return re.sub(r"[\w.<>]+\(\)|\d+", "", text).strip()


def _agree(got, mistaken):
    return len(got) == len(mistaken) and all(
        g.shape == m.shape and close(g, m) for g, m in zip(got, mistaken, strict=True)
    )


def is_empty(exercise, case, wanted):
    """Say whether an array of a case, or of its result, holds nothing, and the text doesn't say what comes of it."""
    arrays = [*arrays_in(case), *(wanted if isinstance(wanted, list) else ())]
    return not exercise.empty and any(array.size == 0 for array in arrays)


def is_ordinary(case, wanted):
    """Say whether all numbers of a case and of what is wanted for it are moderate, and there are some."""
    numbers = [array for array in (*arrays_in(case), *wanted) if array.dtype.kind == "f"]
    return all(array.size and np.all(np.abs(array) <= ORDINARY) for array in numbers)  # NaN isn't
