"""Exercise `leaky_relu` of notebook 03: a rectifier that lets part of what is negative through."""

import numpy as np

from course_lib.activations import leaky_relu
from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb03_activations.elementwise import argument_slips, array_slips, halves


def _cases(rng):
    """Yield inputs; 0 is only among large numbers, since slips that differ there are one slip."""
    yield np.array([-2.0, -1.0, 1.0, 2.0]), {"negative_slope": 0.1}
    yield (np.array([-3.0, 2.0]),)
    yield (np.array([-0.7]),)
    yield np.array([-3.0, 3.0]), {"negative_slope": 0.0}
    yield np.array([-3.0, 3.0]), {"negative_slope": 1.0}
    yield (np.zeros((0, 3)),)
    yield np.array([[0.5, -0.5]], np.float32), {"negative_slope": 0.01}
    yield np.array([-0.5, -2.0, -0.1], np.float32), {"negative_slope": 0.5}
    yield np.array([1.5, 0.5, 4.0]), {"negative_slope": 0.3}
    yield (np.array([-1000.0, 0.0, 1000.0], np.float32),)
    yield rng.uniform(-30, 30, (5, 4)), {"negative_slope": 0.3}
    yield (rng.standard_normal((64, 100), dtype=np.float32),)


def _itself(z, **options):
    return z


def _line(z, negative_slope=0.2):
    return negative_slope * z


def _kept(function):
    return lambda z, negative_slope=0.2: function(z, negative_slope).astype(z.dtype)


_right = halves(_itself, _line)

LEAKY = Exercise(
    name="leaky_relu",
    reference=leaky_relu,
    cases=_cases,
    points=1,
    mistakes=(
        Mistake(
            _kept(lambda z, a: np.where(z < 0, z, a * z)),
            "The slope is on the wrong side: what is positive passes unchanged, what is negative is multiplied by "
            "negative_slope.",
        ),
        Mistake(
            _kept(lambda z, a: np.maximum(z, 0) - a * np.minimum(z, 0)),
            "For negative z this rises again to the left. min(z, 0) is negative already: add it, times the slope.",
        ),
        Mistake(
            _kept(lambda z, a: np.maximum(z, 0)),
            "This is ReLU: nothing of what is negative comes through, so the leak is missing and a unit can die.",
        ),
        Mistake(
            _kept(lambda z, a: np.maximum(z, 0) + a * z),
            "Where z is positive, negative_slope · z is added too, so the slope there is more than 1. Take only the "
            "negative part of z, min(z, 0).",
        ),
        Mistake(
            _kept(lambda z, a: z + a * np.minimum(z, 0)),
            "Below zero the whole of z comes through, and the leak on top. Add only the positive part, max(z, 0), to "
            "negative_slope · min(z, 0).",
        ),
        Mistake(
            _kept(lambda z, a: z),
            "z comes out as it went in. Below zero only a part of it may come through: negative_slope · z.",
        ),
        Mistake(
            _kept(lambda z, a: a * z),
            "Everything is multiplied by negative_slope, what is positive too. Above zero z passes unchanged.",
        ),
        Mistake(
            _kept(lambda z, a: a * np.minimum(z, 0)),
            "Only the negative part comes out; above zero this gives 0. The positive part, max(z, 0), is missing.",
        ),
        Mistake(
            _kept(lambda z, a: np.maximum(z, -a)),
            "What is negative ends at a floor of -negative_slope, where the slope is 0: units can die there. Below "
            "zero the function must be a line, negative_slope · z.",
        ),
        Mistake(
            _kept(lambda z, a: np.maximum(z, a)),
            "The slope itself is taken as a lower limit, so nothing below it comes through. Below zero the function is "
            "a line: negative_slope times z.",
        ),
        Mistake(
            _kept(lambda z, a: np.where(z > 0, z, a)),
            "What is negative becomes negative_slope itself, one and the same number for all z. It must be multiplied "
            "by z.",
        ),
        Mistake(
            _kept(lambda z, a: np.where(z > 0, z, -a)),
            "What is negative becomes -negative_slope, one and the same number for all z. Below zero the function is "
            "a line: negative_slope times z.",
        ),
        Mistake(
            _kept(lambda z, a: np.maximum(z, 0) + a),
            "negative_slope is added everywhere. It is a factor: it multiplies the negative part of z, min(z, 0).",
        ),
        Mistake(
            _kept(lambda z, a: np.where(z > 0, 1, a)),
            "This is the slope, 1 or negative_slope. Here the function itself is asked for: multiply by z.",
        ),
        Mistake(
            _kept(lambda z, a: np.where(z > 0, z, z / a)),
            "Below zero z is divided by negative_slope, which makes it larger. A leak lets only a part through: "
            "multiply.",
        ),
        Mistake(
            _kept(lambda z, a: np.where(z > 0, z, z - a)),
            "Below zero negative_slope is subtracted. A slope is a factor: negative_slope times z.",
        ),
        Mistake(
            _kept(lambda z, a: np.where(z > 0, z, z + a)),
            "Below zero negative_slope is added to z. A slope is a factor: negative_slope times z.",
        ),
        Mistake(
            _kept(lambda z, a: np.where(z > 0, z, (1 - a) * z)),
            "Below zero the share negative_slope is taken away, and the rest comes through. It is the other way round: "
            "negative_slope is the share that comes through.",
        ),
        Mistake(
            _kept(lambda z, a: np.where(z > 0, z, a * np.expm1(np.minimum(z, 0)))),
            "Below zero this bends, as ELU does. Leaky ReLU stays a straight line there: negative_slope · z.",
        ),
        Mistake(
            lambda z, negative_slope=0.2: np.max(z, 0) + negative_slope * np.min(z, 0),
            "np.max(z, 0) looks for the largest number along axis 0. What compares each number with 0 is "
            "np.maximum(z, 0); likewise np.minimum.",
        ),
        *argument_slips(_right, "negative_slope", 0.2, others=(0.01, 0.1, 0.3, 0.25), fixed=(0.2, 0.01, 0.1, 0.3)),
        *array_slips(_right, _itself, _line),
    ),
    hints=(
        "Split z into its positive and its negative part; one of the two is 0 everywhere.",
        "np.maximum(z, 0) and np.minimum(z, 0) are the two parts; np.where(z > 0, …, …) does it as well.",
    ),
)
