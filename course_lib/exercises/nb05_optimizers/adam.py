"""Exercise of notebook 05: Adam, whose two averages are corrected for having begun at 0."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb05_optimizers.averaging import (
    average,
    cases,
    corrected,
    correction,
    step,
    wrong,
)
from course_lib.exercises.nb05_optimizers.walking import INPUTS, walk
from course_lib.optimizers import adam


def _from_zero(a):
    a.t = np.float64(a.t)  # NumPy divides by 0 and gives NaN, Python stops
    return step(a)


def _moved(numerator=lambda a: a.m, divisor=lambda a: np.sqrt(a.s) + a.eps, factor=correction):
    """Return a step with something wrong in one part."""
    return lambda a: a.lr * factor(a) * numerator(a) / divisor(a)


def _in_paper_form(divisor):
    """Return a step over the corrected s, as in the paper's algorithm 1."""
    return lambda a: a.lr * corrected(a)[0] / divisor(corrected(a)[1], a.eps)


ADAM = Exercise(
    name="adam",
    reference=adam,
    cases=cases,
    points=3,
    call=walk,
    inputs=INPUTS,
    rows="step",
    any_dtype=True,
    mistakes=(
        Mistake(
            wrong(kept=lambda a: (a.m, a.s, 0)),
            "The correction is that of step 1 at every step: t never advances. Count it up, and return it with the "
            "state.",
        ),
        Mistake(
            wrong(step=_moved(factor=lambda a: 1)),
            "m and s aren't corrected for having begun at 0. With the default betas the first step is then about three "
            "times too long.",
        ),
        Mistake(
            wrong(t=lambda old: old, step=_from_zero, kept=lambda a: (a.m, a.s, a.t + 1)),
            "Every number is NaN: at the first step t is still 0 where the averages are corrected, and "
            "1 - beta ** 0 is 0. Raise t before you use it.",
        ),
        Mistake(
            wrong(t=lambda old: old, kept=lambda a: (a.m, a.s, a.t + 1)),
            "At the first step t is still 0 where the averages are corrected, and 1 - beta ** 0 is 0, by which nothing "
            "can be divided. Raise t before you use it.",
        ),
        Mistake(
            wrong(m=lambda a: average(a.old_m, a.grad, a.beta2), s=lambda a: average(a.old_s, a.grad**2, a.beta1),
                  step=_moved(factor=lambda a: (1 - a.beta1**a.t) ** 0.5 / (1 - a.beta2**a.t))),
            "beta1 and beta2 are exchanged: beta1, 0.9, is for the average m of the gradients, beta2, 0.999, for the "
            "average s of their squares.",
        ),
        Mistake(
            wrong(step=_moved(divisor=lambda a: np.sqrt(a.s + a.eps))),
            "eps stands inside the root. There it counts as its own root, which stops small gradients. In Adam it "
            "stands beside the root: √s + eps.",
        ),
        Mistake(
            wrong(step=_in_paper_form(lambda s, eps: np.sqrt(s + eps))),
            "eps stands inside the root of the corrected s. There it counts as its own root, which stops small "
            "gradients. In Adam it stands beside the root.",
        ),
        Mistake(
            wrong(s=lambda a: average(a.old_s, a.grad, a.beta2)),
            "s averages the gradients themselves, so that the root may see a negative number: it must average grad².",
        ),
        Mistake(
            wrong(s=lambda a: average(a.old_s, np.abs(a.grad), a.beta2)),
            "s averages absolute values. It should average squares, so that the root of s has the gradient's own unit.",
        ),
        Mistake(
            wrong(step=_moved(factor=lambda a: 1 / (1 - a.beta1**a.t))),
            "m is corrected and s isn't: s is too small at first as well, by 1 - beta2^t, and its root divides.",
        ),
        Mistake(
            wrong(step=_moved(factor=lambda a: (1 - a.beta2**a.t) ** 0.5)),
            "s is corrected and m isn't: m is too small at first as well, by 1 - beta1^t.",
        ),
        Mistake(
            wrong(m=lambda a: average(a.old_m, a.grad, 1 - a.beta1),
                  s=lambda a: average(a.old_s, a.grad**2, 1 - a.beta2)),
            "In m and s the old average gets the weight 1 - beta and the new gradient beta. With beta = 0.9 nine "
            "tenths are the old average's.",
        ),
        Mistake(
            wrong(step=_moved(divisor=lambda a: a.s + a.eps)),
            "The root is missing: divide by √s + eps, which has the gradient's own unit, so that the step is about lr.",
        ),
        Mistake(
            wrong(step=_in_paper_form(lambda s, eps: s + eps)),
            "The root of the corrected s is missing. With it the divisor has the gradient's own unit, and the step is "
            "about lr.",
        ),
        Mistake(
            wrong(step=_moved(factor=lambda a: (1 - a.beta2**a.t) / (1 - a.beta1**a.t))),
            "The root over 1 - beta2^t is missing: s is corrected under the root, so its factor stands under a root, "
            "too.",
        ),
        Mistake(
            wrong(step=_moved(factor=lambda a: (1 - a.beta2) ** (a.t / 2) / (1 - a.beta1) ** a.t)),
            "The power is taken of the bracket, (1 - beta)^t, which vanishes with t. It belongs to beta alone: "
            "1 - beta^t.",
        ),
        Mistake(
            wrong(kept=lambda a: (*corrected(a), a.t)),
            "The corrected averages were stored, so the next step corrects them again. Keep m and s as they are, and "
            "correct only for the step of w.",
        ),
        Mistake(
            wrong(kept=lambda a: (0, 0, a.t)),
            "m and s of the step before aren't used, only t is: return all three as the state, and average on from "
            "there.",
        ),
        Mistake(
            wrong(kept=lambda a: (0, 0, 0)),
            "Each step begins anew, as if it were the first: return m, s and t as the state, and go on from them.",
        ),
        Mistake(
            wrong(step=_moved(numerator=lambda a: a.grad, factor=lambda a: (1 - a.beta2**a.t) ** 0.5)),
            "w moves by the gradient itself, over the root: the average m isn't used.",
        ),
        Mistake(
            wrong(m=lambda a: a.beta1 * a.old_m + a.grad),
            "In m the new gradient is added whole: (1 - beta1) before it is missing.",
        ),
        Mistake(
            wrong(s=lambda a: a.beta2 * a.old_s + a.grad**2),
            "In s the new square is added whole: (1 - beta2) before it is missing.",
        ),
        Mistake(
            wrong(m=lambda a: a.beta1 * a.old_m + a.grad, s=lambda a: a.beta2 * a.old_s + a.grad**2),
            "In m and s what is new is added whole: (1 - beta1) and (1 - beta2) before it are missing.",
        ),
        Mistake(
            wrong(step=lambda a: -step(a)),
            "w moves up the slope: subtract the step.",
        ),
        Mistake(
            wrong(step=_moved(divisor=lambda a: np.sqrt(a.s))),
            "eps isn't used. Where all gradients so far were 0, this divides 0 by 0 and w becomes NaN.",
        ),
        Mistake(
            wrong(step=lambda a: _moved(divisor=lambda a: np.sqrt(a.s))(a) - a.eps),
            "eps is added to w, not to what divides: / comes before +. Put brackets around the divisor.",
        ),
        Mistake(
            wrong(step=lambda a: step(a) / a.lr),
            "The learning rate isn't used: the step is lr times what the averages give.",
        ),
        Mistake(
            wrong(step=lambda a: 0 * a.w if a.first else step(a), kept=lambda a: (0, 0, 0) if a.first else (a.m, a.s, a.t)),
            "At the first step nothing happens: w stays where it is. There is no state yet, so m, s and t are 0; the "
            "gradient counts all the same.",
        ),
        Mistake(
            wrong(m=lambda a: average(a.old_m, a.grad, 0.9), s=lambda a: average(a.old_s, a.grad**2, 0.999),
                  step=_moved(factor=lambda a: (1 - 0.999**a.t) ** 0.5 / (1 - 0.9**a.t))),
            "The averages take 0.9 and 0.999 whatever beta1 and beta2 are: use the arguments.",
        ),
        Mistake(
            wrong(s=lambda a: average(a.old_s, a.m**2, a.beta2)),
            "s averages the square of m, in which gradients have cancelled. It should average the square of each "
            "gradient, grad².",
        ),
    ),
    hints=(
        "Two moving averages, of the gradient and of its square, and a count of the steps. An average that began at 0 "
        "is too small by a factor that you know: 1 - beta^t.",
        "t ← t + 1; m ← beta1 · m + (1 - beta1) · grad; s ← beta2 · s + (1 - beta2) · grad²; "
        "w ← w - lr · √(1 - beta2^t) / (1 - beta1^t) · m / (√s + eps).",
        "m, s, t = state or (0, 0, 0); t = t + 1; then m and s; step = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t); "
        "return w - step * m / (np.sqrt(s) + eps), (m, s, t)",
    ),
)
