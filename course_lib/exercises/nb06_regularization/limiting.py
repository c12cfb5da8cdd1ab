"""Exercises of notebook 06: a penalty on weights, and a limit to the norm of each unit's incoming weights."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import differ
from course_lib.regularizers import l1_l2, max_norm


def _penalty_cases(rng):
    yield np.array([[1.0, -2.0], [0.0, 3.0]]), 0.5, 0.1
    yield np.zeros((2, 3)), 0.01, 0.01
    yield np.zeros((0, 3)), 0.01, 0.01
    yield rng.standard_normal((3, 4)), 0.25, 0.0
    yield rng.standard_normal((3, 4)), 0.0, 0.25
    yield rng.standard_normal((3, 3, 2, 4)), 0.01, 0.02
    yield rng.standard_normal((50, 30), dtype=np.float32), 0.001, 0.0003


def _penalty(answer, case):
    w, l1, l2 = case
    return answer(w, l1=l1, l2=l2)


def _wrong(penalty, grad):
    """Return a wrong penalty, made from formulas of w, l1 and l2."""

    def answer(w, *, l1=0.01, l2=0.01):
        return float(penalty(w, l1, l2)), np.asarray(grad(w, l1, l2)).astype(w.dtype)

    return answer


def _value(w, l1, l2):
    return l1 * np.sum(np.abs(w)) + l2 * np.sum(w * w)


def _slope(w, l1, l2):
    return l1 * np.sign(w) + 2 * l2 * w


PENALTY = Exercise(
    name="l1_l2",
    reference=l1_l2,
    cases=_penalty_cases,
    points=2,
    call=_penalty,
    mistakes=(
        Mistake(
            _wrong(_value, lambda w, l1, l2: l1 * np.sign(w) + l2 * w),
            "The slope of w² is 2w: the factor 2 is missing in the gradient.",
        ),
        Mistake(
            _wrong(lambda w, l1, l2: l1 * np.sum(np.abs(w)) + l2 / 2 * np.sum(w * w),
                   lambda w, l1, l2: l1 * np.sign(w) + l2 * w),
            "The l2 part is halved, penalty and gradient. Some books do so; here, as in Keras, it is l2 · Σw².",
        ),
        Mistake(
            _wrong(_value, lambda w, l1, l2: l1 * np.abs(w) + 2 * l2 * w),
            "The slope of |w| is the sign of w, not |w|: every weight is pulled equally hard.",
        ),
        Mistake(
            _wrong(_value, lambda w, l1, l2: l1 + 2 * l2 * w),
            "The l1 part pulls every weight down, negative ones away from 0. Its slope is the sign of w.",
        ),
        Mistake(
            _wrong(_value, lambda w, l1, l2: -_slope(w, l1, l2)),
            "The gradient's sign is turned round. Return the gradient; the step that subtracts it is taken elsewhere.",
        ),
        Mistake(
            _wrong(lambda w, l1, l2: _value(w, l1, l2) / max(w.size, 1),
                   lambda w, l1, l2: _slope(w, l1, l2) / max(w.size, 1)),
            "This takes the mean over the weights. The penalty is a sum: more weights, more penalty.",
        ),
        Mistake(
            _wrong(lambda w, l1, l2: l1 * np.sum(w) + l2 * np.sum(w * w), _slope),
            "Positive and negative weights cancel in the l1 part: sum their absolute values.",
        ),
        Mistake(
            _wrong(lambda w, l1, l2: l1 * np.sum(np.abs(w)) + l2 * np.sqrt(np.sum(w * w)), _slope),
            "The l2 part is the sum of squares, without a root.",
        ),
    ),
    hints=(
        "Two sums over all weights, each with its strength; and the slope of each with respect to one weight.",
        "penalty = l1 · Σ|w| + l2 · Σw², grad = l1 · sign(w) + 2 · l2 · w.",
        "penalty = l1 * np.sum(np.abs(w)) + l2 * np.sum(w ** 2); grad = l1 * np.sign(w) + …; return penalty, grad.",
    ),
)


def _norm_cases(rng):
    yield np.array([[3.0, 0.3], [4.0, 0.4]]), 1.0
    yield np.zeros((3, 2)), 1.0
    yield np.zeros((3, 0)), 1.0
    yield rng.standard_normal((4, 4)), 1.5
    yield rng.standard_normal((6, 3)), 0.0
    yield rng.standard_normal((2, 5)), np.inf
    yield 10 * rng.standard_normal((3, 3, 2, 4)), 2.0
    yield rng.standard_normal((100, 50), dtype=np.float32), 9.5


def _near(got, wanted):
    """As usual, but within a hundred thousandth: some add a little to the norm, and some don't."""
    text = differ(got, wanted)
    comparable = len(got) == 1 and got[0].shape == wanted[0].shape and got[0].dtype == wanted[0].dtype
    return None if comparable and np.allclose(got[0], wanted[0], rtol=1e-5, atol=1e-7) else text


def _scaled(norm_of, factor=lambda norm, limit: np.minimum(norm, limit) / (norm + 1e-7)):
    """Return a wrong max-norm: another norm of w, or another factor made from norm and limit."""

    def answer(w, limit):
        return (w * factor(norm_of(w), limit)).astype(w.dtype)

    return answer


def _incoming(w):
    return np.sqrt(np.sum(w * w, axis=tuple(range(w.ndim - 1)), keepdims=True))


MAX_NORM = Exercise(
    name="max_norm",
    reference=max_norm,
    cases=_norm_cases,
    points=2,
    compare=_near,
    mistakes=(
        Mistake(
            _scaled(lambda w: np.sqrt(np.sum(w * w, axis=-1, keepdims=True))),
            "This limits the outgoing weights of each input, along the rows. A unit's incoming weights stand in its "
            "column: the norm goes over every axis but the last.",
        ),
        Mistake(
            _scaled(lambda w: np.sqrt(np.sum(w * w))),
            "One norm of the whole matrix: units with small weights are shortened for the sake of others. Take one "
            "norm for each unit.",
        ),
        Mistake(
            _scaled(lambda w: np.sqrt(np.sum(w * w, axis=0, keepdims=True))),
            "For dense layers this is right. A filter's incoming weights go over height, width and channels: every "
            "axis but the last.",
        ),
        Mistake(
            _scaled(_incoming, lambda norm, limit: np.where(np.isfinite(limit), limit, norm) / (norm + 1e-7)),
            "Short columns are lengthened to the limit, too. Only what is longer is to be shortened.",
        ),
        Mistake(
            lambda w, limit: np.clip(w, -limit, limit),
            "This cuts off each weight by itself. The limit is for the norm of a unit's weights together; their "
            "direction stays.",
        ),
        Mistake(
            _scaled(lambda w: np.sum(w * w, axis=tuple(range(w.ndim - 1)), keepdims=True)),
            "The root is missing: the norm is √(Σw²).",
        ),
        Mistake(
            _scaled(_incoming, lambda norm, limit: np.minimum(norm, limit) / norm),
            "A unit whose weights are all 0 is divided by 0. Add 1e-7 to the norm below the fraction bar.",
        ),
    ),
    hints=(
        "Each unit by itself: how long is the vector of its incoming weights? If it is longer than the limit, "
        "multiply it by what makes it just as long.",
        "norm = √(Σ w² over all axes but the last); w · min(norm, limit) / (norm + 1e-7).",
        "norm = np.sqrt(np.sum(w ** 2, axis=tuple(range(w.ndim - 1)), keepdims=True)); then return w * np.minimum(…) "
        "/ (…).",
    ),
)
