"""What debug labs share: an answer returns settings, which are turned into numbers, and judged by training with them.

A lab describes its settings by a dict: a list holds all values that are allowed, a tuple the lowest and the highest.
"""

from functools import cache
from numbers import Real

import numpy as np

from course_lib.exercises.judge.comparing import Unusable


def encode(config, allowed):
    """Return settings as an array of numbers, in the order of `allowed`: the place of a listed value, else the value.

    Raises
    ------
    Unusable
        If a setting is missing, unknown or not allowed.
    """
    if not isinstance(config, dict) or set(config) != set(allowed):
        keys = f" of {', '.join(map(str, config)) or 'nothing'}" if isinstance(config, dict) else ""
        raise Unusable(f"it returned a {type(config).__name__}{keys}, wanted a dict of {', '.join(allowed)}")
    return np.array([_number(name, config[name], values) for name, values in allowed.items()], np.float64)


def _number(name, value, values):
    if isinstance(values, list):
        if value not in values:
            raise Unusable(f"{name} is {value!r}, wanted one of {', '.join(map(str, values))}")
        return values.index(value)
    low, high = values
    if not isinstance(value, Real) or not low <= value <= high:
        raise Unusable(f"{name} is {value!r}, wanted a number from {low} to {high}")
    return value


def decode(numbers, allowed):
    """Return the settings that `encode` turned into these numbers."""
    pairs = zip(numbers, allowed.items(), strict=True)
    return {name: values[int(n)] if isinstance(values, list) else float(n) for n, (name, values) in pairs}


def judged_by_training(patient, allowed, reached, *, enough):
    """Return an exercise's `compare`, which trains with the settings that an answer gave.

    Two settings that both fail agree if they change the same things of the patient in the same direction: so an answer
    is recognised as a mistake without having its very numbers.

    Parameters
    ----------
    patient : dict
        The settings that fail.
    allowed : dict
    reached : function (config, seed) -> share
        Trains, and returns the share of images that are right at the end.
    enough : float
        What both of two seeds must reach.
    """

    @cache
    def worst(numbers):
        config, lowest = decode(numbers, allowed), 1.0
        for seed in (1, 2):
            if lowest >= enough:  # once below, the other seed can't save it
                lowest = min(lowest, float(reached(config, seed)))
        return lowest

    def direction(numbers):
        pairs = zip(numbers, encode(patient, allowed), allowed.values(), strict=True)
        return [new if isinstance(values, list) else np.sign(new - old) for new, old, values in pairs]

    def compare(got, wanted):
        got, wanted = tuple(got[0].tolist()), tuple(wanted[0].tolist())
        if got == wanted or worst(got) >= enough:
            return None
        if direction(got) == direction(wanted) and worst(wanted) < enough:
            return None
        return f"the network gets {worst(got):.0%} of the validation images right, wanted at least {enough:.0%}"

    return compare
