"""Exercise of notebook 01: by which factor a gradient grows from one layer to the one below."""

import numpy as np

from course_lib.activations import leaky_relu_derivative, logistic_derivative, relu_derivative, tanh_derivative
from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.nb01_vanishing_gradients.single import single
from course_lib.gradients import gradient_growth


def _cases(rng):
    yield 36, 0.5, np.array([0.1, 0.7])
    yield 100, 0.1, np.full((2, 3), 0.25)
    yield 1, 0.8, np.array([[0.5]])
    yield 200, 1.0, logistic_derivative(14 * rng.standard_normal((6, 20)))
    yield 50, 0.2, tanh_derivative(rng.standard_normal((5, 8)))
    yield 100, 0.1, relu_derivative(rng.standard_normal((7, 9)))
    yield 64, 0.3, leaky_relu_derivative(rng.standard_normal((4, 10)), negative_slope=-0.5)
    yield 25, 3.0, rng.uniform(-0.2, 1.1, (3, 4))
    yield 100, 0.15, tanh_derivative(rng.standard_normal((512, 100), dtype=np.float32))


def _rms(slopes):
    return np.sqrt(np.mean(np.square(slopes, dtype=np.float64)))


def _grows(weights=lambda n, sigma: np.sqrt(n) * sigma, slope=_rms):
    """Return a growth that is wrong in one of its two factors."""
    return lambda n, sigma, slopes: float(weights(n, sigma) * slope(slopes))


GROWTH = Exercise(
    name="gradient_growth",
    reference=gradient_growth,
    cases=_cases,
    points=2,
    task=Task.DERIVE,
    call=single,
    mistakes=(
        Mistake(
            _grows(slope=np.mean),
            "This takes the plain mean of the slopes. Sizes are RMS here, and what multiplies an RMS is the RMS of the "
            "slopes: squares are averaged, then the root is taken.",
        ),
        Mistake(
            _grows(lambda n, sigma: n * sigma),
            "The n terms are added as if they all had one sign. They have mean 0 and partly cancel: their variances "
            "add up, so the sum grows with √n.",
        ),
        Mistake(
            lambda n, sigma, slopes: n * sigma**2 * _rms(slopes) ** 2,
            "This is the factor of the mean square. The RMS grows by its root.",
        ),
        Mistake(
            _grows(lambda n, sigma: n * sigma**2),
            "The weights' factor is a variance here, the slopes' an RMS. Take the root of n σ², too.",
        ),
        Mistake(
            lambda n, sigma, slopes: np.sqrt(n) * sigma * _rms(slopes) ** 2,
            "The slopes' factor is a mean square here: its root is missing.",
        ),
        Mistake(
            lambda n, sigma, slopes: np.sqrt(n * sigma) * _rms(slopes),
            "sigma is taken for a variance. It is a standard deviation: the variance is σ².",
        ),
        Mistake(
            lambda n, sigma, slopes: np.sqrt(n) * sigma,
            "The slopes aren't used. On its way down the gradient meets them, too.",
        ),
        Mistake(
            _grows(lambda n, sigma: sigma),
            "n isn't used. Each element is a sum over the n units of the layer above.",
        ),
        Mistake(
            _grows(lambda n, sigma: np.sqrt(n)),
            "sigma isn't used. Weights twice as large pass on twice as much.",
        ),
        Mistake(
            _grows(lambda n, sigma: 1.0),
            "This is the RMS of the slopes alone. The weights, n of them with standard deviation sigma for each sum, "
            "come before.",
        ),
        Mistake(
            _grows(lambda n, sigma: n),
            "Neither σ nor a root stands here: this is n times the RMS of the slopes.",
        ),
        Mistake(
            _grows(lambda n, sigma: sigma / np.sqrt(n)),
            "This is divided by √n. An element is the sum of n terms, not their mean: it grows with √n.",
        ),
        Mistake(
            _grows(lambda n, sigma: np.sqrt(n) * sigma**2),
            "σ is squared and no root is taken of it.",
        ),
        Mistake(
            lambda n, sigma, slopes: np.sqrt(n * sigma**2 * np.mean(slopes)),
            "The slopes are averaged before they are squared, and then only their root counts. Square them first: "
            "np.mean(slopes**2).",
        ),
        Mistake(
            _grows(slope=np.std),
            "np.std takes the slopes' mean away first. The RMS doesn't: √ of the mean of slopes².",
        ),
        Mistake(
            _grows(slope=lambda slopes: slopes.max()),
            "This takes the largest slope. All of them count: their RMS.",
        ),
        Mistake(
            _grows(slope=lambda slopes: np.abs(slopes).mean()),
            "This takes the mean size of the slopes. The RMS averages squares and takes the root at the end.",
        ),
        Mistake(
            _grows(slope=np.median),
            "This takes the slopes' median. All of them count: their RMS.",
        ),
        Mistake(
            _grows(slope=lambda slopes: np.sqrt(np.sum(np.square(slopes, dtype=np.float64)))),
            "The squared slopes are added where their mean belongs.",
        ),
        Mistake(
            _grows(slope=lambda slopes: np.sum(slopes)),
            "The slopes are added up. What counts is their RMS: the root of the mean of their squares.",
        ),
        Mistake(
            _grows(slope=lambda slopes: 0.25),
            "The slope is taken to be 1/4 everywhere, the best of the logistic function. Use those that are given.",
        ),
        Mistake(
            lambda n, sigma, slopes: 1 / (np.sqrt(n) * sigma * _rms(slopes)),
            "It is upside down: this is what the upper layer's RMS has to be divided by, as a factor below 1 where the "
            "gradient grows.",
        ),
        Mistake(
            lambda n, sigma, slopes: np.sqrt(slopes.shape[-1]) * sigma * _rms(slopes),
            "The number of units is taken from the slopes, which are those of the layer below. n is given: the units "
            "of the layer above, over which the sum goes.",
        ),
        Mistake(
            lambda n, sigma, slopes: np.sqrt(slopes.size) * sigma * _rms(slopes),
            "n is taken to be the number of slopes. It is given: the units of the layer above.",
        ),
        Mistake(
            lambda n, sigma, slopes: np.sqrt(n) * sigma * slopes,
            "There is one number for every slope. Wanted is a single factor, for the RMS over all of them.",
        ),
        Mistake(
            lambda n, sigma, slopes: np.sqrt(n * sigma**2 * np.mean(slopes**2, axis=0)),
            "There is one number for every unit. Wanted is a single factor: average over all axes.",
        ),
        Mistake(
            lambda n, sigma, slopes: np.sqrt(n * sigma**2 * np.mean(slopes**2, axis=-1)),
            "There is one number for every example. Wanted is a single factor: average over all axes.",
        ),
        Mistake(
            lambda n, sigma, slopes: np.sqrt(n * sigma**2) + _rms(slopes),
            "The two factors are added. The sum over the weights is multiplied by the slope.",
        ),
    ),
    hints=(
        "An element of ∂L/∂z below is a sum over the n units above, times a slope. The terms of the sum have mean 0 "
        "and nothing to do with each other: what becomes of their variances? And what is the mean square of a product "
        "of two things that have nothing to do with each other?",
        "Two factors: np.sqrt(n) * sigma for the weights, np.sqrt(np.mean(slopes**2)) for the slopes.",
    ),
)
