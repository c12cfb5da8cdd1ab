"""What to expect of a network before it is drawn: what happens to a batch in it, layer by layer."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


def _grid(points):
    """Return points from -8 to 8, beyond which lies less than 1e-14 of N(0, 1), and the share that each stands for.

    An even number of points has none at 0, where slopes jump.
    """
    z = np.linspace(-8, 8, points)
    density = np.exp(-(z**2) / 2)
    return z, density / density.sum()


Z, DENSITY = _grid(800)
PAIRS = _grid(120)  # enough for sums over pairs


def gaussian_mean(f, variance=1.0):
    """Return the mean of f(z) over z ~ N(0, variance), as a sum over a fine grid.

    Parameters
    ----------
    f : function array -> array
        Elementwise.
    variance : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If variance is negative.

    Formula
    -------
    ∫ f(z) · density of z · dz
    """
    if variance < 0:
        raise ValueError(f"gaussian_mean: variance is {variance!r}, wanted a number that isn't negative")
    return float(DENSITY @ f(variance**0.5 * Z))


def gaussian_pair_mean(g, variance=1.0, correlation=0.0):
    """Return the mean of g(u, v) over normal u and v of that variance and correlation, as a sum over a fine grid.

    Parameters
    ----------
    g : function (array, array) -> array
        Elementwise.
    variance, correlation : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If variance is negative, or correlation isn't from -1 to 1.
    """
    if variance < 0:
        raise ValueError(f"gaussian_pair_mean: variance is {variance!r}, wanted a number that isn't negative")
    if abs(correlation) > 1 + 1e-6:  # a cosine that was measured may be beyond 1 by rounding
        raise ValueError(f"gaussian_pair_mean: correlation is {correlation!r}, wanted a number from -1 to 1")
    z, density = PAIRS
    u = variance**0.5 * z[:, np.newaxis]
    v = correlation * u + (max(1 - correlation**2, 0) * variance) ** 0.5 * z
    return float(density @ np.broadcast_to(g(u, v), (len(z), len(z))) @ density)


def gain(f):
    """Return the factor on the weights that makes up for what f does to a signal.

    With weights whose standard deviation is this gain, divided by the root of fan_in,
    pre-activations of mean square 1 stay at mean square 1, from layer to layer. It is 1
    for the identity and 1.41 for ReLU.

    Parameters
    ----------
    f : function array -> array
        An activation function, elementwise.

    Returns
    -------
    float

    Formula
    -------
    gain = 1 / √(mean of f(z)² over z ~ N(0, 1))

    Notes
    -----
    He et al., 2015, for ReLU.
    """
    return gaussian_mean(lambda z: f(z) ** 2) ** -0.5


class Expected(NamedTuple):
    """One number a hidden layer in each array, lowest layer first.

    activation: RMS of f(z). cosine: of two examples' activations. delta: RMS of ∂L/∂z, over that of the last hidden
    layer. `measuring.Profile` holds what is measured.
    """

    activation: np.ndarray
    cosine: np.ndarray
    delta: np.ndarray


def expected(f, scale, size, cosine):
    """Say what f and a layer of random weights make of the sums that come in.

    The weights have mean 0 and variance scale over fan_in, the biases are 0, and the
    layer is infinitely wide: then the sums are normally distributed, with mean 0.

    Formula
    -------
    mean square = scale · mean of f(z)²,   cosine = mean of f(u) f(v) / mean of f(z)²

    where z, u and v are normal with variance size, u and v with correlation cosine.

    Parameters
    ----------
    f : function array -> array
        The activation function, elementwise.
    scale : float
        1 for LeCun's weights, 2 for He's.
    size : float
        Mean square of the sums that f gets.
    cosine : float
        Of the angle between two images' sums.

    Returns
    -------
    size, cosine : float
        Mean square of the next sums, and the cosine of the two images' next sums.

    Notes
    -----
    Poole et al., 2016. Where f lets nothing through, the cosine stays what it was.
    """
    square = gaussian_mean(lambda z: f(z) ** 2, size)
    product = gaussian_pair_mean(lambda u, v: f(u) * f(v), size, cosine)
    return scale * square, min(product / square, 1.0) if square else cosine


def expected_profile(f, f_derivative, variance: Callable, widths, *, size=1.0, cosine=0.0):
    """Say what a dense network with random weights and zero biases will do to a batch, without drawing the network.

    With mean squares a of activations, q of pre-activations and d of δ = ∂L/∂z, layer by layer:

    q ← fan_in · Var(w) · a,   a ← mean of f(z)²,   and down   d ← fan_out' · Var(w') · d · mean of f'(z)²,

    where z ~ N(0, q) and the dash marks the layer above. The cosine of two examples goes the way of `expected`.

    Parameters
    ----------
    f, f_derivative : functions array -> array
    variance : function (fan_in, fan_out) -> float
        Of a layer's weights.
    widths : list of int
        Inputs, then every hidden layer.
    size, cosine : float
        RMS of the inputs, and the cosine of two of them.

    Returns
    -------
    Expected

    Notes
    -----
    Exact for infinitely wide layers: Poole et al., 2016; Schoenholz et al., 2016.
    """
    a, activations, cosines, slopes, growth = size**2, [], [], [], []
    with np.errstate(all="ignore"):  # a network that explodes is a result like any other
        for fan_in, fan_out in zip(widths[:-1], widths[1:], strict=True):
            w = variance(fan_in, fan_out)
            q = fan_in * w * a
            a, cosine = expected(f, 1.0, q, cosine)
            activations.append(a)
            cosines.append(cosine)
            slopes.append(gaussian_mean(lambda z: f_derivative(z) ** 2, q))
            growth.append(fan_out * w)
    down = np.array(growth[1:]) * slopes[:-1]
    delta = np.append(np.cumprod(down[::-1])[::-1], 1.0)
    return Expected(np.sqrt(activations), np.array(cosines), np.sqrt(delta))
