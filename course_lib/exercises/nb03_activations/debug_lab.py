"""The debug lab of notebook 03: a network that doesn't learn since units of it are dead, judged by training it."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.judge.debug_labs import encode, judged_by_training

ENOUGH = 0.75
PATIENT = {"activation": "ReLU", "bias": -1.0, "lr": 0.001}
ALLOWED = {"activation": ["ReLU", "leaky ReLU", "ELU", "SELU"], "bias": (-10, 10), "lr": (0.00001, 1)}


def revive(config):
    """Return settings with which the network of five layers learns.

    Parameters
    ----------
    config : dict
        activation: "ReLU", "leaky ReLU", "ELU" or "SELU"; bias: what all biases are at
        first, -10 to 10; lr: Adam's learning rate, 0.00001 to 1.

    Returns
    -------
    dict
        The same three settings, with whatever you changed. Five layers of 100 units are
        trained on it for 150 steps.
    """
    return {**config, "bias": 0.0}


def patient_from(config, rng):
    """Return the debug lab's network of five hidden layers of 100 units, built from its settings."""
    from course_lib.initializers import he_normal
    from course_lib.models import deep_network

    network = deep_network(5, 100, config["activation"], he_normal, rng=rng)
    bias = np.float32(config["bias"])
    network.params |= {name: value + bias for name, value in network.params.items() if name.endswith("/b")}
    return network


def treat(config, seed):
    """Train the debug lab's network for 150 steps; return its history, and its units after every 10 of them."""
    from course_lib.datasets import load_mnist
    from course_lib.measuring import UnitWatch
    from course_lib.optimizers import adam
    from course_lib.training import fit

    data, rng = load_mnist(), np.random.default_rng(seed)
    network = patient_from(config, rng)
    watch = UnitWatch(data.x_valid[:1000], network)
    data = data.first(640)._replace(x_valid=data.x_valid[:2000], y_valid=data.y_valid[:2000])
    history = fit(network, data, adam, lr=config["lr"], epochs=15, rng=rng, callbacks=[watch], progress=False,
                  whole=True)
    return history, watch


def _settings(answer, case):
    return encode(answer(dict(case[0])), ALLOWED)


def _reached(config, seed):
    return treat(config, seed)[0].valid_accuracy[-1]


_trained = judged_by_training(PATIENT, ALLOWED, _reached, enough=ENOUGH)


def _fault(settings):
    """Return what is wrong with settings, or None where the network learns with them."""
    return _trained([settings], [encode(revive(PATIENT), ALLOWED)])


def _compare(got, wanted):
    """Train with an answer's settings; say None where they do, or where they and the wanted ones fail for one cause."""
    fault = _fault(*got)
    return None if fault and _cause(*got) == _cause(*wanted) and _fault(*wanted) else fault


def _cause(settings):
    """Return what a hint may tell apart: another activation, whither the bias went and if far enough, and the rate."""
    activation, bias, lr = settings
    leaks, change = activation > 0, np.sign(bias - PATIENT["bias"])
    if leaks and change > 0:
        change = 0  # it wasn't needed, and does no harm
    if change < 0 or change > 0 and _fault(encode({**PATIENT, "bias": bias}, ALLOWED)):
        return leaks, change, "not enough, whatever the rate"
    return leaks, change, np.sign(lr - PATIENT["lr"])


REVIVE = Exercise(
    name="revive",
    reference=revive,
    cases=lambda rng: [(dict(PATIENT),)],
    points=2,
    call=_settings,
    compare=_compare,
    task=Task.LAB,
    mistakes=(
        Mistake(
            lambda config: {**config, "lr": 0.1},
            "A larger learning rate multiplies a gradient that is exactly 0 in the layers below the dead ones. Look at "
            "the very first dot of the plot: what was so before any step was taken?",
        ),
        Mistake(
            lambda config: {**config, "lr": 0.0001},
            "In the opening of this notebook the learning rate killed the units, and a smaller one saved them. Here "
            "they were dead before the first step, and at no rate do they get a gradient. What could have done that?",
        ),
        Mistake(
            lambda config: {**config, "bias": -3.0},
            "This pushes z still further below zero, so even more units are off for every image. Which way must z go?",
        ),
        Mistake(
            lambda config: {**config, "bias": -0.9},
            "The bias goes in the right direction, and too short a way: z must be positive for some images, in the "
            "upper layers, too, where the signal has shrunk and x·w is small.",
        ),
        Mistake(
            lambda config: {**config, "bias": 0.0, "lr": 0.3},
            "The bias is mended, and then the learning rate, larger than it was, throws the units out as in the "
            "opening of this notebook. Change one thing at a time.",
        ),
        Mistake(
            lambda config: {**config, "bias": 0.0, "lr": 0.00001},
            "The bias is mended, and the learning rate is now smaller than it was: 150 steps don't get far enough with "
            "it. Change one thing at a time.",
        ),
        Mistake(
            lambda config: {**config, "activation": "ELU", "lr": 0.3},
            "Another activation lets the error through, and this learning rate, larger than it was, throws the units "
            "far out at once. Change one thing at a time.",
        ),
        Mistake(
            lambda config: {**config, "activation": "ELU", "lr": 0.00001},
            "Another activation lets the error through, and the learning rate is now smaller than it was: 150 steps "
            "don't get far enough with it. Change one thing at a time.",
        ),
        Mistake(
            lambda config: {**config, "activation": "ELU", "bias": -10.0},
            "The activation would let the error through, and the bias now pushes z further below zero than before. "
            "Change one thing at a time.",
        ),
        Mistake(
            lambda config: dict(config),
            "These are the patient's settings, nothing is changed. Which of the three acts before the first step?",
        ),
    ),
    hints=(
        "When did the units die: at some step of the training, or before it? Only one of the three settings says what "
        "the network is like before its first step, apart from the activation.",
        "A unit computes z = x·w + b. If b is -1 and x·w seldom reaches 1, then z is negative for every image, and "
        "ReLU's slope is 0 there.",
        'return {**config, "bias": …} with the value that biases usually have at first; or choose an activation whose '
        "slope isn't 0 for negative z.",
    ),
)
