"""The debug lab of notebook 05: a run that crawls, and diverges when its first cause is mended, judged by training."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.debug_labs import encode, judged_by_training

ENOUGH = 0.85
PATIENT = {"lr": 0.3, "beta": 0.9, "half_life": 3}
ALLOWED = {"lr": (0.00001, 10), "beta": (0, 0.999), "half_life": (1, 100000)}


def steady(config):
    """Return settings with which the network learns in 200 steps of momentum.

    Parameters
    ----------
    config : dict
        lr: the learning rate at step 0, 0.00001 to 10; beta: the share of the speed that is kept, 0 to 0.999;
        half_life: after so many steps, 1 to 100,000, the schedule has halved the learning rate.

    Returns
    -------
    dict
        The same three settings, with whatever you changed.
    """
    return {**config, "lr": 0.05, "beta": 0.9, "half_life": 1000}


def train_from(config, seed):
    """Train the debug lab's network, two hidden layers of 100, for 200 steps and return its history."""
    from functools import partial

    from course_lib.datasets import load_mnist
    from course_lib.initializers import he_normal
    from course_lib.models import dense_network
    from course_lib.optimizers import momentum
    from course_lib.schedules import exponential_decay
    from course_lib.training import fit

    data, rng = load_mnist(), np.random.default_rng(seed)
    data = data.first(1280)._replace(x_valid=data.x_valid[:2000], y_valid=data.y_valid[:2000])
    network = dense_network([100, 100], "ReLU", he_normal, rng=rng)
    rate = partial(exponential_decay, lr=config["lr"], decay_steps=config["half_life"], decay_rate=0.5)
    rule = partial(momentum, beta=config["beta"])
    return fit(network, data, rule, lr=rate, epochs=10, rng=rng, progress=False, whole=True)


def _settings(answer, case):
    return encode(answer(dict(case[0])), ALLOWED)


def _reached(config, seed):
    return train_from(config, seed).valid_accuracy[-1]


STEADY = Exercise(
    name="steady",
    reference=steady,
    cases=lambda rng: [(dict(PATIENT),)],
    points=2,
    call=_settings,
    lab=True,
    compare=judged_by_training(PATIENT, ALLOWED, _reached, enough=ENOUGH),
    mistakes=(
        Mistake(
            lambda config: {**config, "half_life": 1000},
            "The schedule was what made the run crawl, and also what kept it from diverging: without it the rate "
            "stays at a height at which momentum runs away. Two things are to be changed.",
        ),
        Mistake(
            lambda config: {**config, "lr": 0.03},
            "A smaller rate to begin with, and still halved every few steps: look at the rate after 30 steps, with 170 "
            "steps to go.",
        ),
        Mistake(
            lambda config: {**config, "lr": 1.0},
            "The rate after 30 steps is too small, that is so; but a larger one at step 0 makes the first steps worse "
            "and gains a few steps only. Which setting says how fast it falls?",
        ),
        Mistake(
            lambda config: {**config, "beta": 0.5},
            "Less momentum calms the first steps. But the rate is still gone after 30 of 200 steps.",
        ),
        Mistake(
            lambda config: {**config, "beta": 0.99},
            "More momentum goes on rolling after the rate is gone, wherever the wild first steps sent it. Look at the "
            "learning rate first.",
        ),
        Mistake(
            lambda config: {**config, "half_life": 1},
            "Now the rate falls faster still. After how many of 200 steps do you want it to be halved?",
        ),
        Mistake(
            lambda config: {**config, "lr": 0.0003, "half_life": 1000},
            "The rate no longer falls, and it is so small that 200 steps aren't enough: between this and the rate that "
            "diverged there are three powers of ten.",
        ),
    ),
    hints=(
        "Look at the learning rate that the run used, not only at its loss. How much of it is left after 30 steps? And "
        "what does the run do if the rate stays?",
        "Let the rate fall slowly, with a half-life of hundreds of steps, and begin low enough for momentum: its steps "
        "grow to lr / (1 - beta) times the gradient.",
        'return {**config, "half_life": 1000, "lr": …} with a rate that is three to ten times smaller than 0.3.',
    ),
)
