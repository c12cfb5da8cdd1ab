"""Exercise `prelu_backward` of notebook 03: the gradients of a rectifier whose slopes are learned."""

import numpy as np

from course_lib.activations import prelu_backward
from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.nb03_activations.prelu_mistakes import DSLOPES, DZ, slope


def _cases(rng):
    yield np.array([[1.0, 2.0]]), np.array([[-3.0, 4.0]]), np.array([0.25, 0.25])
    yield np.array([[3.0]]), np.array([[-2.0]]), np.array([0.5])
    yield np.array([[1.0], [2.0], [3.0]]), np.array([[-1.0], [2.0], [-3.0]]), np.array([0.1])
    yield np.zeros((0, 3)), np.zeros((0, 3)), np.array([0.1, 0.2, 0.3])
    for batch, units, dtype in [(3, 2, float), (4, 4, float), (5, 4, np.float32), (64, 100, np.float32)]:
        dy, z = rng.standard_normal((2, batch, units))
        yield dy.astype(dtype), z.astype(dtype), rng.uniform(0.05, 0.5, units).astype(dtype)
    dy, z = rng.standard_normal((2, 6, 3))
    yield dy, 1000 * z, np.array([0.25, 0.5, 0.0])


def _refusing(refused):
    """Return an answer that works only where nothing is refused."""

    def answer(dy, z, slopes):
        if refused(z):
            raise ValueError
        return dy * slope(z, slopes), (dy * np.minimum(z, 0)).sum(axis=0)

    return answer


def _dz(function):
    """Return an answer whose dz alone is wrong."""
    return lambda dy, z, slopes: (function(dy, z, slopes), (dy * np.minimum(z, 0)).sum(axis=0))


def _dslopes(function):
    """Return an answer whose dslopes alone is wrong."""
    return lambda dy, z, slopes: (dy * slope(z, slopes), function(dy, z, slopes, np.minimum(z, 0)))


PRELU = Exercise(
    name="prelu_backward",
    reference=prelu_backward,
    cases=_cases,
    points=3,
    task=Task.DERIVE,
    parts=("dz", "dslopes"),
    rows="example",
    any_dtype=True,
    mistakes=(
        *(Mistake(_dslopes(function), hint) for function, hint in DSLOPES),
        *(Mistake(_dz(function), hint) for function, hint in DZ),
        Mistake(
            _refusing(lambda z: z.size > 1),
            "This works for a single number only. `if`, and Python's own max and min, want one yes or no, and an array "
            "gives one for each of its numbers: np.where and np.minimum decide number by number.",
        ),
        Mistake(
            _refusing(lambda z: z.shape[1] > 1),
            "This works for one unit only. z[k] is a whole row, and an `if` wants one yes or no: ask for each number, "
            "or write it for the whole array with np.where and np.minimum.",
        ),
        Mistake(
            lambda dy, z, slopes: ((dy * np.minimum(z, 0)).sum(axis=0), dy * slope(z, slopes)),
            "The two gradients stand in the wrong order: they come in the order of prelu's arguments, z, slopes.",
        ),
        Mistake(
            lambda dy, z, slopes: dy * slope(z, slopes),
            "Only dz comes back. The slopes are learned, so they need a gradient, too: return dz, dslopes.",
        ),
        Mistake(
            lambda dy, z, slopes: (dy * np.minimum(z, 0)).sum(axis=0),
            "Only dslopes comes back. The layers below need dz: return dz, dslopes.",
        ),
    ),
    hints=(
        "y = max(z, 0) + slopes · min(z, 0). Ask of each argument: how does y change with it? Then multiply by dy, and "
        "sum over whatever shares that argument.",
        "dz = dy * prelu_derivative(z, slopes), or with np.where(z > 0, 1, slopes); dslopes = np.sum(dy * "
        "np.minimum(z, 0), axis=0).",
    ),
)
