"""What the explorers of deep networks share: a batch of digits, sent through new layers and its error back."""

from functools import lru_cache

import numpy as np

from course_lib.datasets import load_mnist
from course_lib.initializers import fans, standard_normal, standard_truncated, standard_uniform
from course_lib.layers import dense, dense_backward
from course_lib.measuring import signals
from course_lib.models import ACTIVATIONS, deep_network
from course_lib.threads import one_thread

DEEPEST, WIDEST, BATCH = 50, 200, 64
VARIANCES = {  # of a layer's weights, by the initializer's name
    "N(0,1)": lambda fan_in, fan_out: 1.0,
    "Glorot": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "He": lambda fan_in, fan_out: 2 / fan_in,
    "LeCun": lambda fan_in, fan_out: 1 / fan_in,
}
DISTRIBUTIONS = {"normal": standard_normal, "truncated normal": standard_truncated, "uniform": standard_uniform}
SUBNORMAL = np.finfo(np.float32).tiny


def send_batch(depth, width, activation, variance, seed=0, distribution="normal"):
    """Return the `Signals` of a batch of digits in a new network of hidden layers of equal width.

    Parameters
    ----------
    depth, width : int
        At most `DEEPEST` and `WIDEST`.
    activation : str
        A name from `ACTIVATIONS`.
    variance : function (fan_in, fan_out) -> float
        Of a layer's weights.
    seed : int
    distribution : str
        A name from `DISTRIBUTIONS`.
    """
    draws = iter(unit_draws(seed, distribution))

    def initialize(shape, rng):
        std = np.float32(variance(*fans(shape)) ** 0.5)
        return std * next(draws)[: shape[0], : shape[1]]

    f = ACTIVATIONS[activation]
    if activation == "logistic":
        f = tuple(_far_is_infinite(function) for function in f)
    pair = {"dense": _dense, "dense_backward": _dense_backward}
    network = deep_network(depth, width, f, initialize, rng=None, **pair)
    # On several threads sums have another order, which an exploding network makes visible; and small products
    # wait for threads that the browser has displaced.
    with one_thread():
        return signals(network, *batch())


@lru_cache(maxsize=6)
def unit_draws(seed, distribution):
    """Draw weights of variance 1 for the largest network; smaller ones take a corner: what isn't moved stays."""
    rng = np.random.default_rng(seed)
    shapes = [(784, WIDEST)] + DEEPEST * [(WIDEST, WIDEST)]
    return [DISTRIBUTIONS[distribution](shape, rng) for shape in shapes]


@lru_cache(maxsize=1)
def batch():
    """Return 64 images and their labels."""
    data = load_mnist()
    return data.x_train[:BATCH], data.y_train[:BATCH]


def check_settings(explorer, numbers, choices):
    """Raise ValueError for the first setting of an explorer that is out of range or unknown.

    numbers maps a name to (value, (low, high)), choices to (value, known values).
    """
    for name, (value, (low, high)) in numbers.items():
        if not low <= value <= high:
            raise ValueError(f"{explorer}: {name} is {value!r}, wanted {low} to {high}")
    for name, (value, known) in choices.items():
        if value not in known:
            raise ValueError(f"{explorer}: {name} is {value!r}, wanted one of {', '.join(known)}")


# Subnormal numbers become 0, as on GPUs and in TensorFlow: a processor takes a hundred times longer for them.
def _dense(x, w, b):
    y, cache = dense(x, w, b)
    return _flush(y), cache


def _dense_backward(dy, cache):
    return dense_backward(_flush(dy), cache)


def _flush(x):
    return np.where(np.abs(x) < SUBNORMAL, np.float32(0), x)


def _far_is_infinite(f):
    return lambda z: f(np.where(np.abs(z) > 87, z * np.float32(np.inf), z))  # exp(-87) is the last normal one
