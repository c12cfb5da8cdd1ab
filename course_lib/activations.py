"""Activation functions and their derivatives, elementwise: f(z) and f′(z), both of the pre-activation z."""

import numpy as np

from course_lib.contracts import shapes


@shapes(z="...")
def logistic(z):
    """Squash every number into (0, 1), without overflow for any z.

    f(z) = 1 / (1 + exp(-z)), and the same written for negative z: exp(z) / (1 + exp(z)).

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array of z's shape and dtype

    Notes
    -----
    Verhulst, 1845. In Keras: ``keras.activations.sigmoid``.
    """
    t = np.exp(-np.abs(z))  # in (0, 1], so it cannot overflow
    return np.where(np.less(z, 0), t, 1) / (1 + t)


@shapes(z="...")
def logistic_derivative(z):
    """Return the slope of the logistic function at z: at most 1/4, at z = 0.

    f'(z) = f(z) (1 - f(z)) = exp(-|z|) / (1 + exp(-|z|))²

    Parameters
    ----------
    z : array, any shape
        The pre-activation, not f(z).

    Returns
    -------
    array of z's shape and dtype
    """
    t = np.exp(-np.abs(z))
    return t / (1 + t) ** 2


@shapes(z="...")
def tanh(z):
    """Squash every number into (-1, 1): the logistic function, centred. tanh(z) = 2 logistic(2z) - 1.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array of z's shape and dtype
    """
    return np.tanh(z)


@shapes(z="...")
def tanh_derivative(z):
    """Return the slope of tanh at z: f'(z) = 1 - tanh(z)², at most 1, at z = 0.

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array of z's shape and dtype
    """
    return 1 - np.tanh(z) ** 2


@shapes(z="...")
def relu(z):
    """Keep what is positive: f(z) = max(z, 0).

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array of z's shape and dtype

    Notes
    -----
    Nair and Hinton, 2010.
    """
    return np.maximum(z, 0)


@shapes(z="...")
def relu_derivative(z):
    """Return the slope of ReLU at z: 1 where z > 0, else 0 (at z = 0 too, as in TensorFlow).

    Parameters
    ----------
    z : array, any shape

    Returns
    -------
    array of z's shape and dtype
    """
    return np.heaviside(z, 0)
