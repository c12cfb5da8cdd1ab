"""Exercise of notebook 06: the backward pass of dropout."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.judge.comparing import Unusable
from course_lib.layers import dropout_backward


def _cases(rng):
    yield np.ones(4), np.array([2.0, 0.0, 0.0, 2.0])
    yield np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]]), np.array([[0.0, 1.25, 1.25], [1.25, 0.0, 1.25]])
    yield np.zeros((0, 3)), np.zeros((0, 3))
    for shape, rate, dtype in (
        ((5, 5), 0.5, np.float64), ((64, 100), 0.2, np.float32), ((3, 4, 5, 2), 0.75, np.float64)
    ):
        yield rng.standard_normal(shape).astype(dtype), ((rng.random(shape) >= rate) / (1 - rate)).astype(dtype)


def _dx(answer, case):
    result = answer(*case)
    if isinstance(result, np.ndarray):
        raise Unusable("it returned an array, wanted a tuple of one array: mind the comma in (dx,)")
    if isinstance(result, tuple | list) and len(result) != 1:
        raise Unusable(f"it returned {len(result)} things, wanted a tuple of one array: forward had one array, x")
    return result


def _wrong(formula):
    """Return a wrong backward pass, whose dx is made by a formula of dy and mask."""
    return lambda dy, mask: (np.asarray(formula(dy, mask)).astype(dy.dtype),)


DROPOUT_BACKWARD = Exercise(
    name="dropout_backward",
    reference=dropout_backward,
    cases=_cases,
    points=1,
    task=Task.DERIVE,
    call=_dx,
    parts=("dx",),
    mistakes=(
        Mistake(
            _wrong(lambda dy, mask: dy * (mask != 0)),
            "The factor is missing: what was kept was enlarged, and so is its gradient.",
        ),
        Mistake(
            _wrong(lambda dy, mask: dy),
            "The gradient goes back as if nothing had been dropped. What was multiplied by 0 had no influence.",
        ),
        Mistake(
            _wrong(lambda dy, mask: dy / mask),
            "This divides by the mask, so by 0 where something was dropped. The slope of y = x · mask with respect to "
            "x is mask: multiply.",
        ),
        Mistake(
            _wrong(lambda dy, mask: np.where(mask == 0, 0, dy / mask)),
            "This divides by the mask. The slope of y = x · mask with respect to x is mask: multiply.",
        ),
        Mistake(
            _wrong(lambda dy, mask: dy * mask * mask),
            "The mask is applied twice. It holds the enlarging already.",
        ),
        Mistake(
            _wrong(lambda dy, mask: 2 * dy * (mask != 0)),
            "The factor is 2 whatever the mask holds. That belongs to rate 0.5: the mask holds the right one.",
        ),
        Mistake(
            _wrong(lambda dy, mask: dy * (mask == 0)),
            "This lets through what was dropped, and stops what was kept.",
        ),
        Mistake(
            _wrong(lambda dy, mask: np.where(mask == 0, dy, dy * mask)),
            "What was dropped gets the gradient that came in. It had no influence, so its gradient is 0.",
        ),
        Mistake(
            _wrong(lambda dy, mask: mask),
            "This is the mask alone, the slope of y. By the chain rule it is multiplied by dy.",
        ),
        Mistake(
            _wrong(lambda dy, mask: dy + mask),
            "dy and mask are added. What forward multiplied by, backward multiplies by, too.",
        ),
        Mistake(
            _wrong(lambda dy, mask: dy * (1 - mask)),
            "This multiplies by 1 - mask. The slope of y = x · mask with respect to x is mask itself.",
        ),
        Mistake(
            _wrong(lambda dy, mask: -dy * mask),
            "The sign is turned round. The step that subtracts the gradient is taken elsewhere.",
        ),
        Mistake(
            _wrong(lambda dy, mask: np.sum(dy * mask, axis=0)),
            "dx is summed over the first axis. It has x's shape: each number has a slope of its own.",
        ),
        Mistake(
            _wrong(lambda dy, mask: np.sum(dy * mask)),
            "dx is summed to one number. It has x's shape: each number has a slope of its own.",
        ),
        Mistake(
            _wrong(lambda dy, mask: dy * mask / max(len(dy), 1)),
            "dx is divided by the number of rows. The mean over the batch is the loss's affair, and in dy already.",
        ),
        Mistake(
            lambda dy, mask: (dy @ mask,),
            "dy @ mask is a matrix product. Here each number is multiplied by its own mask: element by element.",
        ),
    ),
    hints=(
        "Each number was multiplied by something. What is the slope of such a product?",
        "return (dy * mask,): a tuple of one array, since forward had one array.",
    ),
)
