"""Exercises of notebook 04: the averages that training leaves behind, inference with them, and folding it away."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.normalization import batch_norm_inference, fold_batch_norm, moving_average


def _average_cases(rng):
    yield np.array([0.0, 1.0]), np.array([10.0, 5.0]), 0.9
    yield np.array([3.0]), np.array([4.0]), 0.0
    yield np.array([3.0]), np.array([4.0]), 1.0
    yield np.zeros(0), np.zeros(0), 0.5
    yield rng.standard_normal(100, dtype=np.float32), rng.standard_normal(100, dtype=np.float32), 0.99
    yield rng.standard_normal((40, 25)), rng.standard_normal((40, 25)), 0.9
    yield 1e6 * rng.standard_normal((3, 2)), rng.standard_normal((3, 2)), 0.75


AVERAGE = Exercise(
    name="moving_average",
    reference=moving_average,
    cases=_average_cases,
    points=1,
    mistakes=(
        Mistake(
            lambda old, new, decay=0.99: (1 - decay) * old + decay * new,
            "The weights are exchanged: decay is the weight of the old value. (PyTorch counts the other way round.)",
        ),
        Mistake(
            lambda old, new, decay=0.99: (old + new) / 2,
            "Old and new count equally here. The old value's weight is decay, the new one's is what is left to 1.",
        ),
        Mistake(
            lambda old, new, decay=0.99: decay * old + new,
            "The weights must sum to 1, or the average grows beyond what it averages: multiply new by 1 - decay.",
        ),
        Mistake(
            lambda old, new, decay=0.99: (0.99 * old + 0.01 * new).astype(old.dtype),
            "The weight is always 0.99, whatever the caller asked for: use the argument decay.",
        ),
        Mistake(
            lambda old, new, decay=0.99: new.copy(),
            "This forgets everything but the last batch.",
        ),
        Mistake(
            lambda old, new, decay=0.99: decay * (old + new),
            "Both are multiplied by decay. The new value's weight is 1 - decay.",
        ),
    ),
    hints=(
        "A weighted mean of two values: much of the old, a little of the new.",
        "decay · old + (1 - decay) · new.",
        "One line: return decay * old + (1 - …) * …",
    ),
)


def _inference_cases(rng):
    one = np.array([3.0])
    yield np.array([[5.0], [7.0]]), one, np.array([10.0]), np.array([4.0]), np.array([5.0]), 4.0
    for shape, dtype, eps in [((1, 2), np.float64, 1e-3), ((0, 3), np.float64, 1e-3), ((6, 3), np.float64, 0.5),
                              ((64, 100), np.float32, 1e-3), ((3, 2, 4, 2), np.float64, 0.25)]:
        channels = shape[-1:]
        gamma, variance = rng.uniform(0.5, 2, (2, *channels))
        beta, mean = rng.standard_normal((2, *channels))
        yield (*(a.astype(dtype) for a in (rng.normal(1, 2, shape), gamma, beta, mean, variance)), eps)


def _with_eps(answer, case):
    *arrays, eps = case
    return answer(*arrays, eps=eps)


def _use(formula):
    """Return a wrong inference: a formula of x, gamma, beta, mean, variance and eps, kept in x's dtype."""

    def answer(x, gamma, beta, mean, variance, *, eps=1e-3):
        return formula(x, gamma, beta, mean, variance, eps).astype(x.dtype)

    return answer


def _batch(x, gamma, beta, mean, variance, eps):
    axes = tuple(range(x.ndim - 1))
    return gamma * (x - x.mean(axis=axes)) / np.sqrt(x.var(axis=axes) + eps) + beta


INFERENCE = Exercise(
    name="batch_norm_inference",
    reference=batch_norm_inference,
    cases=_inference_cases,
    points=2,
    call=_with_eps,
    mistakes=(
        Mistake(
            _use(_batch),
            "It takes mean and variance of the batch that it was given. In use they come from training: an image must "
            "get the same answer, whatever else is in its batch.",
        ),
        Mistake(
            _use(lambda x, gamma, beta, mean, variance, eps: gamma * (x - mean) / (variance + eps) + beta),
            "It divides by the variance. Divide by its root.",
        ),
        Mistake(
            _use(lambda x, gamma, beta, mean, variance, eps: gamma * (x - mean) / np.sqrt(variance) + beta),
            "eps is left out. It must be the same as in training, under the root.",
        ),
        Mistake(
            _use(lambda x, gamma, beta, mean, variance, eps: gamma * (x - mean) / (np.sqrt(variance) + eps) + beta),
            "eps is added to the standard deviation. It belongs under the root, as in training.",
        ),
        Mistake(
            _use(lambda x, gamma, beta, mean, variance, eps: gamma * x / np.sqrt(variance + eps) + beta),
            "The mean isn't taken away.",
        ),
        Mistake(
            _use(lambda x, gamma, beta, mean, variance, eps: beta * (x - mean) / np.sqrt(variance + eps) + gamma),
            "gamma and beta are exchanged: gamma multiplies, beta is added.",
        ),
        Mistake(
            _use(lambda x, gamma, beta, mean, variance, eps: gamma * (x / np.sqrt(variance + eps) - mean) + beta),
            "The mean is taken away after the division: first x - mean, then divide.",
        ),
    ),
    hints=(
        "The same formula as in training; but mean and variance are given, not computed.",
        "y = gamma · (x - mean) / √(variance + eps) + beta.",
        "One line; NumPy broadcasts the five arrays along the last axis of x by itself: (x - mean) * … + beta.",
    ),
)


def _fold_cases(rng):
    yield np.array([[2.0], [4.0]]), *(np.array([v]) for v in (1.0, 3.0, 10.0, 4.0, 5.0)), 4.0
    for shape, dtype, eps in [((3, 2), np.float64, 0.5), ((3, 3), np.float64, 0.25), ((100, 100), np.float32, 1e-3),
                              ((3, 3, 2, 4), np.float64, 0.25), ((5, 5, 1, 8), np.float32, 1e-3)]:
        gamma, variance = rng.uniform(0.5, 2, (2, shape[-1]))
        b, beta, mean = rng.standard_normal((3, shape[-1]))
        yield (*(a.astype(dtype) for a in (rng.standard_normal(shape), b, gamma, beta, mean, variance)), eps)


def _folded(formula):
    """Return a wrong folding: a formula of w, b, beta, mean and scale = gamma / √(variance + eps)."""

    def answer(w, b, gamma, beta, mean, variance, *, eps=1e-3):
        return formula(w, b, beta, mean, (gamma / np.sqrt(variance + eps)).astype(w.dtype))

    return answer


def _fold_without_eps(w, b, gamma, beta, mean, variance, *, eps=1e-3):
    scale = gamma / np.sqrt(variance)
    return w * scale, (b - mean) * scale + beta


def _fold_by_variance(w, b, gamma, beta, mean, variance, *, eps=1e-3):
    scale = (gamma / (variance + eps)).astype(w.dtype)
    return w * scale, (b - mean) * scale + beta


FOLD = Exercise(
    name="fold_batch_norm",
    reference=fold_batch_norm,
    cases=_fold_cases,
    points=2,
    call=_with_eps,
    mistakes=(
        Mistake(
            _folded(lambda w, b, beta, mean, scale: (w * scale, b + beta - mean)),
            "The old bias and the mean go through the scale as well: (b - mean) · scale + beta.",
        ),
        Mistake(
            _folded(lambda w, b, beta, mean, scale: (w * scale, b * scale + beta)),
            "The mean got lost. What batch norm sees is x·w + b, and it takes the mean away from that.",
        ),
        Mistake(
            _folded(lambda w, b, beta, mean, scale: (w * scale, beta - mean * scale)),
            "The layer's own bias b got lost: batch norm sees x·w + b.",
        ),
        Mistake(
            _folded(lambda w, b, beta, mean, scale: (w, (b - mean) * scale + beta)),
            "The weights must be scaled too: each unit's column by its own scale.",
        ),
        Mistake(
            _folded(lambda w, b, beta, mean, scale: ((w.T * scale).T, (b - mean) * scale + beta)),
            "The scale went along the inputs. It belongs to the units, the last axis of w.",
        ),
        Mistake(
            _fold_without_eps,
            "eps is left out. It must be the same as in training, under the root.",
        ),
        Mistake(
            _fold_by_variance,
            "It divides by the variance. Divide by its root.",
        ),
    ),
    hints=(
        "In use, batch norm is a straight line for each unit: times a number, plus a number. Two straight lines after "
        "each other are one.",
        "scale = gamma / √(variance + eps). Put z = x·w + b into scale · (z - mean) + beta and sort by x.",
        "scale = gamma / np.sqrt(variance + eps); the new weights are w * scale (NumPy takes the last axis by itself), "
        "the new bias (b - mean) * scale + beta.",
    ),
)
