"""The debug lab of notebook 04: a network that is right in training and wrong in use, judged by training it."""

from functools import partial
from typing import NamedTuple

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.judge.debug_labs import encode, judged_by_training

ENOUGH = 0.75
STRANGER = {"observe": False, "decay": 0.999, "predict_with": "moving statistics"}
OTHER = {"observe": True, "decay": 0.9, "predict_with": "batch statistics"}
ALLOWED = {"observe": [False, True], "decay": (0, 1), "predict_with": ["moving statistics", "batch statistics"]}


def reconcile(config):
    """Return settings with which the network gets in use what it promises in training.

    Parameters
    ----------
    config : dict
        observe: whether each step of training updates the moving statistics, False or
        True; decay: the weight of their old value, 0 to 1; predict_with: "moving
        statistics" or "batch statistics".

    Returns
    -------
    dict
        The same three settings, with whatever you changed. Five logistic layers of 100
        units are trained on it for 400 steps, and then predict one image at a time.
    """
    return {**config, "observe": True, "decay": 0.9}


class Used(NamedTuple):
    """A trained network: shares of images right, and the third layer's variances, one mean over its units an epoch."""

    training: float  # on training images, by the batch's statistics
    alone: float  # on validation images, predicted one by one
    together: float  # on the same images, predicted in one batch
    batch_variance: np.ndarray  # of 1,000 training images, after each epoch
    moving_variance: np.ndarray


def train_and_use(config, seed):
    """Train the debug lab's network for 400 steps, then predict 500 validation images; return what was `Used`."""
    from course_lib.datasets import load_mnist
    from course_lib.initializers import glorot_normal
    from course_lib.models import batch_norm_layer, deep_network
    from course_lib.optimizers import sgd
    from course_lib.training import fit

    data, rng, seen = load_mnist().first(1600, valid=500), np.random.default_rng(seed), []
    norm = partial(batch_norm_layer, decay=config["decay"])
    network = deep_network(5, 100, "logistic", glorot_normal, rng=rng, batch_norm=norm)
    if not config["observe"]:
        for layer in network.layers:
            layer.observe = None

    def watch(network, history):
        _, caches = network.forward(data.x_train[:1000])
        third = network.names.index("batch norm 3")
        seen.append([caches[third].variance.mean(), network.statistics["batch norm 3/variance"].mean()])

    x, y = data.x_valid, data.y_valid
    fit(network, data, sgd, lr=0.5, epochs=16, rng=rng, progress=False, whole=True, callbacks=[watch])
    training = np.mean(network.forward(data.x_train)[0].argmax(axis=1) == data.y_train)
    if config["predict_with"] == "moving statistics":
        alone = together = np.mean(network.predict(x) == y)  # an image's answer doesn't depend on the others
    else:
        alone = np.mean([network.forward(x[i : i + 1])[0].argmax() == y[i] for i in range(len(x))])
        together = np.mean(network.forward(x)[0].argmax(axis=1) == y)
    return Used(float(training), float(alone), float(together), *np.array(seen).T)


def _settings(answer, case):
    return encode(answer(dict(case[0])), ALLOWED)


def _reached(config, seed):
    return train_and_use(config, seed).alone


RECONCILE = Exercise(
    name="reconcile",
    reference=reconcile,
    cases=lambda rng: [(dict(STRANGER),)],
    points=2,
    call=_settings,
    task=Task.LAB,
    compare=judged_by_training(STRANGER, ALLOWED, _reached, enough=ENOUGH),
    mistakes=(
        Mistake(
            dict,
            "These are network A's own settings: nothing is changed yet. Compare the two lines in the plot: what "
            "should the moving average do, and what keeps it from it?",
        ),
        Mistake(
            lambda config: {**config, "observe": True},
            "Now the averages move; but with decay 0.999 two thirds of what they began with are left after 400 steps, "
            "since 0.999 to the power of 400 is 0.67. How many steps should an average remember here?",
        ),
        Mistake(
            lambda config: {**config, "observe": True, "decay": 0.998},
            "The averages move, and a smaller decay is the right way. It isn't small enough yet: work out what decay "
            "to the power of 400 leaves of the beginning.",
        ),
        Mistake(
            lambda config: {**config, "decay": 0.9},
            "A quicker average of nothing: no step updates it, so it stays where it began, whatever its decay.",
        ),
        Mistake(
            lambda config: {**config, "predict_with": "batch statistics"},
            "In training this worked, since a batch had 64 images. In use one image comes at a time: it is its own "
            "mean, its variance is 0, and whatever it shows, batch norm makes beta of it.",
        ),
        Mistake(
            lambda config: dict(OTHER),
            "The averages are updated, with a smaller decay, and then nobody uses them: one image is its own batch.",
        ),
        Mistake(
            lambda config: {**config, "observe": True, "predict_with": "batch statistics"},
            "The averages move now, and then nobody uses them: one image is its own batch, with variance 0. Predict "
            "with what was averaged; and see whether an average with decay 0.999 arrives in 400 steps.",
        ),
        Mistake(
            lambda config: {**config, "decay": 0.9, "predict_with": "batch statistics"},
            "One image is its own batch, with variance 0, so this is no way out. And no step updates the averages, "
            "whatever their decay.",
        ),
        Mistake(
            lambda config: {**config, "observe": True, "decay": 0.9999},
            "With a larger decay the average is slower still, and with 0.999 it was too slow already: decay is the "
            "weight of the old value.",
        ),
        Mistake(
            lambda config: {**config, "decay": 0.9999},
            "No step updates the averages, so their decay doesn't matter yet. Once it does, a larger one makes them "
            "slower.",
        ),
    ),
    hints=(
        "Training and use differ in one thing only: where mean and variance come from. Compare the two lines in the "
        "plot.",
        "A moving average follows if each step updates it, and if it forgets its beginning in time: after n steps "
        "decay to the power of n is left of it.",
        '{**config, "observe": …, "decay": …} with a decay of which next to nothing is left after 400 steps.',
    ),
)
