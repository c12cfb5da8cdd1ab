"""Exercises of notebook 08: backwards through pooling and through the reshape between images and rows."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.layers import flatten_backward


def max_pool2d_backward(dy, x, size=2):
    """Return (dx,): the error of a window goes to the number that was its largest, to the first of several equal ones.

    Parameters
    ----------
    dy : array (batch, rows, columns, channels)
    x : array (batch, height, width, channels)
        What was pooled. Windows of size × size tile it from the upper left corner; what doesn't fill one is left out.
    size : int

    Returns
    -------
    tuple of one array: dx (batch, height, width, channels)
    """
    rows, columns = dy.shape[1] * size, dy.shape[2] * size
    views = [np.s_[:, i:rows:size, j:columns:size] for i in range(size) for j in range(size)]
    largest = np.max([x[view] for view in views], axis=0)
    dx, waiting = np.zeros_like(x), np.ones(dy.shape, bool)  # waiting: no number has got the error yet
    for view in views:
        wins = waiting & (x[view] == largest)
        dx[view] = dy * wins
        waiting &= ~wins
    return (dx,)


def _pool_cases(rng):
    x = np.array([[1.0, 5.0, 2.0, 2.0], [3.0, 0.0, 2.0, 1.0]]).reshape(1, 2, 4, 1)
    yield np.array([[10.0, 20.0]]).reshape(1, 1, 2, 1), x, 2
    yield np.ones((1, 2, 2, 1)), np.zeros((1, 4, 4, 1)), 2
    for shape, size, dtype in [
        ((2, 6, 4, 3), 2, np.float64),
        ((2, 7, 5, 2), 2, np.float64),
        ((1, 9, 9, 1), 3, np.float64),
        ((0, 4, 4, 2), 2, np.float64),
        ((50, 28, 28, 8), 2, np.float32),
    ]:
        x = np.maximum(rng.standard_normal(shape), 0).astype(dtype)  # behind ReLU, where windows of zeros are common
        y = (shape[0], shape[1] // size, shape[2] // size, shape[3])
        yield rng.standard_normal(y).astype(dtype), x, size


def _put(value):
    """Return a wrong answer that puts value(dy, x[view], largest, seen, tied) into dx, view by view.

    seen counts the largest ones of a window up to this view, tied all of them.
    """

    def answer(dy, x, size=2):
        rows, columns = dy.shape[1] * size, dy.shape[2] * size
        views = [np.s_[:, i:rows:size, j:columns:size] for i in range(size) for j in range(size)]
        largest = np.max([x[view] for view in views], axis=0)
        tied = np.sum([x[view] == largest for view in views], axis=0)
        dx, seen = np.zeros_like(x), np.zeros(dy.shape, int)
        for view in views:
            seen += x[view] == largest
            dx[view] = value(dy, x[view], largest, seen, tied)
        return (dx,)

    return answer


POOL = Exercise(
    name="max_pool2d_backward",
    reference=max_pool2d_backward,
    cases=_pool_cases,
    points=3,
    mistakes=(
        Mistake(
            _put(lambda dy, x, largest, seen, tied: dy * (x == largest)),
            "Where several numbers of a window are equally large, each gets the whole error, so it is passed down "
            "several times. Behind ReLU windows of zeros are common. Give it to the first, as TensorFlow does.",
        ),
        Mistake(
            _put(lambda dy, x, largest, seen, tied: dy * (x == largest) / tied),
            "Where several numbers of a window are equally large, the error is shared among them. That is a possible "
            "choice, but TensorFlow gives all of it to the first, and so do we.",
        ),
        Mistake(
            _put(lambda dy, x, largest, seen, tied: dy * ((x == largest) & (seen == tied))),
            "Of several equally large numbers the last gets the error. Give it to the first, row by row.",
        ),
        Mistake(
            _put(lambda dy, *_: dy / 4),
            "All numbers of a window get an equal share. That is average pooling; here the largest alone decides y.",
        ),
        Mistake(
            _put(lambda dy, *_: dy),
            "All numbers of a window get the error. Only the largest moves y, the others get 0.",
        ),
        Mistake(
            _put(lambda dy, x, largest, seen, tied: dy * x * ((x == largest) & (seen == 1))),
            "The error is multiplied by the number that won. y is that number, so ∂y/∂x is 1 for it and 0 for the "
            "rest.",
        ),
    ),
    hints=(
        "Which number of a window moves y? The largest alone, and by just as much as it moves itself.",
        "dx = dy where x is the first largest of its window, else 0. The numbers of all windows at the same place in "
        "them are a slice: x[:, i : rows : size, j : columns : size].",
        "Go through i and j; wins = waiting & (x[view] == largest), dx[view] = dy * wins, waiting &= ~wins; waiting "
        "begins as np.ones(dy.shape, bool).",
    ),
)


def _flatten_cases(rng):
    yield np.arange(8.0).reshape(1, 8), (1, 2, 2, 2)
    for shape, dtype in [((3, 2, 3, 4), np.float64), ((2, 4, 4, 1), np.float64), ((0, 7, 7, 2), np.float64),
                         ((50, 7, 7, 8), np.float32)]:
        yield rng.standard_normal((shape[0], int(np.prod(shape[1:])))).astype(dtype), shape


FLATTEN = Exercise(
    name="flatten_backward",
    reference=flatten_backward,
    cases=_flatten_cases,
    points=1,
    mistakes=(
        Mistake(
            lambda dy, shape: (dy.reshape(shape, order="F"),),
            "The numbers are in another order: the last axis runs fastest, on the way down as on the way up. "
            "Don't give reshape an order.",
        ),
        Mistake(
            lambda dy, shape: (dy.reshape(shape[0], shape[3], *shape[1:3]).transpose(0, 2, 3, 1),),
            "The numbers are put back channel by channel. Here a row holds all channels of the first pixel, then "
            "of the second: images are (batch, height, width, channels).",
        ),
        Mistake(
            lambda dy, shape: (dy.reshape(shape).swapaxes(1, 2).reshape(shape),),
            "Height and width are exchanged: a row holds the first row of pixels first.",
        ),
        Mistake(lambda dy, shape: (dy,), "dx still has the shape of rows: bring it into x's shape."),
    ),
    hints=(
        "A reshape computes nothing: each number stays what it is and gets another place. So does its error.",
        "dx[n, u, v, c] = dy[n, (u · width + v) · channels + c].",
        "return (dy.reshape(shape),)",
    ),
)
