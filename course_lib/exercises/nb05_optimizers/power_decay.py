"""Exercise of notebook 05: a learning rate that falls as a power, fast at first and then ever more slowly."""

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
from course_lib.schedules import power_decay


def _cases(rng):
    yield 10, {"lr": 0.1, "decay_steps": 10}
    yield 30, {"lr": 0.1, "decay_steps": 10, "power": 1.0}
    yield 0, {"lr": 0.1, "decay_steps": 10, "power": 1.0}
    yield 30, {"lr": 0.1, "decay_steps": 10, "power": 0.5}
    yield 25, {"lr": 0.1, "decay_steps": 10, "power": 2.0}
    yield np.arange(40), {"lr": 0.2, "decay_steps": 7, "power": 2.0}
    yield np.array([[0, 7, 14], [20, 21, 300]]), {"lr": 0.3, "decay_steps": 7}
    yield np.zeros(0, int), {"lr": 0.1, "decay_steps": 10, "power": 1.0}
    yield np.arange(2000), {"lr": float(rng.uniform(0.01, 1)), "decay_steps": 300, "power": float(rng.uniform(0.3, 2))}
    yield int(rng.integers(100, 1000)), {"lr": 0.05, "decay_steps": 77, "power": 1.0}


def _wrong(rate):
    """Return a schedule that gives rate(lr, p, power), where p is step / decay_steps."""
    return lambda step, *, lr, decay_steps, power=1.0: rate(lr, step / decay_steps, power)


_right = _wrong(lambda lr, p, power: lr / (1 + p) ** power)

POWER = Exercise(
    name="power_decay",
    reference=power_decay,
    cases=_cases,
    points=1,
    call=call,
    rows="step",
    mistakes=(
        Mistake(
            _wrong(lambda lr, p, power: lr / (1 + p**power)),
            "The power is taken of step / decay_steps alone. It belongs to the whole bracket, 1 + step / decay_steps.",
        ),
        Mistake(
            _wrong(lambda lr, p, power: lr / (1 + p)),
            "power isn't used: it is the bracket's exponent.",
        ),
        Mistake(
            _wrong(lambda lr, p, power: lr / (1 + power * p)),
            "power multiplies step / decay_steps here. It is an exponent, that of the whole bracket.",
        ),
        Mistake(
            _wrong(lambda lr, p, power: lr / (1 + p) * power),
            "power multiplies the result here. It is an exponent, that of the bracket.",
        ),
        Mistake(
            _wrong(lambda lr, p, power: lr / ((1 + p) * power)),
            "power multiplies the bracket here. It is the bracket's exponent.",
        ),
        Mistake(
            _wrong(lambda lr, p, power: lr * np.maximum(1 - p, 0) ** power),
            "This falls in a straight line (for power 1) and is 0 from decay_steps on. Power decay never ends: divide "
            "by 1 + step / decay_steps.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / (1 + step // decay_steps) ** power,
            "step / decay_steps is rounded down: the rate falls in stairs. Divide without rounding.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / (1 + step) ** power,
            "decay_steps isn't used: the rate is halved (for power 1) after a single step. Divide step by it.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / (1 + step * decay_steps) ** power,
            "step is multiplied by decay_steps. Divided by it, it says how many periods have passed.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / ((1 + step) / decay_steps) ** power,
            "The 1 is divided by decay_steps as well, so that the rate at step 0 isn't lr. Only step is divided.",
        ),
        Mistake(
            _wrong(lambda lr, p, power: lr * (1 + p) ** power),
            "The rate grows: divide by the bracket.",
        ),
        Mistake(
            _wrong(lambda lr, p, power: (lr / (1 + p)) ** power),
            "The power is taken of lr as well: it belongs to the bracket that divides, lr stands before it.",
        ),
        Mistake(
            _wrong(lambda lr, p, power: 1 / (1 + p) ** power),
            "lr isn't used: this is the share of lr that is left.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / 1 + step / decay_steps**power,
            "Brackets are missing: lr / 1 + … divides by 1 and adds the rest.",
        ),
        Mistake(
            _wrong(lambda lr, p, power: lr / p**power),
            "The 1 is missing: without it step 0 divides by 0. The divisor is 1 at step 0, and grows from there.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / (1 + (step + 1) / decay_steps) ** power,
            "One step too far: step 0 is the first, and its rate is lr itself.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / (1 + step / decay_steps**power),
            "The power is taken of decay_steps alone: ** comes before /. It belongs to the whole bracket, "
            "1 + step / decay_steps.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / (1 + step**power / decay_steps),
            "The power is taken of step alone: ** comes before /. It belongs to the whole bracket, "
            "1 + step / decay_steps.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / (1 + decay_steps / step) ** power,
            "decay_steps / step is upside down, and at step 0 it divides by 0: it is step / decay_steps.",
        ),
        Mistake(
            _wrong(lambda lr, p, power: lr * (1 - p) ** power),
            "This falls in a straight line (for power 1), is 0 at decay_steps and below 0 afterwards. Power decay "
            "never ends: divide by 1 + step / decay_steps.",
        ),
        Mistake(
            _wrong(lambda lr, p, power: lr * np.exp(-power * p)),
            "This falls exponentially. Power decay is slower in the end: divide lr by a power of "
            "1 + step / decay_steps.",
        ),
        Mistake(
            _wrong(lambda lr, p, power: lr / np.sqrt(1 + p)),
            "The root is the power 0.5, whatever power is: use the argument.",
        ),
        Mistake(refusing(_right, TypeError()), ONE_NUMBER_ONLY),
        Mistake(refusing(_right, ValueError()), ASKED_FOR_TRUTH),
        Mistake(looping(_right, as_array=False), NOT_A_LIST),
        Mistake(looping(_right, as_array=True), NO_LOOP),
    ),
    hints=(
        "After decay_steps steps the divisor is 2, after twice as many 3: it grows by 1 in every decay_steps.",
        "return lr / (1 + step / decay_steps) ** power",
    ),
)
