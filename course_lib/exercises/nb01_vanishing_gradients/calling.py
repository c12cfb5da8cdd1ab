"""Calling answers of notebook 01: their inputs must stay as they are, and float32 must stay float32."""

import numpy as np

from course_lib.exercises.judge.comparing import Unusable, changed, copied


def untouched(answer, case):
    """Return what an answer gives, if it leaves its input alone."""
    before = copied(case)
    result = answer(*case)
    if changed(before, case):
        raise Unusable("it changed its input: work on a copy, since the caller still needs it")
    return result


def alike(answer, case):
    """Return what an answer gives, if it leaves its input alone and every array has the dtype of the one that went in.

    Said here, since a result that is right in float64 must not be taken for a mistake that shows in large numbers only.
    """
    result = untouched(answer, case)
    inputs, results = ((each,) if isinstance(each, np.ndarray) else each for each in (case[0], result))
    if isinstance(results, tuple | list) and len(results) == len(inputs):
        for given, array in zip(inputs, results, strict=True):
            if isinstance(array, np.ndarray) and array.dtype != given.dtype:
                raise Unusable(f"{given.dtype} went in and {array.dtype} comes out: the result must keep the dtype")
    return result


def new(answer, case):
    """Return what an answer gives as `alike` does, if it isn't the caller's own array."""
    result = alike(answer, case)
    if isinstance(result, np.ndarray) and np.shares_memory(result, case[0]):
        raise Unusable("it returned the caller's own array, and the text asks for a new one: return a copy")
    return result
