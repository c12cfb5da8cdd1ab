"""Exercise of notebook 02: He's weights from a truncated normal distribution."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb02_initializers.drawing import INPUTS, UNITS, alike, cases_of, cut, normal_of, statistics
from course_lib.initializers import TRUNCATED_STD, he_normal


def _right(fan_in, fan_out):
    return (2 / fan_in) ** 0.5


def _of(unit):
    return normal_of(_right, unit)


def _with(fans):
    return normal_of(_right, fans=fans)


SIZES = (  # wrong standard deviations
    (
        lambda i, o: (1 / i) ** 0.5,
        "1 / fan_in is LeCun's variance. ReLU lets half of the mean square through, so He's is twice that.",
    ),
    (
        lambda i, o: (2 / o) ** 0.5,
        "This divides by fan_out, which keeps the gradient's size. He's, as Keras has it, keeps the signal's: divide "
        "by fan_in.",
    ),
    (
        lambda i, o: (2 / (i + o)) ** 0.5,
        "This is Glorot's variance, 2 / (fan_in + fan_out). He's is 2 / fan_in.",
    ),
    (
        lambda i, o: (4 / (i + o)) ** 0.5,
        "This divides by the mean of both fans. He's variance is 2 / fan_in: mode fan_in.",
    ),
    (
        lambda i, o: 2 / i,
        "2 / fan_in is the variance; the standard deviation is its square root.",
    ),
    (
        lambda i, o: 2**0.5 / i,
        "The root is over the 2 alone: fan_in belongs under it, too.",
    ),
    (
        lambda i, o: 2 / i**0.5,
        "The 2 stands outside the root: the variance is 2 / fan_in, so its root contains both.",
    ),
    (
        lambda i, o: (6 / i) ** 0.5,
        "√(6 / fan_in) is the limit of He's uniform weights. The variance is 2 / fan_in, in any distribution.",
    ),
)

HE = Exercise(
    name="he_normal",
    reference=he_normal,
    cases=lambda rng: cases_of((3, 3, 16, 32), rng),
    points=1,
    call=statistics,
    compare=alike,
    inputs=INPUTS,
    mistakes=(
        *(Mistake(normal_of(std), hint) for std, hint in SIZES),
        Mistake(
            _of(cut),
            "The tails are cut off and what that takes away isn't given back: divide by 0.8796.",
        ),
        Mistake(
            _of(lambda shape, rng: TRUNCATED_STD * cut(shape, rng)),
            "Cutting the tails off leaves 0.8796 of the standard deviation, and this takes as much away once more: "
            "divide by it, don't multiply.",
        ),
        Mistake(
            _of(lambda shape, rng: cut(shape, rng) / TRUNCATED_STD**2),
            "Too much is given back: draws that were cut off at 2 are divided by 0.8796 once. standard_truncated and "
            "variance_scaling have done it already.",
        ),
        Mistake(
            _of(UNITS["normal"]),
            "The variance is right, but the tails are there: this one is cut off at two standard deviations of the "
            "normal distribution it comes from.",
        ),
        Mistake(
            _of(lambda shape, rng: rng.standard_normal(shape) / TRUNCATED_STD),
            "The correction for cut tails is there, and the tails are, too. If you draw again what is beyond a limit: "
            "is the limit 2 standard deviations of the very numbers it is compared with?",
        ),
        Mistake(
            _of(UNITS["uniform"]),
            "The variance is right, but the numbers are uniformly distributed. A truncated normal one has most of them "
            "near 0.",
        ),
        Mistake(
            _of(lambda shape, rng: np.abs(UNITS["truncated_normal"](shape, rng))),
            "The weights are all positive. They need both signs, so that their mean is 0.",
        ),
        *(Mistake(normal_of(std, UNITS["normal"]), f"{hint} And the tails aren't cut off.") for std, hint in SIZES),
        Mistake(
            _with(lambda shape: (shape[-2], shape[-1])),
            "Right for dense kernels. In a convolution an output adds up the whole window: fan_in = height · width · "
            "in.",
        ),
        Mistake(
            _with(lambda shape: (shape[0], shape[1])),
            "Right for dense kernels. The first axis of a convolution's kernel is the window's height: fan_in = "
            "height · width · in, which `fans(shape)` counts.",
        ),
    ),
    hints=(
        "ReLU keeps half of the mean square. Which variance, times fan_in, makes up for that?",
        "variance_scaling has all of it: a scale, a mode and the distribution truncated_normal.",
    ),
)
