"""What notebook 08's exercises on convolution share: slices of the padded image, and the backward passes' cases."""

import numpy as np

from course_lib.conv import conv2d
from course_lib.exercises.judge.calling import split
from course_lib.exercises.judge.comparing import Unusable

FAST = "fast_conv", "course_lib.fast_conv", "library"  # the same functions again


def part(padded, i, j, rows, columns, stride):
    """Return what stands under one number of the kernel at all positions."""
    return padded[:, i : i + rows * stride : stride, j : j + columns * stride : stride]


def zeros_around(x, pads, mode="constant"):
    """Return images with zeros around height and width."""
    return np.pad(x, ((0, 0), *pads, (0, 0)), mode=mode)


def backward_cases(rng):
    """Yield (dy, (x, w, stride, pads)): a small case to do on paper, ordinary ones, an empty batch, a real layer."""
    x = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 0.0, 1.0]]).reshape(1, 3, 3, 1)
    w = np.array([[1.0, 0.0], [2.0, -1.0]]).reshape(2, 2, 1, 1)
    yield np.array([[1.0, 0.0], [0.0, 2.0]]).reshape(1, 2, 2, 1), (x, w, 1, ((0, 0), (0, 0)))
    for shape, kernel, stride, padding, dtype in [
        ((2, 5, 6, 2), (3, 3, 2, 3), 1, "same", np.float64),
        ((2, 6, 5, 2), (2, 3, 2, 2), 1, "same", np.float64),
        ((3, 7, 7, 2), (3, 3, 2, 2), 2, "same", np.float64),
        ((2, 8, 6, 3), (3, 2, 3, 3), 2, "valid", np.float64),
        ((2, 6, 9, 2), (2, 2, 2, 3), 2, ((0, 2), (1, 0)), np.float32),
        ((1, 4, 4, 1), (3, 3, 1, 1), 1, 2, np.float64),
        ((2, 4, 5, 1), (3, 2, 1, 2), 1, ((0, 0), (3, 2)), np.float64),
        ((2, 13, 10, 1), (3, 3, 1, 2), 3, "same", np.float64),
        ((0, 5, 5, 1), (3, 3, 1, 2), 1, "same", np.float64),
        ((50, 14, 14, 8), (3, 3, 8, 8), 1, "same", np.float32),
    ]:
        x, w = (rng.standard_normal(s).astype(dtype) for s in (shape, kernel))
        y, (_, _, _, pads) = conv2d(x, w, np.zeros(kernel[-1], dtype), stride=stride, padding=padding)
        yield rng.standard_normal(y.shape).astype(dtype), (x, w, stride, pads)


def result_of(answer, case):
    """Call an answer; where np.pad got other than four pairs, say so in place of its error, which speaks of shapes."""
    inputs, options = split(case)
    try:
        return answer(*inputs, **options)
    except ValueError as error:
        if "requested shape (4,2)" not in str(error):
            raise
        raise Unusable(
            "np.pad stopped: it wants a pair of numbers, before and after, for each of the image's four axes, and got "
            "something else"
        ) from error


def array_of(answer, case):
    """Call an answer that should return one array."""
    result = result_of(answer, case)
    if isinstance(result, tuple | list):
        parts = f"{len(result)} parts" if len(result) != 1 else "one part"
        raise Unusable(f"it returned a {type(result).__name__} of {parts}, wanted an array")
    return result


def tuple_of_one(answer, case):
    """Call an answer that should return (dx,)."""
    result = result_of(answer, case)
    if isinstance(result, np.ndarray):
        raise Unusable("it returned an array, wanted a tuple of one, (dx,): a comma makes the tuple")
    if isinstance(result, tuple | list) and len(result) != 1:
        raise Unusable(f"it returned a {type(result).__name__} of {len(result)} parts, wanted a tuple of one, (dx,)")
    return result
