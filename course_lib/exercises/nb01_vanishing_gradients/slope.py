"""Exercise of notebook 01: the slope of the logistic function."""

import numpy as np

from course_lib.activations import logistic_derivative
from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.nb01_vanishing_gradients.logistic import pre_activations
from course_lib.exercises.nb01_vanishing_gradients.logistic_mistakes import naive, unstable


def _slope(z):
    return naive(z) * (1 - naive(z))


def _even(numerator, power):
    """Put exp(-|z|), which can't overflow, into a wrong formula."""

    def answer(z):
        t = np.exp(-np.abs(z))
        return (t if numerator == "t" else 1) / (1 + t) ** power

    return answer


def _quotient(sign):
    """Return exp(±z) / (1 + exp(±z))², which is right in the middle."""
    return lambda z: np.exp(sign * z) / (1 + np.exp(sign * z)) ** 2


def _asking(z):
    return _slope(z) if z >= 0 else _slope(-z)


DERIVATIVE = Exercise(
    name="logistic_derivative",
    reference=logistic_derivative,
    cases=pre_activations,
    points=1,
    task=Task.DERIVE,
    mistakes=(
        Mistake(
            lambda z: z * (1 - z),
            "The formula s (1 - s) is about s = f(z), the output; the argument here is z, the pre-activation. "
            "Compute s first.",
        ),
        Mistake(
            _quotient(-1),
            "Right in the middle, NaN where z is very negative: exp(-z) overflows to inf there, and inf / inf and "
            "inf · 0 are NaN. The slope is the same at z and -z, so use exp(-|z|).",
        ),
        Mistake(
            _quotient(1),
            "Right in the middle, NaN where z is large: exp(z) overflows to inf there, and inf / inf and inf · 0 are "
            "NaN. The slope is the same at z and -z, so use exp(-|z|).",
        ),
        Mistake(
            naive,
            "This is f(z) itself; its slope is f(z) (1 - f(z)).",
        ),
        Mistake(
            unstable,
            "This is f(z) itself, and NaN where z is large, since exp(z) overflows; its slope is f(z) (1 - f(z)).",
        ),
        Mistake(
            lambda z: 1 - naive(z) ** 2,
            "1 - f² is the slope of tanh. For the logistic function it is f (1 - f).",
        ),
        Mistake(
            lambda z: 1 - naive(z),
            "This is 1 - f(z) alone: the other factor, f(z), is missing.",
        ),
        Mistake(
            lambda z: unstable(-z),
            "This is 1 - f(z) alone, and NaN where z is very negative, since exp(-z) overflows. In the slope's "
            "quotient the denominator is squared; and exp(-|z|) can't overflow.",
        ),
        Mistake(
            _even("t", 1),
            "exp(-|z|) / (1 + exp(-|z|)) would be the function on one side of 0. In its slope the denominator is "
            "squared.",
        ),
        Mistake(
            _even("1", 2),
            "The numerator exp(-|z|) is missing: far from 0 the slope goes to 0, and this goes to 1.",
        ),
        Mistake(
            lambda z: np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z)) ** 2),
            "Only the exponential in the denominator is squared. The square is of the whole denominator: (1 + "
            "exp(…))².",
        ),
        Mistake(
            lambda z: np.exp(-z) / (1 + np.exp(-z) ** 2),
            "Only the exponential in the denominator is squared, and where z is very negative it overflows. The square "
            "is of the whole denominator, (1 + exp(…))², and exp(-|z|) can't overflow.",
        ),
        Mistake(
            lambda z: naive(z) ** 2,
            "This is the square of f(z): the second factor is 1 - f(z).",
        ),
        Mistake(
            lambda z: naive(z) * (1 + naive(z)),
            "This is f (1 + f). The second factor is a difference, 1 - f.",
        ),
        Mistake(
            lambda z: -_slope(z),
            "The sign is wrong: f rises everywhere, so its slope is positive. The second factor is 1 - f; by the chain "
            "rule, the minus of the exponent -z meets another minus.",
        ),
        Mistake(
            lambda z: -_quotient(-1)(z),
            "The sign is wrong: f rises everywhere, so its slope is positive; by the chain rule, the minus of the "
            "exponent meets another minus. And where z is very negative exp(-z) overflows: use exp(-|z|).",
        ),
        Mistake(
            lambda z: _slope(naive(z)),
            "The logistic function is applied twice: this is the slope at f(z). It is asked for at z, the "
            "pre-activation.",
        ),
        Mistake(
            lambda z: naive(z) * (1 - z),
            "The second factor has z where f(z) belongs: f (1 - f).",
        ),
        Mistake(
            lambda z: z * (1 - naive(z)),
            "The first factor is z where f(z) belongs: f (1 - f).",
        ),
        Mistake(
            lambda z: z * _slope(z),
            "The slope is multiplied by z once more. f (1 - f) alone is the slope.",
        ),
        Mistake(
            lambda z: 1 - np.tanh(z) ** 2,
            "This is the slope of tanh. For the logistic function it is f (1 - f).",
        ),
        Mistake(
            lambda z: np.tanh(z) * (1 - np.tanh(z)),
            "f is the logistic function here, and this takes tanh in its place.",
        ),
        Mistake(
            lambda z: 1 - np.tanh(z / 2) ** 2,
            "This is four times the slope: at its best, z = 0, it must be 1/4. By way of tanh, f = (1 + tanh(z / 2)) "
            "/ 2, and both halves count.",
        ),
        Mistake(
            lambda z: (1 - np.tanh(z / 2) ** 2) / 2,
            "This is twice the slope: at its best, z = 0, it must be 1/4.",
        ),
        Mistake(
            lambda z: _slope(z) ** 2,
            "The whole product is squared: f (1 - f) without a square is the slope.",
        ),
        Mistake(
            lambda z: (z > 0).astype(z.dtype),
            "This is the slope of ReLU, 0 or 1. For the logistic function it is f (1 - f).",
        ),
        Mistake(
            _asking,
            "An if asks one question about the whole array, and its elements have different answers. exp(-|z|) needs "
            "no question.",
        ),
        Mistake(
            lambda z: np.zeros_like(z),
            "It is 0 everywhere. Python reads s * 1 - s as (s * 1) - s: the second factor, 1 - s, needs brackets.",
        ),
        Mistake(
            lambda z: naive(z) ** 2 * (1 - naive(z)),
            "One factor f(z) is too many: f (1 - f).",
        ),
        Mistake(
            lambda z: naive(-z) ** 2,
            "This is (1 - f)², or f(-z)². The two factors are f and 1 - f.",
        ),
        Mistake(
            lambda z: naive(z) * naive(1 - z),
            "f(1 - z) isn't 1 - f(z): subtract after f was computed.",
        ),
    ),
    hints=(
        "Let s = f(z). The derivative can be written with s alone, without another exponential.",
        "s = logistic(z) as in the exercise above, or with t = np.exp(-np.abs(z)): t / (1 + t) ** 2.",
    ),
)
