"""Exercise of notebook 02: by how much weights must make up for any activation function."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.judge.comparing import Unusable
from course_lib.exercises.nb02_initializers.numbers import FUNCTIONS
from course_lib.measuring import gain, gaussian_mean
from course_lib.measuring.mean_field import DENSITY, Z

WITH_LINE = FUNCTIONS | {"line": lambda z, a, b: a * z - b}
TOLERANCE = 0.02  # a mean over 100,000 draws is well within
HUGE = 10  # larger than any gain here: what a division by a mean of nearly 0 gives, by chance
FEW = 20_000  # draws


def _cases(rng):
    for name in WITH_LINE:
        yield name, *(float(v) for v in rng.uniform(0.3, 2, 2))


def _gain(answer, case):
    """Return the gain that an answer finds for a function, and at how many numbers it has looked at it."""
    name, a, b = case
    seen = []

    def f(z):
        seen.append(np.size(z))
        return WITH_LINE[name](z, a, b)

    value = answer(f)
    if value is None or isinstance(value, str):
        raise Unusable(f"it returned {value!r}, wanted a number: is there a `return` at the end?")
    if np.ndim(value) != 0:
        raise Unusable(f"it returned a {type(value).__name__} of shape {np.shape(value)}, wanted one number")
    return value, sum(seen)


def _near(got, wanted):
    (got, seen), wanted = (float(part) for part in got), float(wanted[0])
    if abs(got / wanted - 1) <= TOLERANCE or not abs(got) < HUGE and not abs(wanted) < HUGE:
        return None
    more = "" if seen else ", and f was never called"
    if 1 < seen < FEW and abs(got / wanted - 1) < 3 / seen**0.5:
        more = f"; it looked at f for {seen:.0f} values of z only: if you drew them, draw a million"
    return f"the gain is {got:.3f}, wanted {wanted:.3f} within 2%{more}"


def _of_mean(mean, power=-0.5):
    """Return a gain that is made from another mean than that of f(z)², or by another power of it."""

    def answer(f):
        return np.float64(mean(f)) ** power

    return answer


def _square(f):
    return gaussian_mean(lambda z: f(z) ** 2)


def _evenly(low, high):
    """Return a mistake: every z from low to high counts the same."""
    return Mistake(
        _of_mean(lambda f: np.mean(f(np.linspace(low, high, 10_001)) ** 2)),
        f"Every z from {low} to {high} counts the same here. Under N(0, 1) those near 0 are more frequent, and none is "
        "the last: weight them with the density, or draw them with standard_normal.",
    )


GAIN = Exercise(
    name="gain",
    reference=gain,
    cases=_cases,
    points=2,
    task=Task.DERIVE,
    call=_gain,
    compare=_near,
    inputs=("f", "a", "b"),
    mistakes=(
        Mistake(
            _of_mean(_square, power=-1),
            "This is the factor for the variance of the weights. The gain multiplies the weights: take the root.",
        ),
        Mistake(
            _of_mean(_square, power=0.5),
            "This is how much f leaves of the signal. What makes up for it is one over that.",
        ),
        Mistake(
            _of_mean(_square, power=1),
            "This is the mean of f(z)² itself, which is how much f leaves of the mean square. The gain is one over its "
            "root.",
        ),
        Mistake(
            _of_mean(lambda f: _square(f) - gaussian_mean(f) ** 2),
            "This uses the variance of f(z), without the square of its mean, as np.var and np.std do. The next layer's "
            "sums add up squares of activations, mean included: use the mean of f(z)².",
        ),
        Mistake(
            _of_mean(lambda f: _square(f) - gaussian_mean(f) ** 2, power=-1),
            "This is one over the variance of f(z), as np.var has it. Leave the mean in it, since the next layer's "
            "sums add up whole squares, the mean of f(z)²; and take the root.",
        ),
        Mistake(
            _of_mean(lambda f: _square(f) / 2),
            "This is √2 times the gain. The 2 in He's formula comes from the mean of ReLU's squares, ½, which is "
            "counted here already.",
        ),
        Mistake(
            _of_mean(lambda f: gaussian_mean(lambda z: np.abs(f(z))), power=-1),
            "This uses the mean of |f(z)|. Variances add up, so it is squares that count: the mean of f(z)².",
        ),
        Mistake(
            _of_mean(gaussian_mean),
            "f(z) isn't squared: this uses the mean of f(z), which can be 0 or negative. It is the mean of f(z)² whose "
            "root is taken.",
        ),
        Mistake(
            _of_mean(lambda f: abs(gaussian_mean(f))),
            "f(z) isn't squared: this uses the size of the mean of f(z), which can be 0. It is the mean of f(z)² whose "
            "root is taken.",
        ),
        Mistake(
            _of_mean(lambda f: gaussian_mean(f) ** 2),
            "Mean and square are in the wrong order: this squares the mean of f(z). Square first, then take the mean.",
        ),
        Mistake(
            _of_mean(lambda f: gaussian_mean(lambda z: np.abs(f(z)))),
            "This uses the mean of |f(z)|. Variances add up, so it is squares that count: f(z)² in place of |f(z)|.",
        ),
        Mistake(
            _of_mean(lambda f: gaussian_mean(lambda z: f(z**2))),
            "z is squared before f gets it. Square what f gives: the mean of f(z)².",
        ),
        Mistake(
            lambda f: 2**0.5,
            "√2 is the gain of ReLU, and here it comes out whatever f is. Use f: the mean of f(z)².",
        ),
        Mistake(
            _of_mean(lambda f: DENSITY @ np.gradient(f(Z), Z) ** 2),
            "This makes up for what f' does to a gradient on its way down. The signal on its way up is multiplied by "
            "f itself: the mean of f(z)².",
        ),
        Mistake(
            _of_mean(lambda f: (2 * np.pi) ** 0.5 * _square(f)),
            "The weights of the mean don't add up to 1, but to √(2π), as exp(-z²/2) does without its factor: divide "
            "by their sum.",
        ),
        Mistake(
            _of_mean(lambda f: 2**0.5 * _square(f)),
            "The weights of the mean don't add up to 1, but to √2, as if the density were divided by √π and not by "
            "√(2π): divide by their sum.",
        ),
        Mistake(
            _of_mean(lambda f: 2**-0.5 * gaussian_mean(lambda z: f(z) ** 2, 0.5)),
            "The density looks like exp(-z²) / √(2π), which belongs to no distribution: in the exponent z² is halved.",
        ),
        Mistake(
            _of_mean(lambda f: gaussian_mean(lambda z: f(z) ** 2, 0.5)),
            "These z have variance ½, as a density of exp(-z²) has. Under N(0, 1) they have variance 1: exp(-z²/2).",
        ),
        Mistake(
            _of_mean(lambda f: 2 * gaussian_mean(lambda z: np.where(z > 0, f(z) ** 2, 0))),
            "Only positive z are looked at. Under N(0, 1) half of them are negative, where f may do something else.",
        ),
        _evenly(0, 1),
        *(_evenly(-end, end) for end in (1, 2, 3, 4, 5, 6, 8, 10)),
    ),
    hints=(
        "If z ~ N(0, 1), which mean square has f(z)? By which factor must the weights grow so that the next layer's "
        "sums have variance 1 again?",
        "gaussian_mean(lambda z: f(z) ** 2) is the mean; or draw z = np.random.default_rng(0).standard_normal(10**6) "
        "and average f(z) ** 2 over it.",
    ),
)
