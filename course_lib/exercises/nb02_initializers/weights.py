"""Exercises of notebook 02: how many inputs and outputs a weight has, and random weights of the right variance."""

from math import prod

import numpy as np

from course_lib.exercises.comparing import Unusable
from course_lib.exercises.core import Exercise, Mistake
from course_lib.initializers import TRUNCATED_STD, fans, glorot_uniform, he_normal, variance_scaling

DRAWS = 10_000  # so that a standard deviation is known within 1%
TOLERANCE = 0.04
SHAPES = [(300, 100), (100, 300), (3, 3, 16, 32), (5, 5, 1, 8), (2, 7)]


def _fans(answer, case):
    return answer(*case)  # numbers, no arrays


FANS = Exercise(
    name="fans",
    reference=fans,
    cases=lambda rng: [((300, 100),), ((5, 5, 3, 8),), ((7, 7),), ((1, 1, 2, 4),), ((3, 6, 5),),
                       (tuple(int(n) for n in rng.integers(1, 9, 4)),)],
    points=1,
    call=_fans,
    mistakes=(
        Mistake(
            lambda shape: (shape[-2], shape[-1]),
            "The window is missing: an output of a 5 × 5 convolution sees 25 places of every channel, and an input "
            "reaches 25 places of every output channel. Multiply both by the window's size.",
        ),
        Mistake(
            lambda shape: (prod(shape[:-1]), shape[-1]),
            "fan_in has the window, fan_out lacks it: in a convolution an input also reaches one output for each "
            "place of the window.",
        ),
        Mistake(
            lambda shape: fans(shape)[::-1],
            "The two are swapped: fan_in comes first, and inputs are the last axis but one.",
        ),
        Mistake(
            lambda shape: (shape[0], shape[1]),
            "These are the first two axes. They are right for a dense kernel; in a convolution's, (height, width, in, "
            "out), the channels come last.",
        ),
        Mistake(
            lambda shape: (shape[1] * prod(shape[2:]), shape[0] * prod(shape[2:])),
            "This reads the kernel as (out, in, height, width), which is PyTorch's order. Here, as in TensorFlow, the "
            "window comes first: (height, width, in, out).",
        ),
    ),
    hints=(
        "Take one output and count the inputs that it adds up; then take one input and count the outputs it reaches.",
        "fan_in = window · in and fan_out = window · out, where window is the product of all axes but the last two.",
        "window = math.prod(shape[:-2]), or a loop over shape[:-2]; then window * shape[-2], window * shape[-1].",
    ),
)  # fmt: skip


def statistics(answer, case):
    """Draw with an answer until there are enough numbers, and return their mean, standard deviation and largest size.

    case is (shape, seed, options of the answer); what the draws can't show is said here: shape, dtype, generator.
    """
    shape, seed, options = case
    options = options | {"dtype": np.dtype(options["dtype"]).type}
    rng = np.random.default_rng(seed)
    draws = [_checked(answer(shape, rng, **options), case) for _ in range(max(2, -(-DRAWS // prod(shape))))]
    if np.array_equal(draws[0], draws[1]):
        raise Unusable("it gives the same numbers twice: draw them from the generator rng, which goes on by itself")
    if not np.array_equal(draws[0], answer(shape, np.random.default_rng(seed), **options)):
        raise Unusable("two generators of the same seed give different numbers: draw from rng, not from np.random")
    values = np.concatenate([draw.ravel() for draw in draws]).astype(np.float64)
    return np.array([values.mean(), values.std(), np.abs(values).max()])


def _checked(draw, case):
    shape, _, options = case
    if not isinstance(draw, np.ndarray):
        raise Unusable(f"it returned a {type(draw).__name__}, wanted an array of shape {shape}: is there a `return`?")
    if draw.shape != tuple(shape):
        raise Unusable(f"the result has shape {draw.shape}, wanted {tuple(shape)}")
    if draw.dtype != options["dtype"]:
        raise Unusable(f"the result has dtype {draw.dtype}, wanted {options['dtype']}: hand dtype on to what draws")
    return draw


def alike(got, wanted):
    """Say in what the statistics of two random arrays differ by more than chance."""
    if got[0].shape != wanted[0].shape:
        return f"it returned an array of shape {got[0].shape}"
    (mean, std, largest), (_, wanted_std, wanted_largest) = got[0].tolist(), wanted[0].tolist()
    if not abs(mean) <= 6 * wanted_std / DRAWS**0.5:
        return f"the mean of the weights is {mean:.3g}, wanted 0 within chance"
    if not abs(std / wanted_std - 1) <= TOLERANCE:
        return f"their standard deviation is {std:.4g}, wanted {wanted_std:.4g} within chance"
    bounded = wanted_largest < 3 * wanted_std  # the largest of many normal numbers is anything beyond
    if bounded and not abs(largest / wanted_largest - 1) <= TOLERANCE or not bounded and largest < 3 * std:
        limit = f"{wanted_largest / wanted_std:.2f}" if bounded else "more than 3"
        return f"their standard deviation is right, but the largest is {largest / std:.2f} of it, wanted {limit}"
    return None


def _scaling_cases(rng):
    kinds = [("fan_in", "normal"), ("fan_out", "uniform"), ("fan_avg", "truncated_normal"), ("fan_in", "uniform"),
             ("fan_out", "truncated_normal"), ("fan_avg", "normal")]  # fmt: skip
    for i, (mode, distribution) in enumerate(kinds):
        options = {"scale": (1.0, 2.0, 0.5)[i % 3], "mode": mode, "distribution": distribution}
        yield SHAPES[i % len(SHAPES)], int(rng.integers(2**31)), options | {"dtype": ("float32", "float64")[i % 2]}


def _draw_cases(rng):
    for i, shape in enumerate(SHAPES):
        yield shape, int(rng.integers(2**31)), {"dtype": ("float32", "float64")[i % 2]}


UNITS = {  # standard deviation 1
    "uniform": lambda shape, rng: rng.uniform(-(3**0.5), 3**0.5, shape),
    "normal": lambda shape, rng: rng.standard_normal(shape),
    "truncated_normal": lambda shape, rng: _cut(shape, rng) / TRUNCATED_STD,
}


def _cut(shape, rng):
    draws = rng.standard_normal(shape)
    while (far := np.abs(draws) > 2).any():
        draws[far] = rng.standard_normal(np.count_nonzero(far))
    return draws


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
            _scaled(_right, UNITS | {"truncated_normal": _cut}),
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
            _normal(lambda i, o: (2 / i) ** 0.5, _cut),
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
