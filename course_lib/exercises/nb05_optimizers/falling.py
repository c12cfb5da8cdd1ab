"""Exercises of notebook 05: learning rates that fall with the steps, or when the loss stops falling."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.schedules import exponential_decay, performance_schedule, power_decay


def _with_options(answer, case):
    first, options = case
    return answer(first, **options)


def _exponential_cases(rng):
    yield 0, {"lr": 0.1, "decay_steps": 10, "decay_rate": 0.5}
    yield 20, {"lr": 0.1, "decay_steps": 10, "decay_rate": 0.5}
    yield 5, {"lr": 0.2, "decay_steps": 20, "decay_rate": 0.1}
    yield np.arange(40), {"lr": 0.1, "decay_steps": 10, "decay_rate": 0.3}
    yield np.arange(40), {"lr": 0.1, "decay_steps": 10, "decay_rate": 0.3, "staircase": True}
    yield 19, {"lr": 1.0, "decay_steps": 10, "decay_rate": 0.25, "staircase": True}
    yield np.zeros(0, int), {"lr": 0.1, "decay_steps": 10, "decay_rate": 0.5}
    drawn = {"lr": float(rng.uniform(0.01, 1)), "decay_rate": float(rng.uniform(0.2, 0.7))}
    yield np.arange(2000), {"decay_steps": 300, **drawn}
    yield int(rng.integers(100, 1000)), {"lr": 0.05, "decay_steps": 77, "decay_rate": 0.9, "staircase": True}


EXPONENTIAL = Exercise(
    name="exponential_decay",
    reference=exponential_decay,
    cases=_exponential_cases,
    points=1,
    call=_with_options,
    mistakes=(
        Mistake(
            lambda step, *, lr, decay_steps, decay_rate, staircase=False: lr * decay_rate**step,
            "Multiplied by decay_rate at every step: the rate is gone at once. One factor is for decay_steps steps, so "
            "the exponent is step / decay_steps.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, decay_rate, staircase=False: lr * decay_rate ** (step // decay_steps),
            "The exponent is always rounded down. That is for staircase=True only; otherwise the rate falls at every "
            "step.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, decay_rate, staircase=False: lr * decay_rate ** (step / decay_steps),
            "staircase is ignored: where it is True, the exponent is step // decay_steps, rounded down.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, decay_rate, staircase=False: lr * np.exp(
                -decay_rate * (step // decay_steps if staircase else step / decay_steps)),
            "This is e to the power of minus decay_rate. Here decay_rate itself is the factor: decay_rate ** periods.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, decay_rate, staircase=False: lr * (1 - decay_rate) ** (
                step // decay_steps if staircase else step / decay_steps),
            "decay_rate is what is left after decay_steps steps, not what is taken away.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, decay_rate, staircase=False: lr * decay_rate ** (
                np.round(step / decay_steps) if staircase else step / decay_steps),
            "The staircase rounds to the nearest step, so it falls half a period too early: round down, "
            "step // decay_steps.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, decay_rate, staircase=False: lr / decay_rate ** (
                step // decay_steps if staircase else step / decay_steps),
            "The rate grows: multiply by the power, don't divide.",
        ),
    ),
    hints=(
        "How many times decay_steps has passed is step / decay_steps, which needn't be a whole number.",
        "lr · decay_rate^(step / decay_steps), with step // decay_steps for the staircase.",
        "periods = step // decay_steps if staircase else step / decay_steps; return lr * decay_rate**periods",
    ),
)


def _power_cases(rng):
    yield 0, {"lr": 0.1, "decay_steps": 10, "power": 1.0}
    yield 10, {"lr": 0.1, "decay_steps": 10, "power": 1.0}
    yield 30, {"lr": 0.1, "decay_steps": 10, "power": 0.5}
    yield np.arange(40), {"lr": 0.2, "decay_steps": 7, "power": 2.0}
    yield np.zeros(0, int), {"lr": 0.1, "decay_steps": 10, "power": 1.0}
    yield np.arange(2000), {"lr": float(rng.uniform(0.01, 1)), "decay_steps": 300, "power": float(rng.uniform(0.3, 2))}
    yield int(rng.integers(100, 1000)), {"lr": 0.05, "decay_steps": 77, "power": 1.0}


POWER = Exercise(
    name="power_decay",
    reference=power_decay,
    cases=_power_cases,
    points=1,
    call=_with_options,
    mistakes=(
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / (1 + (step / decay_steps) ** power),
            "The power is taken of step / decay_steps alone. It belongs to the bracket, (1 + step / decay_steps).",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / (1 + step / decay_steps),
            "power is ignored.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr * np.maximum(1 - step / decay_steps, 0) ** power,
            "This falls in a straight line (for power 1) and is 0 from decay_steps on. Power decay never ends: divide "
            "by 1 + step / decay_steps.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / (1 + step // decay_steps) ** power,
            "step // decay_steps rounds down: the rate falls in stairs. Divide without rounding.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr / (1 + step) ** power,
            "decay_steps is missing: the rate is halved after a single step.",
        ),
        Mistake(
            lambda step, *, lr, decay_steps, power=1.0: lr * (1 + step / decay_steps) ** power,
            "The rate grows: divide by the bracket.",
        ),
    ),
    hints=(
        "After decay_steps steps the divisor is 2, after twice as many 3: it grows by 1 in every decay_steps.",
        "lr / (1 + step / decay_steps)^power.",
        "return lr / (1 + step / decay_steps) ** power",
    ),
)


def _performance_cases(rng):
    plain = {"lr": 0.1, "factor": 0.5, "patience": 2, "min_delta": 0.0}
    yield [1.0, 0.9, 0.95, 0.95], plain
    yield [], plain
    yield [1.0, 0.8, 0.6, 0.4], plain
    yield [1.0, 0.5, 0.6, 0.55, 0.52, 0.51], plain
    yield [1.0] * 8, plain | {"patience": 3}
    yield [1.0, 1.1, 0.9, 1.0, 0.8, 0.9, 0.7, 0.8], plain
    yield [1.0, 0.99, 0.98, 0.97, 0.96], plain | {"min_delta": 0.1}
    yield [0.5, 0.6, 0.7, 0.6, 0.5, 0.4, 0.45, 0.45], plain | {"factor": 0.1}
    for n in (12, 40):
        losses = np.exp(-np.arange(n) / 8) + rng.uniform(0, 0.2, n)
        yield [float(loss) for loss in losses], plain | {"patience": 3, "min_delta": 0.01}
    yield [float(loss) for loss in rng.uniform(0.5, 1, 200)], plain | {"factor": 0.9, "patience": 5}


def _performance(losses, *, lr, factor=0.1, patience=10, min_delta=1e-4, against=min, reset=True, improved=True,
                 extra=0, change=lambda lr, factor: lr * factor):
    """Return a performance schedule with something wrong in one part; `against` chooses what to compare with."""
    kept, waited = None, 0
    for loss in losses:
        if kept is None or loss + min_delta < kept:
            kept = loss
            waited = 0 if improved else waited
        else:
            waited += 1
            kept = against(kept, loss)
            if waited >= patience + extra:
                lr, waited = change(lr, factor), 0 if reset else waited
    return lr


def _wrong(**part):
    def schedule(losses, *, lr, factor=0.1, patience=10, min_delta=1e-4):
        return _performance(losses, lr=lr, factor=factor, patience=patience, min_delta=min_delta, **part)

    return schedule


def _once(losses, *, lr, factor=0.1, patience=10, min_delta=1e-4):
    reduced = _performance(losses, lr=lr, factor=factor, patience=patience, min_delta=min_delta)
    return lr * factor if reduced < lr else lr


def _eager(losses, *, lr, factor=0.1, patience=10, min_delta=1e-4):
    return _performance(losses, lr=lr, factor=factor, patience=patience, min_delta=0.0)


PERFORMANCE = Exercise(
    name="performance_schedule",
    reference=performance_schedule,
    cases=_performance_cases,
    points=3,
    call=_with_options,
    mistakes=(
        Mistake(
            _wrong(against=lambda kept, loss: loss),
            "Each loss is compared with the one before it: a loss that swings up and down then looks like progress "
            "for ever. Compare with the best so far.",
        ),
        Mistake(
            _wrong(reset=False),
            "Once patience is over, every further epoch reduces the rate again. Begin to count from 0 after a "
            "reduction.",
        ),
        Mistake(
            _wrong(improved=False),
            "The count of epochs without progress goes on although the loss improved: set it to 0 then.",
        ),
        Mistake(
            _once,
            "The rate is reduced once at most. Go through the losses in order, and reduce it every time that patience "
            "runs out.",
        ),
        Mistake(
            _wrong(change=lambda lr, factor: lr / factor),
            "The rate grows: factor is below 1, multiply by it.",
        ),
        Mistake(
            _wrong(extra=1),
            "One epoch too patient: with patience 2 the second epoch in a row without progress reduces the rate.",
        ),
        Mistake(
            _eager,
            "Any improvement counts here, however small. Only one by more than min_delta does: "
            "loss + min_delta < best.",
        ),
        Mistake(
            lambda losses, *, lr, factor=0.1, patience=10, min_delta=1e-4: lr,
            "This schedule never fires: the rate that is returned is always the first one.",
        ),
    ),
    hints=(
        "Go through the losses one by one, and remember three things: the best loss, for how many epochs it has stood, "
        "and the rate.",
        "A loss below best - min_delta is the new best and sets the count to 0; any other adds 1. At `patience`: "
        "lr ← lr · factor, count ← 0.",
        "best, waited = None, 0; for loss in losses: if best is None or loss + min_delta < best: best, waited = loss, "
        "0; else: waited += 1; if waited >= patience: lr, waited = lr * factor, 0. Then return lr.",
    ),
)
