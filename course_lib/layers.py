"""Layers as pairs of functions: forward returns what backward needs, backward returns one gradient an argument."""

import numpy as np

from course_lib.contracts import shapes

SELU_FLOOR = -1.7580993408473766  # what SELU tends to for very negative inputs: -scale · alpha


@shapes(x="batch fan_in", w="fan_in fan_out", b="fan_out")
def dense(x, w, b):
    """Combine the inputs linearly, and add a bias.

    Parameters
    ----------
    x : array (batch, fan_in)
    w : array (fan_in, fan_out)
    b : array (fan_out,)

    Returns
    -------
    y : array (batch, fan_out)
    cache : (x, w)
        What `dense_backward` needs.

    Formula
    -------
    y = x w + b
    """
    return x @ w + b, (x, w)


@shapes(cache=("batch fan_in", "fan_in fan_out"), dy="batch fan_out")
def dense_backward(dy, cache):
    """Return the gradients of the loss with respect to x, w and b, given dy = ∂L/∂y.

    Parameters
    ----------
    dy : array (batch, fan_out)
        The gradient of the loss with respect to the layer's output.
    cache : (x, w)
        As `dense` returned it: x has shape (batch, fan_in), w (fan_in, fan_out).

    Returns
    -------
    dx : array (batch, fan_in)
    dw : array (fan_in, fan_out)
    db : array (fan_out,)

    Formula
    -------
    dx = dy wᵀ,   dw = xᵀ dy,   db = Σ over the batch of dy

    Notes
    -----
    Rumelhart, Hinton and Williams, 1986.
    """
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)


@shapes(x="batch ...")
def flatten(x):
    """Write each example's numbers in one row, the last axis running fastest: (batch, 7, 7, 8) becomes (batch, 392).

    Parameters
    ----------
    x : array (batch, ...)

    Returns
    -------
    y : array (batch, features)
    shape : tuple of int
        x's shape, which `flatten_backward` needs.

    Notes
    -----
    In Keras: ``keras.layers.Flatten``.
    """
    return x.reshape(len(x), np.prod(x.shape[1:], dtype=int)), x.shape


@shapes(dy="batch features")
def flatten_backward(dy, shape):
    """Return (dx,), the gradient of the loss with respect to x, given dy = ∂L/∂y.

    Parameters
    ----------
    dy : array (batch, features)
    shape : tuple of int
        As `flatten` returned it: x's.

    Returns
    -------
    tuple of one array of that shape

    Raises
    ------
    ValueError
        If dy doesn't have as many rows and features as shape says.

    Formula
    -------
    dx is dy in x's shape: dx[n, u, v, c] = dy[n, (u · width + v) · channels + c]
    """
    if len(dy) != shape[0] or dy.size != np.prod(shape):
        raise ValueError(
            f"flatten_backward: dy has shape {dy.shape}, "
            f"wanted rows and features to fill {shape}"
        )
    return (dy.reshape(shape),)


@shapes(x="...", rate="[0, 1)")
def dropout(x, rate, rng):
    """Drop numbers at random and enlarge the rest, so that means stay: for training.

    In inference nothing is done at all: the enlarging has taken care of it ("inverted"
    dropout).

    Parameters
    ----------
    x : array, any shape
    rate : float, from 0 to below 1
        With this probability a number becomes 0, each by itself.
    rng : numpy.random.Generator

    Returns
    -------
    y, mask : arrays of x's shape and dtype
        mask holds what each number of x was multiplied by.

    Formula
    -------
    y = x · mask,   mask = 0 with probability rate, else 1 / (1 - rate)

    Notes
    -----
    Hinton et al., 2012; Srivastava et al., 2014. In Keras: ``keras.layers.Dropout``
    with ``training=True``.
    """
    kept = rng.random(np.shape(x)) >= rate
    mask = (kept / (1 - rate)).astype(np.result_type(x, 1.0))
    return x * mask, mask


@shapes(mask="...shape", dy="...shape")
def dropout_backward(dy, mask):
    """Return (dx,), the gradient of the loss with respect to x, given dy = ∂L/∂y.

    Parameters
    ----------
    dy, mask : arrays of one shape
        mask as `dropout` returned it.

    Returns
    -------
    tuple of one array of that shape

    Formula
    -------
    dx = dy · mask, element by element: what was dropped gets no gradient
    """
    return (dy * mask,)


@shapes(x="batch fan_in", w="fan_in fan_out", b="fan_out", rate="[0, 1)")
def drop_connect(x, w, b, rate, rng):
    """Drop weights instead of units: for training.

    One mask serves the whole batch; the paper draws one for each example, which costs a product for each.

    Parameters
    ----------
    x : array (batch, fan_in)
    w : array (fan_in, fan_out)
    b : array (fan_out,)
    rate : float, from 0 to below 1
    rng : numpy.random.Generator

    Returns
    -------
    y : array (batch, fan_out)
    cache : (x, w · mask, mask)
        What `drop_connect_backward` needs.

    Formula
    -------
    y = x (w · mask) + b, with a mask as in `dropout`

    Notes
    -----
    Wan et al., 2013.
    """
    dropped, mask = dropout(w, rate, rng)
    y, cache = dense(x, dropped, b)
    return y, (*cache, mask)


@shapes(cache=("batch fan_in", "fan_in fan_out", "fan_in fan_out"), dy="batch fan_out")
def drop_connect_backward(dy, cache):
    """Return the gradients of the loss with respect to x, w and b, given dy = ∂L/∂y.

    Parameters
    ----------
    dy : array (batch, fan_out)
    cache : (x, w · mask, mask)
        As `drop_connect` returned it.

    Returns
    -------
    dx : array (batch, fan_in)
    dw : array (fan_in, fan_out)
    db : array (fan_out,)

    Formula
    -------
    dx = dy (w · mask)ᵀ,   dw = xᵀ dy · mask,   db = Σ over the batch of dy
    """
    x, dropped, mask = cache
    dx, dw, db = dense_backward(dy, (x, dropped))
    return dx, dw * mask, db


@shapes(x="...", rate="[0, 1)")
def alpha_dropout(x, rate, rng):
    """Drop numbers to SELU's floor instead of 0, then rescale: mean 0 and variance 1 stay so. For training.

    Parameters
    ----------
    x : array, any shape
        Outputs of SELU, with mean 0 and variance 1.
    rate : float, from 0 to below 1
    rng : numpy.random.Generator

    Returns
    -------
    y, mask : arrays of x's shape and dtype
        mask is the slope of y.

    Formula
    -------
    y = a (kept · x + (1 - kept) · floor) - a · rate · floor,   kept = 0 with probability rate, else 1,
    a = 1 / √((1 - rate) (1 + rate · floor²)),   floor = `SELU_FLOOR`,   mask = a · kept

    Notes
    -----
    Klambauer et al., 2017. In Keras: ``keras.layers.AlphaDropout`` with ``training=True``.
    """
    rate = float(rate)  # a NumPy float64 would make float32 wider
    a = ((1 - rate) * (1 + rate * SELU_FLOOR**2)) ** -0.5
    kept = (rng.random(np.shape(x)) >= rate).astype(np.result_type(x, 1.0))
    y = a * (kept * x + (1 - kept) * SELU_FLOOR) - a * rate * SELU_FLOOR
    return y, a * kept


@shapes(mask="...shape", dy="...shape")
def alpha_dropout_backward(dy, mask):
    """Return (dx,), the gradient of the loss with respect to x, given dy = ∂L/∂y.

    Formula
    -------
    dx = dy · mask, as in dropout
    """
    return dropout_backward(dy, mask)
