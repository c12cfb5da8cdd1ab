"""Exercises of notebook 06: dropout, judged by the statistics of what it drops, and its backward pass."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.layers import dropout, dropout_backward

NAMES = (
    "the share that is dropped", "the smallest factor of what is kept", "the largest factor of what is kept",
    "the largest difference between y and x · mask", "the spread of the rows' shares", "the spread of the columns' "
    "shares",
)
TOLERANCE = (0.02, 1e-4, 1e-4, 1e-4, 0.03, 0.03)  # the cases have tens of thousands of numbers


def _cases(rng):
    yield np.ones((200, 200)), 0.5, 1
    yield rng.standard_normal((150, 250)), 0.2, 2
    yield rng.normal(3, 1, (250, 150)).astype(np.float32), 0.8, 3
    yield rng.standard_normal((60, 8, 8, 10), dtype=np.float32), 0.3, 4
    yield rng.standard_normal((200, 100)), 0.0, 5


def _dropped(answer, case):
    """Return six numbers that describe what an answer drops; what they can't show is said here."""
    x, rate, seed = case
    y, mask = _checked(answer(x, rate, np.random.default_rng(seed)), x)
    generator = np.random.default_rng(seed)
    masks = [_checked(answer(x, rate, generator), x)[1] for _ in range(2)]
    if rate and np.array_equal(*masks):
        raise Unusable("it drops the same numbers twice: draw from the generator rng, which goes on by itself")
    if not np.array_equal(masks[0], mask):
        raise Unusable("two generators of the same seed drop different numbers: draw from rng, not from np.random")
    off = (mask == 0).reshape(len(mask), -1)
    kept = mask[mask != 0] if np.any(mask != 0) else np.zeros(1)
    spreads = [off.mean(axis=axis).std() for axis in (1, 0)]
    return np.array([off.mean(), kept.min(), kept.max(), np.abs(y - x * mask).max(), *spreads])


def _checked(result, x):
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Unusable(f"it returned a {type(result).__name__}, wanted two arrays: y and mask")
    for name, part in zip(("y", "mask"), result, strict=True):
        if not isinstance(part, np.ndarray) or part.shape != x.shape:
            raise Unusable(f"{name} has shape {np.shape(part)}, wanted an array of x's shape {x.shape}")
        if part.dtype != x.dtype:
            raise Unusable(f"{name} has dtype {part.dtype}, wanted x's dtype {x.dtype}")
    return result


def _alike(got, wanted):
    if got[0].shape != wanted[0].shape:
        return f"it returned an array of shape {got[0].shape}"
    for name, limit, g, w in zip(NAMES, TOLERANCE, got[0].tolist(), wanted[0].tolist(), strict=True):
        if not abs(g - w) <= limit:
            return f"{name} is {g:.3g}, wanted {w:.3g}" + (" within chance" if limit > 1e-3 else "")
    return None


def _wrong(factor, shape=lambda shape: shape, drop=lambda rate: rate, seen=None):
    """Return a wrong dropout: another factor, another shape of what is drawn, another share, or another y."""

    def answer(x, rate, rng):
        kept = rng.random(shape(x.shape)) >= drop(rate)
        mask = np.broadcast_to(kept * factor(rate), x.shape).astype(x.dtype)
        return (x * mask if seen is None else seen(x, kept)).astype(x.dtype), mask

    return answer


def _over(share):
    return 1 / share if share else 1.0


DROPOUT = Exercise(
    name="dropout",
    reference=dropout,
    cases=_cases,
    points=3,
    call=_dropped,
    compare=_alike,
    mistakes=(
        Mistake(
            _wrong(lambda rate: 1.0),
            "What is kept isn't enlarged. Then every mean shrinks in training to 1 - rate of what it is in use: "
            "divide by the share that is kept.",
        ),
        Mistake(
            _wrong(lambda rate: _over(rate), drop=lambda rate: 1 - rate),
            "rate and 1 - rate are exchanged: rate is the share that is dropped, as in Keras.",
        ),
        Mistake(
            _wrong(_over),
            "What is kept is divided by rate. Divide by the share that is kept, 1 - rate: then the mean stays.",
        ),
        Mistake(
            _wrong(lambda rate: 1 - rate),
            "What is kept is multiplied by 1 - rate, and so made smaller still. In training, divide by it.",
        ),
        Mistake(
            _wrong(lambda rate: 1 / (1 - rate), shape=lambda shape: (1, *shape[1:])),
            "The same units are dropped for every example of the batch. Draw for each number by itself: rng.random "
            "of x's whole shape.",
        ),
        Mistake(
            _wrong(lambda rate: 1 / (1 - rate), shape=lambda shape: (shape[0], *(1,) * (len(shape) - 1))),
            "Whole examples are dropped, with all their units. Draw for each number by itself: rng.random of x's "
            "whole shape.",
        ),
        Mistake(
            _wrong(lambda rate: 1 / (1 - rate), seen=lambda x, kept: x * kept),
            "y and mask don't belong together: y = x · mask, with the same enlarged mask that the backward pass gets.",
        ),
    ),
    hints=(
        "Draw a number between 0 and 1 for each element; where it is below rate, the element is dropped. What is "
        "kept must make up for what is missing.",
        "mask = 0 with probability rate, else 1 / (1 - rate); y = x · mask.",
        "kept = rng.random(x.shape) >= rate; mask = (kept / (1 - rate)).astype(x.dtype); and return x * mask, mask.",
    ),
)


def _backward_cases(rng):
    yield np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 2.0], [2.0, 0.0]])
    yield np.zeros((0, 3)), np.zeros((0, 3))
    for shape, rate, dtype in (((64, 100), 0.2, np.float32), ((3, 4, 4, 2), 0.75, np.float64)):
        yield rng.standard_normal(shape).astype(dtype), ((rng.random(shape) >= rate) / (1 - rate)).astype(dtype)


DROPOUT_BACKWARD = Exercise(
    name="dropout_backward",
    reference=dropout_backward,
    cases=_backward_cases,
    points=1,
    mistakes=(
        Mistake(
            lambda dy, mask: (dy,),
            "The gradient goes back as if nothing had been dropped. What was multiplied by 0 had no influence.",
        ),
        Mistake(
            lambda dy, mask: (dy * (mask != 0),),
            "The factor is missing: what was kept was enlarged, and so is its gradient.",
        ),
        Mistake(
            lambda dy, mask: (np.where(mask == 0, 0, dy / np.where(mask == 0, 1, mask)).astype(dy.dtype),),
            "This divides by the mask. The slope of y = x · mask with respect to x is mask: multiply.",
        ),
        Mistake(
            lambda dy, mask: (dy * mask * mask,),
            "The mask is applied twice.",
        ),
        Mistake(
            lambda dy, mask: (dy * (mask == 0),),
            "This lets through what was dropped, and stops what was kept.",
        ),
    ),
    hints=(
        "Each number was multiplied by something. What is the slope of such a product?",
        "dx = dy · mask, element by element.",
        "return (dy * mask,): a tuple of one array, since forward had one array.",
    ),
)
