"""The second debug lab of notebook 02: a forum's question, whose author wrote the first layer's initial values."""

from functools import partial

import numpy as np

from course_lib.conv import conv2d
from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable, plain

BIAS = 0.1  # of every filter, as the asker has it


def first_layer(images, shape, b, rng):
    """Draw filters after He, and convolve images with them; then bias and ReLU.

    Formula
    -------
    σ² = 2 / fan_in,   fan_in = height · width · channels,   y = max(sums, 0), where
    `conv2d` has added the bias already

    Parameters
    ----------
    images : array (batch, height, width, channels)
    shape : tuple of int
        Of the filters: (height, width, channels, filters).
    b : array (filters,)
        The biases.
    rng : numpy.random.Generator

    Returns
    -------
    y : array (batch, height, width, filters)
    w : array of that shape
        The filters, from a normal distribution.
    """
    fan_in = shape[0] * shape[1] * shape[2]
    w = rng.standard_normal(shape) * np.sqrt(2 / fan_in)
    sums, _ = conv2d(images, w, b)
    return np.maximum(sums, 0), w


def askers_layer(images, shape, b, rng):
    """Do what the asker's code does: He's spread for an image's 784 pixels, and the bias added twice."""
    w = rng.standard_normal(shape) * np.sqrt(2 / 784)
    sums, _ = conv2d(images, w, b)
    return np.maximum(sums + b, 0), w


def _network(draw, times, rng, filters=(8, 16), kernel=5):
    """Return a network of convolutions and poolings, and a dense layer; the biases are added so many times."""
    from course_lib import models
    from course_lib.initializers import lecun_normal
    from course_lib.network import Network

    layers, channels, size = [models.image_layer(flat=False)], 1, 28
    for n in filters:
        layer = models.conv_layer((kernel, kernel, channels, n), draw, rng, lowest=channels == 1)
        layers += [_biased(layer, times), models.activation_layer(*models.ACTIVATIONS["ReLU"]), models.max_pool_layer()]
        channels, size = n, size // 2
    top = models.dense_layer((size * size * channels, 10), lecun_normal, rng)
    return Network([*layers, models.flatten_layer(), top])


def _biased(layer, times):
    """Return a layer with biases of `BIAS`, which are added so many times."""
    from course_lib.network import Layer

    def forward(x, w, b):
        return layer.forward(x, w, times * b)

    def backward(dy, cache):
        dx, dw, db = layer.backward(dy, cache)
        return dx, dw, times * db

    w, b = layer.params.values()
    return Layer(layer.name, forward, backward, kind=layer.kind, w=w, b=np.full_like(b, BIAS))


def askers_network(rng):
    """Return the asker's network: 5 × 5 filters, 8 of them and then 16, drawn and biased as `askers_layer` does."""
    return _network(lambda shape, rng: (rng.standard_normal(shape) * np.sqrt(2 / 784)).astype(np.float32), 2, rng)


def mended_network(rng):
    """Return the same network with He's weights and every bias added once."""
    from course_lib.initializers import variance_scaling

    return _network(partial(variance_scaling, scale=2, mode="fan_in", distribution="normal"), 1, rng)


SHAPES = ((5, 5, 1, 8), (3, 3, 4, 20), (5, 5, 2, 10), (7, 3, 3, 9))
DRAWS = 20_000
TOLERANCE = 0.04


def _cases(rng):
    for shape in SHAPES:
        images = rng.standard_normal((3, 6, 7, shape[2]))
        yield images, shape, rng.uniform(0.2, 0.9, shape[3]) * rng.choice([-1, 1], shape[3]), int(rng.integers(2**31))


def _seen(answer, case):
    """Return how widely the filters spread, their mean, and which share of y is of every kind that y could be."""
    images, shape, b, seed = case
    rng, n = np.random.default_rng(seed), max(2, -(-DRAWS // np.prod(shape)))
    y, w = _checked(answer(images, shape, b, rng), images, shape)
    more = [_checked(answer(images[:1, :1, :1], shape, b, rng), images[:1, :1, :1], shape)[1] for _ in range(n - 1)]
    if np.array_equal(w, more[0]):
        raise Unusable("it draws the same filters twice: draw them from the generator rng, which goes on by itself")
    draws = np.concatenate([w.ravel(), *(each.ravel() for each in more)])
    plain_sums = conv2d(images, w, np.zeros(shape[3]))[0]
    return np.array([draws.std(), draws.mean()]), y, plain_sums, b


def _checked(result, images, shape):
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Unusable("it returned one thing, wanted two: y, and the filters w" if result is not None else
                       "it returned None: is there a `return` at the end?")
    y, w = plain(result)
    wanted = (*images.shape[:3], shape[3])
    if y.shape != wanted or w.shape != tuple(shape):
        raise Unusable(f"y and w have shapes {y.shape} and {w.shape}, wanted {wanted} and {tuple(shape)}")
    return y.astype(np.float64), w.astype(np.float64)


def _bias_of(y, sums, b):
    """Return how many times the bias is in y, None where y is no such thing."""
    for times in (1, 2, 0, 3, -1):
        if np.allclose(y, np.maximum(sums + times * b, 0), rtol=1e-3, atol=1e-4):
            return times
    return "no ReLU" if np.allclose(y, sums + b, rtol=1e-3, atol=1e-4) else None


def _as_wanted(got, wanted):
    (spread, y, sums, b), (right, *others) = got, wanted
    if not abs(spread[0] / right[0] - 1) <= TOLERANCE:
        return f"the filters have standard deviation {spread[0]:.4f}, wanted {right[0]:.4f} within chance"
    if not abs(spread[1]) <= 8 * max(spread[0], right[0]) / DRAWS**0.5 + abs(right[1]):
        return f"the mean of the filters is {spread[1]:.3g}, wanted 0 within chance"
    times, right_times = _bias_of(y, sums, b), _bias_of(*others)
    if times == right_times and times is not None:
        return None
    if times is None and right_times is None:
        return None if y.shape == others[0].shape and np.allclose(y, others[0], rtol=0.2) else "y differs"
    said = {None: "y isn't ReLU of the convolution with w plus b", "no ReLU": "y lacks the ReLU"}
    return said.get(times, f"the bias is in y {times} times, wanted {right_times}")


def _layer(variance=lambda h, w, c, n: 2 / (h * w * c), more=0, once=1, end=lambda y: np.maximum(y, 0)):
    """Return a first layer with another variance of the filters, or with more of the bias."""

    def answer(images, shape, b, rng):
        w = rng.standard_normal(shape) * variance(*shape) ** 0.5
        return end(conv2d(images, w, once * b)[0] + more * b), w

    return answer


ASKER = Exercise(
    name="first_layer",
    reference=first_layer,
    cases=_cases,
    points=2,
    call=_seen,
    compare=_as_wanted,
    inputs=("images", "shape", "b", "seed"),
    mistakes=(
        Mistake(
            askers_layer,
            "This is the asker's layer, with both faults still in it. How many numbers does one filter add up? And who "
            "adds the bias?",
        ),
        Mistake(
            _layer(variance=lambda h, w, c, n: 2 / 784),
            "The bias is mended; the spread is still that of the asker. 784 is how many pixels an image has, and a "
            "filter adds up its own window only.",
        ),
        Mistake(
            _layer(more=1),
            "The spread is mended; the bias is still added twice. `conv2d` gets b, and adds it.",
        ),
        Mistake(
            _layer(once=0),
            "Now the bias isn't in it at all: once it must be added, by conv2d or by you.",
        ),
        Mistake(
            _layer(variance=lambda h, w, c, n: 2 / 25),
            "25 is right for 5 × 5 filters of one channel. Others have another fan-in: count it from shape.",
        ),
        Mistake(
            _layer(variance=lambda h, w, c, n: 2 / (h * w)),
            "The channels are missing: a filter adds up its window in each of them.",
        ),
        Mistake(
            _layer(variance=lambda h, w, c, n: 2 / c),
            "This takes the channels for the fan-in. A filter adds up height · width numbers of each channel.",
        ),
        Mistake(
            _layer(variance=lambda h, w, c, n: 2 / (h * w * n)),
            "This is fan_out: the filters were counted. He divides by fan_in, what one filter adds up: height · width "
            "· channels.",
        ),
        Mistake(
            _layer(variance=lambda h, w, c, n: 2 / (h * w * c * n)),
            "All weights of all filters were counted. Each filter adds up only its own: height · width · channels.",
        ),
        Mistake(
            _layer(variance=lambda h, w, c, n: 1 / (h * w * c)),
            "The 2 of He's is gone. ReLU still takes half of the mean square.",
        ),
        Mistake(
            _layer(variance=lambda h, w, c, n: 2 / (h * w * (c + n))),
            "This is Glorot's variance. With ReLU it is He's, 2 / fan_in.",
        ),
        Mistake(
            _layer(variance=lambda h, w, c, n: (2 / (h * w * c)) ** 2),
            "2 / fan_in is the variance. Numbers of standard deviation 1 are multiplied by its root.",
        ),
        Mistake(
            _layer(variance=lambda h, w, c, n: 784 / (h * w * c) * 2),
            "The filters are 28 times too wide: 784 has no place in the spread, above the line or below it.",
        ),
        Mistake(
            _layer(end=lambda y: y),
            "Both faults are mended, and ReLU is gone. It was right.",
        ),
    ),
    hints=(
        "Two lines of the asker's are wrong. For the first: how many numbers does one output add up? For the second: "
        "look at what conv2d is given, and at what happens to what it returns.",
        "w = rng.standard_normal(shape) * np.sqrt(2 / fan_in) with fan_in = fans(shape)[0], and np.maximum of conv2d's "
        "sums as they are.",
    ),
)
