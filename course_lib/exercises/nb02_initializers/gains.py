"""Exercise of notebook 02: by how much weights must make up for any activation function."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable
from course_lib.measuring import gain, gaussian_mean
from course_lib.measuring.mean_field import DENSITY, Z

FUNCTIONS = {  # of z and two numbers
    "identity": lambda z, a, b: z,
    "ReLU": lambda z, a, b: np.maximum(z, 0),
    "tanh": lambda z, a, b: np.tanh(z),
    "logistic": lambda z, a, b: 1 / (1 + np.exp(-z)),
    "two slopes": lambda z, a, b: a * np.maximum(z, 0) + b * np.minimum(z, 0),
    "wave": lambda z, a, b: a * np.sin(b * z) + 0.5,
}
TOLERANCE = 0.02  # a mean over 100,000 draws is well within


def _cases(rng):
    for name in FUNCTIONS:
        yield name, *(float(v) for v in rng.uniform(0.3, 2, 2))


def _gain(answer, case):
    name, a, b = case
    value = answer(lambda z: FUNCTIONS[name](z, a, b))
    if not np.isscalar(value) and np.ndim(value) != 0:
        raise Unusable(f"it returned {type(value).__name__} of shape {np.shape(value)}, wanted one number")
    return value


def _near(got, wanted):
    got, wanted = float(got[0]), float(wanted[0])
    return None if abs(got / wanted - 1) <= TOLERANCE else f"the gain is {got:.3f}, wanted {wanted:.3f} within 2%"


GAIN = Exercise(
    name="gain",
    reference=gain,
    cases=_cases,
    points=2,
    call=_gain,
    compare=_near,
    mistakes=(
        Mistake(
            lambda f: 1 / gaussian_mean(lambda z: f(z) ** 2),
            "This is the factor for the variance of the weights. The gain multiplies the weights: take the root.",
        ),
        Mistake(
            lambda f: gaussian_mean(lambda z: f(z) ** 2) ** 0.5,
            "This is how much f leaves of the signal. What makes up for it is one over that.",
        ),
        Mistake(
            lambda f: (gaussian_mean(lambda z: f(z) ** 2) - gaussian_mean(f) ** 2) ** -0.5,
            "This uses the variance of f(z), without the square of its mean. The next layer's sums add up squares of "
            "activations, mean included: use the mean of f(z)².",
        ),
        Mistake(
            lambda f: 1 / gaussian_mean(lambda z: np.abs(f(z))),
            "This uses the mean of |f(z)|. Variances add up, so it is squares that count: the mean of f(z)².",
        ),
        Mistake(
            lambda f: float(np.mean(f(np.linspace(-3, 3, 1001)) ** 2)) ** -0.5,
            "Every z between the ends counts the same here. Under N(0, 1) those near 0 are more frequent: weight them "
            "with the density, or draw z from a generator.",
        ),
        Mistake(
            lambda f: float(DENSITY @ np.gradient(f(Z), Z) ** 2) ** -0.5,
            "This makes up for what f' does to a gradient on its way down. The signal on its way up is multiplied by "
            "f itself: the mean of f(z)².",
        ),
    ),
    hints=(
        "If z ~ N(0, 1), which mean square has f(z)? By which factor must the weights grow so that the next layer's "
        "sums have variance 1 again?",
        "gain = 1 / √(mean of f(z)² over z ~ N(0, 1)).",
        "gaussian_mean(lambda z: f(z) ** 2) is the mean; or draw z = np.random.default_rng(0).standard_normal(10**6) "
        "and average f(z) ** 2 over it.",
    ),
)
