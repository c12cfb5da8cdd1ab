"""The study "activations": fourteen activation functions in the same network, with the same budget and seeds."""

from functools import partial
from time import perf_counter

import numpy as np

from course_lib import activations as a
from course_lib.datasets import load_mnist
from course_lib.initializers import variance_scaling
from course_lib.measuring import gain, hidden_units
from course_lib.models import activation_layer, dense_layer, image_layer, prelu_layer, rrelu_layer
from course_lib.network import Network
from course_lib.optimizers import adam
from course_lib.studies.study import Study
from course_lib.threads import one_thread
from course_lib.training import History, Step, accuracy, fit


def _leaky(slope):
    return tuple(partial(f, negative_slope=slope) for f in (a.leaky_relu, a.leaky_relu_derivative))


FOURTEEN = {  # name: (f, f'), as in inference
    "logistic": (a.logistic, a.logistic_derivative),
    "tanh": (a.tanh, a.tanh_derivative),
    "hard sigmoid": (a.hard_sigmoid, a.hard_sigmoid_derivative),
    "softplus": (a.softplus, a.softplus_derivative),
    "ReLU": (a.relu, a.relu_derivative),
    "leaky ReLU 0.01": _leaky(0.01),
    "leaky ReLU 0.2": _leaky(0.2),
    "RReLU": (a.rrelu_inference, _leaky((1 / 8 + 1 / 3) / 2)[1]),
    "PReLU": (partial(a.prelu, slopes=np.float32(0.25)), partial(a.prelu_derivative, slopes=np.float32(0.25))),
    "ELU": (a.elu, a.elu_derivative),
    "SELU": (a.selu, a.selu_derivative),
    "GELU": (a.gelu, a.gelu_derivative),
    "SiLU": (a.silu, a.silu_derivative),
    "Mish": (a.mish, a.mish_derivative),
}
BUDGET = {"images": 12_800, "epochs": 3, "batch_size": 64, "widths": [100] * 5, "rule": "adam", "initializer": "level"}
RATES = (0.0003, 0.001, 0.003, 0.01)


def level_network(name, rng, *, seed=0, widths=None):
    """Return a network for MNIST in which every z has mean square 1 at first, whatever the activation.

    The variance of the weights is 1 / fan_in next to the image and 1 / (fan_in · mean of f²) above: He's for ReLU,
    LeCun's for SELU. All activations get the same draws, each times its own factor.

    Parameters
    ----------
    name : str
        One of `FOURTEEN`.
    rng : numpy.random.Generator
        Draws the weights.
    seed : int
        For RReLU's slopes, which have a generator of their own so that the order of the images stays the same.
    widths : list of int, optional
        Units in the hidden layers, all alike; five times 100 without.
    """
    layers, widths = [image_layer()], [784, *(widths or BUDGET["widths"])]
    for i, shape in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        layers += [_dense(shape, name, i, rng), _activation(name, shape[1], seed + i)]
    return Network([*layers, _dense((widths[-1], 10), name, len(widths), rng)])


def _dense(shape, name, number, rng):
    scale = gain(FOURTEEN[name][0]) ** 2 if number else 1.0
    return dense_layer(shape, partial(variance_scaling, scale=scale, distribution="normal"), rng, lowest=not number)


def _activation(name, units, seed):
    if name == "PReLU":
        return prelu_layer(units)
    if name == "RReLU":
        return rrelu_layer(np.random.default_rng([seed, 1]))
    return activation_layer(*FOURTEEN[name])


def train(name, lr, seed, *, images=BUDGET["images"], epochs=BUDGET["epochs"], progress=False, **options):
    """Train one network of the study; return it and its history."""
    rng = np.random.default_rng(seed)
    network = level_network(name, rng, seed=seed)
    history = fit(network, load_mnist().first(images), adam, lr=lr, epochs=epochs, rng=rng, progress=progress,
                  batch_size=BUDGET["batch_size"], **options)
    return network, history


def run(setting, seed):
    """Return what the study stores of one run: accuracies, shares of units, and times in milliseconds."""
    data = load_mnist()
    network, history = train(setting["activation"], setting["lr"], seed)
    units = hidden_units(network, data.x_valid)
    return {
        "valid_accuracy": history.valid_accuracy[-1],
        "test_accuracy": accuracy(network, data.x_test, data.y_test),
        "dead": float(units.dead.mean()),
        "off": float(units.off.mean()),
        "step_ms": step_ms(network, data, setting["lr"]),
        "inference_ms": inference_ms(network, data.x_test),
    }


def step_ms(network, data, lr, times=20):
    """Return how long a training step takes, in milliseconds: the quickest of some. The network goes on learning."""
    step, history, x, y = Step(network, adam, lr), History(), data.x_train[:64], data.y_train[:64]
    with one_thread(), np.errstate(all="ignore"):
        return min(_milliseconds(lambda: step(x, y, history)) for _ in range(times))


def inference_ms(network, x, times=3):
    """Return how long some images take in inference, a thousand at a time, in milliseconds: the quickest of some."""
    with one_thread(), np.errstate(all="ignore"):
        parts = [x[start : start + 1000] for start in range(0, len(x), 1000)]
        return min(_milliseconds(lambda: [network.inference(part) for part in parts]) for _ in range(times))


def _milliseconds(work):
    start = perf_counter()
    work()
    return 1e3 * (perf_counter() - start)


def best_rates(rows):
    """Return, for each activation, the rows of its best learning rate: that of the highest mean validation accuracy."""
    best = {}
    for name in dict.fromkeys(row["activation"] for row in rows):
        by_rate = {}
        for row in rows:
            if row["activation"] == name:
                by_rate.setdefault(row["lr"], []).append(row)
        best[name] = max(by_rate.values(), key=lambda runs: np.mean([run["valid_accuracy"] for run in runs]))
    return best


VALUES = ("valid_accuracy", "test_accuracy", "dead", "off", "step_ms", "inference_ms")
STUDY = Study("activations", BUDGET, {"activation": tuple(FOURTEEN), "lr": RATES}, (0, 1, 2, 3, 4), VALUES, run)
