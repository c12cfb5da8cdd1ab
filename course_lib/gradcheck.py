"""The judge of every backward pass: gradients by finite differences."""

import numpy as np


def numerical_gradient(f, x, *, step=1e-5):
    """Return the gradient of f at x by central differences, one element at a time.

    Parameters
    ----------
    f : function array -> float
    x : array of float64
    step : float
        How far to go up and down; in float64 1e-5 balances truncation against rounding.

    Returns
    -------
    array of x's shape

    Raises
    ------
    ValueError
        If x isn't float64: in float32 rounding drowns the difference.

    Formula
    -------
    ∂f/∂xᵢ ≈ (f(x + h eᵢ) - f(x - h eᵢ)) / 2h, with h the step: its error is of order h²
    """
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        found = getattr(x, "dtype", type(x).__name__)
        raise ValueError(f"numerical_gradient: x is {found}, wanted a float64 array")
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        gradient[i] = (f(up) - f(down)) / (2 * step)
    return gradient


def check_gradient(forward, backward, *arrays, rng, step=1e-5):
    """Compare a backward pass with finite differences of its forward pass.

    Parameters
    ----------
    forward : function (*arrays) -> (y, cache)
    backward : function (dy, cache) -> tuple, one gradient for each of arrays
    *arrays : arrays of float64
    rng : numpy.random.Generator

    Returns
    -------
    tuple of float
        For each array the relative error; below 1e-6 is right.

    Raises
    ------
    ValueError
        If backward doesn't return one gradient of the right shape for each array.

    Formula
    -------
    The output y is reduced to one number L = Σ r · y with random r, so that ∂L/∂y = r. The relative error is
    ‖analytic - numerical‖ / (‖analytic‖ + ‖numerical‖).
    """
    y, cache = forward(*arrays)
    r = rng.standard_normal(y.shape)
    analytic = backward(r, cache)
    got, wanted = [np.shape(g) for g in analytic], [a.shape for a in arrays]
    if got != wanted:
        raise ValueError(f"check_gradient: backward returns gradients of shapes {got}, wanted {wanted}")
    errors = []
    for i, (array, gradient) in enumerate(zip(arrays, analytic, strict=True)):

        def loss(value, i=i):
            return float((r * forward(*arrays[:i], value, *arrays[i + 1 :])[0]).sum())

        numerical = numerical_gradient(loss, array, step=step)
        size = np.linalg.norm(gradient) + np.linalg.norm(numerical)
        errors.append(float(np.linalg.norm(gradient - numerical) / size) if size else 0.0)
    return tuple(errors)
