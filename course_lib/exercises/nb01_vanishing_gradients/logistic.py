"""Exercise of notebook 01: the logistic function, without overflow."""

import numpy as np

from course_lib.activations import logistic
from course_lib.exercises.core import Exercise
from course_lib.exercises.nb01_vanishing_gradients.logistic_mistakes import MISTAKES


def pre_activations(rng):
    """Yield cases for the function and its slope; e to the power 95 is too large for float32 already."""
    yield (np.array([0.0, np.log(3.0)]),)
    yield (np.array([-2.0, -1.0, 1.0, 2.0]),)
    yield (np.array([0.0]),)
    yield (np.zeros((0, 3)),)
    yield (np.array([[-95.0, -1.5, 0.0, 0.5, 95.0]], np.float32),)
    yield (np.array([1000.0]),)
    yield (np.array([-1000.0]),)
    yield (np.append(rng.uniform(-30, 30, 18), [-29.0, 29.0]).reshape(5, 4),)
    yield (rng.standard_normal((64, 100), dtype=np.float32),)


LOGISTIC = Exercise(
    name="logistic",
    reference=logistic,
    cases=pre_activations,
    points=2,
    forbid=("expit", "sigmoid"),
    mistakes=MISTAKES,
    hints=(
        "exp overflows only for large positive numbers. Can you write the formula so that exp never sees one?",
        "t = np.exp(-np.abs(z)); the numerator is np.where(z < 0, t, 1), the denominator 1 + t.",
    ),
)
