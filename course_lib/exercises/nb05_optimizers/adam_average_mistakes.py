"""Adams whose averages m and s are wrong, or what is kept of them for the next step."""

import numpy as np

from course_lib.exercises.core import Mistake
from course_lib.exercises.nb05_optimizers.averaging import average, corrected, moved, wrong
from course_lib.exercises.nb05_optimizers.walking import stopping_later

AVERAGES = (
    Mistake(
        wrong(kept=lambda a: (a.m, a.s, 0)),
        "The correction is that of step 1 at every step. Does t advance, is it returned with the state, and does "
        "beta stand to the power t?",
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
        wrong(s=lambda a: average(a.old_s, a.grad, a.beta2)),
        "s averages the gradients themselves, so that the root may see a negative number: it must average grad².",
    ),
    Mistake(
        wrong(s=lambda a: average(a.old_s, np.abs(a.grad), a.beta2)),
        "s averages absolute values. It should average squares, so that the root of s has the gradient's own unit.",
    ),
    Mistake(
        wrong(m=lambda a: average(a.old_m, a.grad, 1 - a.beta1),
              s=lambda a: average(a.old_s, a.grad**2, 1 - a.beta2)),
        "In m and s the old average gets the weight 1 - beta and the new gradient beta. With beta = 0.9 nine "
        "tenths are the old average's.",
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
        wrong(m=lambda a: average(a.old_m, a.grad, 0.9), s=lambda a: average(a.old_s, a.grad**2, 0.999),
              step=moved(factor=lambda a: (1 - 0.999**a.t) ** 0.5 / (1 - 0.9**a.t))),
        "The averages take 0.9 and 0.999 whatever beta1 and beta2 are: use the arguments.",
    ),
    Mistake(
        wrong(t=lambda old: old + 1 if old else 2),
        "t is one too large: at the first step it is 2. It begins at 0 and is raised to 1 before its first use.",
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
        wrong(m=lambda a: average(a.old_m, a.grad, a.beta2), s=lambda a: average(a.old_s, a.grad**2, a.beta1)),
        "In the averages beta1 and beta2 are exchanged, in the corrections they aren't: beta1 is for m, beta2 for "
        "s.",
    ),
    Mistake(
        wrong(kept=lambda a: (a.s, a.m, a.t)),
        "The state is returned in another order than it is taken out in: what was s becomes m.",
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
    Mistake(
        wrong(kept=lambda a: (corrected(a)[0], a.s, a.t)),
        "The corrected m was stored, so the next step corrects it again. Keep m as it is, and correct only for "
        "the step of w.",
    ),
    Mistake(
        wrong(kept=lambda a: (a.m, corrected(a)[1], a.t)),
        "The corrected s was stored, so the next step corrects it again. Keep s as it is, and correct only for "
        "the step of w.",
    ),
    Mistake(
        wrong(m=lambda a: average(a.old_m, a.grad, a.beta2),
              step=moved(factor=lambda a: (1 - a.beta2**a.t) ** 0.5 / (1 - a.beta2**a.t))),
        "beta2 stands where beta1 belongs: m has beta1 in its average and in its correction.",
    ),
    Mistake(
        wrong(m=lambda a: average(a.old_m, a.grad, a.beta2)),
        "In the average m stands beta2. It belongs to s, and beta1 to m.",
    ),
)
