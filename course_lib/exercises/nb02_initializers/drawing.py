"""How the random exercises of notebook 02 are judged: by the statistics of what an answer draws."""

from math import prod

import numpy as np

from course_lib.exercises.judge.calling import split
from course_lib.exercises.judge.comparing import Unusable
from course_lib.initializers import TRUNCATED_STD, fans

DRAWS = 10_000  # so that a standard deviation is known within 1%
TOLERANCE = 0.04
INPUTS = ("shape", "seed")  # what a case holds, apart from options


def cases_of(first, rng):
    """Yield cases for weights of one distribution: first the worked example's shape, then others, in either dtype."""
    for shape, options in ((first, {}), ((60, 20), {}), ((20, 60), {"dtype": "float64"}), ((3, 5, 8, 16), {}),
                           ((5, 5, 1, 8), {"dtype": "float64"}), ((3, 20, 40), {})):
        yield shape, int(rng.integers(2**31)), options


def statistics(answer, case):
    """Draw with an answer until there are enough numbers, and return their mean, standard deviation and largest size.

    case is (shape, seed, options of the answer); what the draws can't show is said here: shape, dtype, generator.
    """
    (shape, seed), options = split(case)
    wanted = np.dtype(options.get("dtype", "float32"))
    if "dtype" in options:
        options = options | {"dtype": wanted.type}
    rng = np.random.default_rng(seed)
    draws = [_checked(answer(shape, rng, **options), shape, wanted) for _ in range(max(2, -(-DRAWS // prod(shape))))]
    if np.array_equal(draws[0], draws[1]):
        raise Unusable("it gives the same numbers twice: draw them from the generator rng, which goes on by itself")
    if not np.array_equal(draws[0], answer(shape, np.random.default_rng(seed), **options)):
        raise Unusable("two generators of the same seed give different numbers: draw from rng, not from np.random")
    values = np.concatenate([draw.ravel() for draw in draws]).astype(np.float64)
    _refuse_repeated(values)
    return np.array([values.mean(), values.std(), np.abs(values).max()])


def _refuse_repeated(values):
    """Say so if many weights are equal, or a few percent of them."""
    different, counts = np.unique(values, return_counts=True)
    if len(different) < 0.9 * len(values):
        raise Unusable(
            f"of {len(values)} weights only {len(different)} differ from each other: draw each of them anew, by "
            "handing the whole shape to the generator"
        )
    if counts.max() > 0.01 * len(values):
        if different[counts.argmax()] == 0:
            raise Unusable("some percent of the weights are 0: draw again what is too large, and don't leave it out")
        raise Unusable(
            "some percent of the weights have one and the same value, as where np.clip moves what is too large to a "
            "limit: draw that again"
        )


def _checked(draw, shape, dtype):
    if draw is None:
        raise Unusable("it returned None: is there a `return` at the end?")
    if not isinstance(draw, np.ndarray):
        raise Unusable(f"it returned a {type(draw).__name__}, wanted an array of shape {shape}: was shape handed on?")
    if draw.shape != tuple(shape):
        raise Unusable(f"the result has shape {draw.shape}, wanted {tuple(shape)}")
    if draw.dtype != dtype:
        raise Unusable(
            f"the result has dtype {draw.dtype}, wanted {dtype}. A draw has float64 unless dtype is handed on to it; "
            "and a factor from NumPy, such as np.sqrt(2), makes float32 float64, which .astype(dtype) undoes"
        )
    return draw


def alike(got, wanted):
    """Say in what the statistics of two random arrays differ by more than chance."""
    if got[0].shape != wanted[0].shape:
        return f"it returned an array of shape {got[0].shape}"
    (mean, std, largest), (wanted_mean, wanted_std, wanted_largest) = got[0].tolist(), wanted[0].tolist()
    if not abs(mean - wanted_mean) <= 8 * max(std, wanted_std) / DRAWS**0.5:  # both are known within chance
        return f"the mean of the weights is {mean:.3g}, wanted 0 within chance"
    if not abs(std / wanted_std - 1) <= TOLERANCE:
        return f"their standard deviation is {std:.4g}, wanted {wanted_std:.4g} within chance"
    bounded = wanted_largest < 3 * wanted_std  # the largest of many normal numbers is anything beyond
    if bounded and not abs(largest / wanted_largest - 1) <= TOLERANCE or not bounded and largest < 3 * std:
        limit = f"{wanted_largest / wanted_std:.2f}" if bounded else "more than 3"
        return f"their standard deviation is right, but the largest is {largest / std:.2f} of it, wanted {limit}"
    return None


UNITS = {  # standard deviation 1
    "uniform": lambda shape, rng: rng.uniform(-(3**0.5), 3**0.5, shape),
    "normal": lambda shape, rng: rng.standard_normal(shape),
    "truncated_normal": lambda shape, rng: cut(shape, rng) / TRUNCATED_STD,
}


def cut(shape, rng):
    """Draw from N(0, 1), cut off at 2, without giving the variance back."""
    draws = rng.standard_normal(shape)
    while (far := np.abs(draws) > 2).any():
        draws[far] = rng.standard_normal(np.count_nonzero(far))
    return draws


def uniform_to(limit, low=-1):
    """Return a wrong initializer: uniform from low times a limit to the limit, which is made from both fans."""

    def draw(shape, rng, *, dtype=np.float32):
        return rng.uniform(low * limit(*fans(shape)), limit(*fans(shape)), shape).astype(dtype)

    return draw


def normal_of(std, unit=UNITS["truncated_normal"], fans=fans):
    """Return a wrong initializer: a standard deviation, made from both fans, times draws of deviation 1."""

    def draw(shape, rng, *, dtype=np.float32):
        return (std(*fans(shape)) * unit(shape, rng)).astype(dtype)

    return draw
