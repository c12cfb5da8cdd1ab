"""Exercises of notebook 01: backpropagation through a dense layer and the logistic function."""

import numpy as np

from course_lib.activations import logistic, logistic_derivative
from course_lib.exercises.core import Exercise, Mistake
from course_lib.layers import dense_backward


def _dense_cases(rng):
    yield np.array([[1.0, -1.0]]), (np.array([[2.0, 3.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    for batch, fan_in, fan_out, dtype in [
        (2, 3, 2, np.float64),
        (3, 4, 4, np.float64),
        (0, 3, 2, np.float64),
        (5, 1, 1, np.float64),
        (4, 3, 5, np.float32),
        (64, 100, 100, np.float32),
    ]:
        dy, x, w = (rng.standard_normal(s) for s in [(batch, fan_out), (batch, fan_in), (fan_in, fan_out)])
        yield dy.astype(dtype), (x.astype(dtype), w.astype(dtype))
    yield 1e4 * rng.standard_normal((6, 2)), (1e3 * rng.standard_normal((6, 3)), rng.standard_normal((3, 2)))


def _dense(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)


DENSE = Exercise(
    name="dense_backward",
    reference=dense_backward,
    cases=_dense_cases,
    points=3,
    mistakes=(
        Mistake(
            lambda dy, cache: (_dense(dy, cache)[0], _dense(dy, cache)[1], dy.sum(axis=0) / max(len(dy), 1)),
            "This is the mean of dy over the batch. b was added to every row, so every row's gradient counts: sum "
            "them. The division by the batch size is already in dy, since the loss is a mean.",
        ),
        Mistake(
            lambda dy, cache: (_dense(dy, cache)[0], _dense(dy, cache)[1], dy.sum()),
            "db is a single number here: dy was summed over everything. Every unit has a bias of its own, so sum over "
            "the batch only, axis 0.",
        ),
        Mistake(
            lambda dy, cache: (_dense(dy, cache)[0], _dense(dy, cache)[1], dy.sum(axis=1)),
            "db sums over the units (axis 1). A bias belongs to a unit and is added in every example: sum over the "
            "examples, axis 0.",
        ),
        Mistake(
            lambda dy, cache: (_dense(dy, cache)[0], _dense(dy, cache)[1] / max(len(dy), 1), dy.sum(axis=0)),
            "dw is divided by the batch size, which happens twice that way: the loss is already a mean, so dy is "
            "already divided. dw = xᵀ dy.",
        ),
        Mistake(
            lambda dy, cache: (_dense(dy, cache)[0], dy.T @ cache[0], dy.sum(axis=0)),
            "dw is transposed. It must have the shape of w, (fan_in, fan_out), and the product that gives this shape "
            "is xᵀ dy.",
        ),
        Mistake(
            lambda dy, cache: (dy @ cache[1], _dense(dy, cache)[1], dy.sum(axis=0)),
            "dx multiplies by w, where it takes wᵀ: dy has shape (batch, fan_out), and dx must come out as "
            "(batch, fan_in).",
        ),
        Mistake(
            lambda dy, cache: (_dense(dy, cache)[1], _dense(dy, cache)[0], dy.sum(axis=0)),
            "dx and dw stand in the wrong order: the gradients come in the order of dense's arguments, x, w, b.",
        ),
        Mistake(
            lambda dy, cache: (_dense(dy, cache)[0], _dense(dy, cache)[1], dy),
            "db still has one row an example. b has shape (fan_out,), and it was added to every row of the batch: sum "
            "dy over the rows.",
        ),
    ),
    hints=(
        "Each gradient has the shape of what it belongs to. Write the shapes of dy, x and w on paper: there is just "
        "one way to multiply two of them so that the result has the shape of w, and one for x.",
        "dx = dy wᵀ, dw = xᵀ dy, and db is the sum of dy over the batch.",
        "x, w = cache, then return dy @ w.T, and x.T @ dy, and dy.sum(axis=0).",
    ),
)


def _activation_cases(rng):
    yield (np.array([0.0]),)
    yield (np.array([-2.0, -1.0, 1.0, 2.0]),)
    yield (np.zeros((0, 3)),)
    yield (np.array([[0.5, -0.5]], np.float32),)
    yield (np.array([1000.0]),)
    yield (np.array([-1000.0]),)
    yield (np.array([-1000.0, 1000.0], np.float32),)
    yield (rng.uniform(-30, 30, (5, 4)),)
    yield (rng.standard_normal((64, 100), dtype=np.float32),)


def _naive(z):
    return 1 / (1 + np.exp(-z))


LOGISTIC = Exercise(
    name="logistic",
    reference=logistic,
    cases=_activation_cases,
    points=2,
    forbid=("expit", "sigmoid"),
    mistakes=(
        Mistake(
            lambda z: np.exp(z) / (1 + np.exp(z)),
            "exp(1000) is too large for any float: it becomes inf, and inf / inf is NaN. Take the exponential only of "
            "numbers that aren't positive: exp(-|z|).",
        ),
        Mistake(
            lambda z: _naive(-z),
            "The curve is mirrored: this falls from 1 to 0 as z grows. In the formula it is exp(-z).",
        ),
        Mistake(
            lambda z: 1 / 1 + np.exp(-z),
            "Python reads 1 / 1 + exp(-z) as (1 / 1) + exp(-z): put the whole denominator in brackets.",
        ),
        Mistake(
            np.tanh,
            "This is tanh, which goes from -1 to 1. The logistic function goes from 0 to 1: "
            "logistic(z) = (1 + tanh(z / 2)) / 2.",
        ),
        Mistake(
            lambda z: _naive(np.clip(z, -10, 10)),
            "z is clipped on the way, so that the result never comes nearer to 0 or 1 than 0.00005. There is a way "
            "without clipping: exp(-|z|) can't overflow.",
        ),
    ),
    hints=(
        "exp overflows only for large positive numbers. Can you write the formula so that exp never sees one?",
        "For z ≥ 0 it is 1 / (1 + exp(-z)), for z < 0 it is exp(z) / (1 + exp(z)); both contain exp(-|z|).",
        "t = np.exp(-np.abs(z)); the numerator is np.where(z < 0, t, 1), the denominator 1 + t.",
    ),
)

DERIVATIVE = Exercise(
    name="logistic_derivative",
    reference=logistic_derivative,
    cases=_activation_cases,
    points=1,
    mistakes=(
        Mistake(
            lambda z: z * (1 - z),
            "The formula s (1 - s) is about s = f(z), the output; the argument here is z, the pre-activation. "
            "Compute s first.",
        ),
        Mistake(
            _naive,
            "This is f(z) itself; its slope is f(z) (1 - f(z)).",
        ),
        Mistake(
            lambda z: 1 - _naive(z) ** 2,
            "1 - f² is the slope of tanh. For the logistic function it is f (1 - f).",
        ),
        Mistake(
            lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
            "Right in the middle, NaN at z = -1000, where exp(-z) overflows. The slope is the same at z and -z, so "
            "use exp(-|z|).",
        ),
    ),
    hints=(
        "Let s = f(z). The derivative can be written with s alone, without another exponential.",
        "f'(z) = s (1 - s) with s = f(z).",
        "s = logistic(z) as in the exercise above, or with t = np.exp(-np.abs(z)): t / (1 + t) ** 2.",
    ),
)
