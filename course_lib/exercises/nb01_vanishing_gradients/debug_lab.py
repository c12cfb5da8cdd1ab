"""The debug lab of notebook 01: a network of ten layers that doesn't learn, judged by training it."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Task
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
        activation: "logistic", "tanh" or "ReLU"; initializer: "standard_normal",
        "glorot_normal" or "he_normal"; scale: a factor on all weights, 0.01 to 10;
        lr: the learning rate, 0.0001 to 1.

    Returns
    -------
    dict
        The same four settings, with whatever you changed. Ten layers of 100 units are
        trained on it for 150 steps.
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


def _change(hint, **settings):
    """Return a mistake for all settings that fail and differ from the patient's in the same things and directions.

    The hint must be true of all of them.
    """
    return Mistake(lambda config: {**config, **settings}, hint)


LOGISTIC = (
    "The logistic function's slope is at most 1/4: with small weights little of the error is left ten layers down, and "
    "with large ones most units are saturated. "
)

MEND = Exercise(
    name="mend",
    reference=mend,
    cases=lambda rng: [(dict(SICK),)],
    points=2,
    call=_settings,
    task=Task.LAB,
    compare=judged_by_training(SICK, ALLOWED, _reached, enough=ENOUGH),
    mistakes=(
        _change(
            "A larger learning rate can't help: look at the activations, not at the step. So little of the signal is "
            "left at the tenth layer that the output is the same for every digit, and so is the best guess.",
            lr=1.0,
        ),
        _change(
            "The right initializer for ReLU; but all weights are still multiplied by scale, 0.3. What is left of the "
            "variance then?",
            initializer="he_normal",
        ),
        _change(
            "Scale is one setting to change. With Glorot's weights a ReLU layer leaves √½ times scale of the signal, "
            "ten times over. For which scale is that 1? Or which initializer makes up for the half that is off?",
            scale=1.0,
        ),
        _change(
            "Tanh has slope 1 near 0, and 0.3 times Glorot's weights leave 0.3 of the signal at each layer. Look at "
            "the size of the weights first.",
            activation="tanh",
        ),
        _change(
            "N(0,1) doesn't look at fan_in: a hundred inputs of that size make the signal grow at every layer, even "
            "with scale 0.3. Which standard deviation keeps its size from one ReLU layer to the next?",
            initializer="standard_normal",
        ),
        _change(
            LOGISTIC + "So it is even harder to train than ReLU.",
            activation="logistic",
        ),
        _change(
            "A smaller learning rate can't help: look at the activations, not at the step. The signal dies on its way "
            "up, whatever the step.",
            lr=0.001,
        ),
        _change(
            "A smaller scale makes it worse: even less of the signal is left at each layer.",
            scale=0.1,
        ),
        _change(
            "Scale is a setting to change, the rate isn't. With Glorot's weights a ReLU layer leaves √½ times scale "
            "of the signal, ten times over: which initializer was made for ReLU?",
            scale=1.0, lr=1.0,
        ),
        _change(
            "The right initializer for ReLU, and the rate needn't change; but all weights are still multiplied by "
            "scale, 0.3. What is left of the variance then?",
            initializer="he_normal", lr=1.0,
        ),
        _change(
            "The right initializer for ReLU, and scale is the other setting to change; but with He's weights it must "
            "be 1, or nearly: what every layer multiplies by is multiplied ten times over.",
            initializer="he_normal", scale=2.0,
        ),
        _change(
            "He's weights with scale 1 keep the signal level, and then the rate that was there is good enough. A "
            "larger one can throw the weights out.",
            initializer="he_normal", scale=1.0, lr=1.0,
        ),
        _change(
            "He's weights with scale 1 keep the signal level, and then the rate that was there is good enough. With a "
            "smaller one, 150 steps may not lead far enough.",
            initializer="he_normal", scale=1.0, lr=0.0005,
        ),
        _change(
            "N(0,1) doesn't look at fan_in: a hundred inputs of that size make the signal larger at every layer, so "
            "it explodes, and a larger scale makes that worse. Which standard deviation keeps its size from one ReLU "
            "layer to the next?",
            initializer="standard_normal", scale=1.0,
        ),
        _change(
            "N(0,1) times a small scale can work: which standard deviation keeps the signal's size from one ReLU "
            "layer of 100 units to the next?",
            initializer="standard_normal", scale=0.03,
        ),
        _change(
            "Neither tanh nor the rate makes up for the weights: 0.3 times Glorot's leave 0.3 of the signal at each "
            "layer. Look at the size of the weights first.",
            activation="tanh", lr=1.0,
        ),
        _change(
            "Tanh with another scale can work. With Glorot's weights it should be near 1: far below, the signal dies; "
            "far above, the units are saturated.",
            activation="tanh", scale=4.0,
        ),
        _change(
            "Tanh with a scale near 1 learns at the rate that was there. A much larger one saturates its units.",
            activation="tanh", scale=1.0, lr=1.0,
        ),
        _change(
            "He's weights were made for ReLU, and all weights are still multiplied by scale, 0.3, so that most of the "
            "signal is lost over ten layers.",
            activation="tanh", initializer="he_normal",
        ),
        _change(
            "N(0,1) doesn't look at fan_in: a hundred inputs of that size saturate the tanh units, and a larger scale "
            "makes that worse.",
            activation="tanh", initializer="standard_normal", scale=1.0,
        ),
        _change(
            LOGISTIC + "A larger rate can't make up for that.",
            activation="logistic", lr=1.0,
        ),
        _change(
            LOGISTIC + "A larger scale can't make up for that.",
            activation="logistic", scale=1.0,
        ),
        _change(
            LOGISTIC + "Neither a larger scale nor a larger rate can make up for that.",
            activation="logistic", scale=1.0, lr=0.5,
        ),
        _change(
            LOGISTIC + "He's initializer, which was made for ReLU, can't make up for that.",
            activation="logistic", initializer="he_normal",
        ),
        _change(
            LOGISTIC + "He's initializer, which was made for ReLU, can't make up for that, nor can a larger scale.",
            activation="logistic", initializer="he_normal", scale=1.0,
        ),
        _change(
            LOGISTIC + "With N(0,1) this is the notebook's old recipe, which hardly learns.",
            activation="logistic", initializer="standard_normal", scale=1.0,
        ),
    ),
    hints=(
        "Read the two plots: which of activations and gradients changes from layer to layer, and by which factor?",
        "ReLU keeps the size of a signal if the weights' variance is 2 / fan_in. What is it here, with scale 0.3?",
        'return {**config, "initializer": …, "scale": 1.0} with the initializer that was made for ReLU.',
    ),
)
