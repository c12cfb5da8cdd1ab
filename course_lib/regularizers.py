"""Limits on gradients: each function returns new arrays and leaves its arguments as they are."""

import numpy as np

from course_lib.contracts import shapes


@shapes(grad="...")
def clip_by_value(grad, limit):
    """Cut every element off at ±limit; large elements shrink, small ones stay, so the direction may change.

    Parameters
    ----------
    grad : array, any shape
    limit : float, not negative

    Returns
    -------
    array of grad's shape and dtype

    Notes
    -----
    Mikolov, 2012. In Keras: ``clipvalue``.
    """
    return np.clip(grad, -float(limit), float(limit))  # a NumPy float64 would make float32 wider


@shapes(grad="...")
def clip_by_norm(grad, limit):
    """Shorten one array to the Euclidean norm `limit` if it is longer; its direction is kept.

    Parameters
    ----------
    grad : array, any shape
    limit : float, positive

    Returns
    -------
    array of grad's shape and dtype

    Notes
    -----
    In Keras: ``clipnorm``.
    """
    return clip_by_global_norm([grad], limit)[0]


def clip_by_global_norm(grads, limit):
    """Shorten all gradients together by one factor, if their common norm exceeds limit; the direction is kept.

    norm = √(Σ over all elements of all arrays of g²),   g ← g · limit / max(norm, limit)

    Parameters
    ----------
    grads : list of arrays, any shapes
    limit : float, positive

    Returns
    -------
    list of arrays, shapes and dtypes as in grads

    Notes
    -----
    Pascanu, Mikolov and Bengio, 2013. In Keras: ``global_clipnorm``.
    """
    # float64, since the squares of exploding float32 gradients overflow
    norm = np.sqrt(sum(np.sum(np.square(g, dtype=np.float64)) for g in grads))
    scale = float(limit / max(norm, limit))
    return [g * scale for g in grads]
