"""Exercises of notebook 03: leaky ReLU, and the backward pass of PReLU, whose slopes are learned."""

import numpy as np

from course_lib.activations import leaky_relu, prelu_backward
from course_lib.exercises.core import Exercise, Mistake


def _leaky_cases(rng):
    yield np.array([-2.0, -1.0, 1.0, 2.0]), 0.1
    yield np.array([0.0]), 0.2
    yield np.array([-3.0, 3.0]), 0.0
    yield np.array([-3.0, 3.0]), 1.0
    yield np.zeros((0, 3)), 0.2
    yield np.array([[0.5, -0.5]], np.float32), 0.01
    yield np.array([-1000.0, 1000.0], np.float32), 0.2
    yield rng.uniform(-30, 30, (5, 4)), 0.3
    yield rng.standard_normal((64, 100), dtype=np.float32), 0.2


def _with_slope(answer, case):
    z, negative_slope = case
    return answer(z, negative_slope=negative_slope)


LEAKY = Exercise(
    name="leaky_relu",
    reference=leaky_relu,
    cases=_leaky_cases,
    points=1,
    call=_with_slope,
    mistakes=(
        Mistake(
            lambda z, negative_slope=0.2: np.where(z < 0, z, z * negative_slope).astype(z.dtype),
            "The slope is on the wrong side: what is positive passes unchanged, what is negative is multiplied by "
            "negative_slope.",
        ),
        Mistake(
            lambda z, negative_slope=0.2: np.maximum(z, 0) - negative_slope * np.minimum(z, 0),
            "For negative z this rises again to the left. min(z, 0) is negative already: add it, times the slope.",
        ),
        Mistake(
            lambda z, negative_slope=0.2: np.maximum(z, -negative_slope).astype(z.dtype),
            "What is negative ends at a floor of -negative_slope, where the slope is 0: units can die there. Below "
            "zero the function must be a line, negative_slope · z.",
        ),
        Mistake(
            lambda z, negative_slope=0.2: np.maximum(z, 0) + z.dtype.type(0.2) * np.minimum(z, 0),
            "The slope is always 0.2, whatever the caller asked for: multiply by the argument negative_slope.",
        ),
        Mistake(
            lambda z, negative_slope=0.2: np.maximum(z, 0),
            "This is ReLU: nothing of what is negative comes through, so a unit can die.",
        ),
        Mistake(
            lambda z, negative_slope=0.2: (np.maximum(z, 0) + negative_slope * z).astype(z.dtype),
            "Where z is positive, negative_slope · z is added too, so the slope there is more than 1. Take only the "
            "negative part of z, min(z, 0).",
        ),
    ),
    hints=(
        "Split z into its positive and its negative part; one of the two is 0 everywhere.",
        "f(z) = max(z, 0) + negative_slope · min(z, 0).",
        "np.maximum(z, 0) and np.minimum(z, 0) are the two parts; np.where(z > 0, …, …) does it as well.",
    ),
)


def _prelu_cases(rng):
    yield np.array([[1.0, 2.0]]), np.array([[-3.0, 4.0]]), np.array([0.25, 0.25])
    yield np.array([[1.0], [2.0], [3.0]]), np.array([[-1.0], [2.0], [-3.0]]), np.array([0.1])
    yield np.zeros((0, 3)), np.zeros((0, 3)), np.array([0.1, 0.2, 0.3])
    for batch, units, dtype in [(3, 2, np.float64), (5, 4, np.float32), (64, 100, np.float32)]:
        dy, z = rng.standard_normal((2, batch, units))
        yield dy.astype(dtype), z.astype(dtype), rng.uniform(0.05, 0.5, units).astype(dtype)
    dy, z = rng.standard_normal((2, 6, 3))
    yield dy, 1000 * z, np.array([0.25, 0.5, 0.0])


def _slope(z, slopes):
    return np.where(z > 0, 1, slopes).astype(z.dtype)


def _below(z):
    return np.minimum(z, 0)


PRELU = Exercise(
    name="prelu_backward",
    reference=prelu_backward,
    cases=_prelu_cases,
    points=3,
    mistakes=(
        Mistake(
            lambda dy, z, slopes: (dy * _slope(z, slopes), dy * _below(z)),
            "dslopes still has one row an example. A unit has one slope for all examples: sum over the batch, axis 0.",
        ),
        Mistake(
            lambda dy, z, slopes: (dy * _slope(z, slopes), (dy * _below(z)).sum(axis=0) / max(len(z), 1)),
            "This is the mean over the batch. The division by the batch size is in dy already: sum.",
        ),
        Mistake(
            lambda dy, z, slopes: (dy * _slope(z, slopes), (dy * z).sum(axis=0)),
            "Where z is positive, the slope has no part in the output, so it gets no gradient from there: count the "
            "negative part of z only.",
        ),
        Mistake(
            lambda dy, z, slopes: (dy * _slope(z, slopes), (dy * (z < 0)).sum(axis=0)),
            "How much does y = slope · z change with the slope? By z, not by 1: each dy must be multiplied by its z.",
        ),
        Mistake(
            lambda dy, z, slopes: (dy * (z > 0), (dy * _below(z)).sum(axis=0)),
            "dz is ReLU's: it is 0 for negative z. There the slope of the function is `slopes`.",
        ),
        Mistake(
            lambda dy, z, slopes: (_slope(z, slopes), (dy * _below(z)).sum(axis=0)),
            "This is the slope f'(z) itself; the gradient that arrives, dy, must be multiplied by it.",
        ),
        Mistake(
            lambda dy, z, slopes: ((dy * _below(z)).sum(axis=0), dy * _slope(z, slopes)),
            "The two gradients stand in the wrong order: they come in the order of prelu's arguments, z, slopes.",
        ),
        Mistake(
            lambda dy, z, slopes: (dy * _slope(z, slopes), np.full_like(slopes, (dy * _below(z)).sum())),
            "All units get the same gradient: it was summed over everything. Every unit has a slope of its own.",
        ),
    ),
    hints=(
        "y = max(z, 0) + slopes · min(z, 0). Ask of each argument: how does y change with it? Then multiply by dy, and "
        "sum over whatever shares that argument.",
        "dz = dy · f'(z), where f' is 1 above zero and slopes below. dslopes = Σ over the batch of dy · min(z, 0).",
        "dz = dy * prelu_derivative(z, slopes), or with np.where(z > 0, 1, slopes); dslopes = np.sum(dy * "
        "np.minimum(z, 0), axis=0).",
    ),
)
