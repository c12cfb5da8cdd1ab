"""Exercise of notebook 06: a penalty on weights, l1 and l2, and its gradient."""

import numpy as np

from course_lib.exercises.core import Exercise
from course_lib.exercises.nb06_regularization.penalizing_mistakes import MISTAKES
from course_lib.regularizers import l1_l2


def _cases(rng):
    yield np.array([1.0, -2.0]), {"l1": 0.5, "l2": 0.1}
    yield np.array([[1.0, -2.0], [0.0, 3.0]]), {"l1": 0.5, "l2": 0.1}
    yield rng.standard_normal((3, 4)), {}
    yield rng.standard_normal((3, 4)), {"l1": 0.25}
    yield rng.standard_normal((5, 2)), {"l2": 0.25}
    yield rng.standard_normal((2, 3)), {"l1": 0.0, "l2": 0.3}
    yield np.zeros((2, 3)), {"l1": 0.3, "l2": 0.2}
    yield np.zeros((0, 3)), {}
    yield rng.standard_normal((3, 2, 2, 4)), {"l1": 0.02, "l2": 0.03}
    # eighths, and strengths that are powers of two: then float32 loses nothing, in whatever order it is summed
    yield np.round(8 * rng.standard_normal((50, 30), dtype=np.float32)) / 8, {"l1": 2**-10, "l2": 2**-11}


PENALTY = Exercise(
    name="l1_l2",
    reference=l1_l2,
    cases=_cases,
    points=2,
    parts=("penalty", "grad"),
    mistakes=MISTAKES,
    hints=(
        "Two sums over all weights, each with its strength; and the slope of each with respect to one weight.",
        "penalty = l1 * np.sum(np.abs(w)) + l2 * np.sum(w ** 2); grad = l1 * np.sign(w) + …; return penalty, grad.",
    ),
)
