"""Exercise of notebook 08: backwards through a max pool."""

import numpy as np

from course_lib.exercises.core import Exercise, Task
from course_lib.exercises.nb08_conv_by_hand.pooling_mistakes import MISTAKES
from course_lib.exercises.nb08_conv_by_hand.sliding import tuple_of_one


def max_pool2d_backward(dy, x, size=2):
    """Return (dx,), the gradient of the loss with respect to x, given dy = ∂L/∂y.

    Parameters
    ----------
    dy : array (batch, rows, columns, channels)
    x : array (batch, height, width, channels)
        What was pooled. Windows of size × size tile it from the upper left corner; what
        doesn't fill one is left out. Of several equal numbers the first is the largest.
    size : int

    Returns
    -------
    tuple of one array: dx (batch, height, width, channels)

    Formula
    -------
    dx = dy where x is the first largest of its window, else 0. The numbers of all
    windows at the same place in them are a slice: x[:, i : rows : size, j : columns :
    size].
    """
    rows, columns = dy.shape[1] * size, dy.shape[2] * size
    places = [(i, j) for i in range(size) for j in range(size)]
    views = [np.s_[:, i:rows:size, j:columns:size] for i, j in places]
    largest = np.max([x[view] for view in views], axis=0)
    # waiting: no number of the window has got the error yet
    dx, waiting = np.zeros_like(x), np.ones(dy.shape, bool)
    for view in views:
        wins = waiting & (x[view] == largest)
        dx[view] = dy * wins
        waiting &= ~wins
    return (dx,)


def _cases(rng):
    x = np.array([[1.0, 5.0, 2.0, 2.0], [3.0, 0.0, 2.0, 1.0]]).reshape(1, 2, 4, 1)
    yield np.array([[10.0, 20.0]]).reshape(1, 1, 2, 1), x
    yield np.array([[3.0]]).reshape(1, 1, 1, 1), np.array([[-2.0, -1.0], [-1.0, -4.0]]).reshape(1, 2, 2, 1)
    yield np.ones((1, 2, 2, 1)), np.zeros((1, 4, 4, 1)), {"size": 2}
    for shape, options, dtype in [
        ((2, 6, 4, 3), {}, np.float64),
        ((2, 7, 5, 2), {"size": 2}, np.float64),
        ((2, 6, 9, 2), {"size": 3}, np.float32),
        ((1, 9, 8, 1), {"size": 4}, np.float64),
        ((0, 4, 4, 2), {}, np.float64),
        ((50, 28, 28, 8), {}, np.float32),
    ]:
        n, height, width, channels = shape
        x = rng.integers(-6, 3, shape).astype(dtype)  # ties, and windows in which all are negative
        if n == 50:
            x = np.maximum(rng.standard_normal(shape), 0).astype(dtype)  # behind ReLU, where windows are often 0
        size = options.get("size", 2)
        yield rng.standard_normal((n, height // size, width // size, channels)).astype(dtype), x, options


POOL = Exercise(
    name="max_pool2d_backward",
    reference=max_pool2d_backward,
    cases=_cases,
    points=3,
    task=Task.DERIVE,
    call=tuple_of_one,
    parts=("dx",),
    rows="image",
    any_dtype=True,
    forbid=("fast_conv", "course_lib.fast_conv", "course_lib.conv", "library"),
    mistakes=MISTAKES,
    hints=(
        "Which number of a window moves y? The largest alone, and by just as much as it moves itself.",
        "Go through i and j; wins = waiting & (x[view] == largest), dx[view] = dy * wins, waiting &= ~wins; waiting "
        "begins as np.ones(dy.shape, bool).",
    ),
)
