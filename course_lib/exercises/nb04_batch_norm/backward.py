"""Exercise of notebook 04: batch norm's backward pass, with the paths through the batch's statistics."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.normalization import NormCache, batch_norm, batch_norm_backward


def _backward_cases(rng):
    x = np.array([[1.0], [3.0], [5.0], [7.0]])
    yield np.array([[1.0], [0.0], [0.0], [-1.0]]), tuple(batch_norm(x, np.array([3.0]), np.array([10.0]), eps=4.0)[1])
    for shape, dtype, eps in [((1, 2), np.float64, 1e-3), ((6, 3), np.float64, 0.5), ((4, 4), np.float64, 0.25),
                              ((64, 100), np.float32, 1e-3), ((3, 2, 4, 2), np.float64, 0.25)]:
        x, gamma = rng.normal(1, 2, shape).astype(dtype), rng.uniform(0.5, 2, shape[-1]).astype(dtype)
        _, cache = batch_norm(x, gamma, np.zeros_like(gamma), eps=eps)
        yield rng.normal(0.3, 1, shape).astype(dtype), tuple(cache)


def _backward(answer, case):
    dy, cache = case
    return answer(dy, NormCache(*cache))


def _parts(dy, cache):
    """Return the parts from which wrong gradients are made: dx's factor, x̂, dgamma, dbeta, n."""
    axes = tuple(range(dy.ndim - 1))
    normalized = cache.centred / cache.std
    n = dy.dtype.type(dy.size // dy.shape[-1])
    return cache.gamma / cache.std, normalized, (dy * normalized).sum(axis=axes), dy.sum(axis=axes), n


def _constants(dy, cache):
    factor, _, dgamma, dbeta, _ = _parts(dy, cache)
    return factor * dy, dgamma, dbeta


def _mean_forgotten(dy, cache):
    factor, normalized, dgamma, dbeta, n = _parts(dy, cache)
    return factor * (dy - normalized * dgamma / n), dgamma, dbeta


def _variance_forgotten(dy, cache):
    factor, _, dgamma, dbeta, n = _parts(dy, cache)
    return factor * (dy - dbeta / n), dgamma, dbeta


def _sums(dy, cache):
    factor, normalized, dgamma, dbeta, _ = _parts(dy, cache)
    return factor * (dy - dbeta - normalized * dgamma), dgamma, dbeta


def _dx(dy, cache):
    factor, normalized, dgamma, dbeta, n = _parts(dy, cache)
    return factor * (dy - dbeta / n - normalized * dgamma / n)


def _gamma_forgotten(dy, cache):
    _, _, dgamma, dbeta, _ = _parts(dy, cache)
    return _dx(dy, cache) / cache.gamma, dgamma, dbeta


def _centred_only(dy, cache):
    _, _, dgamma, dbeta, _ = _parts(dy, cache)
    return _dx(dy, cache), dgamma * cache.std, dbeta


def _means(dy, cache):
    _, _, dgamma, dbeta, n = _parts(dy, cache)
    return _dx(dy, cache), dgamma / n, dbeta / n


def _exchanged(dy, cache):
    _, _, dgamma, dbeta, _ = _parts(dy, cache)
    return _dx(dy, cache), dbeta, dgamma


BACKWARD = Exercise(
    name="batch_norm_backward",
    reference=batch_norm_backward,
    cases=_backward_cases,
    points=4,
    call=_backward,
    mistakes=(
        Mistake(
            _constants,
            "dx treats the batch's mean and variance as constants. They are made from x: if one x grows, the mean "
            "grows, and so all outputs of the unit change. Two paths are missing.",
        ),
        Mistake(
            _mean_forgotten,
            "The path through the mean is missing: dx must also lose the mean of dy over the batch.",
        ),
        Mistake(
            _variance_forgotten,
            "The path through the variance is missing: dx must also lose x̂ times the mean of dy · x̂ over the batch.",
        ),
        Mistake(
            _sums,
            "dx subtracts sums over the batch where it should subtract means: divide both by n.",
        ),
        Mistake(
            _gamma_forgotten,
            "dx lacks the factor gamma, by which forward multiplied.",
        ),
        Mistake(
            _centred_only,
            "dgamma is Σ dy · x̂, with the normalized x̂ = centred / std, not with centred alone.",
        ),
        Mistake(
            _means,
            "dgamma and dbeta are means over the batch. The division by the batch size is in dy already: sum.",
        ),
        Mistake(
            _exchanged,
            "dgamma and dbeta stand in the wrong order: they come as batch_norm's arguments do, x, gamma, beta.",
        ),
    ),
    hints=(
        "Three paths lead from x to the loss: straight through, through the mean, through the variance. Begin with "
        "dgamma and dbeta; dx needs both.",
        "With x̂ = centred / std and n rows: dbeta = Σ dy, dgamma = Σ dy · x̂, "
        "dx = gamma / std · (dy - dbeta / n - x̂ · dgamma / n).",
        "axes = tuple(range(dy.ndim - 1)) and n = dy.size / dy.shape[-1] for images too; then np.sum(dy, axis=axes), "
        "np.sum(dy * cache.centred / cache.std, axis=axes), and the line for dx.",
    ),
)
