"""Exercises of notebook 03: ELU, its slope, SELU, and softmax, none of which may overflow."""

import numpy as np

from course_lib.activations import SELU_ALPHA, SELU_SCALE, elu, elu_derivative, selu, softmax
from course_lib.exercises.core import Exercise, Mistake


def _activation_cases(rng):
    yield np.array([0.0])
    yield np.array([-2.0, -1.0, 1.0, 2.0])
    yield np.zeros((0, 3))
    yield np.array([[0.5, -0.5]], np.float32)
    yield np.array([1000.0])
    yield np.array([-1000.0])
    yield np.array([-1000.0, 1000.0], np.float32)
    yield rng.uniform(-30, 30, (5, 4))
    yield rng.standard_normal((64, 100), dtype=np.float32)


def _elu_cases(rng):
    for z, alpha in zip(_activation_cases(rng), (1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 0.5, 1.6), strict=True):
        if z.tolist() != [0.0]:  # the slope at the corner is a matter of taste
            yield z, alpha


def _with_alpha(answer, case):
    z, alpha = case
    return answer(z, alpha=alpha)


def _below(z, alpha):
    return (alpha * np.expm1(np.minimum(z, 0))).astype(z.dtype)


ELU = Exercise(
    name="elu",
    reference=elu,
    cases=_elu_cases,
    points=2,
    call=_with_alpha,
    mistakes=(
        Mistake(
            lambda z, alpha=1.0: (z * (z > 0) + alpha * (np.exp(z) - 1) * (z <= 0)).astype(z.dtype),
            "Multiplying by 0 doesn't remove infinity: exp(1000) is inf, and inf · 0 is NaN. Let exp see only numbers "
            "that aren't positive: exp(min(z, 0)).",
        ),
        Mistake(
            lambda z, alpha=1.0: np.where(z > 0, z, alpha * np.exp(np.minimum(z, 0)) - 1).astype(z.dtype),
            "Python reads alpha * exp(z) - 1 as (alpha · exp(z)) - 1: put exp(z) - 1 in brackets. With alpha 1 nobody "
            "notices; with another one the curve breaks at 0.",
        ),
        Mistake(
            lambda z, alpha=1.0: (alpha * (np.exp(z) - 1)).astype(z.dtype),
            "The exponential is for negative z only; above zero the function is z itself.",
        ),
        Mistake(
            lambda z, alpha=1.0: (np.maximum(z, 0) - _below(z, alpha)).astype(z.dtype),
            "Below zero the curve goes up: exp(z) - 1 is negative there already, so add it.",
        ),
        Mistake(
            lambda z, alpha=1.0: np.maximum(z, 0) + _below(z, 1.0),
            "alpha is left out: far below zero the function must end at -alpha.",
        ),
        Mistake(
            lambda z, alpha=1.0: np.maximum(z, _below(-np.abs(z), alpha)),
            "Wherever both are negative this takes the larger of z and the exponential, which for alpha above 1 is the "
            "line near zero. Below zero take the exponential, whichever is larger.",
        ),
        Mistake(
            lambda z, alpha=1.0: np.where(z > 0, z, alpha * np.exp(np.minimum(z, 0))).astype(z.dtype),
            "The - 1 is missing: at 0 the curve jumps from 0 to alpha. It is alpha · (exp(z) - 1).",
        ),
    ),
    hints=(
        "As with leaky ReLU there are two parts. Which numbers may the exponential see, so that it can't overflow?",
        "f(z) = max(z, 0) + alpha · (exp(min(z, 0)) - 1): where z is positive, the second part is 0.",
        "np.maximum(z, 0) + alpha * np.expm1(np.minimum(z, 0)); expm1(z) is exp(z) - 1, exact also for tiny z.",
    ),
)

ELU_DERIVATIVE = Exercise(
    name="elu_derivative",
    reference=elu_derivative,
    cases=_elu_cases,
    points=2,
    call=_with_alpha,
    mistakes=(
        Mistake(
            lambda z, alpha=1.0: ((z > 0) + (z <= 0) * alpha * np.exp(z)).astype(z.dtype),
            "Multiplying by 0 doesn't remove infinity: exp(1000) is inf, and 0 · inf is NaN. Let exp see min(z, 0).",
        ),
        Mistake(
            lambda z, alpha=1.0: (alpha * np.exp(z)).astype(z.dtype),
            "This is the slope below zero, taken everywhere. Above zero the function is z, and its slope is 1.",
        ),
        Mistake(
            lambda z, alpha=1.0: np.exp(np.minimum(z, 0)),
            "alpha is left out: alpha · (exp(z) - 1) has the slope alpha · exp(z).",
        ),
        Mistake(
            lambda z, alpha=1.0: np.where(z > 0, 1, _below(z, alpha) + 1).astype(z.dtype),
            "f(z) + 1 is the slope only if alpha is 1; in general it is f(z) + alpha.",
        ),
        Mistake(
            lambda z, alpha=1.0: np.where(z > 0, 1, z + alpha).astype(z.dtype),
            "f(z) + alpha would be right, but the argument here is z, not f(z): below zero the slope is "
            "alpha · exp(z).",
        ),
        Mistake(
            lambda z, alpha=1.0: np.where(z > 0, 1, 0).astype(z.dtype),
            "This is ReLU's slope. ELU's isn't 0 below zero, and that is its point.",
        ),
        Mistake(
            lambda z, alpha=1.0: np.where(z > 0, z, alpha * np.exp(np.minimum(z, 0))).astype(z.dtype),
            "Above zero this is the function, z; the slope of z is 1.",
        ),
    ),
    hints=(
        "Differentiate each side by itself: what is the slope of z, and what is the slope of alpha · (exp(z) - 1)?",
        "f'(z) = 1 where z > 0, else alpha · exp(z); and exp must not see large positive numbers.",
        "np.where(z > 0, 1, alpha * np.exp(np.minimum(z, 0))); mind the dtype.",
    ),
)


def _selu_cases(rng):
    return [(z,) for z in _activation_cases(rng)]


SELU = Exercise(
    name="selu",
    reference=selu,
    cases=_selu_cases,
    points=1,
    mistakes=(
        Mistake(
            lambda z: (SELU_ALPHA * (np.maximum(z, 0) + _below(z, SELU_SCALE))).astype(z.dtype),
            "The two constants are swapped: scale, 1.0507, multiplies everything; alpha, 1.6733, only the exponential.",
        ),
        Mistake(
            lambda z: (np.maximum(z, 0) + _below(z, SELU_SCALE * SELU_ALPHA)).astype(z.dtype),
            "Above zero the slope must be scale, a little more than 1: that is where a signal that is too small grows "
            "back. Multiply both sides by scale.",
        ),
        Mistake(
            lambda z: (SELU_SCALE * np.maximum(z, 0) + _below(z, SELU_ALPHA)).astype(z.dtype),
            "Below zero scale is missing: it multiplies both sides.",
        ),
        Mistake(
            lambda z: (SELU_SCALE * SELU_ALPHA * (np.maximum(z, 0) + _below(z, 1.0))).astype(z.dtype),
            "alpha multiplies both sides here; it belongs to the exponential only.",
        ),
        Mistake(
            lambda z: (SELU_SCALE * (z * (z > 0) + SELU_ALPHA * (np.exp(z) - 1) * (z <= 0))).astype(z.dtype),
            "inf · 0 is NaN: exp(1000) must never be computed. Let exp see min(z, 0).",
        ),
        Mistake(
            lambda z: (SELU_SCALE * (np.maximum(z, 0) + _below(z, 1.0))).astype(z.dtype),
            "This is ELU with alpha 1, times scale. SELU's alpha is SELU_ALPHA, 1.6733.",
        ),
    ),
    hints=(
        "SELU is ELU with a certain alpha, and all of it multiplied by a certain scale.",
        "f(z) = scale · (max(z, 0) + alpha · (exp(min(z, 0)) - 1)).",
        "SELU_SCALE * (np.maximum(z, 0) + SELU_ALPHA * np.expm1(np.minimum(z, 0))).",
    ),
)


def _softmax_cases(rng):
    yield (np.log(np.array([[1.0, 2.0, 5.0]])),)
    yield (np.array([[3.0]]),)
    yield (np.zeros((2, 4)),)
    yield (np.zeros((0, 10)),)
    yield (np.array([[1000.0, 1001.0]]),)
    yield (np.array([[-1000.0, -1001.0, -1002.0]], np.float32),)
    yield (np.array([[1000.0, 1000.0], [-1000.0, -1001.0]]),)
    yield (rng.uniform(-10, 10, (5, 4)),)
    yield (rng.standard_normal((128, 10), dtype=np.float32),)


def _shares(powers, axis=-1):
    return powers / powers.sum(axis=axis, keepdims=True)


SOFTMAX = Exercise(
    name="softmax",
    reference=softmax,
    cases=_softmax_cases,
    points=2,
    mistakes=(
        Mistake(
            lambda z: _shares(np.exp(z)),
            "Right for small numbers; exp(1000) is inf, and inf / inf is NaN. Subtract each row's largest number "
            "first: all exponentials of the row shrink by one factor, which cancels.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - z.max(initial=-np.inf))),
            "The largest number of the whole batch is subtracted: a row that lies far below it becomes 0 / 0. Every "
            "row has a largest number of its own.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - z.max(axis=-1, keepdims=True)), axis=None),
            "Divided by the sum over all rows: each row must sum to 1 by itself.",
        ),
        Mistake(
            lambda z: _shares(np.exp(z - z.max(axis=-1, keepdims=True)), axis=0),
            "Here the columns sum to 1. A row is an example, and its classes share the probability: sum over the last "
            "axis.",
        ),
        Mistake(
            lambda z: np.exp(z - z.max(axis=-1, keepdims=True)),
            "These are the shifted exponentials; they aren't divided by their sum yet.",
        ),
        Mistake(
            lambda z: 1 / (1 + np.exp(-z)),
            "This is the logistic function of every number by itself: the rows don't sum to 1.",
        ),
        Mistake(
            lambda z: _shares(np.exp(-(z - z.min(axis=-1, keepdims=True, initial=np.inf)))),
            "The largest number gets the smallest probability: the sign inside exp is wrong.",
        ),
    ),
    hints=(
        "Probabilities are shares: exponentials divided by their sum, row by row. What may be subtracted from a row "
        "without changing its shares?",
        "softmax(z) = exp(z - m) / Σ exp(z - m), m the row's largest number: then no exponential exceeds 1.",
        "powers = np.exp(z - z.max(axis=-1, keepdims=True)); then divide by powers.sum(axis=-1, keepdims=True).",
    ),
)
