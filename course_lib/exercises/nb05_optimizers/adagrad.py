"""Exercise of notebook 05: AdaGrad, whose steps every weight scales by all its own gradients so far."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb05_optimizers.scaling import over_root, whole, wrong
from course_lib.exercises.nb05_optimizers.walking import (
    ASKED_FOR_TRUTH,
    INPUTS,
    asked_for_truth,
    scaled_cases,
    walk,
)
from course_lib.optimizers import adagrad


def _cases(rng):
    yield np.array([1.0]), np.array([[3.0], [4.0]]), {"lr": 0.1, "initial_accumulator": 0.0}
    yield from scaled_cases(rng, {"initial_accumulator": 0.4}, {"initial_accumulator": 0.0})
    # eps counts here, and does so alike in the root and beside it: √(s + eps) = √s + eps, since √s = (1 - eps) / 2
    grads = np.array([[0.25, -0.25, 0.25, 0.25]])
    yield np.full(4, 1000.0), grads, {"lr": 1000.0, "initial_accumulator": 0.0, "eps": 0.5}
    yield np.zeros(4), 2 * grads, {"lr": 1e4, "initial_accumulator": 0.0}


_wrong = wrong(adagrad, begin=lambda a: a.initial_accumulator, renew=lambda a: a.old + a.grad**2)

ADAGRAD = Exercise(
    name="adagrad",
    reference=adagrad,
    cases=_cases,
    points=2,
    call=walk,
    inputs=INPUTS,
    rows="step",
    any_dtype=True,
    mistakes=(
        Mistake(
            _wrong(step=lambda a: a.lr * a.grad / (a.s + a.eps)),
            "The root is missing: divided by s itself, a gradient ten times as large takes a step ten times as short.",
        ),
        Mistake(
            _wrong(renew=lambda a: a.old + a.grad),
            "The gradients are added up as they are, so that they cancel and the root may see a negative number. s "
            "gathers their squares.",
        ),
        Mistake(
            _wrong(renew=lambda a: a.old + a.grad, step=lambda a: a.lr * a.grad / np.sqrt(np.abs(a.s) + a.eps)),
            "The gradients are added up as they are, and taking the absolute value under the root only hides that they "
            "cancel. s gathers their squares.",
        ),
        Mistake(
            _wrong(renew=lambda a: a.old + np.abs(a.grad)),
            "s gathers absolute values. It should gather squares, so that the root of s has the gradient's own unit.",
        ),
        Mistake(
            _wrong(begin=lambda a: 0),
            "s begins at 0 here. At the first step, without a state, it is initial_accumulator.",
        ),
        Mistake(
            _wrong(begin=lambda a: 0.1),
            "s begins at 0.1 whatever initial_accumulator is: use the argument.",
        ),
        Mistake(
            _wrong(renew=lambda a: a.initial_accumulator + (0 if a.first else a.old) + a.grad**2),
            "initial_accumulator is added at every step. It is where s begins, once.",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr * a.grad / np.sqrt(a.old + a.eps)),
            "This step is divided by the root of the old s: first add the new square, then divide.",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr * a.grad / (np.sqrt(a.old) + a.eps)),
            "This step is divided by the old s's root, plus eps: first add the new square to s, then divide.",
        ),
        Mistake(
            _wrong(kept=lambda a: a.initial_accumulator),
            "The s of the step before isn't used: return it as the state, and go on adding to it.",
        ),
        Mistake(
            _wrong(renew=lambda a: 0.9 * a.old + 0.1 * a.grad**2),
            "This s forgets, as RMSprop's does. AdaGrad adds every square and never lets one go.",
        ),
        Mistake(
            _wrong(step=lambda a: -over_root(a)),
            "w moves up the slope: subtract the step.",
        ),
        Mistake(
            _wrong(renew=lambda a: a.old + whole(a)),
            "One sum for the whole array: then all weights share one step size. Each weight has an s of its own, an "
            "array of w's shape.",
        ),
        Mistake(
            _wrong(renew=lambda a: a.old + whole(a) / max(np.size(a.grad), 1)),
            "One mean for the whole array: then all weights share one step size. Each weight has an s of its own, an "
            "array of w's shape.",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr * a.grad / np.sqrt(a.s)),
            "eps isn't used. Where all gradients so far were 0, and s began at 0, this divides 0 by 0 and w becomes "
            "NaN.",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr * a.grad / np.sqrt(a.s) - a.eps),
            "eps is added to w, not to what divides: / comes before +. Put brackets around the divisor.",
        ),
        Mistake(
            _wrong(step=lambda a: a.grad / np.sqrt(a.s + a.eps)),
            "The learning rate isn't used: the step is lr times the gradient over the root.",
        ),
        Mistake(
            _wrong(step=lambda a: a.lr * a.grad * np.sqrt(a.s + a.eps)),
            "The root multiplies here: large gradients then take larger steps still. Divide by it.",
        ),
        Mistake(
            _wrong(kept=lambda a: np.sqrt(a.s)),
            "The root was stored as s, so the next square is added to a root. The state is the sum of the squares; "
            "take its root only where you divide.",
        ),
        Mistake(
            _wrong(step=lambda a: 0 * a.w if a.first else over_root(a), kept=lambda a: a.old if a.first else a.s),
            "At the first step nothing happens: w stays where it is. There is no state yet, so s begins at "
            "initial_accumulator; the gradient counts all the same.",
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
            _wrong(renew=lambda a: a.old + 2 * a.grad),
            "2 · grad is added, not the square: grad**2 is grad · grad.",
        ),
        Mistake(
            _wrong(renew=lambda a: np.sqrt(a.old + a.grad**2)),
            "The root is taken twice: once in s, which is stored so, and once more where you divide. s is the sum of "
            "the squares.",
        ),
        Mistake(
            _wrong(step=lambda a: a.w + over_root(a)),
            "What is returned as the new w is minus the step alone: w itself is missing.",
        ),
        Mistake(asked_for_truth(_wrong()), ASKED_FOR_TRUTH),
    ),
    hints=(
        "The state is one array of w's shape: for each weight the sum of all its squared gradients so far.",
        "s = state[0] if state else initial_accumulator; s = s + grad**2; return w - lr * grad / np.sqrt(s + eps), "
        "(s,)",
    ),
)
