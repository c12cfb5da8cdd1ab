"""Exercises of notebook 01: clipping gradients by value and by their common norm."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.regularizers import clip_by_global_norm, clip_by_value


def _value_cases(rng):
    yield np.array([0.9, 100.0]), 1.0
    yield np.array([-3.0, 0.5, 2.0]), 1.0
    yield np.array([0.1, -0.2]), 1.0
    yield np.zeros((0, 2)), 1.0
    yield np.array([[-1e30, 1e30, 1.0]], np.float32), 0.5
    yield rng.standard_normal((100, 100), dtype=np.float32), 0.7


CLIP_VALUE = Exercise(
    name="clip_by_value",
    reference=clip_by_value,
    cases=_value_cases,
    points=1,
    mistakes=(
        Mistake(
            lambda grad, limit: np.minimum(grad, limit),
            "Large positive elements are cut off, large negative ones aren't: -3 must become -limit.",
        ),
        Mistake(
            lambda grad, limit: grad * (limit / max(np.abs(grad).max(initial=0), limit)).astype(grad.dtype),
            "This shrinks the whole array by one factor, which keeps the direction. Clipping by value treats each "
            "element alone: those within ±limit stay as they are.",
        ),
        Mistake(
            lambda grad, limit: np.where(np.abs(grad) > limit, 0, grad),
            "Elements beyond the limit are set to 0. They should be set to the limit, with their sign.",
        ),
        Mistake(
            lambda grad, limit: np.clip(grad, 0, limit),
            "Negative elements become 0. They may go down to -limit.",
        ),
        Mistake(
            lambda grad, limit: np.minimum(np.abs(grad), limit),
            "The signs are lost: a gradient of -3 clipped to 1 is -1.",
        ),
    ),
    hints=(
        "Every element for itself: what is above limit becomes limit, what is below -limit becomes -limit.",
        "g ← min(max(g, -limit), limit), element by element.",
        "np.minimum and np.maximum do it in two calls, np.clip in one.",
    ),
)


def _norm_cases(rng):
    yield [np.array([3.0]), np.array([4.0])], 1.0
    yield [np.array([3.0, 4.0])], 10.0
    yield [np.zeros(2), np.zeros((2, 2))], 1.0
    yield [np.array([[6.0, 0.0]]), np.zeros((0,)), np.array([8.0])], 5.0
    yield [np.array([3e25, 0.0], np.float32), np.array([[4e25]], np.float32)], 1.0
    yield [rng.standard_normal(s) for s in [(3, 4), (4,), (4, 2), (2,)]], 2.0
    yield [rng.standard_normal(s, dtype=np.float32) for s in [(100, 100), (100,)] * 5], 1.0


def _scaled(norm):
    def clip(grads, limit):
        with np.errstate(all="ignore"):
            return [(g * (limit / max(norm(grads), limit))).astype(g.dtype) for g in grads]

    return clip


def _squares(grads):
    return sum(float(np.sum(np.square(g, dtype=np.float64))) for g in grads)


CLIP_NORM = Exercise(
    name="clip_by_global_norm",
    reference=clip_by_global_norm,
    cases=_norm_cases,
    points=2,
    mistakes=(
        Mistake(
            lambda grads, limit: [_scaled(lambda gs: _squares(gs) ** 0.5)([g], limit)[0] for g in grads],
            "Each array is clipped by its own norm, so small ones grow in weight against large ones and the direction "
            "of the whole step changes. Compute one norm over all arrays.",
        ),
        Mistake(
            lambda grads, limit: [(g * (limit / max(_squares(grads) ** 0.5, 1e-300))).astype(g.dtype) for g in grads],
            "Gradients shorter than the limit are stretched to it. They must stay as they are: clipping only shortens.",
        ),
        Mistake(
            _scaled(_squares),
            "The norm is the square root of the sum of squares: the root is missing.",
        ),
        Mistake(
            _scaled(lambda grads: sum(_squares([g]) ** 0.5 for g in grads)),
            "The norms of the arrays are added. Add the squares of all elements first and take one root at the end.",
        ),
        Mistake(
            _scaled(lambda grads: np.sqrt(sum(np.sum(g**2) for g in grads))),
            "Right, until gradients really explode: the square of 3e25 is too large for float32, the norm becomes inf "
            "and everything comes out as 0. Sum the squares in float64: np.sum(np.square(g, dtype=np.float64)).",
        ),
    ),
    hints=(
        "Think of all the gradients as one long vector. How long is it, and by which factor must it shrink?",
        "norm = √(Σ g² over all elements of all arrays); each g is multiplied by limit / max(norm, limit).",
        "norm = np.sqrt(sum(np.sum(np.square(g, dtype=np.float64)) for g in grads)); then a list of g * scale, where "
        "scale = limit / max(float(norm), limit) is an ordinary number.",
    ),
)
