"""Exercise `elu` of notebook 03: a line above zero, an exponential below, which may not overflow."""

import numpy as np

from course_lib.activations import SELU_ALPHA, elu
from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb03_activations.elementwise import argument_slips, array_slips, clipping_slips, halves


def _cases(rng):
    yield np.array([-np.log(2), 3.0]), {"alpha": 2.0}
    yield np.array([-1000.0]), {"alpha": 2.0}
    yield (np.array([-1.0, 2.0]),)
    yield (np.array([0.0]),)
    yield (np.zeros((0, 3)),)
    yield np.array([[0.5, -0.5]], np.float32), {"alpha": 0.3}
    yield np.array([-0.5, -2.0, -0.1], np.float32), {"alpha": 1.5}
    yield np.array([1.5, 0.5, 4.0]), {"alpha": 0.5}
    yield (np.array([1000.0]),)
    yield np.array([-1000.0, 1000.0], np.float32), {"alpha": 1.6}
    yield rng.uniform(-30, 30, (5, 4)), {"alpha": 0.5}
    yield (rng.standard_normal((64, 100), dtype=np.float32),)


def _itself(z, **options):
    return z


def _below(z, alpha=1.0):
    return alpha * np.expm1(z)


def _kept(function):
    """Call a function (z, m, alpha), where m is min(z, 0), and keep the dtype."""
    return lambda z, alpha=1.0: function(z, np.minimum(z, 0), alpha).astype(z.dtype)


def _masked(z, alpha=1.0, limit=np.inf):
    return (z * (z > 0) + alpha * (np.exp(np.minimum(z, limit)) - 1) * (z <= 0)).astype(z.dtype)


_right = halves(_itself, _below)

ELU = Exercise(
    name="elu",
    reference=elu,
    cases=_cases,
    points=2,
    mistakes=(
        Mistake(
            _masked,
            "Multiplying by 0 doesn't remove infinity: exp(1000) is inf, and inf · 0 is NaN. Let exp see only numbers "
            "that aren't positive: exp(min(z, 0)).",
        ),
        Mistake(
            lambda z, alpha=1.0: np.nan_to_num(_masked(z, alpha)),
            "At z = 1000 this gives 0, and the function is 1000 there. Covering up the NaN doesn't bring back what was "
            "lost: let exp see min(z, 0), and no NaN arises.",
        ),
        Mistake(
            lambda z, alpha=1.0: _masked(z, alpha, limit=700),
            "In float32 exp is infinite from 89 on, and what limits its argument here lets more through: inf · 0 is "
            "NaN. Let exp see min(z, 0), which suits every dtype.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, a * np.exp(m) - 1)),
            "Python reads alpha * exp(z) - 1 as (alpha · exp(z)) - 1: put exp(z) - 1 in brackets. With alpha 1 nobody "
            "notices; with another one the curve breaks at 0.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z, 0) + a * np.exp(m) - 1),
            "alpha multiplies the exponential only, and the 1 is subtracted afterwards, so above zero alpha - 1 is "
            "added to z. Put exp(…) - 1 in brackets.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z, 0) + a * (np.exp(z) - 1)),
            "The exponential sees all of z, so above zero it is added to z. Let it see min(z, 0): then this part is 0 "
            "there.",
        ),
        Mistake(
            _kept(lambda z, m, a: a * (np.exp(z) - 1)),
            "The exponential is for negative z only; above zero the function is z itself.",
        ),
        Mistake(
            _kept(lambda z, m, a: a * np.expm1(m)),
            "Below zero this is right. Above zero it gives 0: the positive part, max(z, 0), is missing.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z, 0) - a * np.expm1(m)),
            "Below zero the curve goes up: exp(z) - 1 is negative there already, so add it.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, a * np.exp(m))),
            "The - 1 is missing: at 0 the curve jumps from 0 to alpha. It is alpha · (exp(z) - 1).",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z, 0) + a * np.exp(m)),
            "The - 1 is missing: exp(0) is 1, so above zero alpha is added to z. It is alpha · (exp(…) - 1).",
        ),
        Mistake(
            _kept(lambda z, m, a: a * (np.maximum(z, 0) + np.expm1(m))),
            "alpha multiplies both sides. It belongs to the exponential only: above zero the function is z itself.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, a * np.exp(m - 1))),
            "The 1 is subtracted inside the exponential, from z. It belongs outside: exp(z) - 1.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z, 0) + a * np.exp(m - 1)),
            "The 1 is subtracted inside the exponential. It belongs outside, exp(…) - 1, so that this part is 0 above "
            "zero.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, a * (np.expm1(m) - 1))),
            "1 is subtracted twice: expm1(z) is exp(z) - 1 already.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z, 0) + a * (np.expm1(m) - 1)),
            "1 is subtracted twice, so alpha is missing above zero, too: expm1(…) is exp(…) - 1 already.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, np.exp(m) - a)),
            "alpha stands in the place of the 1: this is exp(z) - alpha. It is a factor: alpha · (exp(z) - 1).",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, np.expm1(m) / a)),
            "alpha divides. It multiplies: far below zero the function must end at -alpha.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, a * np.expm1(-m))),
            "The sign inside exp is wrong: below zero it grows without end. It is exp(z), with z negative already.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, np.expm1(a * m))),
            "alpha stands inside the exponential, as a factor of z. It multiplies the whole of exp(z) - 1.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, a * np.expm1(m / a))),
            "z is divided by alpha inside the exponential. That is another function, CELU; ELU has exp(z).",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z, a * (np.exp(z) - 1))),
            "The larger of the two isn't the function: which one holds depends on the sign of z, not on which is "
            "larger. Above zero the exponential soon overtakes z.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z, a * np.expm1(m))),
            "Wherever both are negative this takes the larger of z and the exponential, which for alpha above 1 is the "
            "line near zero. Below zero take the exponential, whichever is larger.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z < 0, z, a * (np.exp(z) - 1))),
            "The two sides are exchanged: z itself belongs above zero, the exponential below.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, z, a * z)),
            "Below zero this is a straight line, as leaky ReLU's. ELU bends: alpha · (exp(z) - 1).",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z, 0)),
            "Below zero this is 0, as ReLU is: the exponential plays no part there.",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z, -a)),
            "The floor at -alpha is right, and the way there isn't: this is the line z, cut off. ELU bends towards its "
            "floor, alpha · (exp(z) - 1).",
        ),
        Mistake(
            _kept(lambda z, m, a: np.maximum(z, 0) + a * np.expm1(np.maximum(z, 0))),
            "The exponential sees the positive part, max(z, 0), where it grows without end. It belongs to the negative "
            "part, min(z, 0).",
        ),
        Mistake(
            _kept(lambda z, m, a: np.where(z > 0, 1, a * np.exp(m))),
            "This is ELU's slope. Here the function itself is asked for.",
        ),
        Mistake(
            lambda z, alpha=1.0: np.max(z, 0) + alpha * np.expm1(np.min(z, 0)),
            "np.max(z, 0) looks for the largest number along axis 0. What compares each number with 0 is "
            "np.maximum(z, 0); likewise np.minimum.",
        ),
        Mistake(
            lambda z, alpha=1.0: np.maximum(z, 0) + alpha * np.expm1(np.min(z, 0)),
            "The exponential gets one number for a whole column, the smallest along axis 0: that is np.min(z, 0). What "
            "compares each number with 0 is np.minimum(z, 0).",
        ),
        *clipping_slips(_right, (10, 20, 50, 100, 500, 700, 709)),
        *argument_slips(_right, "alpha", 1.0, others=(0.2, 0.01, 0.1, 0.5, SELU_ALPHA, 2.0), fixed=(1.0,)),
        *array_slips(_right, _itself, _below),
    ),
    hints=(
        "As with leaky ReLU there are two parts. Which numbers may the exponential see, so that it can't overflow?",
        "f(z) = max(z, 0) + alpha · (exp(min(z, 0)) - 1): where z is positive, the second part is 0.",
        "np.maximum(z, 0) + alpha * np.expm1(np.minimum(z, 0)); expm1(z) is exp(z) - 1, exact also for tiny z.",
    ),
)
