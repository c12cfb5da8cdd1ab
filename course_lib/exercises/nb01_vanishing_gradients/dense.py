"""Exercise of notebook 01: backpropagation through a dense layer."""

import numpy as np

from course_lib.exercises.core import Exercise, Task
from course_lib.exercises.judge.comparing import Unusable, copied
from course_lib.exercises.nb01_vanishing_gradients.dense_mistakes import MISTAKES
from course_lib.layers import dense_backward


def _cases(rng):
    yield np.array([[1.0, -1.0]]), (np.array([[2.0, 3.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    for batch, fan_in, fan_out, dtype in [
        (2, 3, 2, np.float64),
        (3, 3, 2, np.float64),
        (3, 4, 4, np.float64),
        (0, 3, 2, np.float64),
        (5, 1, 1, np.float64),
        (4, 3, 5, np.float32),
        (64, 100, 100, np.float32),
    ]:
        dy, x, w = (rng.standard_normal(s) for s in [(batch, fan_out), (batch, fan_in), (fan_in, fan_out)])
        yield dy.astype(dtype), (x.astype(dtype), w.astype(dtype))
    yield 1e4 * rng.standard_normal((6, 2)), (1e3 * rng.standard_normal((6, 3)), rng.standard_normal((3, 2)))


def _call(answer, case):
    before = copied(case)
    result = answer(*case)
    (dy, (x, w)), (old_dy, (old_x, old_w)) = case, before
    for name, array, old in [("w", w, old_w), ("x", x, old_x), ("dy", dy, old_dy)]:
        if not np.array_equal(array, old):
            raise Unusable(f"it changed its input {name}: work on a copy, since the caller still needs it")
    return result


DENSE = Exercise(
    name="dense_backward",
    reference=dense_backward,
    cases=_cases,
    points=3,
    task=Task.DERIVE,
    call=_call,
    parts=("dx", "dw", "db"),
    any_dtype=True,
    mistakes=MISTAKES,
    hints=(
        "Each gradient has the shape of what it belongs to. Write the shapes of dy, x and w on paper: there is just "
        "one way to multiply two of them so that the result has the shape of w, and one for x.",
        "x, w = cache, then return dy @ w.T, and x.T @ dy, and dy.sum(axis=0).",
    ),
)
