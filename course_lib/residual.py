"""A residual block as a pair of functions: what comes in, plus a branch of two kernels."""

import numpy as np

from course_lib.contracts import shapes


@shapes(x="batch width", w1="width units", w2="units width", s="(-inf, inf)")
def residual_block(x, w1, w2, s):
    """Add s times a branch to x: a kernel, ReLU, another kernel, without biases.

    Formula
    -------
    y = x + s · max(x w1, 0) w2

    Parameters
    ----------
    x : array (batch, width)
    w1 : array (width, units)
    w2 : array (units, width)
    s : float
        A factor on the branch.

    Returns
    -------
    y : array (batch, width)
    cache : (x, h, w1, w2, s)
        What `residual_block_backward` needs; h, (batch, units), is what ReLU gives.

    Notes
    -----
    He et al., 2015: *Deep residual learning for image recognition*.
    """
    h = np.maximum(x @ w1, 0)
    s = float(s)  # a NumPy float64 would make float32 wider
    return x + s * (h @ w2), (x, h, w1, w2, s)


@shapes(cache=("batch width", "batch units", "width units", "units width", ""), dy="batch width")
def residual_block_backward(dy, cache):
    """Return the gradients of the loss with respect to x, w1 and w2, given dy = ∂L/∂y.

    Formula
    -------
    dbranch = s · dy,   dw2 = hᵀ dbranch,   dz = dbranch w2ᵀ where h > 0, else 0,
    dw1 = xᵀ dz,   dx = dy + dz w1ᵀ

    Parameters
    ----------
    dy : array (batch, width)
        The gradient of the loss with respect to the block's output.
    cache : (x, h, w1, w2, s)
        As `residual_block` returned it: x has shape (batch, width), h (batch, units) is
        what ReLU gave, w1 has shape (width, units), w2 (units, width); s is a number.

    Returns
    -------
    dx : array (batch, width)
    dw1 : array (width, units)
    dw2 : array (units, width)
    """
    x, h, w1, w2, s = cache
    dbranch = s * dy
    dz = dbranch @ w2.T * (h > 0)
    return dy + dz @ w1.T, x.T @ dz, h.T @ dbranch
