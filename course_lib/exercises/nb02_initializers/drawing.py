"""How the random exercises of notebook 02 are judged: by the statistics of what an answer draws."""

from math import prod

import numpy as np

from course_lib.exercises.judge.comparing import Unusable
from course_lib.initializers import TRUNCATED_STD

DRAWS = 10_000  # so that a standard deviation is known within 1%
TOLERANCE = 0.04
SHAPES = [(300, 100), (100, 300), (3, 3, 16, 32), (5, 5, 1, 8), (2, 7)]


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
    (mean, std, largest), (wanted_mean, wanted_std, wanted_largest) = got[0].tolist(), wanted[0].tolist()
    if not abs(mean - wanted_mean) <= 8 * wanted_std / DRAWS**0.5:  # both means are known within chance only
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
