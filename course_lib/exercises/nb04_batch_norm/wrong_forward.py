"""Ways of going wrong in batch norm's forward pass, from which its mistakes are made."""

from types import SimpleNamespace

import numpy as np

from course_lib.normalization import NormCache


def over(axes, keepdims=False):
    """Return the statistics over some axes: a function x, eps -> mean, variance, std."""

    def statistics(x, eps):
        mean = x.mean(axis=axes, keepdims=keepdims)
        variance = np.square(x - x.mean(axis=axes, keepdims=True)).mean(axis=axes, keepdims=keepdims)
        return mean, variance, np.sqrt(variance + eps)

    return statistics


def over_rows(x, eps):
    """Return the right statistics, but for an empty batch NaN."""
    return over(tuple(range(x.ndim - 1)))(x, eps)


def made_from(mean=None, variance=None, std=None):
    """Return statistics of which one is another: functions of x; of x and centred; of variance and eps."""

    def statistics(x, eps):
        axes = tuple(range(x.ndim - 1))
        m = mean(x) if mean else x.mean(axis=axes)
        v = variance(x, x - m) if variance else np.square(x - m).mean(axis=axes)
        return m, v, std(v, eps) if std else np.sqrt(v + eps)

    return statistics


def only(axes):
    """Return statistics that stop with ValueError wherever x hasn't so many axes."""

    def statistics(x, eps):
        if x.ndim != axes:
            raise ValueError
        return made_from()(x, eps)

    return statistics


def summed(a):
    """Sum over all axes but the last."""
    return a.sum(axis=tuple(range(a.ndim - 1)))


def wrong(statistics=None, y=None, kept=None, default=1e-3):
    """Return a wrong forward pass: other statistics of x, another last line, cache, or default of eps.

    y and kept are functions of all that the right answer has, by name; kept returns a dict of what it keeps otherwise.
    """

    def answer(x, gamma, beta, *, eps=default):
        eps = x.dtype.type(eps)
        mean, variance, std = (statistics or made_from())(x, eps)
        p = SimpleNamespace(x=x, gamma=gamma, beta=beta, eps=eps, mean=mean, variance=variance, std=std)
        p.centred = x - mean
        p.normalized = p.centred / std
        cache = NormCache(mean, variance, p.centred, std, gamma)
        result = y(p) if y else gamma * p.normalized + beta
        return result.astype(x.dtype), cache._replace(**kept(p)) if kept else cache

    return answer
