"""Exercise of notebook 04: batch norm while training, forward."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.normalization import NormCache, batch_norm, batch_norm_backward


def _forward_cases(rng):
    x, dy = np.array([[1.0], [3.0], [5.0], [7.0]]), np.array([[1.0], [0.0], [0.0], [-1.0]])
    yield x, np.array([3.0]), np.array([10.0]), dy, 4.0
    yield np.array([[2.0, -3.0]]), np.array([2.0, 0.5]), np.array([1.0, -1.0]), np.array([[1.0, 2.0]]), 1e-3
    for shape, dtype, eps in [((6, 3), np.float64, 0.5), ((4, 4), np.float64, 0.25), ((64, 100), np.float32, 1e-3),
                              ((3, 2, 4, 2), np.float64, 0.25), ((8, 5, 5, 3), np.float32, 1e-3)]:
        channels = shape[-1:]
        x, dy = rng.normal(1, 2, shape), rng.standard_normal(shape)
        gamma, beta = rng.uniform(0.5, 2, channels), rng.standard_normal(channels)
        yield (*(a.astype(dtype) for a in (x, gamma, beta, dy)), eps)
    yield 1000 + rng.standard_normal((10, 3)), np.ones(3), np.zeros(3), rng.standard_normal((10, 3)), 1e-3
    yield np.full((5, 2), 7.0), np.ones(2), np.array([0.5, -0.5]), rng.standard_normal((5, 2)), 1e-3


def _forward(answer, case):
    """Return y, the cache's mean and variance, and what the library's backward pass makes of the cache."""
    x, gamma, beta, dy, eps = case
    result = answer(x, gamma, beta, eps=eps)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Unusable(f"it returned a {type(result).__name__}, wanted two things: y and the cache")
    y, cache = result
    if not isinstance(cache, tuple | list) or len(cache) != 5:
        raise Unusable(f"its cache is a {type(cache).__name__}, wanted NormCache(mean, variance, centred, std, gamma)")
    dx, _, _ = batch_norm_backward(dy, NormCache(*cache))
    return y, cache[0], cache[1], dx


def _wrong(statistics, normalize=None):
    """Return a wrong forward pass, made from other statistics of x or another last line."""

    def answer(x, gamma, beta, *, eps=1e-3):
        mean, variance, std = statistics(x, eps)
        centred = x - mean
        y = (normalize or _scaled)(centred, variance, std, gamma, beta)
        return y.astype(x.dtype), NormCache(mean, variance, centred, std, gamma)

    return answer


def _scaled(centred, variance, std, gamma, beta):
    return gamma * centred / std + beta


def _over(x, axes, ddof=0):
    return x.mean(axis=axes), x.var(axis=axes, ddof=min(ddof, len(x) - 1))


def _right(x, eps):
    mean, variance = _over(x, tuple(range(x.ndim - 1)))
    return mean, variance, np.sqrt(variance + x.dtype.type(eps))


def _unbiased(x, eps):
    mean, variance = _over(x, tuple(range(x.ndim - 1)), ddof=1)
    return mean, variance, np.sqrt(variance + x.dtype.type(eps))


def _eps_outside(x, eps):
    mean, variance, _ = _right(x, 0)
    return mean, variance, np.sqrt(variance) + x.dtype.type(eps)


def _no_eps(x, eps):
    return _right(x, 0)


def _squares(x, eps):
    mean, square = (a.mean(axis=tuple(range(x.ndim - 1))) for a in (x, x * x))
    return mean, square, np.sqrt(square + x.dtype.type(eps))


def _by_example(x, eps):
    mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return mean, variance, np.sqrt(variance + x.dtype.type(eps))


def _by_position(x, eps):
    mean, variance = _over(x, 0)
    return mean, variance, np.sqrt(variance + x.dtype.type(eps))


FORWARD = Exercise(
    name="batch_norm",
    reference=batch_norm,
    cases=_forward_cases,
    points=3,
    call=_forward,
    mistakes=(
        Mistake(
            _wrong(_by_example),
            "Mean and variance are taken along each row: every example is normalized by itself. Batch norm goes down "
            "the columns: one mean a unit, over all examples.",
        ),
        Mistake(
            _wrong(_by_position),
            "For dense layers this is right. For images each channel has one mean, over the batch and all positions: "
            "every axis but the last.",
        ),
        Mistake(
            _wrong(_unbiased),
            "The variance is divided by n - 1. Batch norm divides by n: it normalizes this very batch, it doesn't "
            "estimate.",
        ),
        Mistake(
            _wrong(_eps_outside),
            "eps is added to the standard deviation. It belongs under the root: √(variance + eps).",
        ),
        Mistake(
            _wrong(_no_eps),
            "eps is left out: a unit that is constant over the batch divides 0 by 0.",
        ),
        Mistake(
            _wrong(_squares),
            "This is the mean of x², not the variance: take the mean away first, then square.",
        ),
        Mistake(
            _wrong(_right, lambda centred, variance, std, gamma, beta: gamma * centred / (std * std) + beta),
            "It divides by the variance. Divide by its root, so that the result has standard deviation 1.",
        ),
        Mistake(
            _wrong(_right, lambda centred, variance, std, gamma, beta: beta * centred / std + gamma),
            "gamma and beta are exchanged: gamma multiplies, beta is added.",
        ),
    ),
    hints=(
        "Every unit by itself: take away its mean over the batch, divide by its standard deviation over the batch. "
        "Then a learned scale and a learned shift.",
        "y = gamma · (x - mean) / √(variance + eps) + beta, with mean and variance over all axes but the last.",
        "axes = tuple(range(x.ndim - 1)); mean = x.mean(axis=axes); centred = x - mean; variance = "
        "(centred ** 2).mean(axis=axes); std = np.sqrt(variance + eps); and at the end return y, NormCache(mean, "
        "variance, centred, std, gamma).",
    ),
)
