"""Exercise `elu_derivative` of notebook 03: the slope of each side by itself."""

import numpy as np

from course_lib.activations import SELU_ALPHA, elu_derivative
from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.nb03_activations.elementwise import argument_slips, array_slips, halves


def _cases(rng):
    """Yield inputs without 0 itself: the slope at the corner is a matter of taste."""
    yield np.array([-np.log(2), 3.0]), {"alpha": 2.0}
    yield np.array([-1000.0]), {"alpha": 2.0}
    yield (np.array([-1.0, 2.0]),)
    yield (np.zeros((0, 3)),)
    yield np.array([[0.5, -0.5]], np.float32), {"alpha": 0.3}
    yield np.array([-0.5, -2.0, -0.1], np.float32), {"alpha": 1.5}
    yield np.array([1.5, 0.5, 4.0]), {"alpha": 0.5}
    yield (np.array([1000.0]),)
    yield np.array([-1000.0, 1000.0], np.float32), {"alpha": 1.6}
    yield rng.uniform(-30, 30, (5, 4)), {"alpha": 0.5}
    yield (rng.standard_normal((64, 100), dtype=np.float32),)


def _one(z, **options):
    return np.ones_like(z)


def _below(z, alpha=1.0):
    return alpha * np.exp(z)


def _kept(function):
    """Call a function (z, m, alpha), where m is min(z, 0), and keep the dtype."""
    return lambda z, alpha=1.0: function(z, np.minimum(z, 0), alpha).astype(z.dtype)


def _masked(z, alpha=1.0, limit=np.inf):
    return ((z > 0) + (z <= 0) * alpha * np.exp(np.minimum(z, limit))).astype(z.dtype)


def _one_after_the_other(z, alpha=1.0):
    slope = z.copy()
    slope[slope < 0] = _below(slope[slope < 0], alpha)
    slope[slope > 0] = 1
    return slope


def _for_one(z, alpha=1.0):
    if z > 0:
        return 1.0
    return _below(z, alpha)


_right = halves(_one, _below)

ELU_DERIVATIVE = Exercise(
    name="elu_derivative",
    reference=elu_derivative,
    cases=_cases,
    points=2,
    task=Task.DERIVE,
    mistakes=(
        Mistake(
            _masked,
            "Multiplying by 0 doesn't remove infinity: exp(1000) is inf, and 0 · inf is NaN. Let exp see min(z, 0).",
        ),
        Mistake(
            lambda z, alpha=1.0: np.nan_to_num(_masked(z, alpha)),
            "At z = 1000 this gives 0, and the slope is 1 there. Covering up the NaN doesn't bring back what was lost: "
            "let exp see min(z, 0), and no NaN arises.",
        ),
        Mistake(
            lambda z, alpha=1.0: _masked(z, alpha, limit=700),
            "In float32 exp is infinite from 89 on, and what limits its argument here lets more through: 0 · inf is "
            "NaN. Let exp see min(z, 0), which suits every dtype.",
        ),
        Mistake(
            _kept(lambda z, m, a: a * np.exp(z)),
            "This is the slope below zero, taken everywhere. Above zero the function is z, and its slope is 1.",
        ),
        Mistake(
            _kept(lambda z, m, a: a * np.exp(m)),
            "Above zero this gives alpha. There the function is z, without alpha, so its slope is 1.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, np.exp(m) + a)),
            "alpha is added to the exponential. It is a factor of the function, so it stays a factor of its slope: "
            "alpha · exp(z).",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, a * np.expm1(m) + 1)),
            "f(z) + 1 is the slope only if alpha is 1; in general it is f(z) + alpha.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, a * np.expm1(m)) + a),
            "f(z) + alpha is the slope below zero only. Above zero the slope is 1.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, z + a)),
            "f(z) + alpha would be right, but the argument here is z, not f(z): below zero the slope is "
            "alpha · exp(z).",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, a * np.expm1(m))),
            "Below zero this is the function itself. The -1 in the bracket is a constant and falls away: the slope of "
            "alpha · (exp(z) - 1) is alpha · exp(z).",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, a * np.expm1(m))),
            "This is ELU itself, not yet its slope. How steep is z, and how steep is alpha · (exp(z) - 1)?",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, a * np.exp(m) - 1)),
            "Below zero 1 is subtracted at the end. The 1 of the function is a constant, and a constant has slope 0.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, 0)),
            "This is ReLU's slope. ELU's isn't 0 below zero, and that is its point.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, a)),
            "Below zero this is alpha everywhere, the slope of a straight line. The exponential bends: its slope "
            "changes with z.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, a * np.exp(m))),
            "Above zero this is the function, z; the slope of z is 1.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 0, a * np.exp(m))),
            "Above zero this is 0, the slope of a constant. There the function is z, and the slope of z is 1.",
        ),
        Mistake(
            _kept(lambda z, m, a: (z > 0) + a * np.exp(m)),
            "Above zero alpha is added to the 1: exp(min(z, 0)) is 1 there, not 0. Only one of the two may count, so "
            "choose with np.where.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z < 0, 1, a * np.exp(z))),
            "The two sides are exchanged: 1 belongs above zero, the exponential below.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z < 0, 1, a * np.exp(m))),
            "Below zero this is 1, and above it is alpha. The sides are exchanged: 1 belongs above zero, the "
            "exponential below.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, np.expm1(m) + a)),
            "Below zero this is exp(z) - 1 + alpha. The slope is f(z) + alpha, and f(z) has the factor alpha, too.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, a * z)),
            "Below zero this is alpha · z: the exponential is missing. The slope there is alpha · exp(z).",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, np.exp(m) / a)),
            "alpha divides. It is a factor of the function, so it is a factor of the slope, too.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.minimum(1, a * np.exp(m))),
            "The slope is cut off at 1. For alpha above 1 it exceeds 1 just below zero, so which side holds depends "
            "on the sign of z, not on which is smaller.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z > 0, a * np.exp(m))),
            "The larger of the two is taken, so for alpha above 1 the slope above zero is alpha. Which side holds "
            "depends on the sign of z, not on which is larger.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(1, a * np.exp(m))),
            "Nothing below 1 comes out. Far below zero the slope goes to 0: which side holds depends on the sign of z, "
            "not on which is larger.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, a, np.exp(m))),
            "alpha stands on the wrong side. Above zero the slope is 1; alpha multiplies the exponential.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, np.exp(a * m))),
            "alpha stands inside the exponential, as a factor of z. It multiplies the exponential: alpha · exp(z).",
        ),
        Mistake(
            _kept(lambda z, m, a: z * np.where(z > 0, 1, a * np.exp(m))),
            "The slope is multiplied by z. The slope itself is asked for: 1 above zero, alpha · exp(z) below.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, -a * np.exp(m))),
            "The sign below zero is wrong: the function rises there, too, so its slope is positive.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, a * np.exp(-m))),
            "The sign inside exp is wrong: this grows without end below zero, where the function flattens out. It is "
            "exp(z), with z negative already.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, a * z * np.exp(m))),
            "Below zero z has become a factor. The slope of exp(z) is exp(z) itself.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, a * z * np.exp(m - 1))),
            "This is the rule for powers, z^n, used on an exponential. The slope of exp(z) is exp(z) itself.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, a * np.exp(m - 1))),
            "Inside the exponential stands z - 1. The slope of exp(z) is exp(z), and the 1 falls away.",
        ),
        Mistake(
            lambda z, alpha=1.0: np.where(z > 0, 1, alpha * np.exp(np.min(z, 0))),
            "The exponential gets one number for a whole column, the smallest along axis 0: that is np.min(z, 0). What "
            "compares each number with 0 is np.minimum(z, 0).",
        ),
        Mistake(
            _one_after_the_other,
            "What was negative ends as 1, too: the exponentials of the first step are positive, and the second step "
            "sets what is positive to 1. Ask both times for the sign of z itself.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.ones_like(z)),
            "1 comes out everywhere. That is the slope above zero; below it is alpha · exp(z).",
        ),
        Mistake(
            _for_one,
            "This works on a single number only, and where that is positive it returns a bare 1. `if` wants one yes or "
            "no, an array gives one for each of its numbers: np.where decides number by number.",
        ),
        *argument_slips(_right, "alpha", 1.0, others=(0.2, 0.01, 0.1, 0.5, SELU_ALPHA, 2.0), fixed=(1.0,)),
        *array_slips(_right, _one, _below),
    ),
    hints=(
        "Differentiate each side by itself: what is the slope of z, and what is the slope of alpha · (exp(z) - 1)?",
        "np.where(z > 0, 1, alpha * np.exp(np.minimum(z, 0))); mind the dtype.",
    ),
)
