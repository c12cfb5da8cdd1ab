"""Exercise `selu` of notebook 03: ELU with two constants, each in its place."""

import numpy as np

from course_lib.activations import SELU_ALPHA as ALPHA
from course_lib.activations import SELU_SCALE as SCALE
from course_lib.activations import selu
from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb03_activations.exponential_mistakes import exponential_mistakes


def _cases(rng):
    """Yield inputs; 0 is only among large numbers, since slips that differ there are one slip."""
    yield (np.array([1.0]),)
    yield (np.array([-1000.0]),)
    yield (np.array([-0.7]),)
    yield (np.array([-2.0, -1.0, 1.0, 2.0]),)
    yield (np.zeros((0, 3)),)
    yield (np.array([[0.5, -0.5]], np.float32),)
    yield (np.array([-0.5, -2.0, -0.1], np.float32),)
    yield (np.array([1.5, 0.5, 4.0]),)
    yield (np.array([1000.0]),)
    yield (np.array([-1000.0, 0.0, 1000.0], np.float32),)
    yield (rng.uniform(-30, 30, (5, 4)),)
    yield (rng.standard_normal((64, 100), dtype=np.float32),)


def _kept(function):
    """Call a function (z, p, m), where p is max(z, 0) and m is min(z, 0), and keep the dtype."""
    return lambda z: function(z, np.maximum(z, 0), np.minimum(z, 0)).astype(z.dtype)


def _with(scale, alpha):
    return _kept(lambda z, p, m: scale * (p + alpha * np.expm1(m)))


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
            _with(SCALE, 1),
            "This is ELU with alpha 1, times scale. SELU's alpha is SELU_ALPHA, 1.6733.",
        ),
        Mistake(
            _with(1, 1),
            "This is ELU with alpha 1. SELU has two constants: SELU_ALPHA multiplies the exponential, SELU_SCALE "
            "everything.",
        ),
        *exponential_mistakes(SCALE, alpha=ALPHA),
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
            _kept(lambda z, p, m: SCALE * p + ALPHA * SCALE**2 * np.expm1(m)),
            "Below zero scale is in twice. It multiplies both sides once.",
        ),
        Mistake(
            _with(SCALE**2, ALPHA),
            "scale is in twice, on both sides. Once is enough.",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * p + ALPHA * np.expm1(SCALE * m)),
            "Below zero scale multiplies z, inside the exponential. It multiplies the result: scale · alpha · "
            "(exp(z) - 1).",
        ),
        Mistake(
            _kept(lambda z, p, m: SCALE * (ALPHA * p + np.expm1(m))),
            "alpha stands on the wrong side: it multiplies the exponential, not what is positive.",
        ),
        Mistake(
            _kept(lambda z, p, m: ALPHA * p + SCALE * np.expm1(m)),
            "The two constants are shared out, one for each side, and the other way round. scale multiplies both "
            "sides, alpha the exponential only.",
        ),
        Mistake(
            _with(1 / SCALE, ALPHA),
            "scale divides. It multiplies: above zero the slope must be a little more than 1.",
        ),
        *(
            Mistake(
                _with(scale, alpha),
                f"Right but for rounding: {scale} and {alpha} are rounded constants. SELU_SCALE and SELU_ALPHA have "
                "all digits.",
            )
            for scale, alpha in ((1.0507, 1.6733), (1.0507, 1.67326), (1.05, 1.67), (1.05, 1.673), (1.051, 1.673))
        ),
    ),
    hints=(
        "SELU is ELU with a certain alpha, and all of it multiplied by a certain scale.",
        "SELU_SCALE * (np.maximum(z, 0) + SELU_ALPHA * np.expm1(np.minimum(z, 0))).",
    ),
)
