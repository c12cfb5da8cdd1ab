"""Recognising a named mistake in an answer's results: in all of them, in the ordinary ones, or part by part."""

import numpy as np

from course_lib.exercises.judge.comparing import arrays_in, differ

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
    given = [i for i in usable if isinstance(got[i], list) and isinstance(wanted[i], list)]
    ordinary = [i for i in given if is_ordinary(cases[i], wanted[i])]
    # where all that came is right, any mistake that is right there would match: then what was raised must match, too
    chosen = [usable] if not faults.keys() & set(given) else [usable, given, ordinary]
    for places in chosen:
        if faults.keys() & set(places):
            for mistake in exercise.mistakes:
                if all(same(exercise, got[i], mistaken(mistake, i)) for i in places):
                    return mistake.hint
    return "" if exercise.compare else _by_parts(exercise, got, wanted, ordinary, mistaken)


def _by_parts(exercise, got, wanted, places, mistaken):
    """Return the hints of the mistakes, at most two, that explain the wrong parts of results that have several."""
    counts = {len(arrays) for i in places for arrays in (got[i], wanted[i])}
    if len(counts) != 1 or counts == {1}:
        return ""
    hints = []
    for part in range(counts.pop()):
        own = {i: got[i][part : part + 1] for i in places}
        if all(_agree(own[i], wanted[i][part : part + 1]) for i in places):
            continue
        for mistake in exercise.mistakes:
            theirs = {i: mistaken(mistake, i) for i in places}
            if all(isinstance(given, list) and _agree(own[i], given[part : part + 1]) for i, given in theirs.items()):
                hints.append(mistake.hint)
                break
        else:
            return ""
    hints = list(dict.fromkeys(hints))
    return "\n".join(hints) if len(hints) <= 2 else ""


def same(exercise, got, mistaken):
    """Say whether an answer and a mistake give the same but for dtypes: one slip is made in float32 and in float64."""
    if not isinstance(got, list) or not isinstance(mistaken, list):
        if isinstance(got, str) or isinstance(mistaken, str):
            return got == mistaken
        return type(got) is type(mistaken) and got.name == mistaken.name
    try:
        return exercise.compare(got, mistaken) is None if exercise.compare else _agree(got, mistaken)
    except Exception:  # results of another form than the comparison expects
        return False


def _agree(got, mistaken):
    if len(got) != len(mistaken):
        return False
    with np.errstate(all="ignore"):  # what is too large for the other dtype is just different
        return differ([g.astype(m.dtype) for g, m in zip(got, mistaken, strict=True)], mistaken) is None


def is_empty(exercise, case, wanted):
    """Say whether an array of a case, or of its result, holds nothing, and the text doesn't say what comes of it."""
    return not exercise.empty and any(array.size == 0 for array in (*arrays_in(case), *(wanted if isinstance(wanted, list) else ())))


def is_ordinary(case, wanted):
    """Say whether all numbers of a case and of what is wanted for it are moderate."""
    numbers = [array for array in (*arrays_in(case), *wanted) if array.dtype.kind == "f"]
    return all(np.all(np.abs(array) <= ORDINARY) for array in numbers)  # NaN isn't
