"""The debug lab of notebook 01: a network of ten layers that doesn't learn, judged by training it."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.debug_labs import encode, judged_by_training

ENOUGH = 0.75
SICK = {"activation": "ReLU", "initializer": "glorot_normal", "scale": 0.3, "lr": 0.05}
ALLOWED = {
    "activation": ["logistic", "tanh", "ReLU"],
    "initializer": ["standard_normal", "glorot_normal", "he_normal"],
    "scale": (0.01, 10),
    "lr": (0.0001, 1),
}


def mend(config):
    """Return settings with which the network of ten layers learns.

    Parameters
    ----------
    config : dict
        activation: "logistic", "tanh" or "ReLU"; initializer: "standard_normal", "glorot_normal" or "he_normal";
        scale: a factor on all weights, 0.01 to 10; lr: the learning rate, 0.0001 to 1.

    Returns
    -------
    dict
        The same four settings, with whatever you changed. Ten layers of 100 units are trained on it for 150 steps.
    """
    return {**config, "initializer": "he_normal", "scale": 1.0}


def network_from(config, rng):
    """Return the debug lab's network of ten hidden layers of 100 units, built from its settings."""
    from course_lib import initializers
    from course_lib.models import deep_network

    draw, scale = getattr(initializers, config["initializer"]), np.float32(config["scale"])
    return deep_network(10, 100, config["activation"], lambda shape, rng: scale * draw(shape, rng), rng=rng)


def train_from(config, seed, data=None):
    """Train the debug lab's network for 150 steps and return its history."""
    from course_lib.datasets import load_mnist
    from course_lib.optimizers import sgd
    from course_lib.training import fit

    data = data or load_mnist()
    data = data.first(9600)._replace(x_valid=data.x_valid[:2000], y_valid=data.y_valid[:2000])
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        return fit(network_from(config, rng), data, sgd, lr=config["lr"], rng=rng, progress=False, whole=True)


def _settings(answer, case):
    return encode(answer(dict(case[0])), ALLOWED)


def _reached(config, seed):
    return train_from(config, seed).valid_accuracy[-1]


MEND = Exercise(
    name="mend",
    reference=mend,
    cases=lambda rng: [(dict(SICK),)],
    points=2,
    call=_settings,
    compare=judged_by_training(SICK, ALLOWED, _reached, enough=ENOUGH),
    mistakes=(
        Mistake(
            lambda config: {**config, "lr": 1.0},
            "A larger learning rate can't help: look at the activations, not at the step. So little of the signal "
            "is left at the tenth layer that the output is the same for every digit, and so is the best guess.",
        ),
        Mistake(
            lambda config: {**config, "initializer": "he_normal"},
            "The right initializer for ReLU; but all weights are still multiplied by scale, 0.3. What is left of the "
            "variance then?",
        ),
        Mistake(
            lambda config: {**config, "scale": 1.0},
            "Better: from layer to layer 0.71 is left instead of 0.21. It is still less than 1, ten times over. Which "
            "initializer makes up for the half of the units that is off?",
        ),
        Mistake(
            lambda config: {**config, "activation": "tanh"},
            "Tanh has slope 1 near 0, and 0.3 times Glorot's weights leave 0.3 of the signal at each layer. Look at "
            "the size of the weights first.",
        ),
        Mistake(
            lambda config: {**config, "initializer": "standard_normal"},
            "N(0,1) makes the weights ten times too large instead of too small. Which standard deviation keeps the "
            "signal's size from one ReLU layer to the next?",
        ),
        Mistake(
            lambda config: {**config, "activation": "logistic"},
            "With small weights the logistic function passes on even less: its slope is at most 1/4, at every layer.",
        ),
    ),
    hints=(
        "Read the two plots: which of activations and gradients changes from layer to layer, and by which factor?",
        "ReLU keeps the size of a signal if the weights' variance is 2 / fan_in. What is it here, with scale 0.3?",
        'return {**config, "initializer": …, "scale": 1.0} with the initializer that was made for ReLU.',
    ),
)
