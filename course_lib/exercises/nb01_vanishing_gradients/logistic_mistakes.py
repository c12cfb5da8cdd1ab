"""What learners write in place of the logistic function."""

import math

import numpy as np

from course_lib.exercises.core import Mistake


def naive(z):
    """Return the function by the first form, which is right everywhere: 1 / inf is 0."""
    return 1 / (1 + np.exp(-z))


def unstable(z):
    """Return the function by the second form, which is NaN where z is large."""
    return np.exp(z) / (1 + np.exp(z))


def changing(function):
    """Return a function that changes its input on the way."""

    def answer(z):
        z += 1
        return function(z - 1)

    return answer


def wide(z):
    """Return the right numbers in float64."""
    return naive(z.astype(np.float64))


def _below(numerator):
    def answer(z):
        t = np.exp(-np.abs(z))
        return (t if numerator == "t" else 1) / (1 + t)

    return answer


def _asking(exp):
    """Ask an array which branch to take."""

    def answer(z):
        return 1 / (1 + exp(-z)) if z >= 0 else exp(z) / (1 + exp(z))

    return answer


CLIPPED = tuple(
    Mistake(
        lambda z, far=far: naive(np.clip(z, -far, far)),
        f"z is clipped to ±{far} on the way, so the result never comes as near to 0 and 1 as it should. There is a way "
        "without clipping: exp(-|z|) can't overflow.",
    )
    for far in (1, 5, 10, 20)
) + tuple(
    Mistake(
        lambda z, eps=eps: np.clip(naive(z), eps, 1 - eps),
        f"The result is kept {eps:g} away from 0 and 1. That belongs into a loss that takes its logarithm, if "
        "anywhere; f(-1000) is 0 and f(1000) is 1 within rounding.",
    )
    for eps in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
)

MISTAKES = (
    Mistake(
        unstable,
        "Where z is large, exp(z) overflows to inf, and inf / inf is NaN; multiplied by a mask, even by 0, NaN "
        "stays NaN. Take the exponential only of numbers that aren't positive: exp(-|z|).",
    ),
    Mistake(
        lambda z: naive(-z),
        "The curve is mirrored: this falls from 1 to 0 as z grows. In the first formula it is exp(-z), with a "
        "minus; if you have two branches, they may be exchanged.",
    ),
    Mistake(
        lambda z: unstable(-z),
        "The curve is mirrored: this falls from 1 to 0 as z grows. And for very negative z it is NaN, since "
        "exp(-z) overflows there: inf / inf.",
    ),
    Mistake(
        lambda z: 1 / 1 + np.exp(-z),
        "This is 1 + exp(-z), without the division: Python reads 1 / 1 + exp(-z) as (1 / 1) + exp(-z). The "
        "denominator is 1 + exp(-z) as a whole, in brackets.",
    ),
    Mistake(
        _below("1"),
        "Right where z isn't negative. Below 0 the curve must go on down to 0, and this comes up again: there the "
        "numerator is exp(-|z|), not 1.",
    ),
    Mistake(
        _below("t"),
        "Right where z is negative. Above 0 the curve must go on up to 1, and this comes down again: there the "
        "numerator is 1, not exp(-|z|).",
    ),
    Mistake(
        lambda z: np.nan_to_num(unstable(z)),
        "Where z is large, 0 comes out instead of 1: exp(z) overflows there, inf / inf is NaN, and a NaN that is "
        "replaced by 0 is hidden, not cured. Take the exponential of numbers that aren't positive: exp(-|z|).",
    ),
    Mistake(
        np.tanh,
        "This is tanh, which goes from -1 to 1. The logistic function goes from 0 to 1: "
        "logistic(z) = (1 + tanh(z / 2)) / 2.",
    ),
    Mistake(
        lambda z: (1 + np.tanh(z)) / 2,
        "This is f(2z), twice as steep: the exponential is squared, or its exponent doubled. By way of tanh the "
        "argument is z / 2.",
    ),
    Mistake(
        lambda z: np.tanh(z / 2),
        "This goes from -1 to 1. The logistic function goes from 0 to 1: add 1 to tanh(z / 2), then halve.",
    ),
    *CLIPPED,
    Mistake(
        _asking(np.exp),
        "An if asks one question about the whole array, and its elements have different answers. np.where(z >= 0, "
        "…, …) asks each of them.",
    ),
    Mistake(
        _asking(math.exp),
        "This handles one number, and z is an array: an if asks one question about all its elements, and math.exp "
        "takes a single number. np.where and np.exp treat each element by itself.",
    ),
    Mistake(
        lambda z: 1 / (1 + math.exp(-z)),
        "A TypeError in every case: math.exp and float(…), for example, take one number, and z is an array. np.exp "
        "treats every element by itself.",
    ),
    Mistake(
        lambda z: 1 / np.exp(-z),
        "The 1 in the denominator is missing: 1 / exp(-z) is exp(z), which grows without end.",
    ),
    Mistake(
        lambda z: 1 / (1 - np.exp(-z)),
        "The denominator is a difference here, which is 0 at z = 0. It is a sum: 1 + exp(-z).",
    ),
    Mistake(
        lambda z: np.exp(z) / (1 + np.exp(-z)),
        "The two forms are mixed: either 1 / (1 + exp(-z)), or exp(z) / (1 + exp(z)).",
    ),
    Mistake(
        lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
        "This is softmax: it divides by the sum over all of z. Here every element is for itself.",
    ),
    Mistake(
        lambda z: naive(z) * (1 - naive(z)),
        "This is the slope f'(z), which comes in the next exercise. Here f(z) itself is asked for.",
    ),
    Mistake(
        lambda z: -np.logaddexp(0, -z),
        "This is the logarithm of the logistic function. Take the exponential of it.",
    ),
    Mistake(
        lambda z: np.maximum(z, 0),
        "This is ReLU. The logistic function bends smoothly from 0 to 1.",
    ),
    Mistake(
        lambda z: (z > 0).astype(z.dtype),
        "This is a step, from 0 to 1 at once. The logistic function rises smoothly: at ln 3 it is 3/4.",
    ),
    Mistake(
        wide,
        "The result must have the dtype of z. A conversion to float64, an array made by np.zeros without a dtype, "
        "or a NumPy number such as np.float64(1) makes it wider.",
    ),
    Mistake(
        lambda z: naive(z).astype(np.float32),
        "The result is always float32. It must have the dtype of z, which may also be float64.",
    ),
    Mistake(
        changing(naive),
        "z itself is changed: assigning to z[…], or *= and the like, writes into the caller's array. Work on a "
        "copy.",
    ),
    Mistake(
        lambda z: np.exp(z) / np.exp(z).sum(),
        "This is softmax, and NaN where exp(z) overflows: it divides by the sum over all of z. Here every element is "
        "for itself.",
    ),
    Mistake(
        lambda z: unstable(z - z.max()),
        "The maximum of z is subtracted, as in softmax. There it cancels; here every element is for itself, and f(z) "
        "isn't f(z - max).",
    ),
    Mistake(
        lambda z: np.where(z >= 0, naive(z), unstable(-z)),
        "In the branch for negative z the sign is wrong: there the form is exp(z) / (1 + exp(z)), and exp(-z) "
        "overflows.",
    ),
    Mistake(
        lambda z: np.where(z > 0, 1, naive(z)).astype(z.dtype),
        "Right where z isn't positive. Above 0 the curve isn't 1 at once: f(ln 3) is 3/4.",
    ),
    Mistake(
        lambda z: naive(np.maximum(z, 0)),
        "Right where z isn't negative. Below 0 the curve must go on down to 0, and this stays at 1/2.",
    ),
    Mistake(
        lambda z: np.nan_to_num(unstable(z), nan=0.5),
        "Where z is large, 0.5 comes out instead of 1: exp(z) overflows there, and what is put in place of inf or NaN "
        "isn't the right value. Take the exponential of numbers that aren't positive: exp(-|z|).",
    ),
    Mistake(
        lambda z: np.tanh(z / 2) / 2,
        "This goes from -1/2 to 1/2. Add 1/2.",
    ),
    Mistake(
        lambda z: np.exp(z) / 1 + np.exp(z),
        "Python reads e / 1 + e as (e / 1) + e: put the whole denominator in brackets.",
    ),
    Mistake(
        lambda z: naive(z / 2),
        "This is f(z / 2), half as steep.",
    ),
    Mistake(
        lambda z: 1 / (1 + 2.718**-z),
        "2.718 is e to three places only. np.exp has all of them.",
    ),
    Mistake(
        lambda z: np.log(1 + np.exp(z)),
        "This is softplus, log(1 + exp(z)), which grows without end. The logistic function is its slope.",
    ),
)
