"""Exercise of notebook 02: random weights of a given variance, by either fan, in three distributions."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb02_initializers.drawing import INPUTS, UNITS, alike, cut, statistics
from course_lib.initializers import TRUNCATED_STD, fans, variance_scaling


def _cases(rng):
    for shape, options in (
        ((300, 100), {"scale": 2.0, "mode": "fan_avg"}),
        ((20, 60), {}),
        ((60, 20), {"mode": "fan_out", "distribution": "uniform", "dtype": "float64"}),
        ((3, 5, 4, 8), {"scale": 0.5, "mode": "fan_in", "distribution": "normal"}),
        ((5, 5, 1, 8), {"scale": 2.0, "mode": "fan_avg", "distribution": "uniform", "dtype": "float64"}),
        ((60, 20), {"scale": 3.0, "mode": "fan_out", "distribution": "truncated_normal"}),
        ((2, 3), {"scale": 0.5, "mode": "fan_avg", "distribution": "normal", "dtype": "float64"}),
        ((3, 20, 40), {"scale": 2.0, "distribution": "uniform"}),
        ((60, 20), {"scale": 0.0}),
        ((60, 20), {"scale": -1.0}),
        ((60, 20), {"mode": "fan_max"}),
        ((60, 20), {"distribution": "gaussian"}),
    ):
        yield shape, int(rng.integers(2**31)), options


def _scaled(std, units=UNITS, fans=fans):
    """Return an initializer with the standard deviation std(scale, fan_in, fan_out, mode)."""

    def draw(shape, rng, *, scale=1.0, mode="fan_in", distribution="truncated_normal", dtype=np.float32):
        if scale <= 0 or mode not in ("fan_in", "fan_out", "fan_avg") or distribution not in UNITS:
            raise ValueError
        return (std(scale, *fans(shape), mode) * units[distribution](shape, rng)).astype(dtype)

    return draw


def _fan(fan_in, fan_out, mode):
    return {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]


def _right(scale, fan_in, fan_out, mode):
    return (scale / _fan(fan_in, fan_out, mode)) ** 0.5


def _average(average):
    """Return an initializer with another average of the two fans."""

    def std(scale, fan_in, fan_out, mode):
        return (scale / (average(fan_in, fan_out) if mode == "fan_avg" else _fan(fan_in, fan_out, mode))) ** 0.5

    return _scaled(std)


def _always(mode):
    return _scaled(lambda scale, fan_in, fan_out, _: _right(scale, fan_in, fan_out, mode))


def _drawn(**units):
    """Return an initializer that draws one of the distributions wrongly."""
    return _scaled(_right, UNITS | units)


def _one_for_all(distribution):
    return _scaled(_right, dict.fromkeys(UNITS, UNITS[distribution]))


SCALING = Exercise(
    name="variance_scaling",
    reference=variance_scaling,
    cases=_cases,
    points=3,
    call=statistics,
    compare=alike,
    inputs=INPUTS,
    refuses=True,
    mistakes=(
        Mistake(
            _scaled(lambda *args: _right(*args) ** 2),
            "scale / fan is the variance. Numbers of standard deviation 1 must be multiplied by its square root.",
        ),
        Mistake(
            _scaled(lambda scale, *args: scale * _right(1, *args)),
            "scale counts twice, as where it stands outside the root: the variance is scale / fan, so its root "
            "contains both.",
        ),
        Mistake(
            _scaled(lambda scale, *args: _right(2, *args)),
            "The 2 of He's weights stands where scale should: the variance is scale / fan.",
        ),
        Mistake(
            _scaled(lambda scale, *args: _right(1, *args)),
            "scale is ignored: the variance is scale / fan.",
        ),
        Mistake(
            _scaled(lambda scale, *args: scale**0.5 * _right(1, *args) ** 2),
            "The root is over scale alone: fan belongs under it, too.",
        ),
        Mistake(
            _scaled(lambda *args: 1 / _right(*args)),
            "The fraction is upside down: the variance is scale / fan, so that large layers get small weights.",
        ),
        Mistake(
            _scaled(lambda scale, fan_in, fan_out, mode: _right(scale, fan_out, fan_in, mode)),
            "The modes are swapped: with mode fan_in the variance is scale / fan_in.",
        ),
        Mistake(_always("fan_in"), "It divides by fan_in whatever the mode: look mode up."),
        Mistake(_always("fan_out"), "It divides by fan_out whatever the mode: look mode up."),
        Mistake(_always("fan_avg"), "It divides by the mean of the fans whatever the mode: look mode up."),
        Mistake(_average(lambda i, o: i + o), "fan_avg is the mean of the two fans; this takes their sum."),
        Mistake(
            _average(lambda i, o: i + o / 2),
            "Only fan_out is halved in fan_avg, as in a + b / 2: it is half of the sum.",
        ),
        Mistake(
            _average(lambda i, o: (i + o) // 2),
            "The mean of the two fans is rounded to a whole number, as // does: that of 2 and 3 is 2.5.",
        ),
        Mistake(_average(lambda i, o: (i * o) ** 0.5), "fan_avg is half the sum of the fans, no root of a product."),
        Mistake(
            _scaled(_right, fans=lambda shape: (shape[-2], shape[-1])),
            "Right for dense kernels. In a convolution's the window multiplies both fans: `fans(shape)` counts them.",
        ),
        Mistake(
            _scaled(_right, fans=lambda shape: (shape[0], shape[1])),
            "Right for dense kernels. In a convolution's, (height, width, in, out), the first two axes are the window: "
            "`fans(shape)` counts the fans.",
        ),
        Mistake(
            _drawn(uniform=lambda shape, rng: rng.uniform(-1, 1, shape)),
            "Uniform numbers from -1 to 1 have variance 1/3. For variance 1 they go from -√3 to √3, as "
            "standard_uniform draws them.",
        ),
        Mistake(
            _drawn(uniform=lambda shape, rng: rng.uniform(-(6**0.5), 6**0.5, shape)),
            "The uniform weights reach √2 times too far. √(6 / …) is the limit for a sum of two fans; for one fan, or "
            "their mean, it is √(3 · scale / fan).",
        ),
        Mistake(
            _drawn(uniform=lambda shape, rng: rng.random(shape)),
            "The uniform weights are all positive. They need both signs: mean 0, from -√3 to √3 standard deviations.",
        ),
        Mistake(
            _drawn(uniform=lambda shape, rng: rng.uniform(0, 3**0.5, shape)),
            "The uniform weights start at 0. They go from -limit to +limit, so that their mean is 0.",
        ),
        Mistake(
            _drawn(truncated_normal=cut),
            "Cutting the tails off takes variance away: 0.8796 of the standard deviation is left. Divide by it, as "
            "standard_truncated does.",
        ),
        Mistake(
            _drawn(truncated_normal=lambda shape, rng: TRUNCATED_STD * cut(shape, rng)),
            "Cutting the tails off leaves 0.8796 of the standard deviation, and this takes as much away once more: "
            "divide by it, don't multiply.",
        ),
        Mistake(
            _drawn(truncated_normal=lambda shape, rng: cut(shape, rng) / TRUNCATED_STD**2),
            "Too much is given back: draws that were cut off at 2 are divided by 0.8796 once, and standard_truncated "
            "has done it already.",
        ),
        Mistake(
            _drawn(truncated_normal=lambda shape, rng: rng.standard_normal(shape) / TRUNCATED_STD),
            "The correction for cut tails is there, and the tails are, too. If you draw again what is beyond a limit: "
            "is the limit 2 standard deviations of the very numbers it is compared with?",
        ),
        Mistake(
            _drawn(truncated_normal=UNITS["normal"]),
            "The truncated normal distribution has its tails still: draw again whatever is beyond two standard "
            "deviations, or take standard_truncated.",
        ),
        Mistake(_one_for_all("normal"), "All three distributions come out as a normal one: look distribution up."),
        Mistake(_one_for_all("uniform"), "All three distributions come out as a uniform one: look distribution up."),
        Mistake(_one_for_all("truncated_normal"), "All three distributions come out truncated: look distribution up."),
    ),
    hints=(
        "First the fan that mode asks for, then the variance, then numbers of variance 1 made as wide as they should.",
        'A dict looks things up: {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode], and '
        "another one for standard_uniform, standard_normal, standard_truncated. std should be an ordinary number, "
        "float(…) ** 0.5, so that float32 stays float32.",
    ),
)
