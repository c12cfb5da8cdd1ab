"""The study "filters": convolutional networks on all of MNIST, their filters as they were drawn, or trained."""

from functools import partial

import numpy as np

from course_lib.datasets import Split, load_mnist
from course_lib.models import conv_network
from course_lib.network import Network
from course_lib.optimizers import adam
from course_lib.schedules import cosine_decay
from course_lib.studies.study import Study
from course_lib.training import evaluate, fit

BUDGET = {"epochs": 5, "batch_size": 50, "rule": "Adam", "lr": 0.002, "schedule": "cosine to 0", "kernel": 3,
          "dense": 49, "wide_dense": 128}
FILTERS = {"1 filter": [1, 1], "8 filters": [8, 8], "16 filters": [16, 16], "32 and 64 filters": [32, 64]}
WIDE = "32 and 64 filters"  # with a dense layer that is wider, too
FIXED, TRAINED = "as drawn", "trained"


def network_of(name, rng):
    """Return a new network: twice a convolution 3 × 3, ReLU and pooling, then a hidden dense layer, and ten classes."""
    widths = [BUDGET["wide_dense"] if name == WIDE else BUDGET["dense"]]
    return conv_network(FILTERS[name], widths, rng=rng, kernel=BUDGET["kernel"])


def below_dense(network):
    """Return the layers of a network up to its first dense layer, and those from there on."""
    cut = network.names.index("dense 1")
    return Network(network.layers[:cut]), Network(network.layers[cut:])


def rows_of(lower, x, size=500):
    """Return what layers give for images, some at a time."""
    return np.concatenate([lower.inference(x[i : i + size]) for i in range(0, len(x), size)])


def train(name, filters, data, seed, *, epochs=BUDGET["epochs"], lr=BUDGET["lr"]):
    """Return a trained network: with its filters as they were drawn only the dense layers learn, on cached rows.

    Both begin with the same weights, see the same batches and take steps of the same size.
    """
    network = network_of(name, np.random.default_rng(seed))
    steps = epochs * -(-len(data.x_train) // BUDGET["batch_size"])
    learner = network
    if filters == FIXED:
        lower, learner = below_dense(network)
        x_train, x_valid = (rows_of(lower, x) for x in (data.x_train, data.x_valid))
        data = Split(x_train, data.y_train, x_valid, data.y_valid, x_valid[:0], data.y_valid[:0])
    fit(learner, data, adam, lr=partial(cosine_decay, lr=lr, decay_steps=steps), rng=np.random.default_rng(1000 + seed),
        epochs=epochs, batch_size=BUDGET["batch_size"], progress=False)
    return network


def run(setting, seed):
    """Return what the study stores of one run."""
    data = load_mnist()
    network = train(setting["network"], setting["filters"], data, seed)
    (_, valid), (_, test) = (evaluate(network, x, y) for x, y in (data[2:4], data[4:]))
    return {"valid_accuracy": valid, "test_accuracy": test}


STUDY = Study("filters", BUDGET, {"network": tuple(FILTERS), "filters": (FIXED, TRAINED)}, (0, 1, 2, 3, 4),
              ("valid_accuracy", "test_accuracy"), run)
