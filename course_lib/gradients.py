"""What a pencil says of a gradient: its growth from layer to layer, the drop it promises, how it fits into float16."""

import numpy as np

from course_lib.contracts import shapes


@shapes(n="[1, inf)", sigma="[0, inf)", slopes="...")
def gradient_growth(n, sigma, slopes):
    """Return by which factor the RMS of ∂L/∂z grows from one layer to the one below.

    Parameters
    ----------
    n : int
        How many units the upper layer has.
    sigma : float
        The standard deviation of the weights between the two layers. Their mean is 0,
        and they have nothing to do with the gradient that comes down.
    slopes : array, any shape
        f'(z) of the layer below, for every example and unit.

    Returns
    -------
    float

    Formula
    -------
    g = √(n σ²) · RMS of the slopes,   RMS = the root of the mean square

    Notes
    -----
    Glorot and Bengio, 2010; He et al., 2015.
    """
    mean_square = np.mean(np.square(slopes, dtype=np.float64))
    return float(np.sqrt(n * sigma**2 * mean_square))


@shapes(grads=["..."], lr="[0, inf)")
def predicted_drop(grads, lr):
    """Return by how much one plain gradient step lowers the loss, to first order.

    Parameters
    ----------
    grads : list of arrays, any shapes
        The gradients of the loss with respect to all weights and biases.
    lr : float
        The learning rate.

    Returns
    -------
    float
        Positive where the loss falls.

    Formula
    -------
    drop = lr · Σ g²,   over all elements of all arrays: a step of -lr · g goes down
    a slope of g

    Notes
    -----
    Cauchy, 1847.
    """
    return float(lr * sum(np.sum(np.square(g, dtype=np.float64)) for g in grads))


@shapes(grads=["..."])
def loss_scale(grads):
    """Return the largest power of two by which all gradients still fit into float16.

    Parameters
    ----------
    grads : list of arrays, any shapes

    Returns
    -------
    float
        The largest power of two such that no gradient that is multiplied by it exceeds
        65504, the largest finite float16, in size. It is below 1 where one is larger
        than that already, and 1 where all are 0.

    Formula
    -------
    s = 2ᵏ with k = ⌊log₂(65504 / max |g|)⌋, the maximum over all elements of all
    arrays

    Notes
    -----
    Micikevicius et al., 2018.
    """
    most = float(np.finfo(np.float16).max)
    largest = max((float(np.abs(g).max(initial=0)) for g in grads), default=0.0)
    scale = 1.0
    while scale * largest > most:
        scale /= 2
    while 0 < 2 * scale * largest <= most:
        scale *= 2
    return scale
