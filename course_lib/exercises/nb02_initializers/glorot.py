"""Exercise of notebook 02: Glorot's uniform weights."""

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb02_initializers.drawing import INPUTS, UNITS, alike, cases_of, normal_of, statistics
from course_lib.exercises.nb02_initializers.drawing import uniform_to as to
from course_lib.initializers import glorot_uniform


def _over(n, fans):
    """Return a wrong initializer: uniform to √(n / sum of both fans), where the fans are taken otherwise."""
    return normal_of(lambda i, o: (n / 3 / (i + o)) ** 0.5, UNITS["uniform"], fans)


GLOROT = Exercise(
    name="glorot_uniform",
    reference=glorot_uniform,
    cases=lambda rng: cases_of((300, 300), rng),
    points=1,
    call=statistics,
    compare=alike,
    inputs=INPUTS,
    mistakes=(
        Mistake(
            to(lambda i, o: (2 / (i + o)) ** 0.5),
            "√(2 / (fan_in + fan_out)) is the standard deviation. A uniform distribution reaches √3 times as far on "
            "both sides: to √(6 / (fan_in + fan_out)).",
        ),
        Mistake(
            to(lambda i, o: (6 / i) ** 0.5),
            "6 / fan_in under the root is He's. Glorot divides by both fans: 6 / (fan_in + fan_out).",
        ),
        Mistake(
            to(lambda i, o: (3 / i) ** 0.5),
            "The variance is 1 / fan_in, which is LeCun's and what variance_scaling does if it isn't told the mode. "
            "Glorot's has the mean of both fans in place of fan_in.",
        ),
        Mistake(
            to(lambda i, o: (3 / (i + o)) ** 0.5),
            "The variance is 1 / (fan_in + fan_out), half of what it should be: Glorot divides by the mean of the "
            "fans, which is half of their sum.",
        ),
        Mistake(
            normal_of(lambda i, o: (2 / (i + o)) ** 0.5, UNITS["normal"]),
            "The variance is right, but the numbers are normally distributed. Uniform ones never go beyond √3 "
            "standard deviations.",
        ),
        Mistake(
            normal_of(lambda i, o: (2 / (i + o)) ** 0.5),
            "The variance is right, but the numbers come from a truncated normal distribution, which is what "
            "variance_scaling draws if it isn't told another. Uniform ones never go beyond √3 standard deviations.",
        ),
        Mistake(
            normal_of(lambda i, o: (1 / i) ** 0.5),
            "This is what variance_scaling draws if it is told nothing: a truncated normal distribution with variance "
            "1 / fan_in. Tell it the mode and the distribution.",
        ),
        Mistake(
            to(lambda i, o: (6 / (i + o)) ** 0.5, low=0),
            "The weights are all positive. They go from -limit to +limit, so that their mean is 0.",
        ),
        Mistake(
            to(lambda i, o: 2 * (6 / (i + o)) ** 0.5, low=0),
            "The weights are all positive, from 0 to twice the limit. Take the limit away, so that their mean is 0.",
        ),
        Mistake(
            _over(6, lambda shape: (shape[-2], shape[-1])),
            "Right for dense kernels. In a convolution the window belongs to both fans: an output adds up height · "
            "width places of every channel. `fans(shape)` counts them.",
        ),
        Mistake(
            _over(6, lambda shape: (shape[0], shape[1])),
            "Right for dense kernels. In a convolution's, (height, width, in, out), the first two axes are the window. "
            "`fans(shape)` counts both fans.",
        ),
        Mistake(
            _over(6, lambda shape: (sum(shape), 0)),
            "Right for dense kernels. In a convolution's the sides of the window multiply both fans, and here they are "
            "added to them. `fans(shape)` counts both.",
        ),
        Mistake(
            to(lambda i, o: 6**0.5 / (i + o)),
            "The root is over the 6 alone: the sum of the fans belongs under it, too.",
        ),
        Mistake(
            to(lambda i, o: 6 / (i + o)),
            "The root is missing: 6 / (fan_in + fan_out) is the square of the limit.",
        ),
        Mistake(
            to(lambda i, o: 2 / (i + o)),
            "This reaches to the variance, 2 / (fan_in + fan_out). Its root is the standard deviation, and a uniform "
            "distribution reaches √3 times as far as that.",
        ),
        Mistake(
            to(lambda i, o: (12 / (i + o)) ** 0.5),
            "The variance is twice what it should be, 4 / (fan_in + fan_out). The 2 of Glorot's formula is there "
            "because the mean of the fans is half of their sum: with fan_avg the scale is 1.",
        ),
        Mistake(
            to(lambda i, o: (1.5 / (i + o)) ** 0.5),
            "The weights reach half as far as they should. From -limit to limit it is twice the limit: numbers from 0 "
            "to 1, less ½, need a factor of 2 · limit.",
        ),
        Mistake(
            to(lambda i, o: (6 / (i + o)) ** 0.5 * 3**0.5),
            "They reach √3 times too far: √(6 / (fan_in + fan_out)) is the limit already, no standard deviation. As a "
            "factor it belongs to numbers from -1 to 1.",
        ),
        Mistake(
            to(lambda i, o: (3 / o) ** 0.5),
            "The variance is 1 / fan_out. Glorot's has the mean of both fans in place of fan_out: mode fan_avg.",
        ),
        Mistake(
            to(lambda i, o: (3 / (i * o) ** 0.5) ** 0.5),
            "This divides by the root of the product of the fans. Glorot's mean is half of their sum.",
        ),
        Mistake(
            to(lambda i, o: (6 / o) ** 0.5),
            "This divides by fan_out alone. Glorot divides by both fans: 6 / (fan_in + fan_out).",
        ),
    ),
    hints=(
        "The variance is 2 / (fan_in + fan_out). How far does a uniform distribution of that variance reach?",
        'variance_scaling(shape, rng, scale=1, mode=…, distribution="uniform", dtype=dtype), or by hand: '
        "(2 * rng.random(shape, dtype=dtype) - 1) * limit.",
    ),
)
