"""Exercise of notebook 02: random weights of a given variance, by either fan, in three distributions."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb02_initializers.drawing import SHAPES, UNITS, alike, cut, statistics
from course_lib.initializers import fans, variance_scaling


def _scaling_cases(rng):
    kinds = [("fan_in", "normal"), ("fan_out", "uniform"), ("fan_avg", "truncated_normal"), ("fan_in", "uniform"),
             ("fan_out", "truncated_normal"), ("fan_avg", "normal")]
    for i, (mode, distribution) in enumerate(kinds):
        options = {"scale": (1.0, 2.0, 0.5)[i % 3], "mode": mode, "distribution": distribution}
        yield SHAPES[i % len(SHAPES)], int(rng.integers(2**31)), options | {"dtype": ("float32", "float64")[i % 2]}


def _scaled(std, units=UNITS):
    """Return an initializer with the standard deviation std(scale, fan_in, fan_out, mode)."""

    def draw(shape, rng, *, scale=1.0, mode="fan_in", distribution="truncated_normal", dtype=np.float32):
        return (std(scale, *fans(shape), mode) * units[distribution](shape, rng)).astype(dtype)

    return draw


def _fan(fan_in, fan_out, mode):
    return {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]


def _right(scale, fan_in, fan_out, mode):
    return (scale / _fan(fan_in, fan_out, mode)) ** 0.5


SCALING = Exercise(
    name="variance_scaling",
    reference=variance_scaling,
    cases=_scaling_cases,
    points=3,
    call=statistics,
    compare=alike,
    mistakes=(
        Mistake(
            _scaled(lambda *args: _right(*args) ** 2),
            "scale / fan is the variance. Numbers of standard deviation 1 must be multiplied by its square root.",
        ),
        Mistake(
            _scaled(lambda scale, *args: scale * _right(1, *args)),
            "scale stands outside the root: the variance is scale / fan, so its root contains both.",
        ),
        Mistake(
            _scaled(lambda scale, fan_in, fan_out, mode: _right(scale, fan_out, fan_in, mode)),
            "The modes are swapped: with mode fan_in the variance is scale / fan_in.",
        ),
        Mistake(
            _scaled(lambda scale, fan_in, fan_out, mode: _right(scale, fan_in, fan_out, "fan_in")),
            "It divides by fan_in whatever the mode: look mode up.",
        ),
        Mistake(
            _scaled(lambda scale, i, o, mode: (scale / (i + o if mode == "fan_avg" else _fan(i, o, mode))) ** 0.5),
            "fan_avg is the mean of the two fans; this takes their sum.",
        ),
        Mistake(
            _scaled(_right, UNITS | {"uniform": lambda shape, rng: rng.uniform(-1, 1, shape)}),
            "Uniform numbers from -1 to 1 have variance 1/3. For variance 1 they go from -√3 to √3, as "
            "standard_uniform draws them.",
        ),
        Mistake(
            _scaled(_right, UNITS | {"truncated_normal": cut}),
            "Cutting the tails off takes variance away: 0.8796 of the standard deviation is left. Divide by it, as "
            "standard_truncated does.",
        ),
        Mistake(
            _scaled(_right, dict.fromkeys(UNITS, UNITS["normal"])),
            "All three distributions come out as a normal one: look distribution up.",
        ),
    ),
    hints=(
        "First the fan that mode asks for, then the variance, then numbers of variance 1 made as wide as they should.",
        "std = √(scale / fan), and the result is std times draws of mean 0 and variance 1.",
        'A dict looks things up: {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode], and '
        "another one for standard_uniform, standard_normal, standard_truncated. std should be an ordinary number, "
        "float(…) ** 0.5, so that float32 stays float32.",
    ),
)
