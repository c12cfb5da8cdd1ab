"""Exercises of notebook 05: AdaGrad and RMSprop, whose steps every weight scales by its own gradients."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb05_optimizers.walking import scaled_cases, walk
from course_lib.optimizers import adagrad, rmsprop


def _adagrad_cases(rng):
    return scaled_cases(rng, initial_accumulator=(0.1, 0.0))


def _adagrad(change):
    """Return AdaGrad with something wrong: change gets (s, grad, eps); returns what to divide by, and new s."""

    def rule(w, grad, state=None, *, lr=0.001, initial_accumulator=0.1, eps=1e-7):
        (s,) = state or (initial_accumulator,)
        divisor, s = change(s, grad, eps)
        return w - lr * grad / divisor, (s,)

    return rule


def _adagrad_from_zero(w, grad, state=None, *, lr=0.001, initial_accumulator=0.1, eps=1e-7):
    s = (state[0] if state else 0) + grad**2
    return w - lr * grad / np.sqrt(s + eps), (s,)


def _adagrad_forgetful(w, grad, state=None, *, lr=0.001, initial_accumulator=0.1, eps=1e-7):
    return w - lr * grad / np.sqrt(initial_accumulator + grad**2 + eps), None


def _adagrad_upwards(w, grad, state=None, *, lr=0.001, initial_accumulator=0.1, eps=1e-7):
    s = (state[0] if state else initial_accumulator) + grad**2
    return w + lr * grad / np.sqrt(s + eps), (s,)


ADAGRAD = Exercise(
    name="adagrad",
    reference=adagrad,
    cases=_adagrad_cases,
    points=2,
    call=walk,
    mistakes=(
        Mistake(
            _adagrad(lambda s, grad, eps: (s + grad**2 + eps, s + grad**2)),
            "The root is missing: divided by s itself, a gradient ten times as large takes a step ten times as short.",
        ),
        Mistake(
            _adagrad(lambda s, grad, eps: (np.sqrt(s + grad + eps), s + grad)),
            "The gradients are added up as they are, so that they cancel and the root may see a negative number. s "
            "gathers squares: grad**2.",
        ),
        Mistake(
            _adagrad_from_zero,
            "s begins at 0 here. At the first step, without a state, it is initial_accumulator.",
        ),
        Mistake(
            _adagrad(lambda s, grad, eps: (np.sqrt(s + eps), s + grad**2)),
            "This step is divided by the old s: first add the new square, then divide.",
        ),
        Mistake(
            _adagrad_forgetful,
            "s is lost after every step: return it as the state, and go on adding to it.",
        ),
        Mistake(
            _adagrad(lambda s, grad, eps: (np.sqrt(0.9 * s + 0.1 * grad**2 + eps), 0.9 * s + 0.1 * grad**2)),
            "This s forgets, as RMSprop's does. AdaGrad adds every square and never lets one go.",
        ),
        Mistake(
            _adagrad_upwards,
            "w moves up the slope: subtract the step.",
        ),
        Mistake(
            _adagrad(lambda s, grad, eps: (np.sqrt(s + np.sum(grad**2) + eps), s + np.sum(grad**2))),
            "One sum for the whole array: then all weights share one step size. Each weight has an s of its own, an "
            "array of w's shape.",
        ),
    ),
    hints=(
        "The state is one array of w's shape: for each weight the sum of all its squared gradients so far.",
        "s ← s + grad², from initial_accumulator on; w ← w - lr · grad / √(s + eps).",
        "s = state[0] if state else initial_accumulator; s = s + grad**2; return w - lr * grad / np.sqrt(s + eps), "
        "(s,)",
    ),
)


def _rmsprop_cases(rng):
    return scaled_cases(rng, rho=(0.9, 0.6))


def _rmsprop(change):
    """Return RMSprop with something wrong: change gets (s, grad, rho, eps); returns what to divide by, and new s."""

    def rule(w, grad, state=None, *, lr=0.001, rho=0.9, eps=1e-7):
        (s,) = state or (0,)
        divisor, s = change(s, grad, rho, eps)
        return w - lr * grad / divisor, (s,)

    return rule


def _mixed(s, grad, rho):
    return rho * s + (1 - rho) * grad**2


def _rmsprop_forgetful(w, grad, state=None, *, lr=0.001, rho=0.9, eps=1e-7):
    return w - lr * grad / np.sqrt((1 - rho) * grad**2 + eps), None


def _rmsprop_upwards(w, grad, state=None, *, lr=0.001, rho=0.9, eps=1e-7):
    s = _mixed(state[0] if state else 0, grad, rho)
    return w + lr * grad / np.sqrt(s + eps), (s,)


RMSPROP = Exercise(
    name="rmsprop",
    reference=rmsprop,
    cases=_rmsprop_cases,
    points=2,
    call=walk,
    mistakes=(
        Mistake(
            _rmsprop(lambda s, grad, rho, eps: (np.sqrt(rho * s + grad**2 + eps), rho * s + grad**2)),
            "The new square is added whole, so s is about 1 / (1 - rho) times the average square. An average has "
            "weights that sum to 1: rho and 1 - rho.",
        ),
        Mistake(
            _rmsprop(lambda s, grad, rho, eps: (np.sqrt(_mixed(s, grad, 1 - rho) + eps), _mixed(s, grad, 1 - rho))),
            "rho and 1 - rho are swapped: rho, 0.9, is the weight of the old average.",
        ),
        Mistake(
            _rmsprop(lambda s, grad, rho, eps: (np.sqrt(rho * s + (1 - rho) * grad + eps), rho * s + (1 - rho) * grad)),
            "s averages the gradients themselves, so that they cancel and the root may see a negative number. It must "
            "average their squares.",
        ),
        Mistake(
            _rmsprop(lambda s, grad, rho, eps: (_mixed(s, grad, rho) + eps, _mixed(s, grad, rho))),
            "The root is missing: s is a mean square, and the step is to be divided by its root, which has the "
            "gradient's own unit.",
        ),
        Mistake(
            _rmsprop_forgetful,
            "s is lost after every step: return it as the state, and average on from there.",
        ),
        Mistake(
            _rmsprop(lambda s, grad, rho, eps: (np.sqrt(s + eps), _mixed(s, grad, rho))),
            "The step is divided by the old s, which is 0 at first: renew s, then divide.",
        ),
        Mistake(
            _rmsprop(lambda s, grad, rho, eps: (np.sqrt(_mixed(s, grad, rho)), _mixed(s, grad, rho))),
            "Where all gradients so far were 0, this divides 0 by 0 and w becomes NaN. That is what eps is for.",
        ),
        Mistake(
            _rmsprop_upwards,
            "w moves up the slope: subtract the step.",
        ),
    ),
    hints=(
        "Take AdaGrad and let it forget: s is no longer a sum of squares, but their moving average.",
        "s ← rho · s + (1 - rho) · grad², from 0 on; w ← w - lr · grad / √(s + eps).",
        "s = state[0] if state else 0; s = rho * s + (1 - rho) * grad**2; return w - lr * grad / np.sqrt(s + eps), "
        "(s,)",
    ),
)
