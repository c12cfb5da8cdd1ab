"""Exercise `elu` of notebook 03: a line above zero, an exponential below, which may not overflow."""

import numpy as np

from course_lib.activations import SELU_ALPHA, elu
from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb03_activations.elementwise import argument_slips, halves
from course_lib.exercises.nb03_activations.exponential_mistakes import exponential_mistakes


def _cases(rng):
    """Yield inputs; 0 is only among large numbers, since slips that differ there are one slip."""
    yield np.array([-np.log(2), 3.0]), {"alpha": 2.0}
    yield np.array([-1000.0]), {"alpha": 2.0}
    yield (np.array([-1.0, 2.0]),)
    yield (np.array([-0.7]),)
    yield (np.zeros((0, 3)),)
    yield np.array([[0.5, -0.5]], np.float32), {"alpha": 0.3}
    yield np.array([-0.5, -2.0, -0.1], np.float32), {"alpha": 1.5}
    yield np.array([1.5, 0.5, 4.0]), {"alpha": 0.5}
    yield (np.array([1000.0]),)
    yield np.array([-1000.0, 0.0, 1000.0], np.float32), {"alpha": 1.6}
    yield rng.uniform(-30, 30, (5, 4)), {"alpha": 0.5}
    yield (rng.standard_normal((64, 100), dtype=np.float32),)


def _kept(function):
    """Call a function (z, m, alpha), where m is min(z, 0), and keep the dtype."""
    return lambda z, alpha=1.0: function(z, np.minimum(z, 0), alpha).astype(z.dtype)


def _below(z, alpha=1.0):
    return alpha * np.expm1(z)


_right = halves(lambda z, **options: z, _below)

ELU = Exercise(
    name="elu",
    reference=elu,
    cases=_cases,
    points=2,
    mistakes=(
        *exponential_mistakes(1, alpha=1.0),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, np.expm1(m) / a)),
            "alpha divides. It multiplies: far below zero the function must end at -alpha.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, a * np.expm1(m / a))),
            "z is divided by alpha inside the exponential. That is another function, CELU; ELU has exp(z).",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z, -a)),
            "The floor at -alpha is right, and the way there isn't: this is the line z, cut off. ELU bends towards its "
            "floor, alpha · (exp(z) - 1).",
        ),
        *argument_slips(_right, "alpha", 1.0, others=(0.2, 0.01, 0.1, 0.5, SELU_ALPHA, 2.0), fixed=(1.0,)),
    ),
    hints=(
        "As with leaky ReLU there are two parts. Which numbers may the exponential see, so that it can't overflow?",
        "np.maximum(z, 0) + alpha * np.expm1(np.minimum(z, 0)); expm1(z) is exp(z) - 1, exact also for tiny z.",
    ),
)
