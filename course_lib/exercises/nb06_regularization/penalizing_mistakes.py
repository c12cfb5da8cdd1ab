"""Wrong answers to notebook 06's exercise on l1 and l2, and what helps whoever wrote them."""

import numpy as np

from course_lib.exercises.core import Mistake


def _abs(w, l1):
    return l1 * np.sum(np.abs(w))


def _squares(w, l2):
    return l2 * np.sum(w * w)


def _pull(w, l1):
    return l1 * np.sign(w)


def _pull2(w, l2):
    return 2 * l2 * w


def _wrong(first=_abs, second=_squares, slope=_pull, slope2=_pull2):
    """Return a wrong penalty: with another l1 part or l2 part, or another slope of one of them."""

    def answer(w, *, l1=0.01, l2=0.01):
        return first(w, l1) + second(w, l2), np.asarray(slope(w, l1) + slope2(w, l2)).astype(w.dtype)

    return answer


def _with(strengths):
    """Return a wrong penalty that uses other strengths, made from l1 and l2."""
    return lambda w, *, l1=0.01, l2=0.01: _wrong()(w, **dict(zip(("l1", "l2"), strengths(l1, l2), strict=True)))


def _nothing(w, strength):
    return 0.0


MISTAKES = (
    Mistake(
        _wrong(slope2=lambda w, l2: l2 * w),
        "The gradient's l2 part is half of what it should be: the slope of w² is 2w.",
    ),
    Mistake(
        _wrong(second=lambda w, l2: l2 / 2 * np.sum(w * w)),
        "The penalty's l2 part is halved. Some books do so; here, as in Keras, it is l2 · Σw².",
    ),
    Mistake(
        _wrong(second=lambda w, l2: l2 / 2 * np.sum(w * w), slope2=lambda w, l2: l2 * w),
        "The l2 part is halved, penalty and gradient. Some books do so; here, as in Keras, it is l2 · Σw².",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: l1 * np.abs(w)),
        "The slope of |w| is the sign of w, not |w|: every weight is pulled equally hard.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: l1 * np.ones_like(w)),
        "The l1 part pulls every weight down, negative ones away from 0. Its slope is the sign of w.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: l1 * w),
        "In the gradient l1 is multiplied by w itself. The slope of |w| is only the sign of w.",
    ),
    Mistake(
        _wrong(slope=_nothing),
        "The gradient's l1 part is missing: |w| has a slope, too.",
    ),
    Mistake(
        _wrong(slope2=_nothing),
        "The gradient's l2 part is missing: w² has a slope, too.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: 2 * l1 * np.sign(w)),
        "The gradient's l1 part is doubled: the 2 comes from w², and |w| has none.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: l1 * w / np.abs(w)),
        "Where a weight is 0, this divides 0 by 0, which is NaN. There the slope of |w| counts as 0.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: l1 * np.where(w > 0, 1, -1)),
        "A weight of exactly 0 gets the slope of a negative one. There the slope of |w| counts as 0.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: l1 * np.where(w >= 0, 1, -1)),
        "A weight of exactly 0 gets the slope of a positive one. There the slope of |w| counts as 0.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: -_pull(w, l1), slope2=lambda w, l2: -_pull2(w, l2)),
        "The gradient's sign is turned round. Return the gradient; the step that subtracts it is taken elsewhere.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: l1 * (w > 0)),
        "Only positive weights get a slope of |w|. That of a negative one is -1.",
    ),
    Mistake(
        _wrong(slope2=lambda w, l2: 2 * l2 * np.abs(w)),
        "The gradient's l2 part has lost its sign: the slope of w² is 2w, which is negative where w is.",
    ),
    Mistake(
        _wrong(slope2=lambda w, l2: 2 * l2 * np.ones_like(w)),
        "In the gradient's l2 part w is missing: the slope of w² is 2w, so large weights are pulled harder.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: l1 * np.abs(w), slope2=lambda w, l2: l2 * w * w),
        "This is what each weight adds to the penalty. The gradient is the slope of that: how fast it grows with "
        "the weight.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: np.sign(w)),
        "In the gradient's first part the strength l1 is missing.",
    ),
    Mistake(
        _wrong(slope2=lambda w, l2: 2 * w),
        "In the gradient's second part the strength l2 is missing.",
    ),
    Mistake(
        _wrong(lambda w, l1: np.sum(np.abs(w))),
        "In the penalty's first part the strength l1 is missing.",
    ),
    Mistake(
        _wrong(second=lambda w, l2: np.sum(w * w)),
        "In the penalty's second part the strength l2 is missing.",
    ),
    Mistake(
        _wrong(lambda w, l1: np.sum(np.abs(w)), lambda w, l2: np.sum(w * w)),
        "In the penalty the strengths l1 and l2 are missing.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: np.sign(w), slope2=lambda w, l2: 2 * w),
        "In the gradient the strengths l1 and l2 are missing.",
    ),
    Mistake(
        _wrong(second=lambda w, l2: -_squares(w, l2), slope2=lambda w, l2: -_pull2(w, l2)),
        "The l2 part is subtracted from the l1 part. Add the two.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: w - _pull(w, l1), slope2=lambda w, l2: -_pull2(w, l2)),
        "These are the weights after a step. Return the gradient itself; the step is taken elsewhere.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: np.sum(l1 * np.sign(w)), slope2=lambda w, l2: np.sum(2 * l2 * w)),
        "The gradient is summed over the weights. It has w's shape: each weight has a slope of its own.",
    ),
    Mistake(
        _with(lambda l1, l2: (-l1, -l2)),
        "The sign is turned round: small weights are to be cheap, so large ones make the loss larger.",
    ),
    Mistake(
        lambda w, *, l1=0.01, l2=0.01: _wrong()(w, l1=l1 / max(w.size, 1), l2=l2 / max(w.size, 1)),
        "This takes the mean over the weights. The penalty is a sum: more weights, more penalty.",
    ),
    Mistake(
        _wrong(slope=lambda w, l1: _pull(w, l1 / max(w.size, 1)),
               slope2=lambda w, l2: _pull2(w, l2 / max(w.size, 1))),
        "The gradient is divided by the number of weights. The penalty is a sum, no mean.",
    ),
    Mistake(
        _wrong(lambda w, l1: l1 * np.mean(np.abs(w)), lambda w, l2: l2 * np.mean(w * w)),
        "The penalty takes means over the weights. It is made of sums: more weights, more penalty.",
    ),
    Mistake(
        _wrong(second=lambda w, l2: l2 * np.mean(w * w)),
        "The penalty's l2 part is a mean. Both parts are sums: more weights, more penalty.",
    ),
    Mistake(
        _wrong(lambda w, l1: l1 * np.mean(np.abs(w))),
        "The penalty's l1 part is a mean. Both parts are sums: more weights, more penalty.",
    ),
    Mistake(
        _wrong(lambda w, l1: _abs(w[-1:], l1), lambda w, l2: _squares(w[-1:], l2)),
        "The penalty is that of the last row alone, as if each row's took the place of the one before. Add them "
        "all up.",
    ),
    Mistake(
        _wrong(lambda w, l1: l1 * np.abs(np.sum(w))),
        "Positive and negative weights cancel before the absolute value is taken. Take that of each weight, then "
        "sum.",
    ),
    Mistake(
        _wrong(lambda w, l1: l1 * np.sum(w)),
        "Positive and negative weights cancel in the penalty's l1 part: sum their absolute values.",
    ),
    Mistake(
        _wrong(second=lambda w, l2: l2 * np.sqrt(np.sum(w * w))),
        "The penalty's l2 part is the sum of squares, without a root.",
    ),
    Mistake(
        _wrong(second=lambda w, l2: l2 * np.sum(w) ** 2),
        "The penalty's l2 part squares the sum. Square each weight, then sum.",
    ),
    Mistake(
        _wrong(first=_nothing),
        "The penalty's l1 part is missing.",
    ),
    Mistake(
        _wrong(second=_nothing),
        "The penalty's l2 part is missing.",
    ),
    Mistake(
        _wrong(lambda w, l1: l1 * np.abs(w), lambda w, l2: l2 * w * w),
        "The penalty isn't summed: it has a number for each weight. One number is wanted, for all of them "
        "together.",
    ),
    Mistake(
        _wrong(lambda w, l1: l1 * np.sum(np.abs(w), axis=0), lambda w, l2: l2 * np.sum(w * w, axis=0)),
        "The penalty is summed over the first axis only, as Python's own sum does. Sum over all axes: one number.",
    ),
    Mistake(
        _wrong(lambda w, l1: l1 * np.sum(np.abs(w), axis=-1), lambda w, l2: l2 * np.sum(w * w, axis=-1)),
        "The penalty is summed over the last axis only, so each row has its own. Sum over all axes: one number.",
    ),
    Mistake(
        _wrong(lambda w, l1: l1 * np.linalg.norm(w, 1)),
        "np.linalg.norm(w, 1) of a matrix is the largest sum of a column. The penalty's l1 part sums |w| over all "
        "weights.",
    ),
    Mistake(
        _wrong(second=lambda w, l2: l2 * np.linalg.norm(w, 2) ** 2),
        "np.linalg.norm(w, 2) of a matrix is its largest singular value. The penalty's l2 part sums w² over all "
        "weights.",
    ),
    Mistake(
        _wrong(lambda w, l1: l1 * np.linalg.norm(w, 1), lambda w, l2: l2 * np.linalg.norm(w, 2) ** 2),
        "np.linalg.norm of a matrix, with 1 or 2, is no sum over its elements. The penalty sums |w| and w² over all.",
    ),
    Mistake(
        _with(lambda l1, l2: (l2, l1)),
        "l1 and l2 are exchanged: l1 is the strength of |w|, l2 that of w².",
    ),
    Mistake(
        _with(lambda l1, l2: (l1, l1)),
        "l1 is the strength of both parts here, and l2 of none: it belongs to w².",
    ),
    Mistake(
        _with(lambda l1, l2: (l2, l2)),
        "l2 is the strength of both parts here, and l1 of none: it belongs to |w|.",
    ),
    Mistake(
        lambda w, *, l1=0.01, l2=0.01: _wrong()(w, l1=l1, l2=l2)[::-1],
        "Penalty and gradient come in the wrong order: the penalty first.",
    ),
)
