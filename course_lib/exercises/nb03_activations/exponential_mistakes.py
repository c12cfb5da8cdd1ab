"""Mistakes that ELU and SELU have in common: where the exponential belongs, what it sees, what alpha multiplies."""

import numpy as np

from course_lib.exercises.core import Mistake
from course_lib.exercises.nb03_activations.elementwise import array_slips, clipping_slips, halves


def exponential_mistakes(scale, **default):
    """Return the mistakes, each multiplied by `scale`; `default` holds alpha's, or else what it always is.

    The functions below get z, p = max(z, 0), m = min(z, 0) and alpha.
    """

    def wrong(function):
        def answer(z, **options):
            parts = z, np.maximum(z, 0), np.minimum(z, 0), (default | options)["alpha"]
            return (scale * function(*parts)).astype(z.dtype)

        return answer

    def masked(limit):
        return lambda z, p, m, a: z * (z > 0) + a * (np.exp(np.minimum(z, limit)) - 1) * (z <= 0)

    def above(z, **options):
        return scale * z

    def below(z, **options):
        return scale * (default | options)["alpha"] * np.expm1(z)

    right = halves(above, below)
    return (
        *(Mistake(wrong(function), hint) for function, hint in _slips(masked)),
        Mistake(
            lambda z, **options: scale * (np.max(z, 0) + (default | options)["alpha"] * np.expm1(np.min(z, 0))),
            "np.max(z, 0) looks for the largest number along axis 0. What compares each number with 0 is "
            "np.maximum(z, 0); likewise np.minimum.",
        ),
        *clipping_slips(right, (10, 20, 50, 100, 500, 700, 709)),
        *array_slips(right, above, below),
    )


def _slips(masked):
    yield masked(np.inf), (
        "Multiplying by 0 doesn't remove infinity: exp(1000) is inf, and inf · 0 is NaN. Let exp see only numbers that "
        "aren't positive: exp(min(z, 0))."
    )
    yield lambda *parts: np.nan_to_num(masked(np.inf)(*parts)), (
        "At z = 1000 this gives 0, where the function is far above. Covering up the NaN doesn't bring back what was "
        "lost: let exp see min(z, 0), and no NaN arises."
    )
    yield masked(700), (
        "In float32 exp is infinite from 89 on, and what limits its argument here lets more through: inf · 0 is NaN. "
        "Let exp see min(z, 0), which suits every dtype."
    )
    yield lambda z, p, m, a: np.where(z > 0, z, a * np.exp(m) - 1), (
        "Python reads alpha * exp(z) - 1 as (alpha · exp(z)) - 1, and so the curve breaks at 0: put exp(z) - 1 in "
        "brackets."
    )
    yield lambda z, p, m, a: p + a * np.exp(m) - 1, (
        "alpha multiplies the exponential only, and the 1 is subtracted afterwards, so all numbers are shifted, those "
        "above zero, too. Put exp(…) - 1 in brackets."
    )
    yield lambda z, p, m, a: p + a * (np.exp(z) - 1), (
        "The exponential sees all of z, so above zero it is added to z. Let it see min(z, 0): then this part is 0 "
        "there."
    )
    yield lambda z, p, m, a: p + a * np.expm1(p), (
        "The exponential sees the positive part, max(z, 0), where it grows without end. It belongs to the negative "
        "part, min(z, 0)."
    )
    yield lambda z, p, m, a: a * (np.exp(z) - 1), (
        "The exponential is taken everywhere. It is for negative z only; above zero the function is a straight line."
    )
    yield lambda z, p, m, a: a * np.expm1(m), (
        "Below zero this is right. Above zero it gives 0: the positive part, max(z, 0), is missing."
    )
    yield lambda z, p, m, a: z + a * np.expm1(m), (
        "Below zero this is too low, by z: the whole of z is added to the exponential. Add only the positive part, "
        "max(z, 0)."
    )
    yield lambda z, p, m, a: p - a * np.expm1(m), (
        "Below zero the curve goes up: exp(z) - 1 is negative there already, so add it."
    )
    yield lambda z, p, m, a: np.where(z > 0, z, a * np.exp(m)), (
        "The - 1 is missing, so the curve jumps up just below 0. It is alpha · (exp(z) - 1)."
    )
    yield lambda z, p, m, a: p + a * np.exp(m), (
        "The - 1 is missing: exp(0) is 1, so even above zero alpha is added. It is alpha · (exp(…) - 1)."
    )
    yield lambda z, p, m, a: a * (p + np.expm1(m)), (
        "alpha multiplies both sides here; it belongs to the exponential only."
    )
    yield lambda z, p, m, a: np.where(z > 0, z, a * np.exp(m - 1)), (
        "The 1 is subtracted inside the exponential, from z. It belongs outside: exp(z) - 1."
    )
    yield lambda z, p, m, a: p + a * np.exp(m - 1), (
        "The 1 is subtracted inside the exponential. It belongs outside, exp(…) - 1, so that this part is 0 above zero."
    )
    yield lambda z, p, m, a: np.where(z > 0, z, a * (np.expm1(m) - 1)), (
        "1 is subtracted twice: expm1(z) is exp(z) - 1 already."
    )
    yield lambda z, p, m, a: p + a * (np.expm1(m) - 1), (
        "1 is subtracted twice, so alpha is missing above zero, too: expm1(…) is exp(…) - 1 already."
    )
    yield lambda z, p, m, a: np.where(z > 0, z, np.exp(m) - a), (
        "alpha stands in the place of the 1: this is exp(z) - alpha. It is a factor: alpha · (exp(z) - 1)."
    )
    yield lambda z, p, m, a: np.where(z > 0, z, a * np.expm1(-m)), (
        "The sign inside exp is wrong: below zero it grows without end. It is exp(z), with z negative already."
    )
    yield lambda z, p, m, a: np.where(z > 0, z, np.expm1(a * m)), (
        "alpha stands inside the exponential, as a factor of z. It multiplies the whole of exp(z) - 1."
    )
    yield lambda z, p, m, a: np.maximum(z, a * (np.exp(z) - 1)), (
        "The larger of the two isn't the function: which one holds depends on the sign of z, not on which is larger. "
        "Above zero the exponential soon overtakes z."
    )
    yield lambda z, p, m, a: np.maximum(z, a * np.expm1(m)), (
        "Below zero the larger of z and the exponential is taken, and for alpha above 1 that is the line near zero. "
        "Which side holds depends on the sign of z, not on which is larger."
    )
    yield lambda z, p, m, a: np.where(z < 0, z, a * (np.exp(z) - 1)), (
        "The two sides are exchanged: the line belongs above zero, the exponential below."
    )
    yield lambda z, p, m, a: m, (
        "Below zero this is a line, and above it is 0. It must be the other way round: the line above zero, and below "
        "the exponential."
    )
    yield lambda z, p, m, a: m + a * np.expm1(m), (
        "Above zero this gives 0, and below z is added to the exponential: the line belongs above zero, max(z, 0)."
    )
    yield lambda z, p, m, a: np.where(z > 0, z, a * z), (
        "Below zero this is a straight line, as leaky ReLU's, which never flattens out. There must be an exponential: "
        "alpha · (exp(z) - 1)."
    )
    yield lambda z, p, m, a: p, "Below zero this is 0, as ReLU is: the exponential plays no part there."
    yield lambda z, p, m, a: np.where(z > 0, 1, a * np.exp(m)), (
        "This is the slope. Here the function itself is asked for."
    )
    yield lambda z, p, m, a: p + a * np.expm1(np.min(z, 0)), (
        "The exponential gets one number for a whole column, the smallest along axis 0: that is np.min(z, 0). What "
        "compares each number with 0 is np.minimum(z, 0)."
    )
