"""Exercise of notebook 04: batch norm in use, with statistics that are given."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.calling import call
from course_lib.exercises.judge.comparing import Unusable
from course_lib.normalization import batch_norm_inference


def _cases(rng):
    one = np.array([3.0])
    yield np.array([[5.0], [7.0]]), one, np.array([10.0]), np.array([4.0]), np.array([5.0]), {"eps": 4.0}
    for shape, dtype, options in [
        ((1, 2), np.float64, {}), ((0, 3), np.float64, {}), ((6, 3), np.float64, {"eps": 0.5}),
        ((4, 4), np.float64, {"eps": 0.25}), ((64, 100), np.float32, {}), ((3, 2, 4, 2), np.float64, {"eps": 0.25}),
        ((2, 3, 5, 4), np.float32, {}),
    ]:
        gamma, variance = rng.uniform(0.5, 2, (2, shape[-1]))
        beta, mean = rng.standard_normal((2, shape[-1]))
        yield (*(a.astype(dtype) for a in (rng.normal(1, 2, shape), gamma, beta, mean, variance)), options)
    zeros, spread = np.zeros(3), np.array([0.0, 1e-4, 1.0])  # the first unit never varied
    yield rng.standard_normal((5, 3)), np.ones(3), zeros, zeros, spread, {"eps": 0.01}


def _array(answer, case):
    result = call(answer, case)
    if isinstance(result, tuple | list):
        raise Unusable(
            f"it returned a {type(result).__name__} of {len(result)}, wanted y alone: in use nothing goes backwards, "
            "so there is no cache"
        )
    return result


def _wrong(formula, default=1e-3):
    """Return a wrong inference: a formula of x, gamma, beta, mean, variance and eps, kept in x's dtype."""

    def answer(x, gamma, beta, mean, variance, *, eps=default):
        return formula(x, gamma, beta, mean, variance, eps).astype(x.dtype)

    return answer


def _right(x, gamma, beta, mean, variance, eps):
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta


def _over(axes=None, own_mean=True, own_variance=True):
    """Return a formula that takes the mean or the variance, or both, from x, over some axes."""

    def formula(x, gamma, beta, mean, variance, eps):
        over = tuple(range(x.ndim - 1)) if axes is None else axes
        m = x.mean(axis=over, keepdims=True) if own_mean else mean
        v = x.var(axis=over, keepdims=True) if own_variance else variance
        return _right(x, gamma, beta, m, v, eps)

    return formula


def _two_axes_only(x, gamma, beta, mean, variance, eps):
    if x.ndim != 2:
        raise ValueError
    return _right(x, gamma, beta, mean, variance, eps)


INFERENCE = Exercise(
    name="batch_norm_inference",
    reference=batch_norm_inference,
    cases=_cases,
    points=2,
    call=_array,
    rows="example",
    mistakes=(
        Mistake(
            _wrong(_over()),
            "It takes mean and variance of the batch that it was given. In use they come from training: an image must "
            "get the same answer, whatever else is in its batch.",
        ),
        Mistake(
            _wrong(_over(0)),
            "It takes mean and variance of the batch that it was given, for each position of an image by itself. In "
            "use they come from training: both are arguments.",
        ),
        Mistake(
            _wrong(_over(own_variance=False)),
            "It takes the mean of the batch that it was given. In use the mean comes from training, as the variance "
            "does: both are arguments.",
        ),
        Mistake(
            _wrong(_over(own_mean=False)),
            "It takes the variance of the batch that it was given. In use the variance comes from training, as the "
            "mean does: both are arguments.",
        ),
        Mistake(
            _wrong(_over(-1)),
            "Every row is normalized by its own mean and variance. In use they come from training, one pair a unit: "
            "both are arguments.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * (x - mean) / (variance + eps) + beta),
            "It divides by the variance. Divide by its root.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * (x - mean) / variance + beta),
            "It divides by the variance, and eps is left out. Divide by the root of both together.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * (x - mean) / np.sqrt(variance) + beta),
            "eps is left out. It must be the same as in training, under the root.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * (x - mean) / (np.sqrt(variance) + eps) + beta),
            "eps is added to the standard deviation. It belongs under the root, as in training.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(x, gamma, beta, mean, variance, eps * eps)),
            "eps is squared. It is added to the variance as it is.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(x, gamma, beta + eps, mean, variance, 0)),
            "eps is added to y, and the root goes without. Brackets: it belongs under the root.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * (x - mean + eps) / np.sqrt(variance) + beta),
            "eps is added to x - mean, and the root goes without. Only under the root it keeps the divisor from being "
            "0.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * (x - mean) / (variance + eps) ** 2 + beta),
            "It divides by the square of the variance. The deviation is its root.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(x, gamma, beta, mean, variance**2, eps)),
            "The variance is squared under the root. It is a square already: √(variance + eps).",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * (x - mean) * np.sqrt(variance + eps) + beta),
            "It multiplies by the standard deviation. Divide by it.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * (x - mean) + beta),
            "The division by the standard deviation, √(variance + eps), is missing.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * x / np.sqrt(variance + eps) + beta),
            "The mean isn't taken away.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(x, gamma, beta, -mean, variance, eps)),
            "The mean is added. It is taken away: x - mean.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(-x, gamma, beta, -mean, variance, eps)),
            "It normalizes mean - x. It is x - mean, the other way round.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * (x / np.sqrt(variance + eps) - mean) + beta),
            "The mean is taken away after the division: first x - mean, then divide.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * x - mean / np.sqrt(variance + eps) + beta),
            "Brackets: only the mean is divided here. Take it away first, then divide the difference.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * x / np.sqrt(variance + eps) - mean + beta),
            "The mean is taken away last, from what was scaled already. It goes first: x - mean, then divide and "
            "scale.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(x, beta, gamma, mean, variance, eps)),
            "gamma and beta are exchanged: gamma multiplies, beta is added.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(x, gamma, beta, variance, mean, eps)),
            "Mean and variance are exchanged: the fourth argument is taken away, the fifth goes under the root.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(x, mean, variance, gamma, beta, eps)),
            "The arguments come in another order than you take them: x, gamma, beta, mean, variance.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: (x - mean) / np.sqrt(variance + eps)),
            "This is x̂: the scale gamma and the shift beta are still to come.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: (x - mean) / np.sqrt(variance + eps) + beta),
            "gamma is missing: x̂ is multiplied by it before beta is added.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: gamma * (x - mean) / np.sqrt(variance + eps)),
            "beta is missing: it is added at the end.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(x, gamma, gamma * beta, mean, variance, eps)),
            "beta is multiplied by gamma as well. Only x̂ is; beta is added afterwards.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: (gamma * (x - mean) + beta) / np.sqrt(variance + eps)),
            "beta is divided as well. Only x - mean is; beta is added afterwards.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(x, 1 / gamma, beta, mean, variance, eps)),
            "It divides by gamma. gamma multiplies.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(x, gamma, -beta, mean, variance, eps)),
            "beta is subtracted. It is added.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(x, gamma, beta, mean, variance, 1e-3)),
            "eps is always 0.001 here, whatever the caller asked for: use the argument.",
        ),
        Mistake(
            _wrong(lambda x, gamma, beta, mean, variance, eps: _right(x, gamma, beta, mean, variance, 1e-5)),
            "eps is always 0.00001 here, whatever the caller asked for: use the argument, and 0.001 for its default.",
        ),
        *(
            Mistake(
                _wrong(_right, default=eps),
                f"Where eps isn't given you take {eps:g}; here the default is 0.001, as in Keras.",
            )
            for eps in (1e-5, 1e-4, 1e-6)
        ),
        Mistake(
            _wrong(_right, default=1e-8),
            "Where eps isn't given you take next to nothing; here the default is 0.001, as in Keras.",
        ),
        Mistake(
            _wrong(_two_axes_only),
            "For (batch, units) this is right, but it stops on images, which have four axes. Nothing here needs to "
            "know how many: the five arrays meet along the last one by themselves.",
        ),
    ),
    hints=(
        "The same formula as in training; but mean and variance are given, not computed.",
        "One line; NumPy broadcasts the five arrays along the last axis of x by itself: (x - mean) * … + beta.",
    ),
)
