"""Layers as pairs of functions: forward returns what backward needs, backward returns one gradient an argument."""

from course_lib.contracts import shapes


@shapes(x="batch fan_in", w="fan_in fan_out", b="fan_out")
def dense(x, w, b):
    """Combine the inputs linearly: y = x w + b.

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
    """
    return x @ w + b, (x, w)


@shapes(dy="batch fan_out")
def dense_backward(dy, cache):
    """Return the gradients of the loss with respect to x, w and b, given dy = ∂L/∂y.

    dx = dy wᵀ,   dw = xᵀ dy,   db = Σ over the batch of dy

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

    Notes
    -----
    Rumelhart, Hinton and Williams, 1986.
    """
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)
