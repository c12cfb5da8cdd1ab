"""Exercise `selu` of notebook 03: ELU with two constants, each in its place."""

import numpy as np

from course_lib.activations import SELU_ALPHA as ALPHA
from course_lib.activations import SELU_SCALE as SCALE
from course_lib.activations import selu
from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb03_activations.elementwise import array_slips, clipping_slips, halves


def _cases(rng):
    yield (np.array([1.0]),)
    yield (np.array([-1000.0]),)
    yield (np.array([0.0]),)
    yield (np.array([-2.0, -1.0, 1.0, 2.0]),)
    yield (np.zeros((0, 3)),)
    yield (np.array([[0.5, -0.5]], np.float32),)
    yield (np.array([-0.5, -2.0, -0.1], np.float32),)
    yield (np.array([1.5, 0.5, 4.0]),)
    yield (np.array([1000.0]),)
    yield (np.array([-1000.0, 1000.0], np.float32),)
    yield (rng.uniform(-30, 30, (5, 4)),)
    yield (rng.standard_normal((64, 100), dtype=np.float32),)


def _above(z):
    return SCALE * z


def _below(z):
    return SCALE * ALPHA * np.expm1(z)


def _kept(function):
    """Call a function (z, p, m), where p is max(z, 0) and m is min(z, 0), and keep the dtype."""
    return lambda z: function(z, np.maximum(z, 0), np.minimum(z, 0)).astype(z.dtype)


def _with(scale, alpha):
    return _kept(lambda z, p, m: scale * (p + alpha * np.expm1(m)))


def _masked(z, limit=np.inf):
    return (SCALE * (z * (z > 0) + ALPHA * (np.exp(np.minimum(z, limit)) - 1) * (z <= 0))).astype(z.dtype)


_right = halves(_above, _below)

SELU = Exercise(
    name="selu",
    reference=selu,
    cases=_cases,
    points=1,
    mistakes=(
        Mistake(
            _with(ALPHA, SCALE),
            "Above zero z is multiplied by alpha, and it should be by scale. Are the two swapped? scale, 1.0507, "
            "multiplies everything; alpha, 1.6733, only the exponential.",
        ),
        Mistake(
            _kept(lambda z, p, m: p + SCALE * ALPHA * np.expm1(m)),
            "Above zero the slope must be scale, a little more than 1: that is where a signal that is too small grows "
            "back. Multiply both sides by scale.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * p + ALPHA * np.expm1(m)),
            "Below zero scale is missing: it multiplies both sides.",
        ),
        Mistake(
            _with(1, ALPHA),
            "This is ELU with SELU's alpha. All of it must still be multiplied by scale, SELU_SCALE.",
        ),
        Mistake(
            _with(SCALE * ALPHA, 1),
            "alpha multiplies both sides here; it belongs to the exponential only.",
        ),
        Mistake(
            _with(SCALE, 1),
            "This is ELU with alpha 1, times scale. SELU's alpha is SELU_ALPHA, 1.6733.",
        ),
        Mistake(
            _with(1, 1),
            "This is ELU with alpha 1. SELU has two constants: SELU_ALPHA multiplies the exponential, SELU_SCALE "
            "everything.",
        ),
        Mistake(
            _masked,
            "inf · 0 is NaN: exp(1000) must never be computed. Let exp see min(z, 0).",
        ),
        Mistake(
            lambda z: np.nan_to_num(_masked(z)),
            "At z = 1000 this gives 0, and the function is about 1051 there. Covering up the NaN doesn't bring back "
            "what was lost: let exp see min(z, 0), and no NaN arises.",
        ),
        Mistake(
            lambda z: _masked(z, limit=700),
            "In float32 exp is infinite from 89 on, and what limits its argument here lets more through: inf · 0 is "
            "NaN. Let exp see min(z, 0), which suits every dtype.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * np.where(z > 0, z, ALPHA * np.exp(m) - 1)),
            "Python reads alpha * exp(z) - 1 as (alpha · exp(z)) - 1: put exp(z) - 1 in brackets, else the curve "
            "breaks at 0.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * (p + ALPHA * np.exp(m) - 1)),
            "alpha multiplies the exponential only, and the 1 is subtracted afterwards, so too much comes out "
            "everywhere: at 0, too, and above. Put exp(…) - 1 in brackets.",
        ),
        Mistake(
            _kept(lambda z, p, m: np.where(z > 0, SCALE * z, SCALE * ALPHA * np.exp(m) - 1)),
            "The 1 is subtracted at the very end. Both constants multiply the whole of exp(z) - 1: put it in brackets.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * p + SCALE * ALPHA * np.exp(m) - 1),
            "The 1 is subtracted at the very end, above zero, too. Both constants multiply the whole of exp(…) - 1: "
            "put it in brackets.",
        ),
        Mistake(
            _kept(lambda z, p, m: np.where(z > 0, SCALE * z, SCALE * ALPHA * np.exp(m) - ALPHA)),
            "Below zero scale multiplies the exponential and not what is subtracted from it. It multiplies the whole "
            "of alpha · (exp(z) - 1).",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * (p + ALPHA * (np.exp(z) - 1))),
            "The exponential sees all of z, so above zero it is added to z. Let it see min(z, 0): then this part is 0 "
            "there.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * ALPHA * (np.exp(z) - 1)),
            "The exponential is for negative z only; above zero the function is scale · z.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * ALPHA * np.expm1(m)),
            "Below zero this is right. Above zero it gives 0: the positive part, max(z, 0), is missing.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * p),
            "Below zero this is 0, as ReLU is: the exponential plays no part there.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * np.where(z > 0, z, ALPHA * z)),
            "Below zero this is a straight line, which never flattens out. SELU has an exponential there, and ends "
            "at -scale · alpha.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * np.where(z > 0, z, ALPHA * np.exp(m))),
            "The - 1 is missing: just below 0 the curve jumps up. It is alpha · (exp(z) - 1).",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * (p + ALPHA * np.exp(m))),
            "The - 1 is missing: exp(0) is 1, so even above zero alpha is added. It is alpha · (exp(…) - 1).",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * (p - ALPHA * np.expm1(m))),
            "Below zero the curve goes up: exp(z) - 1 is negative there already, so add it.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * np.where(z > 0, z, ALPHA * np.exp(m - 1))),
            "The 1 is subtracted inside the exponential, from z. It belongs outside: exp(z) - 1.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * (p + ALPHA * np.exp(m - 1))),
            "The 1 is subtracted inside the exponential. It belongs outside, exp(…) - 1, so that this part is 0 above "
            "zero.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * np.where(z > 0, z, ALPHA * (np.expm1(m) - 1))),
            "1 is subtracted twice: expm1(z) is exp(z) - 1 already.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * (p + ALPHA * (np.expm1(m) - 1))),
            "1 is subtracted twice, so alpha is missing above zero, too: expm1(…) is exp(…) - 1 already.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * np.where(z > 0, z, np.exp(m) - ALPHA)),
            "alpha stands in the place of the 1: this is exp(z) - alpha. It is a factor: alpha · (exp(z) - 1).",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * np.where(z > 0, z, ALPHA * np.expm1(-m))),
            "The sign inside exp is wrong: below zero it grows without end. It is exp(z), with z negative already.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * np.where(z > 0, z, np.expm1(ALPHA * m))),
            "alpha stands inside the exponential, as a factor of z. It multiplies the whole of exp(z) - 1.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * p + ALPHA * SCALE**2 * np.expm1(m)),
            "Below zero scale is in twice. It multiplies both sides once.",
        ),
        Mistake(
            _with(SCALE**2, ALPHA),
            "scale is in twice, on both sides. Once is enough.",
        ),
        Mistake(
            _kept(lambda z, p, m: (p + ALPHA * np.expm1(m)) / SCALE),
            "scale divides. It multiplies: above zero the slope must be a little more than 1.",
        ),
        Mistake(
            _kept(lambda z, p, m: ALPHA * p + SCALE * np.expm1(m)),
            "The two constants are shared out, one for each side, and the other way round. scale multiplies both "
            "sides, alpha the exponential only.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * np.maximum(z, ALPHA * (np.exp(z) - 1))),
            "The larger of the two isn't the function: which one holds depends on the sign of z, not on which is "
            "larger. Above zero the exponential soon overtakes z.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * np.maximum(z, ALPHA * np.expm1(m))),
            "Near zero, on the left, the line z is taken, since it is larger than the exponential there. Which side "
            "holds depends on the sign of z, not on which is larger.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * np.where(z < 0, z, ALPHA * (np.exp(z) - 1))),
            "The two sides are exchanged: z itself belongs above zero, the exponential below.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * np.where(z > 0, 1, ALPHA * np.exp(m))),
            "This is SELU's slope. Here the function itself is asked for.",
        ),
        *(
            Mistake(
                _with(scale, alpha),
                f"Right but for rounding: {scale} and {alpha} are rounded constants. SELU_SCALE and SELU_ALPHA have "
                "all digits.",
            )
            for scale, alpha in ((1.0507, 1.6733), (1.0507, 1.67326), (1.05, 1.67), (1.05, 1.673), (1.051, 1.673))
        ),
        Mistake(
            lambda z: SCALE * (np.max(z, 0) + ALPHA * np.expm1(np.min(z, 0))),
            "np.max(z, 0) looks for the largest number along axis 0. What compares each number with 0 is "
            "np.maximum(z, 0); likewise np.minimum.",
        ),
        Mistake(
            lambda z: SCALE * (np.maximum(z, 0) + ALPHA * np.expm1(np.min(z, 0))),
            "The exponential gets one number for a whole column, the smallest along axis 0: that is np.min(z, 0). What "
            "compares each number with 0 is np.minimum(z, 0).",
        ),
        *clipping_slips(_right, (10, 20, 50, 100, 500, 700, 709)),
        *array_slips(_right, _above, _below),
    ),
    hints=(
        "SELU is ELU with a certain alpha, and all of it multiplied by a certain scale.",
        "f(z) = scale · (max(z, 0) + alpha · (exp(min(z, 0)) - 1)).",
        "SELU_SCALE * (np.maximum(z, 0) + SELU_ALPHA * np.expm1(np.minimum(z, 0))).",
    ),
)
