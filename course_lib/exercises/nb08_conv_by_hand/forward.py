"""Exercise of notebook 08: convolution forwards, one number of the kernel at a time."""

import numpy as np

from course_lib.conv import conv2d
from course_lib.exercises.core import Exercise
from course_lib.exercises.judge.comparing import Unusable
from course_lib.exercises.nb08_conv_by_hand.forward_mistakes import MISTAKES
from course_lib.exercises.nb08_conv_by_hand.sliding import FAST, result_of


def _cases(rng):
    x = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 0.0, 1.0]]).reshape(1, 3, 3, 1)
    yield x, np.array([[1.0, 0.0], [2.0, -1.0]]).reshape(2, 2, 1, 1), np.array([0.5]), {"padding": "valid"}
    for shape, kernel, options, dtype in [
        ((1, 4, 4, 1), (3, 3, 1, 1), {}, np.float64),
        ((2, 5, 6, 2), (3, 3, 2, 3), {}, np.float64),
        ((2, 6, 5, 2), (2, 3, 2, 2), {}, np.float64),
        ((2, 7, 7, 2), (3, 3, 2, 2), {"stride": 2}, np.float64),
        ((2, 6, 9, 3), (3, 2, 3, 2), {"stride": 2, "padding": "valid"}, np.float64),
        ((1, 5, 6, 2), (3, 3, 2, 2), {"padding": 2}, np.float64),
        ((2, 4, 5, 1), (3, 2, 1, 2), {"padding": ((0, 0), (3, 2))}, np.float64),
        ((3, 10, 15, 1), (2, 2, 1, 2), {"stride": 3, "padding": ((0, 2), (1, 0))}, np.float32),
        ((0, 5, 5, 1), (3, 3, 1, 2), {}, np.float64),
        ((50, 28, 28, 1), (3, 3, 1, 8), {}, np.float32),
        ((1, 2, 2, 1), (3, 3, 1, 1), {"padding": "valid"}, np.float64),  # from here on nothing fits
        ((1, 4, 4, 1), (3, 3, 1, 1), {"stride": 0, "padding": "valid"}, np.float64),
        ((1, 4, 4, 1), (3, 3, 1, 1), {"padding": "full"}, np.float64),
    ]:
        x, w, b = (rng.standard_normal(s).astype(dtype) for s in (shape, kernel, kernel[-1:]))
        yield x, w, b + np.sign(b), options  # no bias is near 0


def _call(answer, case):
    """Return y and what the cache holds, one below the other."""
    result = result_of(answer, case)
    if result is None:
        return None
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Unusable("it should return two things, y and the cache (x, w, stride, pads), and it doesn't")
    y, cache = result
    if not isinstance(cache, tuple | list) or len(cache) != 4:
        raise Unusable("its cache isn't a tuple of four, (x, w, stride, pads)")
    x, w, stride, pads = cache
    if isinstance(pads, str) or np.shape(pads) != (2, 2):
        raise Unusable(
            f"the last of its cache is {'an array' if np.size(pads) > 4 else repr(pads)}, where the pads should be, "
            "((top, bottom), (left, right)), as `paddings` gives them"
        )
    return y, x, w, np.asarray(stride), np.array(pads, int)


CONV2D = Exercise(
    name="conv2d",
    reference=conv2d,
    cases=_cases,
    points=3,
    call=_call,
    parts=("y", "x in the cache", "w in the cache", "stride in the cache", "pads in the cache"),
    rows="image",
    any_dtype=True,
    refuses=True,
    forbid=("conv2d_loops", *FAST),
    mistakes=MISTAKES,
    hints=(
        "Take one number of the kernel at a time: at all positions at once it meets a shifted image, which is a "
        "slice of the padded one.",
        "pads = paddings(x.shape[1:3], w.shape[:2], stride, padding); rows, columns = positions(x.shape[1:3], "
        "w.shape[:2], stride, pads); in the loop over i and j add padded[:, i : i + rows * stride : stride, "
        "j : j + columns * stride : stride] @ w[i, j].",
    ),
)
