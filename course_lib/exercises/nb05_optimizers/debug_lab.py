"""The debug lab of notebook 05: a run that crawls, and diverges when its first cause is mended, judged by training."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.judge.debug_labs import decode, encode, judged_by_training

ENOUGH = 0.85
PATIENT = {"lr": 0.3, "beta": 0.9, "half_life": 3}
ALLOWED = {"lr": (0.00001, 10), "beta": (0, 0.999), "half_life": (1, 100000)}


def steady(config):
    """Return settings with which the network learns in 200 steps of momentum.

    Parameters
    ----------
    config : dict
        lr: the learning rate at step 0, 0.00001 to 10; beta: the share of the speed
        that is kept, 0 to 0.999; half_life: after so many steps, 1 to 100,000, the
        schedule has halved the learning rate.

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


def _trouble(config):
    """Return what is wrong with settings that fail: the one thing changed, or else what is left of the trouble."""
    changed = [(name, config[name] > value) for name, value in PATIENT.items() if config[name] != value]
    if len(changed) <= 1:
        return changed
    steps = config["lr"] / (1 - config["beta"])  # times the gradient: how long momentum's steps become
    if config["half_life"] <= PATIENT["half_life"]:
        return "gone"
    if steps < 0.012:  # this and what follows as measured on a grid of 270 settings
        return "slow"
    if config["beta"] > PATIENT["beta"] and (steps >= 1.2 or config["beta"] >= 0.98):
        return "heavy"
    if config["lr"] >= 1 or (steps >= 1.2 and config["half_life"] >= 10):
        return "wild"
    return "short" if config["half_life"] < 50 else "slow"


_judged = judged_by_training(PATIENT, ALLOWED, _reached, enough=ENOUGH)
_MENDED = encode(steady(PATIENT), ALLOWED)


def _compare(got, wanted):
    """Judge settings by training; two that fail agree if they have the same trouble."""
    if np.array_equal(wanted[0], _MENDED):
        return _judged(got, wanted)
    alike = _trouble(decode(got[0], ALLOWED)) == _trouble(decode(wanted[0], ALLOWED))
    return None if alike else "another trouble"


def _changed(**settings):
    return lambda config: {**config, **settings}


STEADY = Exercise(
    name="steady",
    reference=steady,
    cases=lambda rng: [(dict(PATIENT),)],
    points=2,
    call=_settings,
    task=Task.LAB,
    compare=_compare,
    mistakes=(
        Mistake(
            _changed(half_life=1000),
            "The schedule was what made the run crawl, and also what kept it from diverging: the longer the rate stays "
            "as high as it begins, the further momentum runs away. Two things are to be changed.",
        ),
        Mistake(
            _changed(lr=0.03),
            "A smaller rate to begin with, and still halved every few steps: look at the rate after 30 steps, with 170 "
            "steps to go.",
        ),
        Mistake(
            _changed(lr=1.0),
            "The rate after 30 steps is too small, that is so; but a larger one at step 0 makes the first steps worse "
            "and gains a few steps only. Which setting says how fast it falls?",
        ),
        Mistake(
            _changed(beta=0.5),
            "Less momentum calms the first steps. But the rate is still gone after 30 of 200 steps.",
        ),
        Mistake(
            _changed(beta=0.99),
            "More momentum goes on rolling after the rate is gone, wherever the wild first steps sent it. Look at the "
            "learning rate first.",
        ),
        Mistake(
            _changed(half_life=1),
            "Now the rate falls faster still. After how many of 200 steps do you want it to be halved?",
        ),
        Mistake(
            _changed(lr=0.0003, half_life=1000),
            "The rate is too small now: the loss falls, and 200 steps aren't enough. There is much room between this "
            "rate and the one that diverged.",
        ),
        Mistake(
            _changed(beta=0.99, half_life=200),
            "More momentum makes the steps longer still, up to lr / (1 - beta) times the gradient, and slower to turn. "
            "Try less of it, not more.",
        ),
        Mistake(
            _changed(lr=0.2, half_life=1000),
            "The rate no longer vanishes, and now it is too high: momentum's steps grow to lr / (1 - beta) times the "
            "gradient. Begin lower.",
        ),
        Mistake(
            _changed(lr=0.03, half_life=5),
            "The half-life goes in the right direction, not far enough: look how little of the rate is left halfway, "
            "after 100 of 200 steps.",
        ),
        Mistake(
            _changed(lr=0.03, beta=0.5),
            "Whatever else you change, the rate is still halved every few steps, and gone after 30 of 200. Which "
            "setting says how fast it falls?",
        ),
        Mistake(
            dict,
            "These are the patient's settings as they came: return a copy in which something is changed.",
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
