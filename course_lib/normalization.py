"""Batch normalization and its kin: the same few lines, with statistics over other axes."""

from functools import partial
from typing import NamedTuple

import numpy as np

from course_lib.contracts import shapes


class NormCache(NamedTuple):
    """What backward needs; mean and variance (divided by n, not n - 1) are also what the moving averages take in."""

    mean: np.ndarray
    variance: np.ndarray
    centred: np.ndarray  # x - mean
    std: np.ndarray  # √(variance + eps)
    gamma: np.ndarray


@shapes(gamma="channels", beta="channels", x="batch ... channels", eps="[0, inf)")
def batch_norm(x, gamma, beta, *, eps=1e-3):
    """Give channels of a batch mean beta and standard deviation gamma: for training.

    Parameters
    ----------
    x : array (batch, channels) or (batch, height, width, channels)
        Of images every position counts, as if it were an example.
    gamma, beta : arrays (channels,)
    eps : float, not negative
        What is added to the variance, so that a constant channel does no harm.

    Returns
    -------
    y : array of x's shape and dtype
        Where a channel is constant, up to rounding beta: so for a batch of one row.
    cache : NormCache
        (mean, variance, centred, std, gamma), for `batch_norm_backward`. mean and
        variance have shape (channels,) and are 0 for an empty batch.

    Formula
    -------
    y = gamma · (x - mean) / √(variance + eps) + beta,
    with mean and variance over all axes but the last

    Notes
    -----
    Ioffe and Szegedy, 2015. In Keras: ``keras.layers.BatchNormalization`` with
    ``training=True``.
    """
    n = max(x.size // len(gamma), 1)
    # over the examples first: faster, and rounds less
    mean = x.sum(axis=0).reshape(-1, len(gamma)).sum(axis=0) / n
    centred = x - mean
    # (centred * centred).sum(axis=0) in one go
    squares = np.einsum("n...,n...->...", centred, centred)
    variance = squares.reshape(-1, len(gamma)).sum(axis=0) / n
    std = np.sqrt(variance + float(eps))
    y = centred * (gamma / std) + beta
    return y, NormCache(mean, variance, centred, std, gamma)


@shapes(cache=("...", "...", "...shape", "...", "..."), dy="...shape")
def batch_norm_backward(dy, cache):
    """Return the loss's gradients with respect to x, gamma and beta, given dy = ∂L/∂y.

    Parameters
    ----------
    dy : array of x's shape
    cache : NormCache
        (mean, variance, centred, std, gamma), as `batch_norm` returned it.

    Returns
    -------
    dx : array of x's shape
    dgamma, dbeta : arrays (channels,)

    Formula
    -------
    With x̂ = (x - mean) / std, and sums and means over all axes but the last:
    dbeta = Σ dy,   dgamma = Σ dy x̂,
    dx = gamma / std · (dy - mean of dy - x̂ · mean of dy x̂).
    The two means are the paths through the batch's mean and variance.

    Notes
    -----
    Ioffe and Szegedy, 2015, with the chain rule's terms collected.
    """
    _, _, centred, std, gamma = cache
    n = max(dy.size // len(gamma), 1)
    dbeta = dy.sum(axis=0).reshape(-1, len(gamma)).sum(axis=0)
    # (dy * centred).sum(axis=0) in one go
    products = np.einsum("n...,n...->...", dy, centred)
    dgamma = products.reshape(-1, len(gamma)).sum(axis=0) / std
    dx = gamma / std * (dy - dbeta / n - centred * (dgamma / std / n))
    return dx, dgamma, dbeta


@shapes(gamma="channels", beta="channels", mean="channels", variance="channels", x="... channels", eps="[0, inf)")
def batch_norm_inference(x, gamma, beta, mean, variance, *, eps=1e-3):
    """Normalize with given statistics, each example by itself: for predicting.

    Parameters
    ----------
    x : array (..., channels)
    gamma, beta, mean, variance : arrays (channels,)
        The last two are moving averages of what `batch_norm` saw.
    eps : float
        As in training.

    Returns
    -------
    array of x's shape and dtype

    Formula
    -------
    y = gamma · (x - mean) / √(variance + eps) + beta

    Notes
    -----
    In Keras: ``keras.layers.BatchNormalization`` with ``training=False``.
    """
    return (x - mean) * (gamma / np.sqrt(variance + float(eps))) + beta


@shapes(old="...shape", new="...shape", decay="[0, 1]")
def moving_average(old, new, decay=0.99):
    """Move an average a little towards a new value.

    Parameters
    ----------
    old, new : arrays of one shape
    decay : float from 0 to 1
        The weight of the old value.

    Returns
    -------
    array of old's shape and dtype

    Formula
    -------
    decay · old + (1 - decay) · new: about the last 1 / (1 - decay) values count

    Notes
    -----
    In Keras: the ``momentum`` of ``keras.layers.BatchNormalization``; in PyTorch that
    name means the weight of the new value.
    """
    return float(decay) * old + (1 - float(decay)) * new


@shapes(b="units", gamma="units", beta="units", mean="units", variance="units", w="... units", eps="[0, inf)")
def fold_batch_norm(w, b, gamma, beta, mean, variance, *, eps=1e-3):
    """Merge inference's batch norm into the dense or convolutional layer before it.

    Parameters
    ----------
    w : array (fan_in, units) or (height, width, channels, units)
    b, gamma, beta, mean, variance : arrays (units,)
    eps : float
        As in training.

    Returns
    -------
    w, b : arrays, shapes and dtypes as they were
        Of a layer that gives by itself what the two gave one after the other.

    Formula
    -------
    w ← w · scale,   b ← (b - mean) · scale + beta,   with scale = gamma / √(variance +
    eps)

    Notes
    -----
    Jacob et al., 2018, section 3.2.
    """
    scale = gamma / np.sqrt(variance + float(eps))
    return w * scale, (b - mean) * scale + beta


@shapes(gamma="channels", beta="channels", x="... channels", eps="[0, inf)")
def layer_norm(x, gamma, beta, *, eps=1e-3):
    """Normalize every position of every example by itself, over its channels; training and inference don't differ.

    Parameters and returns are `batch_norm`'s, but mean and variance have shape (..., 1).

    Formula
    -------
    y = gamma · (x - mean) / √(variance + eps) + beta, with mean and variance over the last axis

    Notes
    -----
    Ba, Kiros and Hinton, 2016. In Keras: ``keras.layers.LayerNormalization``.
    """
    return _normalize(x, gamma, beta, eps, _over_channels)


@shapes(cache=("...", "...", "...shape", "...", "..."), dy="...shape")
def layer_norm_backward(dy, cache):
    """Return the gradients dx, dgamma and dbeta of `layer_norm`, given dy = ∂L/∂y of x's shape, and its cache."""
    return _normalize_backward(dy, cache, _over_channels)


@shapes(gamma="channels", beta="channels", x="batch ... channels", groups="[1, inf)", eps="[0, inf)")
def group_norm(x, gamma, beta, *, groups=32, eps=1e-3):
    """Normalize every example by itself, each group of neighbouring channels over all positions.

    Parameters and returns are `batch_norm`'s, but mean and variance have shape (batch, 1, ..., channels), and the
    cache is (NormCache, groups).

    Raises
    ------
    ValueError
        If groups don't divide the number of channels.

    Notes
    -----
    Wu and He, 2018. In Keras: ``keras.layers.GroupNormalization``. One channel a group: instance norm.
    """
    if len(gamma) % groups:
        raise ValueError(f"group_norm: groups is {groups}, wanted a divisor of the {len(gamma)} channels")
    y, cache = _normalize(x, gamma, beta, eps, partial(_over_groups, groups=groups))
    return y, (cache, groups)


@shapes(cache=(("...", "...", "...shape", "...", "..."), ""), dy="...shape")
def group_norm_backward(dy, cache):
    """Return the gradients dx, dgamma and dbeta of `group_norm`, given dy = ∂L/∂y of x's shape, and its cache."""
    cache, groups = cache
    return _normalize_backward(dy, cache, partial(_over_groups, groups=groups))


def _over_channels(a):
    return a.mean(axis=-1, keepdims=True)


def _over_groups(a, groups):
    mean, size = a.mean(axis=tuple(range(1, a.ndim - 1)), keepdims=True), a.shape[-1] // groups  # of every channel
    return mean.reshape(*mean.shape[:-1], groups, size).mean(axis=-1).repeat(size, axis=-1)


def _normalize(x, gamma, beta, eps, average):
    mean = average(x)
    centred = x - mean
    variance = average(np.square(centred))
    std = np.sqrt(variance + float(eps))
    return centred * (gamma / std) + beta, NormCache(mean, variance, centred, std, gamma)


def _normalize_backward(dy, cache, average):
    normalized, all_but_last = cache.centred / cache.std, tuple(range(dy.ndim - 1))
    dz = dy * cache.gamma
    dx = (dz - average(dz) - normalized * average(dz * normalized)) / cache.std
    return dx, (dy * normalized).sum(all_but_last), dy.sum(all_but_last)
