"""Exercise of notebook 05: a learning rate that falls by the same factor in every so many steps."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb05_optimizers.falling import (
    ASKED_FOR_TRUTH,
    NO_LOOP,
    NOT_A_LIST,
    ONE_NUMBER_ONLY,
    call,
    looping,
    refusing,
)
from course_lib.schedules import exponential_decay


def _cases(rng):
    yield 10, {"lr": 0.1, "decay_steps": 10, "decay_rate": 0.5}
    yield 5, {"lr": 0.1, "decay_steps": 10, "decay_rate": 0.5}
    yield 19, {"lr": 0.1, "decay_steps": 10, "decay_rate": 0.5, "staircase": True}
    yield 0, {"lr": 0.1, "decay_steps": 10, "decay_rate": 0.5}
    yield 5, {"lr": 0.2, "decay_steps": 20, "decay_rate": 0.1}
    yield 30, {"lr": 0.1, "decay_steps": 20, "decay_rate": 1.5, "staircase": False}
    yield np.arange(40), {"lr": 0.1, "decay_steps": 10, "decay_rate": 0.3}
    yield np.arange(40), {"lr": 0.2, "decay_steps": 10, "decay_rate": 0.3, "staircase": True}
    yield np.array([[0, 7, 14], [20, 21, 300]]), {"lr": 0.3, "decay_steps": 7, "decay_rate": 0.9}
    yield np.zeros(0, int), {"lr": 0.1, "decay_steps": 10, "decay_rate": 0.5}
    drawn = {"lr": float(rng.uniform(0.01, 1)), "decay_rate": float(rng.uniform(0.2, 0.7))}
    yield np.arange(2000), {"decay_steps": 300, **drawn}
    yield int(rng.integers(100, 1000)), {"lr": 0.05, "decay_steps": 77, "decay_rate": 0.9, "staircase": True}


def _periods(step, decay_steps, staircase, floor=np.floor):
    return floor(step / decay_steps) if staircase else step / decay_steps


def _wrong(rate=lambda lr, decay_rate, p: lr * decay_rate**p, periods=_periods):
    """Return a schedule with something wrong in one part; p is how often decay_steps has passed."""

    def schedule(step, *, lr, decay_steps, decay_rate, staircase=False):
        return rate(lr, decay_rate, periods(step, decay_steps, staircase))

    return schedule


def _rounded(floor):
    return lambda step, decay_steps, staircase: _periods(step, decay_steps, staircase, floor)


EXPONENTIAL = Exercise(
    name="exponential_decay",
    reference=exponential_decay,
    cases=_cases,
    points=1,
    call=call,
    rows="step",
    mistakes=(
        Mistake(
            _wrong(periods=lambda step, decay_steps, staircase: step),
            "Multiplied by decay_rate at every step: the rate is gone at once. One factor is for decay_steps steps, so "
            "the exponent is step / decay_steps.",
        ),
        Mistake(
            _wrong(periods=lambda step, decay_steps, staircase: step // decay_steps),
            "The exponent is always rounded down. That is for staircase=True only; otherwise the rate falls at every "
            "step.",
        ),
        Mistake(
            _wrong(periods=lambda step, decay_steps, staircase: step / decay_steps),
            "staircase isn't used: where it is True, the exponent is rounded down.",
        ),
        Mistake(
            _wrong(periods=lambda step, decay_steps, staircase: _periods(step, decay_steps, not staircase)),
            "staircase works the wrong way round: where it is True the exponent is rounded down, otherwise it isn't.",
        ),
        Mistake(
            _wrong(rate=lambda lr, decay_rate, p: lr * decay_rate * p),
            "The periods that have passed multiply here. They are the exponent: two periods are two factors "
            "decay_rate, decay_rate^2.",
        ),
        Mistake(
            _wrong(rate=lambda lr, decay_rate, p: lr * np.exp(-decay_rate * p)),
            "This is e to the power of minus decay_rate. Here decay_rate itself is the factor for one period.",
        ),
        Mistake(
            _wrong(rate=lambda lr, decay_rate, p: lr * (1 - decay_rate) ** p),
            "decay_rate is what is left after decay_steps steps, not what is taken away.",
        ),
        Mistake(
            _wrong(periods=_rounded(np.round)),
            "The staircase rounds to the nearest whole number, so it falls half a period too early: round down.",
        ),
        Mistake(
            _wrong(periods=_rounded(np.ceil)),
            "The staircase rounds up, so the rate falls one period too early: round down.",
        ),
        Mistake(
            _wrong(rate=lambda lr, decay_rate, p: lr / decay_rate**p),
            "This is lr divided by the power of decay_rate, so that a decay_rate below 1 makes the rate grow. "
            "Multiply, with a positive exponent.",
        ),
        Mistake(
            _wrong(rate=lambda lr, decay_rate, p: decay_rate**p),
            "lr isn't used: the power says what share of lr is left.",
        ),
        Mistake(
            _wrong(rate=lambda lr, decay_rate, p: (lr * decay_rate) ** p),
            "The power is taken of lr as well: lr stands before it, once.",
        ),
        Mistake(
            _wrong(rate=lambda lr, decay_rate, p: lr / (1 + decay_rate * p)),
            "This falls as 1 over a sum, like power decay. Here every period multiplies the rate by decay_rate.",
        ),
        Mistake(
            _wrong(periods=lambda step, decay_steps, staircase: _periods(step + 1, decay_steps, staircase)),
            "One step too far: step 0 is the first, and its rate is lr itself.",
        ),
        Mistake(
            _wrong(periods=lambda step, decay_steps, staircase: _periods(step, 1 / decay_steps, staircase)),
            "step is multiplied by decay_steps. Divided by it, it says how many periods have passed.",
        ),
        Mistake(
            _wrong(rate=lambda lr, decay_rate, p: lr * np.exp(-p)),
            "This is e to the power of minus the periods: decay_rate isn't used. It is the factor for one period.",
        ),
        Mistake(
            _wrong(rate=lambda lr, decay_rate, p: lr * (1 - decay_rate * p)),
            "This falls in a straight line, and below 0. Here every period multiplies the rate by decay_rate.",
        ),
        Mistake(
            _wrong(rate=lambda lr, decay_rate, p: lr * (1 - (1 - decay_rate) * p)),
            "This falls in a straight line through the right rate at decay_steps. Here every period multiplies the "
            "rate by decay_rate: a power of it.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, decay_rate, staircase=False: lr * decay_rate ** (decay_steps / step),
            "The exponent is upside down, and at step 0 it divides by 0: it is step / decay_steps.",
        ),
        Mistake(
            refusing(_wrong(), TypeError(), where=lambda staircase: staircase),
            "It is right but for the staircase of an array of steps: there it stops with a TypeError, as `int` and "
            "`math.floor` do, which take one number only. `//` and NumPy's functions take both.",
        ),
        Mistake(
            refusing(_wrong(), ValueError(), where=lambda staircase: staircase),
            "It is right but for the staircase of an array of steps: there it stops with a ValueError, as `if` and "
            "`and` do, which can't decide for many numbers at once.",
        ),
        Mistake(refusing(_wrong(), TypeError()), ONE_NUMBER_ONLY),
        Mistake(refusing(_wrong(), ValueError()), ASKED_FOR_TRUTH),
        Mistake(looping(_wrong(), as_array=False), NOT_A_LIST),
        Mistake(looping(_wrong(), as_array=True), NO_LOOP),
    ),
    hints=(
        "How many times decay_steps has passed is step / decay_steps, which needn't be a whole number.",
        "periods = step // decay_steps if staircase else step / decay_steps; return lr * decay_rate**periods",
    ),
)
