"""The study "rules": ten update rules, each at every learning rate of one grid, with the same budget and seeds."""

from itertools import count, islice
from time import perf_counter

import numpy as np

from course_lib import optimizers
from course_lib.datasets import load_mnist, minibatches
from course_lib.initializers import he_normal
from course_lib.models import dense_network
from course_lib.studies.study import Study
from course_lib.threads import one_thread
from course_lib.training import History, Step, accuracy

RULES = {  # name: rule, with Keras's defaults apart from the rate
    "SGD": optimizers.sgd,
    "momentum": optimizers.momentum,
    "Nesterov": optimizers.nesterov,
    "AdaGrad": optimizers.adagrad,
    "RMSprop": optimizers.rmsprop,
    "Adam": optimizers.adam,
    "AdamW": optimizers.adamw,
    "Nadam": optimizers.nadam,
    "Lion": optimizers.lion,
    "FTRL": optimizers.ftrl,
}
RATES = (0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
BUDGET = {"steps": 1800, "batch_size": 64, "every": 50, "goal": 0.97, "widths": [100, 100], "initializer": "he_normal"}


def train(rule, lr, seed, *, steps=BUDGET["steps"], every=BUDGET["every"]):
    """Train one network of the study; return it, the record of its steps, and the seconds they took.

    Parameters
    ----------
    rule : str
        One of `RULES`.
    lr : float
    seed : int
        Decides the weights and the order of the images.
    steps, every : int
        After so many steps each time the validation images are asked; that time isn't counted.

    Returns
    -------
    network, History, float
        The record's `valid_accuracy` has a number for every `every` steps, also where training broke off.
    """
    rng, data, history, seconds = np.random.default_rng(seed), load_mnist(), History(), 0.0
    network = dense_network(BUDGET["widths"], "ReLU", he_normal, rng=rng)
    step = Step(network, RULES[rule], lr)
    batches = (batch for _ in count() for batch in minibatches(data.x_train, data.y_train, BUDGET["batch_size"], rng))
    with np.errstate(all="ignore"), one_thread():
        for _ in range(0, steps, every):
            start = perf_counter()
            for x, y in islice(batches, every):
                if not history.stopped:
                    step(x, y, history)
            seconds += perf_counter() - start
            history.valid_accuracy.append(accuracy(network, data.x_valid, data.y_valid))
    return network, history, seconds


def steps_to_goal(valid_accuracy, *, every=BUDGET["every"], goal=BUDGET["goal"]):
    """Return after how many steps validation accuracy first reached the goal; 0 if it never did."""
    reached = [i for i, share in enumerate(valid_accuracy, 1) if share >= goal]
    return every * reached[0] if reached else 0


def run(setting, seed):
    """Return what the study stores of one run: accuracies, steps to the goal (0: never), seconds of training."""
    network, history, seconds = train(setting["rule"], setting["lr"], seed)
    data = load_mnist()
    return {
        "valid_accuracy": history.valid_accuracy[-1],
        "test_accuracy": accuracy(network, data.x_test, data.y_test),
        "steps_to_97": steps_to_goal(history.valid_accuracy),
        "seconds": seconds,
    }


def by_rate(rows):
    """Return the rows of a study as a dict rule -> dict rate -> rows."""
    table = {}
    for row in rows:
        table.setdefault(row["rule"], {}).setdefault(row["lr"], []).append(row)
    return table


def best_rates(rows):
    """Return, for each rule, its best learning rate, that of the highest mean validation accuracy, and its rows."""
    best = {}
    for rule, rates in by_rate(rows).items():
        lr = max(rates, key=lambda lr: np.mean([row["valid_accuracy"] for row in rates[lr]]))
        best[rule] = lr, rates[lr]
    return best


VALUES = ("valid_accuracy", "test_accuracy", "steps_to_97", "seconds")
STUDY = Study("rules", BUDGET, {"rule": tuple(RULES), "lr": RATES}, (0, 1, 2), VALUES, run)
