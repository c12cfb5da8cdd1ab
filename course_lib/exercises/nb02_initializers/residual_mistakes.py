"""What learners write in place of a residual block's backward pass."""

import numpy as np

from course_lib.exercises.core import Mistake


def _pass(
    db=lambda dy, s: s * dy,
    dz=lambda db, h, w2: db @ w2.T * (h > 0),
    dx=lambda dy, dz, w1, s: dy + dz @ w1.T,
    dw1=lambda x, dz, db: x.T @ dz,
    dw2=lambda h, db, dy: h.T @ db,
    order=lambda dx, dw1, dw2: (dx, dw1, dw2),
):
    """Return a backward pass of which one step is made otherwise."""

    def answer(dy, cache):
        x, h, w1, w2, s = cache
        branch = db(dy, s)
        sums = dz(branch, h, w2)
        return order(dx(dy, sums, w1, s), dw1(x, sums, branch), dw2(h, branch, dy))

    return answer


MISTAKES = (
    Mistake(
        _pass(dx=lambda dy, dz, w1, s: dz @ w1.T),
        "dx comes through the branch alone. y also has x in it as it is, so dy goes straight down as well: add it.",
    ),
    Mistake(
        _pass(dx=lambda dy, dz, w1, s: dy),
        "dx is dy alone, the plain path. x also feeds the branch: what comes back through it is added.",
    ),
    Mistake(
        _pass(dx=lambda dy, dz, w1, s: s * dy + dz @ w1.T),
        "In dx the plain path's gradient is multiplied by s. s stands before the branch alone; on the plain path the "
        "slope is 1.",
    ),
    Mistake(
        _pass(db=lambda dy, s: dy),
        "s is missing: the branch was multiplied by it on the way up, so its gradient is, on the way down. All three "
        "depend on it.",
    ),
    Mistake(
        _pass(dw2=lambda h, db, dy: h.T @ dy),
        "dw2 lacks s: w2 is part of the branch, so s multiplies what it does to y.",
    ),
    Mistake(
        _pass(dz=lambda db, h, w2: db @ w2.T),
        "ReLU is left out on the way down: where h is 0 the unit was off, its slope is 0, and nothing comes through.",
    ),
    Mistake(
        _pass(dz=lambda db, h, w2: db @ w2.T * h),
        "The gradient is multiplied by h itself. ReLU's slope is 1 where the unit was on and 0 where it was off.",
    ),
    Mistake(
        _pass(dz=lambda db, h, w2: np.maximum(db @ w2.T, 0)),
        "ReLU is applied to the gradient. Backwards it isn't the gradient's sign that decides but the unit's own: "
        "h > 0.",
    ),
    Mistake(
        _pass(dz=lambda db, h, w2: db @ w2.T * (h == 0)),
        "The gradient passes where the units were off, and stops where they were on: the other way round.",
    ),
    Mistake(
        _pass(dx=lambda dy, dz, w1, s: dy + s * dz @ w1.T, dw1=lambda x, dz, db: x.T @ dz),
        "In dx the branch's part has s in it twice: what reaches w1 has been multiplied by it already.",
    ),
    Mistake(
        _pass(db=lambda dy, s: s * s * dy),
        "s counts twice in the branch. It multiplies once, on the way down as on the way up.",
    ),
    Mistake(
        _pass(dw1=lambda x, dz, db: x.T @ dz / max(len(x), 1), dw2=lambda h, db, dy: h.T @ db / max(len(h), 1)),
        "dw1 and dw2 are divided by the batch size, which happens twice that way: the loss is a mean already.",
    ),
    Mistake(
        _pass(order=lambda dx, dw1, dw2: (dx, dw2, dw1)),
        "dw1 and dw2 stand in the wrong order: the gradients come in the order of the block's arguments, x, w1, w2.",
    ),
    Mistake(
        _pass(order=lambda dx, dw1, dw2: (dw1, dw2, dx)),
        "dx comes last here: the gradients come in the order of the block's arguments, x, w1, w2.",
    ),
    Mistake(
        _pass(order=lambda dx, dw1, dw2: (dw1, dw2)),
        "dx is missing. The block below gets it as its dy.",
    ),
    Mistake(
        _pass(dw2=lambda h, db, dy: db.T @ h),
        "dw2 is transposed: it must have the shape of w2, (units, width).",
    ),
    Mistake(
        _pass(dw1=lambda x, dz, db: dz.T @ x),
        "dw1 is transposed: it must have the shape of w1, (width, units).",
    ),
    Mistake(
        _pass(dx=lambda dy, dz, w1, s: dy * (dz @ w1.T)),
        "The two ways' gradients are multiplied. Where two ways meet, gradients add up.",
    ),
    Mistake(
        lambda dy, cache: (*_pass()(dy, cache), 0.0),
        "There is a fourth gradient. s is a number that isn't learned: three arrays get one, x, w1 and w2.",
    ),
    Mistake(
        lambda dy, cache: (dy + _pass()(dy, cache)[0], *_pass()(dy, cache)[1:]),
        "The plain path is counted twice in dx: dy is added once.",
    ),
    Mistake(
        _pass(dx=lambda dy, dz, w1, s: dy - dz @ w1.T),
        "In dx the branch's part is subtracted. Where two ways meet, gradients add up.",
    ),
    Mistake(
        lambda dy, cache: tuple(-each for each in _pass()(dy, cache)),
        "All three have the wrong sign. Backward returns the gradients; to go against them is the optimizer's task.",
    ),
)
