"""What the exercises on falling rates share: how an answer is called, and answers that fail for many steps."""

import numpy as np

from course_lib.exercises.judge.comparing import Unusable


def call(answer, case):
    """Return an answer's rate, or array of rates."""
    step, options = case
    rate = answer(step, **options)
    if isinstance(rate, list | tuple):
        kind = type(rate).__name__
        raise Unusable(f"it returned a {kind}, wanted an array of step's shape, or one number for one step")
    return rate


def refusing(schedule, error, where=lambda staircase: True):
    """Return a schedule that stops with an error at an array of steps, where `where(staircase)` says so."""

    def refuses(step, **options):
        if np.ndim(step) and where(options.get("staircase", False)):
            raise error
        return schedule(step, **options)

    return refuses


def looping(schedule, as_array):
    """Return a schedule that goes through `step` as through a list, and makes an array of the rates or doesn't."""

    def loops(step, **options):
        rates = [schedule(s, **options) for s in step]
        return np.array(rates) if as_array else rates

    return loops


ONE_NUMBER_ONLY = (
    "For one step it is right; with an array of steps it stops with a TypeError, as `int` and the functions of `math` "
    "do, which take one number only. Operators and NumPy's functions take both."
)
ASKED_FOR_TRUTH = (
    "For one step it is right; with an array of steps it stops with a ValueError, as `if`, `and`, `max` and `min` do, "
    "which can't decide for many numbers at once. np.where, np.maximum and np.minimum can."
)
NOT_A_LIST = (
    "It goes through step as through a list. step may be one number, and then one rate is wanted; an array is wanted "
    "for an array. Computing with step as it is gives both, without a loop."
)
NO_LOOP = (
    "With an array of steps the numbers are right. But step may also be one number, which can't be gone through: "
    "computing with step as it is does for both."
)
