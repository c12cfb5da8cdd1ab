"""Surfaces over a plane to try update rules on: a bowl, a valley, a saddle, a plateau, and walks over them.

A place w is an array whose first axis has two elements, x and y; what follows, such as a grid, is up to the caller.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from course_lib.contracts import shapes


@shapes(w="2 ...")
def bowl(w, curvatures=(1.0, 20.0)):
    """Return the height of a bowl: (a · x² + b · y²) / 2, with the curvatures a and b."""
    x, y = w
    a, b = curvatures
    return (a * x**2 + b * y**2) / 2


@shapes(w="2 ...")
def bowl_gradient(w, curvatures=(1.0, 20.0)):
    """Return the bowl's gradient, of w's shape: (a · x, b · y)."""
    x, y = w
    a, b = curvatures
    return np.stack([a * x, b * y])


@shapes(w="2 ...")
def valley(w, steepness=10.0):
    """Return the height of a bent valley: (1 - x)² + steepness · (y - x²)², 0 at (1, 1). Rosenbrock, 1960."""
    x, y = w
    return (1 - x) ** 2 + steepness * (y - x**2) ** 2


@shapes(w="2 ...")
def valley_gradient(w, steepness=10.0):
    """Return the valley's gradient: (-2 · (1 - x) - 4 · steepness · x · (y - x²), 2 · steepness · (y - x²))."""
    x, y = w
    off = y - x**2
    return np.stack([-2 * (1 - x) - 4 * steepness * x * off, 2 * steepness * off])


@shapes(w="2 ...")
def saddle(w):
    """Return the height of a saddle between two hollows: x² / 2 - y² / 2 + y⁴ / 4, lowest at (0, ±1)."""
    x, y = w
    return x**2 / 2 - y**2 / 2 + y**4 / 4


@shapes(w="2 ...")
def saddle_gradient(w):
    """Return the saddle's gradient: (x, y³ - y)."""
    x, y = w
    return np.stack([x, y**3 - y])


@shapes(w="2 ...")
def plateau(w):
    """Return the height of a plain with a hole in it: 1 - exp(-(x² + y²) / 2), 0 at (0, 0)."""
    x, y = w
    return 1 - np.exp(-(x**2 + y**2) / 2)


@shapes(w="2 ...")
def plateau_gradient(w):
    """Return the plateau's gradient: (x, y) · exp(-(x² + y²) / 2), which all but vanishes far out."""
    x, y = w
    return np.stack([x, y]) * np.exp(-(x**2 + y**2) / 2)


class Surface(NamedTuple):
    """A surface, its gradient, where it is lowest and how low, a start for walks, and the part that is drawn.

    box is (x from, x to, y from, y to).
    """

    value: Callable
    gradient: Callable
    lowest: tuple
    floor: float
    start: tuple
    box: tuple


SURFACES = {
    "bowl": Surface(bowl, bowl_gradient, (0.0, 0.0), 0.0, (-2.5, 1.0), (-3.0, 3.0, -2.0, 2.0)),
    "valley": Surface(valley, valley_gradient, (1.0, 1.0), 0.0, (-1.5, 1.5), (-2.0, 2.0, -1.0, 3.0)),
    "saddle": Surface(saddle, saddle_gradient, (0.0, 1.0), -0.25, (-1.5, 0.05), (-2.0, 2.0, -2.0, 2.0)),
    "plateau": Surface(plateau, plateau_gradient, (0.0, 0.0), 0.0, (-2.5, 1.0), (-3.0, 3.0, -2.0, 2.0)),
}


def relief(surface, places=121):
    """Return a grid over the part of a surface that is drawn, and its heights above the floor there.

    Parameters
    ----------
    surface : Surface
    places : int
        Along each side.

    Returns
    -------
    grid : array (2, places, places)
        Of x and y; rows from the bottom to the top.
    heights : array (places, places)
    """
    left, right, bottom, top = surface.box
    grid = np.stack(np.meshgrid(np.linspace(left, right, places), np.linspace(bottom, top, places)))
    return grid, surface.value(grid) - surface.floor


def hessian(gradient, w, h=1e-5):
    """Return the matrix (2, 2) of second derivatives at a place, by central differences of the gradient.

    Its eigenvalues are the curvatures; plain gradient descent is stable for rates below 2 / the largest of them.
    """
    return np.stack([(gradient(w + h * e) - gradient(w - h * e)) / (2 * h) for e in np.eye(2)], axis=1)


def descend(gradient, rule, start, steps, *, lr, **options):
    """Let an update rule walk over a surface, and return every place it comes to.

    Parameters
    ----------
    gradient : function w -> gradient
    rule : function
        From `course_lib.optimizers`, or your own.
    start : (x, y)
    steps : int
    lr : float or function step -> float
        A learning rate, or a schedule.
    **options
        Of the rule, such as beta.

    Returns
    -------
    array (steps + 1, 2)
        The start first. From where a walk diverges beyond all numbers it holds infinity or NaN.
    """
    w, state = np.array(start, dtype=np.float64), None
    path = [w]
    with np.errstate(all="ignore"):
        for step in range(steps):
            w, state = rule(w, gradient(w), state, lr=lr(step) if callable(lr) else lr, **options)
            path.append(w)
    return np.array(path)


def arrival(surface, path, near=1e-3):
    """Return the first step from which a walk stays less than `near` above the floor; its length if it never does.

    Parameters
    ----------
    surface : Surface
    path : array (steps + 1, 2)
        As `descend` returns it.
    near : float

    Returns
    -------
    int
    """
    with np.errstate(all="ignore"):
        outside = np.flatnonzero(~(surface.value(path.T) - surface.floor < near))
    return int(outside[-1]) + 1 if len(outside) else 0
