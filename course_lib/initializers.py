"""Random weights for a layer's kernel: a shape and a random generator in, an array out."""

from math import erf, exp, pi, prod, sqrt

import numpy as np

from course_lib.contracts import shapes


def fans(shape):
    """Return how many inputs reach one output of a kernel, and the reverse: its fans.

    Parameters
    ----------
    shape : tuple of int
        (fan_in, fan_out) of a dense kernel, or (..., in, out) of a convolution's, whose
        first axes are those of its window.

    Returns
    -------
    fan_in, fan_out : int

    Raises
    ------
    ValueError
        If shape has fewer than two axes.

    Formula
    -------
    fan_in = window · in,   fan_out = window · out,
    where window is the product of all axes but the last two
    """
    if len(shape) < 2:
        raise ValueError(
            f"fans: shape is {tuple(shape)}, wanted at least two axes, "
            "such as (fan_in, fan_out)"
        )
    window = prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


def standard_normal(shape, rng, *, dtype=np.float32):
    """Draw from N(0, 1), whatever the fans: an old textbook recipe.

    Parameters
    ----------
    shape : tuple of int
    rng : numpy.random.Generator
    dtype : float32 or float64

    Returns
    -------
    array of that shape and dtype
    """
    return rng.standard_normal(shape, dtype=dtype)


def standard_uniform(shape, rng, *, dtype=np.float32):
    """Draw uniformly with mean 0 and variance 1. Arguments as in `standard_normal`.

    Formula
    -------
    from -√3 to √3
    """
    return 3**0.5 * (2 * rng.random(shape, dtype=dtype) - 1)


@shapes(limit="[0.001, inf)")
def truncated_std(limit):
    """Return the standard deviation of N(0, 1) with all beyond ±limit drawn again.

    Formula
    -------
    √(1 - 2 limit φ(limit) / P),   φ(z) = exp(-z² / 2) / √(2π),   P = erf(limit / √2)

    φ is the density of N(0, 1), P the share of it within ±limit. Integrated by parts,
    the mean of z² within the limits is (-2 limit φ(limit) + P) / P.

    Parameters
    ----------
    limit : float
        In standard deviations, from 0.001 on.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If limit is below 0.001, where rounding would show, or infinite.
    """
    density = exp(-limit * limit / 2) / sqrt(2 * pi)
    return sqrt(1 - 2 * limit * density / erf(limit / sqrt(2)))


TRUNCATED_STD = truncated_std(2)  # what Keras and `standard_truncated` cut off at


def standard_truncated(shape, rng, *, dtype=np.float32):
    """Draw from N(0, 1) until every number is within ±2, then widen, so that the variance is 1 again.

    Arguments as in `standard_normal`.

    Formula
    -------
    draws / `TRUNCATED_STD`
    """
    draws = rng.standard_normal(shape, dtype=dtype)
    while (far := np.abs(draws) > 2).any():
        draws[far] = rng.standard_normal(np.count_nonzero(far), dtype=dtype)
    return draws / TRUNCATED_STD


@shapes(scale="(-inf, inf)")
def variance_scaling(
    shape, rng, *, scale=1.0, mode="fan_in", distribution="truncated_normal",
    dtype=np.float32,
):
    """Draw weights of mean 0 whose variance is scale divided by a fan.

    Parameters
    ----------
    shape : tuple of int
    rng : numpy.random.Generator
    scale : float, positive
        1 for Glorot and LeCun, 2 for He.
    mode : "fan_in", "fan_out" or "fan_avg"
        The fan to divide by; fan_avg is the mean of the two.
    distribution : "uniform", "normal" or "truncated_normal"
        A truncated normal is cut off at two standard deviations and widened, so that
        the variance is kept.
    dtype : float32 or float64

    Returns
    -------
    array of that shape and dtype

    Raises
    ------
    ValueError
        If scale isn't positive, or mode or distribution is unknown.

    Formula
    -------
    std = √(scale / fan), and the result is std times draws of mean 0 and variance 1

    Notes
    -----
    LeCun et al., 1998; Glorot and Bengio, 2010; He et al., 2015. In Keras:
    ``VarianceScaling``.
    """
    if scale <= 0:
        raise ValueError(
            f"variance_scaling: scale is {scale!r}, wanted a number in (0, inf)"
        )
    fan_in, fan_out = fans(shape)
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    draw = {
        "uniform": standard_uniform,
        "normal": standard_normal,
        "truncated_normal": standard_truncated,
    }
    if mode not in fan:
        raise ValueError(
            f"variance_scaling: mode is {mode!r}, wanted one of {', '.join(fan)}"
        )
    if distribution not in draw:
        raise ValueError(
            f"variance_scaling: distribution is {distribution!r}, "
            f"wanted one of {', '.join(draw)}"
        )
    std = float(scale / max(fan[mode], 1)) ** 0.5
    return std * draw[distribution](shape, rng, dtype=dtype)


def glorot_uniform(shape, rng, *, dtype=np.float32):
    """Draw weights uniformly, by Glorot's rule: Keras's default.

    Arguments as in `variance_scaling`; the array has that shape and dtype.

    Formula
    -------
    A uniform distribution from -a to a has variance a² / 3; for it to be
    2 / (fan_in + fan_out), a = √(6 / (fan_in + fan_out)).

    Notes
    -----
    Glorot and Bengio, 2010.
    """
    return variance_scaling(
        shape, rng, scale=1, mode="fan_avg", distribution="uniform", dtype=dtype
    )


def glorot_normal(shape, rng, *, dtype=np.float32):
    """Draw weights from a truncated normal, by Glorot's rule (Glorot and Bengio, 2010).

    Formula
    -------
    The variance is 2 / (fan_in + fan_out).
    """
    return variance_scaling(shape, rng, scale=1, mode="fan_avg", distribution="truncated_normal", dtype=dtype)


def he_uniform(shape, rng, *, dtype=np.float32):
    """Draw weights uniformly, by He's rule, made for ReLU (He et al., 2015).

    Formula
    -------
    The variance is 2 / fan_in.
    """
    return variance_scaling(shape, rng, scale=2, mode="fan_in", distribution="uniform", dtype=dtype)


def he_normal(shape, rng, *, dtype=np.float32):
    """Draw weights from a truncated normal, by He's rule, made for ReLU.

    Arguments as in `variance_scaling`; the array has that shape and dtype.

    Formula
    -------
    The variance is 2 / fan_in; the distribution is a normal one, cut off at two
    standard deviations and widened again.

    Notes
    -----
    He et al., 2015.
    """
    return variance_scaling(
        shape, rng, scale=2, mode="fan_in", distribution="truncated_normal", dtype=dtype
    )


def lecun_uniform(shape, rng, *, dtype=np.float32):
    """Draw weights uniformly, by LeCun's rule (LeCun et al., 1998).

    Formula
    -------
    The variance is 1 / fan_in.
    """
    return variance_scaling(shape, rng, scale=1, mode="fan_in", distribution="uniform", dtype=dtype)


def lecun_normal(shape, rng, *, dtype=np.float32):
    """Draw weights from a truncated normal, by LeCun's rule, made for SELU (LeCun et al., 1998).

    Formula
    -------
    The variance is 1 / fan_in.
    """
    return variance_scaling(shape, rng, scale=1, mode="fan_in", distribution="truncated_normal", dtype=dtype)


@shapes(gain="(-inf, inf)")
def orthogonal(shape, rng, *, gain=1.0, dtype=np.float32):
    """Draw a matrix that neither stretches nor shrinks, every such matrix being equally likely.

    Parameters
    ----------
    shape : tuple of int
        (fan_in, fan_out), or (..., in, out) of a convolution's kernel: a matrix with one column for each output.
    rng : numpy.random.Generator
    gain : float
    dtype : float32 or float64

    Returns
    -------
    array of that shape and dtype

    Raises
    ------
    ValueError
        If shape has fewer than two axes.

    Formula
    -------
    wᵀ w = gain² · I if there are at least as many inputs as outputs, else w wᵀ = gain² · I

    Notes
    -----
    Saxe, McClelland and Ganguli, 2013; the signs: Mezzadri, 2007. In Keras: ``Orthogonal``.
    """
    if len(shape) < 2:
        raise ValueError(f"orthogonal: shape is {tuple(shape)}, wanted at least two axes, such as (fan_in, fan_out)")
    rows, columns = prod(shape[:-1]), shape[-1]
    q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diag(r))  # without this, the signs depend on how QR is computed
    return (gain * (q if rows >= columns else q.T)).reshape(shape).astype(dtype)


def zeros(shape, rng, *, dtype=np.float32):
    """Draw nothing: weights of 0, for the last layer of a branch that starts without influence.

    Arguments as in `standard_normal`; nothing is taken from rng.
    """
    return np.zeros(shape, dtype)


@shapes(x="batch inputs")
def lsuv(f, widths, x, rng):
    """Draw orthogonal kernels whose sums have standard deviation 1 on a batch.

    "Layer-sequential unit variance": for dense layers with any activation function,
    zero biases, and no formula at hand.

    Formula
    -------
    For one layer after another: draw w orthogonal, w ← w / (standard deviation of x w),
    x ← f(x w) with the new w.

    Parameters
    ----------
    f : function array -> array
        The activation function, elementwise.
    widths : list of int
        Inputs, then every layer's units: one number more than there are layers.
    x : array (batch, inputs)
    rng : numpy.random.Generator

    Returns
    -------
    list of arrays (fan_in, fan_out), of x's dtype
        A kernel for each layer, lowest first. The standard deviation is one over all
        of a layer's sums.

    Notes
    -----
    Mishkin and Matas, 2015.
    """
    kernels = []
    for fan_in, fan_out in zip(widths[:-1], widths[1:], strict=True):
        w = orthogonal((fan_in, fan_out), rng, dtype=x.dtype)
        w = w / (x @ w).std()
        kernels.append(w)
        x = f(x @ w)
    return kernels
