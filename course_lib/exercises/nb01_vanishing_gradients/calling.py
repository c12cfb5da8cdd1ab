"""Calling answers of notebook 01: what they must leave alone."""

import numpy as np

from course_lib.exercises.judge.comparing import Unusable, changed, copied


def untouched(answer, case):
    """Return what an answer gives, if it leaves its input alone."""
    before = copied(case)
    result = answer(*case)
    if changed(before, case):
        raise Unusable("it changed its input: work on a copy, since the caller still needs it")
    return result


def new(answer, case):
    """Return what an answer gives, if it leaves its input alone and gives something else back."""
    result = untouched(answer, case)
    if isinstance(result, np.ndarray) and np.shares_memory(result, case[0]):
        raise Unusable("it returned the caller's own array, and the text asks for a new one: return a copy")
    return result


def alike(answer, case):
    """Return what an answer gives, if it leaves its input alone and every array has the dtype of the one that went in.

    Said here, since a result that is right in float64 must not be taken for a mistake that shows in large numbers only.
    """
    result = untouched(answer, case)
    if isinstance(result, tuple | list) and len(result) == len(case[0]):
        for given, array in zip(case[0], result, strict=True):
            if isinstance(array, np.ndarray) and array.dtype.kind == "f" and array.dtype != given.dtype:
                raise Unusable(f"{given.dtype} went in and {array.dtype} comes out: each array must keep its dtype")
    return result
