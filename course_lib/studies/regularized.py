"""The study "regularized": ways not to learn 1,000 images by heart, each against the same network, data and budget."""

from functools import partial

import numpy as np

from course_lib.augmentation import augment
from course_lib.datasets import load_mnist
from course_lib.initializers import he_normal, lecun_normal
from course_lib.layers import alpha_dropout, alpha_dropout_backward, dense, drop_connect, drop_connect_backward
from course_lib.models import dense_network, dropout_layer
from course_lib.network import Kind, Layer, Network
from course_lib.optimizers import adam
from course_lib.regularizers import EarlyStopping, l1, l1_l2, l2, max_norm
from course_lib.studies.study import Study
from course_lib.training import evaluate, fit

BUDGET = {"images": 1000, "watched": 1000, "epochs": 60, "batch_size": 50, "widths": [300, 100], "rule": "Adam",
          "lr": 0.001}
STRENGTHS = {  # method: its strengths, from weak to strong
    "nothing": (0,),
    "SELU, nothing": (0,),
    "early stopping": (2, 5, 15),  # patience, in epochs
    "l1": (0.00001, 0.0001, 0.001),
    "l2": (0.0001, 0.001, 0.01),
    "l1 + l2": (0.00001, 0.0001, 0.001),  # of each
    "max-norm": (1.4, 1.0, 0.6),
    "dropout": (0.2, 0.4, 0.6),
    "DropConnect": (0.2, 0.4, 0.6),
    "SELU, alpha dropout": (0.05, 0.1, 0.2),
    "shift": (1, 2, 4),  # pixels
    "rotate": (5, 10, 20),  # degrees
    "zoom": (0.05, 0.1, 0.2),
    "contrast": (0.2, 0.4, 0.8),
    "shift, rotate, zoom": (0.5, 1, 2),  # times 2 pixels, 10 degrees and 0.1
    "white noise": (16, 32, 64),  # of 255 grey levels
    "dropout + max-norm": (0.2, 0.4, 0.6),
    "dropout + shift, rotate, zoom": (0.1, 0.2, 0.4),
}
SETTINGS = {f"{method} {strength}" if strength else method: (method, strength)
            for method, strengths in STRENGTHS.items() for strength in strengths}
CHANGES = {
    "shift": lambda s: {"shift": s},
    "rotate": lambda s: {"rotate": s},
    "zoom": lambda s: {"zoom": s},
    "contrast": lambda s: {"contrast": s},
    "white noise": lambda s: {"noise": s},
    "shift, rotate, zoom": lambda s: {"shift": round(2 * s), "rotate": 10 * s, "zoom": 0.1 * s},
    "dropout + shift, rotate, zoom": lambda s: {"shift": 2, "rotate": 10, "zoom": 0.1},
}
PENALTIES = {"l1": l1, "l2": l2, "l1 + l2": lambda w, strength: l1_l2(w, l1=strength, l2=strength)}


def train(method, strength, seed, *, epochs=BUDGET["epochs"]):
    """Train one network of the study; return it and its record.

    Parameters
    ----------
    method : str
        One of `STRENGTHS`.
    strength : number
        What it means, stands there.
    seed : int
        Decides the weights, the order of the images, and all that the method draws.
    epochs : int
        Fewer, for a look in passing.

    Returns
    -------
    Network, History
    """
    rng = np.random.default_rng(seed)
    network = _network(method, strength, rng)
    options = {"lr": BUDGET["lr"], "batch_size": BUDGET["batch_size"], "epochs": epochs, "progress": False}
    if method in PENALTIES:
        options["penalty"] = partial(PENALTIES[method], strength=strength)
    if "max-norm" in method:
        options["constraint"] = partial(max_norm, limit=strength if method == "max-norm" else 1.0)
    if method in CHANGES:
        options["augment"] = partial(augment, rng=rng, **CHANGES[method](strength))
    if method == "early stopping":
        options["callbacks"] = [EarlyStopping(patience=strength)]
    data = load_mnist().first(BUDGET["images"], valid=BUDGET["watched"])
    return network, fit(network, data, adam, rng=rng, **options)


def _network(method, strength, rng):
    if method.startswith("SELU"):
        network = dense_network(BUDGET["widths"], "SELU", lecun_normal, rng=rng)
        drop = partial(dropout_layer, dropout=alpha_dropout, dropout_backward=alpha_dropout_backward)
        return network if not strength else _after_activations(network, lambda: drop(strength, rng))
    dropped = strength if method.startswith("dropout") else 0.0
    network = dense_network(BUDGET["widths"], "ReLU", he_normal, rng=rng, dropout=dropped)
    if method == "DropConnect":
        drop = partial(_drop_connect, rate=strength, rng=rng)
        return Network([drop(layer) if layer.kind is Kind.WEIGHTED else layer for layer in network.layers])
    return network


def _after_activations(network, make):
    return Network([new for layer in network.layers
                    for new in ([layer, make()] if layer.kind is Kind.ACTIVATION else [layer])])


def _drop_connect(layer, rate, rng):
    """Return a dense layer that drops weights in training, beginning with the weights of another."""
    return Layer(
        "dense",
        lambda x, w, b: drop_connect(x, w, b, rate, rng),
        drop_connect_backward,
        inference=lambda x, w, b: dense(x, w, b)[0],
        kind=layer.kind,
        **layer.params,
    )


def run(setting, seed):
    """Return what the study stores of one run, at its end: accuracies, losses, and epochs trained."""
    network, history = train(*SETTINGS[setting["setting"]], seed)
    data = load_mnist().first(BUDGET["images"])
    (train_loss, train_accuracy), (valid_loss, valid_accuracy), (test_loss, test_accuracy) = (
        evaluate(network, x, y) for x, y in (data[:2], data[2:4], data[4:]))
    values = train_loss, train_accuracy, valid_loss, valid_accuracy, test_loss, test_accuracy, len(history.loss)
    return dict(zip(VALUES, values, strict=True))


def best_settings(rows):
    """Return, for each method, its rows at the strength with the highest mean validation accuracy."""
    found = {}
    for name, (method, _) in SETTINGS.items():
        runs = [row for row in rows if row["setting"] == name]
        reached = sum(row["valid_accuracy"] for row in runs) / len(runs)
        if method not in found or reached > found[method][0]:
            found[method] = reached, runs
    return {method: runs for method, (_, runs) in found.items()}


VALUES = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "test_loss", "test_accuracy", "epochs")
STUDY = Study("regularized", BUDGET, {"setting": tuple(SETTINGS)}, (0, 1, 2), VALUES, run)
