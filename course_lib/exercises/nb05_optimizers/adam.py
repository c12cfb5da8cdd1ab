"""Exercise of notebook 05: Adam, whose two averages are corrected for having begun at 0."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb05_optimizers.averaging import (
    average,
    cases,
    corrected,
    correction,
    from_zero,
    in_paper_form,
    moved,
    step,
    wrong,
)
from course_lib.exercises.nb05_optimizers.walking import INPUTS, stopping_later, walk
from course_lib.optimizers import adam

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
            "The correction is that of step 1 at every step. Does t advance, is it returned with the state, and does "
            "beta stand to the power t?",
        ),
        Mistake(
            wrong(step=moved(factor=lambda a: 1)),
            "m and s aren't corrected for having begun at 0. With the default betas the first step is then about three "
            "times too long.",
        ),
        Mistake(
            wrong(t=lambda old: old, step=from_zero, kept=lambda a: (a.m, a.s, a.t + 1)),
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
                  step=moved(factor=lambda a: (1 - a.beta1**a.t) ** 0.5 / (1 - a.beta2**a.t))),
            "beta1 and beta2 are exchanged: beta1, 0.9, is for the average m of the gradients, beta2, 0.999, for the "
            "average s of their squares.",
        ),
        Mistake(
            wrong(step=moved(divisor=lambda a: np.sqrt(a.s + a.eps))),
            "eps stands inside the root. There it counts as its own root, which stops small gradients. In Adam it "
            "stands beside the root: √s + eps.",
        ),
        Mistake(
            wrong(step=in_paper_form(lambda s, eps: np.sqrt(s + eps))),
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
            wrong(step=moved(factor=lambda a: 1 / (1 - a.beta1**a.t))),
            "m is corrected and s isn't: s is too small at first as well, by 1 - beta2^t, and its root divides.",
        ),
        Mistake(
            wrong(step=moved(factor=lambda a: (1 - a.beta2**a.t) ** 0.5)),
            "s is corrected and m isn't: m is too small at first as well, by 1 - beta1^t.",
        ),
        Mistake(
            wrong(m=lambda a: average(a.old_m, a.grad, 1 - a.beta1),
                  s=lambda a: average(a.old_s, a.grad**2, 1 - a.beta2)),
            "In m and s the old average gets the weight 1 - beta and the new gradient beta. With beta = 0.9 nine "
            "tenths are the old average's.",
        ),
        Mistake(
            wrong(step=moved(divisor=lambda a: a.s + a.eps)),
            "The root is missing: divide by √s + eps, which has the gradient's own unit, so that the step is about lr.",
        ),
        Mistake(
            wrong(step=in_paper_form(lambda s, eps: s + eps)),
            "The root of the corrected s is missing. With it the divisor has the gradient's own unit, and the step is "
            "about lr.",
        ),
        Mistake(
            wrong(step=moved(factor=lambda a: (1 - a.beta2**a.t) / (1 - a.beta1**a.t))),
            "The root over 1 - beta2^t is missing: s is corrected under the root, so its factor stands under a root, "
            "too.",
        ),
        Mistake(
            wrong(step=moved(factor=lambda a: (1 - a.beta2) ** (a.t / 2) / (1 - a.beta1) ** a.t)),
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
            wrong(step=moved(numerator=lambda a: a.grad, factor=lambda a: (1 - a.beta2**a.t) ** 0.5)),
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
            wrong(step=moved(divisor=lambda a: np.sqrt(a.s))),
            "eps isn't used. Where all gradients so far were 0, this divides 0 by 0 and w becomes NaN.",
        ),
        Mistake(
            wrong(step=lambda a: moved(divisor=lambda a: np.sqrt(a.s))(a) - a.eps),
            "eps is added to w, not to what divides: / comes before +. Put brackets around the divisor.",
        ),
        Mistake(
            wrong(step=lambda a: step(a) / a.lr),
            "The learning rate isn't used: the step is lr times what the averages give.",
        ),
        Mistake(
            wrong(step=lambda a: 0 * a.w if a.first else step(a),
                  kept=lambda a: (0, 0, 0) if a.first else (a.m, a.s, a.t)),
            "At the first step nothing happens: w stays where it is. There is no state yet, so m, s and t are 0; the "
            "gradient counts all the same.",
        ),
        Mistake(
            wrong(m=lambda a: average(a.old_m, a.grad, 0.9), s=lambda a: average(a.old_s, a.grad**2, 0.999),
                  step=moved(factor=lambda a: (1 - 0.999**a.t) ** 0.5 / (1 - 0.9**a.t))),
            "The averages take 0.9 and 0.999 whatever beta1 and beta2 are: use the arguments.",
        ),
        Mistake(
            wrong(step=moved(factor=lambda a: np.sqrt(np.float64(1 - a.beta2 * a.t)) / (1 - a.beta1 * a.t))),
            "beta is multiplied by t, so that from the second step on the root sees a negative number. t is the "
            "exponent: beta to the power t.",
        ),
        Mistake(
            wrong(t=lambda old: old + 1 if old else 2),
            "t is one too large: at the first step it is 2. It begins at 0 and is raised to 1 before its first use.",
        ),
        Mistake(
            wrong(step=moved(factor=lambda a: 1 / correction(a))),
            "The corrections are upside down: averages that began at 0 are too small, so divide them by 1 - beta^t.",
        ),
        Mistake(
            wrong(s=lambda a: average(a.old_s, a.grad**2, a.beta1),
                  step=moved(factor=lambda a: (1 - a.beta1**a.t) ** 0.5 / (1 - a.beta1**a.t))),
            "beta1 stands where beta2 belongs: s has beta2 in its average and in its correction.",
        ),
        Mistake(
            wrong(s=lambda a: average(a.old_s, a.grad**2, a.beta1)),
            "In the average s stands beta1. It belongs to m, and beta2 to s.",
        ),
        Mistake(
            wrong(step=moved(factor=lambda a: (1 - a.beta1**a.t) ** 0.5 / (1 - a.beta2**a.t))),
            "The corrections are exchanged: m is divided by 1 - beta1^t, s by 1 - beta2^t.",
        ),
        Mistake(
            wrong(m=lambda a: average(a.old_m, a.grad, a.beta2), s=lambda a: average(a.old_s, a.grad**2, a.beta1)),
            "In the averages beta1 and beta2 are exchanged, in the corrections they aren't: beta1 is for m, beta2 for "
            "s.",
        ),
        Mistake(
            wrong(kept=lambda a: (a.s, a.m, a.t)),
            "The state is returned in another order than it is taken out in: what was s becomes m.",
        ),
        Mistake(
            wrong(step=moved(numerator=lambda a: a.old_m, divisor=lambda a: np.sqrt(a.old_s) + a.eps)),
            "w moves by the old m and s, which are 0 at the first step: renew both, then move.",
        ),
        Mistake(
            wrong(step=moved(numerator=lambda a: average(a.m, a.grad, a.beta1))),
            "The new gradient is averaged into m twice, as in Nadam. Adam moves by m as it is.",
        ),
        Mistake(
            wrong(m=lambda a: average(a.old_m, a.grad, 1 - a.beta1)),
            "In m the old average gets the weight 1 - beta1 and the new gradient beta1. It is the other way round, as "
            "in s.",
        ),
        Mistake(
            wrong(s=lambda a: average(a.old_s, a.grad**2, 1 - a.beta2)),
            "In s the old average gets the weight 1 - beta2 and the new square beta2. It is the other way round, as "
            "in m.",
        ),
        Mistake(
            wrong(s=lambda a: average(a.old_s, np.sum(a.grad**2) / max(np.size(a.grad), 1), a.beta2)),
            "One mean of squares for the whole array: then all weights share one step size. The average runs over the "
            "steps; each weight has an s of its own.",
        ),
        Mistake(
            stopping_later(wrong(), ValueError()),
            "The first step is right, the second stops with a ValueError. What comes in as state is just what the "
            "step before returned: does it hold as many things as you take out of it?",
        ),
        Mistake(
            stopping_later(wrong(), TypeError()),
            "The first step is right, the second stops with a TypeError. What comes in as state is just what the step "
            "before returned: take m, s and t out of it before you compute.",
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
