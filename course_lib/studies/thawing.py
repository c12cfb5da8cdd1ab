"""The study "thawing": a network that knows the digits 0 to 4 learns 5 to 9 from few images, its layers kept or not."""

from functools import lru_cache
from itertools import count, islice, product

import numpy as np

from course_lib.datasets import Split, load_mnist, minibatches, per_class, standardize
from course_lib.initializers import he_normal
from course_lib.models import ACTIVATIONS, activation_layer, dense_layer
from course_lib.network import Network
from course_lib.optimizers import adam
from course_lib.studies.study import Study
from course_lib.threads import one_thread
from course_lib.training import History, Step, evaluate

BUDGET = {"pixels": 500, "widths": [300, 100, 50], "classes": 5, "steps": 400, "batch_size": 20, "rule": "Adam",
          "source_steps": 2000, "source_lr": 0.001}
STATES = {"F": "frozen", "T": "thawed", "N": "new", "D": "dropped"}  # of a hidden layer, the lowest first
WAYS = (*("".join(kept).ljust(3, "D") for n in (3, 2, 1) for kept in product("FT", repeat=n)),
        "FFN", "FNN", "NNN", "NND", "NDD")
IMAGES = (2, 4, 12, 40, 100)  # of each class
RATES = (0.001, 0.003)


@lru_cache(maxsize=2)
def digits(low, high):
    """Return MNIST's images of the digits from low to high, of each the pixels that vary most, with labels from 0.

    They are uint8, as MNIST's are: all of them as floats take four times the memory. `standardized` makes floats.
    """
    varied, _, _ = _pixels()
    parts, data = [], load_mnist()
    for x, y in (data[:2], data[2:4], data[4:]):
        there = (y >= low) & (y <= high)
        parts += [x[there].reshape(-1, 784)[:, varied], y[there] - low]
    return Split(*parts)


def standardized(x):
    """Return images of `digits` as float32, standardized by the training images of the digits 0 to 4."""
    _, mean, std = _pixels()
    return standardize(x, mean, std)


@lru_cache(maxsize=1)
def _pixels():
    """Return the places of the pixels that vary most, and their mean and standard deviation together."""
    data = load_mnist()
    known = data.x_train[data.y_train < BUDGET["classes"]].reshape(-1, 784)
    columns = np.array_split(np.arange(784), 16)
    variance = np.concatenate([known[:, some].astype(np.float32).var(axis=0) for some in columns])
    varied = np.sort(np.argsort(-variance, kind="stable")[: BUDGET["pixels"]])
    known = known[:, varied].astype(np.float32)
    return varied, known.mean(), known.std()


@lru_cache(maxsize=4)
def source(seed):
    """Return a network that was trained on the digits 0 to 4."""
    rng = np.random.default_rng(seed)
    network = network_of("NNN", None, rng)
    data = digits(0, 4)
    train(network, data.x_train, data.y_train, rng, lr=BUDGET["source_lr"], steps=BUDGET["source_steps"])
    return network


def network_of(way, trained, rng):
    """Return a network whose hidden layers are copied from a trained one, new or dropped, with a new output layer.

    Parameters
    ----------
    way : str
        A letter for each hidden layer, one of `STATES`; those that are dropped come last.
    trained : Network or None
        Where the copies come from.
    rng : numpy.random.Generator
    """
    layers, sizes = [], [BUDGET["pixels"], *BUDGET["widths"]]
    kept = len(way.rstrip("D"))
    for i in range(kept):
        layers += [dense_layer((sizes[i], sizes[i + 1]), he_normal, rng, lowest=i == 0),
                   activation_layer(*ACTIVATIONS["ReLU"])]
    network = Network([*layers, dense_layer((sizes[kept], BUDGET["classes"]), he_normal, rng, lowest=not kept)])
    for i, state in enumerate(way, 1):
        if state in "FT":
            network.params |= {key: trained.params[key].copy() for key in (f"dense {i}/w", f"dense {i}/b")}
    return network


def train(network, x, y, rng, *, lr, steps, frozen=()):
    """Train a network in place on images of `digits` for a number of steps, all but the arrays that are frozen."""
    names = list(network.params)
    held = [i for i, name in enumerate(names) if name in frozen]

    def hold(grads):
        return [np.zeros_like(grad) if i in held else grad for i, grad in enumerate(grads)]

    step, history = Step(network, adam, lr, transform=hold), History()
    batches = (batch for _ in count() for batch in minibatches(x, y, BUDGET["batch_size"], rng))
    with one_thread():
        for images, labels in islice(batches, steps):
            step(standardized(images), labels, history)


def retrain(way, images, lr, seed):
    """Return a network that learned the digits 5 to 9 from a number of images of each, in one of the `WAYS`."""
    rng, data = np.random.default_rng(100 + seed), digits(5, 9)
    x, y = per_class(data.x_train, data.y_train, images, rng)
    network = network_of(way, source(seed), rng)
    frozen = [f"dense {i}/{kind}" for i, state in enumerate(way, 1) if state == "F" for kind in "wb"]
    train(network, x, y, rng, lr=lr, steps=BUDGET["steps"], frozen=frozen)
    return network


def run(setting, seed):
    """Return what the study stores of one run."""
    network = retrain(setting["way"], setting["images"], setting["lr"], seed)
    data = digits(5, 9)
    (_, valid), (_, test) = (evaluate(network, standardized(x), y) for x, y in (data[2:4], data[4:]))
    return {"valid_accuracy": valid, "test_accuracy": test}


def accuracies(rows):
    """Return {(way, images): test accuracies of the seeds}, each at the rate with the best mean on validation."""
    found = {}
    for way, images in product(WAYS, IMAGES):
        runs = [[row for row in rows if (row["way"], row["images"], row["lr"]) == (way, images, lr)] for lr in RATES]
        best = max(runs, key=lambda group: sum(row["valid_accuracy"] for row in group))
        found[way, images] = [row["test_accuracy"] for row in best]
    return found


STUDY = Study("thawing", BUDGET, {"way": WAYS, "images": IMAGES, "lr": RATES}, (0, 1, 2),
              ("valid_accuracy", "test_accuracy"), run)
