"""What the exercises share whose answer is one number."""

import numpy as np

from course_lib.exercises.judge.comparing import Unusable


def single(answer, case):
    """Return the number that an answer gives for a case."""
    result = answer(*case)
    if isinstance(result, np.ndarray) and result.ndim:
        raise Unusable(f"it returned an array of shape {result.shape}, wanted one number")
    if isinstance(result, tuple | list):
        items = "arrays" if any(map(np.ndim, result)) else "numbers"
        raise Unusable(f"it returned a {type(result).__name__} of {len(result)} {items}, wanted one number")
    return result
