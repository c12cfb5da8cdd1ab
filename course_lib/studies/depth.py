"""Three studies, "depths", "starts" and "towers": deep networks by two rules, each at every rate of one grid."""

from functools import partial

import numpy as np

from course_lib import initializers, optimizers
from course_lib.datasets import load_mnist
from course_lib.models import deep_network, residual_network
from course_lib.studies.study import Study
from course_lib.training import fit

RULES = {"gradient descent": optimizers.sgd, "Adam": optimizers.adam}
RATES = {  # for each rule, a little less than half a power of ten apart
    "gradient descent": (0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    "Adam": (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03),
}
DRAWS = {
    "N(0,1)": initializers.standard_normal,
    "Glorot": initializers.glorot_normal,
    "He": initializers.he_normal,
    "U(±1/√n)": partial(initializers.variance_scaling, scale=1 / 3, distribution="uniform"),
}
BUDGET = {"images": 12_800, "epochs": 2, "batch_size": 64, "width": 100, "last": 50, "rates": RATES}
DEPTHS = ("logistic, N(0,1)", "logistic, Glorot", "tanh, N(0,1)", "tanh, Glorot", "tanh, U(±1/√n)",
          "ReLU, Glorot", "ReLU, He")
STARTS = ("5 layers, Glorot", "10 layers, N(0,1)", "10 layers, Glorot", "10 layers, He", "30 layers, Glorot",
          "30 layers, He")
TOWERS = ("0 blocks, linear", "2 blocks, s = 1/√blocks",
          *(f"{blocks} blocks, {start}" for blocks in (15, 50) for start in ("s = 1", "s = 1/√blocks", "last 0")),
          "100 layers, He")


def maker(network):
    """Return what makes a network: "tanh, Glorot" has 20 layers, "10 layers, He" has ReLU units.

    "15 blocks, last 0" is a residual network whose blocks end with a kernel of zeros; "0 blocks, linear" has none.
    """
    first, draw = network.split(", ")
    if first.endswith("blocks"):
        blocks = int(first.split()[0])
        s = blocks**-0.5 if draw == "s = 1/√blocks" else 1.0
        last = initializers.zeros if draw == "last 0" else initializers.lecun_normal
        return partial(residual_network, blocks, BUDGET["width"], s, last=last)
    depth, activation = (int(first.split()[0]), "ReLU") if first.endswith("layers") else (20, first)
    return partial(deep_network, depth, BUDGET["width"], activation, DRAWS[draw])


def train(network, rule, lr, seed):
    """Train one network of the studies; return its record. The seed decides weights and order of the images."""
    rng = np.random.default_rng(seed)
    return fit(maker(network)(rng=rng), load_mnist().first(BUDGET["images"]), RULES[rule], lr=lr, rng=rng,
               epochs=BUDGET["epochs"], batch_size=BUDGET["batch_size"], progress=False)


def run(setting, seed):
    """Return what the studies store of one run: the mean loss of its last steps, and the validation accuracy.

    A run that broke off has a loss of 99.
    """
    history = train(setting["network"], setting["rule"], RATES[setting["rule"]][setting["rate"]], seed)
    loss = 99.0 if history.stopped else np.mean(history.step_loss[-BUDGET["last"]:])
    return {"loss": loss, "valid_accuracy": history.valid_accuracy[-1]}


def best_rates(rows):
    """Return each network's best rate by each rule, by the training loss: dict rule -> dict network -> (lr, rows).

    What chooses, the loss on training images, isn't what is reported, the accuracy on validation images.
    """
    table = {}
    for row in rows:
        table.setdefault(row["rule"], {}).setdefault(row["network"], {}).setdefault(row["rate"], []).append(row)
    best = {}
    for rule, networks in table.items():
        for network, rates in networks.items():
            rate = min(rates, key=lambda rate: np.mean([row["loss"] for row in rates[rate]]))
            best.setdefault(rule, {})[network] = RATES[rule][rate], rates[rate]
    return best


def _study(name, networks, rules=tuple(RULES)):
    grid = {"network": networks, "rule": rules, "rate": tuple(range(6))}
    return Study(name, BUDGET, grid, (0, 1, 2), ("loss", "valid_accuracy"), run)


DEPTH_STUDY, START_STUDY = _study("depths", DEPTHS), _study("starts", STARTS)
TOWER_STUDY = _study("towers", TOWERS, ("gradient descent",))
