"""Exercise `prelu_backward` of notebook 03: the gradients of a rectifier whose slopes are learned."""

import numpy as np

from course_lib.activations import prelu_backward
from course_lib.exercises.core import Exercise, Mistake


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


def _slope(z, slopes):
    return np.where(z > 0, 1, slopes)


def _refusing(refused):
    """Return an answer that works only where nothing is refused."""

    def answer(dy, z, slopes):
        if refused(z):
            raise ValueError
        return dy * _slope(z, slopes), (dy * np.minimum(z, 0)).sum(axis=0)

    return answer


def _dz(function):
    """Return an answer whose dz alone is wrong."""
    return lambda dy, z, slopes: (function(dy, z, slopes), (dy * np.minimum(z, 0)).sum(axis=0))


def _dslopes(function):
    """Return an answer whose dslopes alone is wrong; the function gets min(z, 0), too."""
    return lambda dy, z, slopes: (dy * _slope(z, slopes), function(dy, z, slopes, np.minimum(z, 0)))


PRELU = Exercise(
    name="prelu_backward",
    reference=prelu_backward,
    cases=_cases,
    points=3,
    parts=("dz", "dslopes"),
    rows="example",
    any_dtype=True,
    mistakes=(
        Mistake(
            _dslopes(lambda dy, z, s, m: dy * m),
            "dslopes still has one row an example. A unit has one slope for all examples: sum over the batch, axis 0.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (dy * m).sum(axis=0) / max(len(z), 1)),
            "dslopes is the mean over the batch. The division by the batch size is in dy already: sum.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (dy * z).sum(axis=0)),
            "Where z is positive, the slope has no part in the output, so dslopes gets nothing from there: count the "
            "negative part of z only.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (dy * np.maximum(z, 0)).sum(axis=0)),
            "dslopes collects where z is positive, and the slope is used where z is negative: min(z, 0), not max.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (dy * (z < 0)).sum(axis=0)),
            "For dslopes: how much does y = slope · z change with the slope? By z, not by 1: each dy must be "
            "multiplied by its z.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: m.sum(axis=0)),
            "In dslopes dy is missing: every min(z, 0) must be multiplied by the gradient that arrives there.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (dy * s * m).sum(axis=0)),
            "dslopes has the factor slopes in it, as happens when it is made from dz. It is made from dy as it "
            "arrives: dy times min(z, 0).",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: -(dy * m).sum(axis=0)),
            "dslopes has the wrong sign: y changes with the slope by z itself, which is negative there, not by |z|.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (dy * m).sum(axis=0, keepdims=True)),
            "dslopes keeps an axis of length 1 for the batch. Its shape must be that of slopes, (units,): sum over "
            "axis 0 without keepdims.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (dy * m).sum()),
            "dslopes is one number for all units: it was summed over everything. Each unit has a slope of its own, so "
            "sum over the batch only.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: np.full_like(s, (dy * m).sum())),
            "All units get the same dslopes: it was summed over everything. Every unit has a slope of its own.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (dy * m).sum(axis=1)),
            "dslopes is summed over the units, so there is one number an example. There must be one a unit: sum over "
            "the batch, axis 0.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: dy.T @ m),
            "dslopes is a matrix of all pairs of units: that is what @ makes. Unit j's slope meets only unit j's "
            "numbers: multiply number by number, then sum over the batch.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: dy.sum(axis=0) * m.sum(axis=0)),
            "In dslopes two sums are multiplied. Multiply first, each dy with its own min(z, 0), then sum.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: dy[-1] * m[-1]),
            "Only the last example counts in dslopes. All examples use the slope, so their parts must be added up; in "
            "a loop that is +=.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: dy[0] * m[0]),
            "Only the first example counts in dslopes. All examples use the slope, so their parts must be added up.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (dy * np.abs(z)).sum(axis=0)),
            "dslopes is made with |z|. Where z is positive the slope has no part in the output, and where it is "
            "negative y changes by z, not by |z|.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (dy * np.min(z, 0)).sum(axis=0)),
            "For dslopes np.min(z, 0) gives one number for a whole column, its smallest. What compares each number "
            "with 0 is np.minimum(z, 0).",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (dy * _slope(z, s)).sum(axis=0)),
            "dslopes is the sum of dz. Ask anew: how does y change with the slope? By min(z, 0), times dy.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (dy * _slope(z, s) * z).sum(axis=0)),
            "dslopes is the sum of dz times z. It is made from dy as it arrives, and from the negative part of z only.",
        ),
        Mistake(
            _dslopes(lambda dy, z, s, m: (z < 0).sum(axis=0)),
            "dslopes counts the examples with negative z. Each of them must bring its dy times its z.",
        ),
        Mistake(
            _dz(lambda dy, z, s: dy * (z > 0)),
            "dz is ReLU's: it is 0 for negative z. There the slope of the function is `slopes`.",
        ),
        Mistake(
            _dz(lambda dy, z, s: _slope(z, s)),
            "dz is the slope f'(z) itself; the gradient that arrives, dy, must be multiplied by it.",
        ),
        Mistake(
            _dz(lambda dy, z, s: np.where(z > 0, dy, s)),
            "In dz the factor dy is missing below zero: there it is slopes · dy.",
        ),
        Mistake(
            _dz(lambda dy, z, s: np.where(z > 0, 1, s * dy)),
            "In dz the factor dy is missing above zero: there the slope is 1, so dz is dy.",
        ),
        Mistake(
            _dz(lambda dy, z, s: np.where(z < 0, dy, s * dy)),
            "In dz the sides are exchanged: 1 is the slope above zero, `slopes` below.",
        ),
        Mistake(
            _dz(lambda dy, z, s: dy * s),
            "dz is multiplied by slopes everywhere. Above zero the slope of the function is 1.",
        ),
        Mistake(
            _dz(lambda dy, z, s: dy),
            "dz is dy unchanged. Below zero it must be multiplied by slopes.",
        ),
        Mistake(
            _dz(lambda dy, z, s: dy * np.where(z > 0, z, s * z)),
            "dz is dy times the function's value. It is dy times the function's slope: 1 above zero, slopes below.",
        ),
        Mistake(
            _dz(lambda dy, z, s: np.where(z > 0, dy, s * z)),
            "Below zero dz is slopes · z, the function's value. It is slopes · dy there.",
        ),
        Mistake(
            _dz(lambda dy, z, s: np.where(z > 0, dy, dy * s * z)),
            "Below zero dz has z as a factor. y = slopes · z changes with z by slopes, so dz is slopes · dy there.",
        ),
        Mistake(
            _dz(lambda dy, z, s: np.where(z > 0, dy, dy * z)),
            "Below zero dz is dy · z, which is what dslopes collects. y changes with z by slopes there.",
        ),
        Mistake(
            _dz(lambda dy, z, s: np.where(dy > 0, dy, s * dy)),
            "dz asks for the sign of dy. Which side of the function is meant depends on the sign of z.",
        ),
        Mistake(
            _dz(lambda dy, z, s: dy * _slope(z, s[0])),
            "dz uses the first unit's slope for all units. Each unit, that is each column, has its own.",
        ),
        Mistake(
            _dz(lambda dy, z, s: dy * _slope(z, s.mean())),
            "dz uses the mean of all slopes. Each unit, that is each column, has its own.",
        ),
        Mistake(
            _dz(lambda dy, z, s: dy * _slope(z, s) / max(len(z), 1)),
            "dz is divided by the batch size. That division is in dy already.",
        ),
        Mistake(
            _dz(lambda dy, z, s: (dy * _slope(z, s)).sum(axis=0)),
            "dz is summed over the batch. Each example has a z of its own, so dz has the shape of z; only the slopes "
            "are shared.",
        ),
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
            lambda dy, z, slopes: ((dy * np.minimum(z, 0)).sum(axis=0), dy * _slope(z, slopes)),
            "The two gradients stand in the wrong order: they come in the order of prelu's arguments, z, slopes.",
        ),
        Mistake(
            lambda dy, z, slopes: dy * _slope(z, slopes),
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
        "dz = dy · f'(z), where f' is 1 above zero and slopes below. dslopes = Σ over the batch of dy · min(z, 0).",
        "dz = dy * prelu_derivative(z, slopes), or with np.where(z > 0, 1, slopes); dslopes = np.sum(dy * "
        "np.minimum(z, 0), axis=0).",
    ),
)
