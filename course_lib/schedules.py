"""Schedules: the learning rate of a step, whose number is 0 for the first; an array of numbers gives all their rates.

Senior et al. (2013) compare piecewise constant, exponential, power and performance schedules.
"""

from functools import wraps
from inspect import signature

import numpy as np

_ABOVE_0 = {"decay_steps", "decay_rate", "warmup_steps", "steps", "factor"}
_BELOW_1 = {"factor", "tail"}


def _schedule(schedule):
    """Check the numbers that a schedule is given, and make a single rate one of Python's floats."""
    names = list(signature(schedule).parameters)

    @wraps(schedule)
    def checked(*args, **options):
        for name, value in [*zip(names, args, strict=False), *options.items()]:
            if wanted := _wanted(name, np.asarray(value)):
                raise ValueError(f"{schedule.__name__}: {name} is {value!r}, wanted {wanted}")
        rate = schedule(*args, **options)
        return rate if np.ndim(rate) else float(rate)

    return checked


def _wanted(name, value):
    """Say what an argument should be, or nothing where it is all right."""
    if value.dtype.kind not in "fiub":
        return "numbers"
    if name == "losses":
        return "" if value.ndim == 1 else "a list of losses, one an epoch"
    if name in _ABOVE_0 and not (value > 0).all():
        return "more than 0"
    if name in _BELOW_1 and not (value < 1).all():
        return "less than 1"
    return "" if (value >= 0).all() else "0 or more"


@_schedule
def piecewise_constant(step, *, lr, boundaries, factors):
    """Keep lr up to and including step boundaries[0], then lr · factors[0] up to boundaries[1], and so on.

    Parameters
    ----------
    step : int or array of ints
    lr : float
    boundaries : list of ints, ascending
        The last step before each change: check that they lie within the run.
    factors : list of floats, as many
        Each is a share of lr itself.

    Returns
    -------
    float, or array of step's shape

    Notes
    -----
    In Keras: ``PiecewiseConstantDecay``, with lr and all lr · factors as its values.
    """
    if len(boundaries) != len(factors) or list(boundaries) != sorted(boundaries):
        raise ValueError(f"piecewise_constant: boundaries is {boundaries!r}, wanted {len(factors)} ascending steps")
    return lr * np.array([1, *factors])[np.searchsorted(boundaries, step)]


@_schedule
def exponential_decay(step, *, lr, decay_steps, decay_rate, staircase=False):
    """Let the rate fall evenly, by the factor decay_rate in every decay_steps steps.

    Parameters
    ----------
    step : int or array of ints
    lr : float, the rate at step 0
    decay_steps : int
    decay_rate : float
    staircase : bool
        Let the rate fall all at once, whenever decay_steps more steps are over.

    Returns
    -------
    float, or array of step's shape

    Formula
    -------
    lr · decay_rate^(step / decay_steps), with step / decay_steps rounded down for the
    staircase

    Notes
    -----
    In Keras: ``ExponentialDecay``.
    """
    periods = step // decay_steps if staircase else step / decay_steps
    return lr * decay_rate**periods


@_schedule
def power_decay(step, *, lr, decay_steps, power=1.0):
    """Fall fast at first, then ever more slowly.

    With power 1, lr is halved after decay_steps, and halved again after twice as many.

    Parameters
    ----------
    step : int or array of ints
    lr : float, the rate at step 0
    decay_steps : int
    power : float
        Of what the rate is divided by.

    Returns
    -------
    float, or array of step's shape

    Formula
    -------
    lr / (1 + step / decay_steps)^power

    Notes
    -----
    Darken and Moody, 1990. In Keras, for power 1: ``InverseTimeDecay``, decay_rate 1.
    """
    return lr / (1 + step / decay_steps) ** power


@_schedule
def cosine_decay(step, *, lr, decay_steps, alpha=0.0):
    """Fall from lr to a share alpha of it along half a cosine wave, then stay.

    Parameters
    ----------
    step : int or array of ints
    lr : float, the rate at step 0
    decay_steps : int
    alpha : float

    Returns
    -------
    float, or array of step's shape

    Formula
    -------
    lr · (alpha + (1 - alpha) · (1 + cos πp) / 2),   p = step / decay_steps, at most 1

    Notes
    -----
    Loshchilov and Hutter, 2017. In Keras: ``CosineDecay``.
    """
    p = np.minimum(step / decay_steps, 1)
    return lr * (alpha + (1 - alpha) * (1 + np.cos(np.pi * p)) / 2)


@_schedule
def warm_up(step, *, lr, warmup_steps, start=0.0):
    """Rise evenly from start, at step 0, to lr, at step warmup_steps; from there on it is lr.

    Parameters
    ----------
    step : int or array of ints
    lr : float, or array of step's shape
        It may come from another schedule, which then goes on where the warm-up ends.
    warmup_steps : int
    start : float

    Returns
    -------
    float, or array of step's shape

    Notes
    -----
    Goyal et al., 2017. In Keras: ``CosineDecay(start, ..., warmup_target=lr, warmup_steps=...)``.

    Examples
    --------
    >>> steps = np.arange(1000)
    >>> later = cosine_decay(np.maximum(steps - 100, 0), lr=0.1, decay_steps=900)
    >>> warm_up(steps, lr=later, warmup_steps=100)[[0, 50, 100, 550]].round(3)
    array([0.  , 0.05, 0.1 , 0.05])
    """
    return start + (lr - start) * np.minimum(step / warmup_steps, 1)


@_schedule
def one_cycle(step, *, lr, steps, low=0.1, end=0.001, tail=0.1):
    """Rise evenly from low · lr to lr and fall back as evenly, then in the last steps fall on to end · lr.

    Parameters
    ----------
    step : int or array of ints
    lr : float, the peak
    steps : int
        The length of the run: end · lr is reached there.
    low, end : float, shares of lr
    tail : float
        The share of the steps that is left for the last fall.

    Returns
    -------
    float, or array of step's shape

    Notes
    -----
    Smith, 2018.
    """
    cycle = steps * (1 - tail)
    return lr * np.interp(step, [0, cycle / 2, cycle, steps], [low, 1, low, end])


@_schedule
def performance_schedule(
    losses, *, lr, factor=0.1, patience=10, min_delta=1e-4, cooldown=0, min_lr=0.0
):
    """Reduce lr whenever the loss hasn't improved for `patience` epochs.

    Parameters
    ----------
    losses : list of floats
        The validation loss of every epoch so far.
    lr : float, the rate of the first epoch
    factor : float, below 1
        What is left of the rate at each reduction.
    patience : int
    min_delta : float
        An improvement is less than the best so far by more than that.
    cooldown : int
        For so many epochs after a reduction, nothing counts as waiting.
    min_lr : float
        The rate isn't reduced below it.

    Returns
    -------
    float
        The rate of the next epoch.

    Formula
    -------
    A loss below best - min_delta is the new best and sets the count to 0; any other
    adds 1. When the count reaches patience: lr ← lr · factor, count ← 0.

    Notes
    -----
    In Keras: ``ReduceLROnPlateau``.
    """
    best, waited, resting = None, 0, 0
    for loss in losses:
        resting = max(resting - 1, 0)
        if best is None or loss + min_delta < best:
            best, waited = loss, 0
        elif not resting:
            waited += 1
            if waited >= patience and lr > min_lr:
                lr, waited, resting = max(lr * factor, min_lr), 0, cooldown
    return lr
