"""Exercise of notebook 05: RMSprop, AdaGrad with a moving average in place of the sum."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb05_optimizers.scaling import over_root, whole, wrong
from course_lib.exercises.nb05_optimizers.walking import (
    ASKED_FOR_TRUTH,
    INPUTS,
    STILL_A_TUPLE,
    asked_for_truth,
    scaled_cases,
    stopping_later,
    walk,
)
from course_lib.optimizers import rmsprop


def _cases(rng):
    yield np.array([1.0]), np.array([[2.0], [2.0]]), {"lr": 0.1, "rho": 0.5}
    yield from scaled_cases(rng, {"rho": 0.9}, {"rho": 0.6})
    # eps counts here, and does so alike in the root and beside it: √(s + eps) = √s + eps, since √s = (1 - eps) / 2
    grads = np.array([[0.5, -0.5, 0.5, 0.5]])
    yield np.full(4, 1000.0), grads, {"lr": 1000.0, "rho": 0.75, "eps": 0.5}
    yield np.zeros(4), 2 * grads, {"lr": 1e4, "rho": 0.75}


def _average(old, new, rho):
    return rho * old + (1 - rho) * new


_wrong = wrong(rmsprop, begin=lambda a: 0, renew=lambda a: _average(a.old, a.grad**2, a.rho))


def _corrected(a):
    a.s, count = a.s[0], a.s[1]
    return a.lr * a.grad / np.sqrt(a.s / (1 - a.rho**count) + a.eps)


RMSPROP = Exercise(
    name="rmsprop",
    reference=rmsprop,
    cases=_cases,
    points=2,
    call=walk,
    inputs=INPUTS,
    rows="step",
    any_dtype=True,
    mistakes=(
        Mistake(
            _wrong(renew=lambda a: a.rho * a.old + a.grad**2),
            "The new square is added whole: (1 - rho) before it is missing. An average has weights that sum to 1.",
        ),
        Mistake(
            _wrong(renew=lambda a: _average(a.old, a.grad**2, 1 - a.rho)),
            "rho and 1 - rho are swapped: rho, 0.9 by default, is the weight of the old average.",
        ),
        Mistake(
            _wrong(renew=lambda a: a.old + a.grad**2),
            "This is AdaGrad: s is a sum that never forgets. Here it is a moving average, in which old squares fade.",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr * a.grad / (a.s + a.eps)),
            "The root is missing: s is a mean square, and the step is to be divided by its root, which has the "
            "gradient's own unit.",
        ),
        Mistake(
            _wrong(begin=lambda a: (0, 0), renew=lambda a: (_average(a.old[0], a.grad**2, a.rho), a.old[1] + 1),
                   step=_corrected, kept=lambda a: (a.s, a.old[1] + 1)),
            "Here s is corrected for having begun at 0, as Adam's is. RMSprop divides by √s as it stands; its long "
            "first steps are what Adam mends later.",
        ),
        Mistake(
            _wrong(renew=lambda a: _average(a.old, a.grad, a.rho),
                   step=lambda a: a.lr * a.grad / np.sqrt(a.s**2 + a.eps)),
            "The gradients are averaged first and squared after, so that they cancel before. Square each gradient, "
            "then average the squares.",
        ),
        Mistake(
            _wrong(renew=lambda a: _average(a.old, a.grad, a.rho)),
            "s averages the gradients themselves, so that they cancel and the root may see a negative number. It must "
            "average their squares.",
        ),
        Mistake(
            _wrong(renew=lambda a: _average(a.old, np.abs(a.grad), a.rho)),
            "s averages absolute values. It should average squares, so that the root of s has the gradient's own unit.",
        ),
        Mistake(
            _wrong(kept=lambda a: 0 * a.s),
            "The s of the step before isn't used. Is it returned as the state, taken from there, and weighted by rho?",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr * a.grad / np.sqrt(a.old + a.eps)),
            "The step is divided by the root of the old s, which is 0 at first: renew s, then divide.",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr * a.grad / (np.sqrt(a.old) + a.eps)),
            "The step is divided by the old s's root, plus eps: at first that is eps alone. Renew s, then divide.",
        ),
        Mistake(
            _wrong(begin=lambda a: a.grad**2),
            "s begins at the first square here. It begins at 0, so that the first s is (1 - rho) · grad².",
        ),
        Mistake(
            _wrong(begin=lambda a: 1),
            "s begins at 1 here. It begins at 0.",
        ),
        Mistake(
            _wrong(renew=lambda a: a.rho * a.old + 1 - a.rho * a.grad**2),
            "1 - rho * grad**2 lacks brackets: it takes rho · grad² from 1. The weight of the square is (1 - rho).",
        ),
        Mistake(
            _wrong(renew=lambda a: 0.9 * a.old + 0.1 * a.grad**2),
            "The weights are 0.9 and 0.1 whatever rho is: use the argument.",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr * a.grad / np.sqrt(a.s)),
            "eps isn't used. Where all gradients so far were 0, this divides 0 by 0 and w becomes NaN.",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr * a.grad / np.sqrt(a.s) - a.eps),
            "eps is added to w, not to what divides: / comes before +. Put brackets around the divisor.",
        ),
        Mistake(
            _wrong(step=lambda a: -over_root(a)),
            "w moves up the slope: subtract the step.",
        ),
        Mistake(
            _wrong(renew=lambda a: _average(a.old, whole(a) / max(np.size(a.grad), 1), a.rho)),
            "One mean for the whole array: then all weights share one step size. The average runs over the steps; each "
            "weight has an s of its own.",
        ),
        Mistake(
            _wrong(renew=lambda a: _average(a.old, whole(a), a.rho)),
            "One sum for the whole array: then all weights share one step size. Each weight has an s of its own, an "
            "array of w's shape.",
        ),
        Mistake(
            _wrong(step=lambda a: a.grad / np.sqrt(a.s + a.eps)),
            "The learning rate isn't used: the step is lr times the gradient over the root.",
        ),
        Mistake(
            _wrong(kept=lambda a: np.sqrt(a.s)),
            "The root was stored as s, so the next average mixes a root with a square. The state is the average of the "
            "squares; take its root only where you divide.",
        ),
        Mistake(
            _wrong(step=lambda a: 0 * a.w if a.first else over_root(a), kept=lambda a: 0 if a.first else a.s),
            "At the first step nothing happens: w stays where it is. There is no state yet, so s is 0; the gradient "
            "counts all the same.",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr / np.sqrt(a.s + a.eps)),
            "The gradient itself is missing in the step, which so always goes the same way. It is lr · grad over the "
            "root.",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr * a.grad**2 / np.sqrt(a.s + a.eps)),
            "The step has grad² above the root as well, so that its sign is lost. Above stands grad, only s gathers "
            "squares.",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr * np.sign(a.grad) / np.sqrt(a.s + a.eps)),
            "Only the gradient's sign is in the step. Above the root stands grad itself.",
        ),
        Mistake(
            _wrong(step=lambda a: (a.lr / np.sqrt(a.s) + a.eps) * a.grad),
            "eps is added to the rate, not to what divides: / comes before +. Put brackets around the divisor.",
        ),
        Mistake(
            _wrong(renew=lambda a: a.rho * a.old + a.rho * a.grad**2),
            "Both weights are rho. An average has weights that sum to 1: rho for the old s, 1 - rho for the square.",
        ),
        Mistake(
            _wrong(renew=lambda a: (1 - a.rho) * a.old + a.grad**2),
            "The factor 1 - rho stands before the old s. It belongs to the square; the old s has the weight rho.",
        ),
        Mistake(
            _wrong(renew=lambda a: a.old + (1 - a.rho) * a.grad**2),
            "rho before the old s is missing: nothing is forgotten, so s only grows.",
        ),
        Mistake(
            _wrong(renew=lambda a: a.grad**2),
            "Every step is lr long, whatever came before, as if s were the last square alone. The old s keeps the "
            "weight rho.",
        ),
        Mistake(
            _wrong(begin=lambda a: np.zeros((2, *np.shape(a.w))), renew=lambda a: np.array(
                [_average(a.old[0], a.grad**2, a.rho), _average(a.old[1], a.grad, a.rho)]),
                   step=lambda a: a.lr * a.grad / np.sqrt(a.s[0] - a.s[1] ** 2 + a.eps)),
            "The square of the average gradient is taken from s. That is for centered=True only; without it the step "
            "is divided by the root of s + eps.",
        ),
        Mistake(
            _wrong(begin=lambda a: np.zeros((2, *np.shape(a.w))), renew=lambda a: np.array(
                [_average(a.old[0], a.grad**2, a.rho), _average(a.old[1], a.grad, a.rho)]),
                   step=lambda a: a.lr * a.s[1] / np.sqrt(a.s[0] + a.eps)),
            "w moves by an average of the gradients, as in Adam. RMSprop averages the squares only; above the root "
            "stands grad itself.",
        ),
        Mistake(
            _wrong(step=lambda a: a.w + over_root(a)),
            "What is returned as the new w is minus the step alone: w itself is missing.",
        ),
        Mistake(asked_for_truth(_wrong()), ASKED_FOR_TRUTH),
        Mistake(stopping_later(_wrong(), TypeError()), STILL_A_TUPLE),
    ),
    hints=(
        "Take AdaGrad and let it forget: s is no longer a sum of squares, but their moving average.",
        "s = state[0] if state else 0; s = rho * s + (1 - rho) * grad**2; return w - lr * grad / np.sqrt(s + eps), "
        "(s,)",
    ),
)
