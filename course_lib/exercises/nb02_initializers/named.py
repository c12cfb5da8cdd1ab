"""Exercises of notebook 02: Glorot's and He's weights."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb02_initializers.drawing import SHAPES, UNITS, alike, cut, statistics
from course_lib.initializers import fans, glorot_uniform, he_normal


def _draw_cases(rng):
    for i, shape in enumerate(SHAPES):
        yield shape, int(rng.integers(2**31)), {"dtype": ("float32", "float64")[i % 2]}


def _uniform(limit):
    def draw(shape, rng, *, dtype=np.float32):
        return rng.uniform(-limit(*fans(shape)), limit(*fans(shape)), shape).astype(dtype)

    return draw


def _normal(std, unit=UNITS["truncated_normal"], fans=fans):
    def draw(shape, rng, *, dtype=np.float32):
        return (std(*fans(shape)) * unit(shape, rng)).astype(dtype)

    return draw


GLOROT = Exercise(
    name="glorot_uniform",
    reference=glorot_uniform,
    cases=_draw_cases,
    points=1,
    call=statistics,
    compare=alike,
    mistakes=(
        Mistake(
            _uniform(lambda i, o: (2 / (i + o)) ** 0.5),
            "√(2 / (fan_in + fan_out)) is the standard deviation. A uniform distribution reaches √3 times as far on "
            "both sides: to √(6 / (fan_in + fan_out)).",
        ),
        Mistake(
            _uniform(lambda i, o: (6 / i) ** 0.5),
            "6 / fan_in is He's. Glorot divides by the mean of both fans: 6 / (fan_in + fan_out) under the root.",
        ),
        Mistake(
            _uniform(lambda i, o: (3 / i) ** 0.5),
            "3 / fan_in is LeCun's. Glorot divides by the mean of both fans: 6 / (fan_in + fan_out) under the root.",
        ),
        Mistake(
            _uniform(lambda i, o: (3 / (i + o)) ** 0.5),
            "This divides by the sum of the fans, and the mean is wanted, which is half of that.",
        ),
        Mistake(
            _normal(lambda i, o: (2 / (i + o)) ** 0.5, UNITS["normal"]),
            "The variance is right, but the numbers are normally distributed. Uniform ones never go beyond √3 "
            "standard deviations.",
        ),
        Mistake(
            _normal(lambda i, o: (6 / (i + o)) ** 0.5, lambda shape, rng: rng.random(shape)),
            "The weights are all positive. They go from -limit to +limit, so that their mean is 0.",
        ),
    ),
    hints=(
        "The variance is 2 / (fan_in + fan_out). How far does a uniform distribution of that variance reach?",
        "A uniform distribution from -a to a has variance a² / 3, so a = √(6 / (fan_in + fan_out)).",
        'variance_scaling(shape, rng, scale=1, mode=…, distribution="uniform", dtype=dtype), or by hand: '
        "(2 * rng.random(shape, dtype=dtype) - 1) * limit.",
    ),
)

HE = Exercise(
    name="he_normal",
    reference=he_normal,
    cases=_draw_cases,
    points=1,
    call=statistics,
    compare=alike,
    mistakes=(
        Mistake(
            _normal(lambda i, o: (1 / i) ** 0.5),
            "1 / fan_in is LeCun's variance. ReLU lets half of the mean square through, so He's is twice that.",
        ),
        Mistake(
            _normal(lambda i, o: (2 / o) ** 0.5),
            "This divides by fan_out, which keeps the gradient's size. He's, as Keras has it, keeps the signal's: "
            "divide by fan_in.",
        ),
        Mistake(
            _normal(lambda i, o: (2 / (i + o)) ** 0.5),
            "This is Glorot's variance, 2 / (fan_in + fan_out). He's is 2 / fan_in.",
        ),
        Mistake(
            _normal(lambda i, o: 2 / i),
            "2 / fan_in is the variance; the standard deviation is its square root.",
        ),
        Mistake(
            _normal(lambda i, o: (2 / i) ** 0.5, cut),
            "The tails are cut off and what that takes away isn't given back: divide by 0.8796.",
        ),
        Mistake(
            _normal(lambda i, o: (2 / i) ** 0.5, UNITS["normal"]),
            "The variance is right, but the tails are there: this one is cut off at two standard deviations of the "
            "normal distribution it comes from.",
        ),
        Mistake(
            _normal(lambda i, o: (2 / i) ** 0.5, fans=lambda shape: (shape[-2], shape[-1])),
            "Right for dense kernels. In a convolution an output adds up the whole window: fan_in = height · width · "
            "in.",
        ),
    ),
    hints=(
        "ReLU keeps half of the mean square. Which variance, times fan_in, makes up for that?",
        "The variance is 2 / fan_in; the distribution is a normal one, cut off at 2 and widened again.",
        "variance_scaling has all of it: a scale, a mode and the distribution truncated_normal.",
    ),
)
