"""Adams whose averages are right, and whose step isn't: corrections, eps, root, sign."""

import numpy as np

from course_lib.exercises.core import Mistake
from course_lib.exercises.nb05_optimizers.averaging import (
    average,
    correction,
    from_zero,
    in_paper_form,
    moved,
    step,
    wrong,
)

STEPS = (
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
        wrong(step=moved(factor=lambda a: 1 / (1 - a.beta1**a.t))),
        "m is corrected and s isn't: s is too small at first as well, by 1 - beta2^t, and its root divides.",
    ),
    Mistake(
        wrong(step=moved(factor=lambda a: (1 - a.beta2**a.t) ** 0.5)),
        "s is corrected and m isn't: m is too small at first as well, by 1 - beta1^t.",
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
        wrong(step=moved(numerator=lambda a: a.grad, factor=lambda a: (1 - a.beta2**a.t) ** 0.5)),
        "w moves by the gradient itself, over the root: the average m isn't used.",
    ),
    Mistake(
        wrong(step=lambda a: a.w + step(a)),
        "What is returned as the new w is minus the step alone: w itself is missing.",
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
        wrong(step=moved(factor=lambda a: np.sqrt(np.float64(1 - a.beta2 * a.t)) / (1 - a.beta1 * a.t))),
        "beta is multiplied by t, so that from the second step on the root sees a negative number. t is the "
        "exponent: beta to the power t.",
    ),
    Mistake(
        wrong(step=moved(factor=lambda a: 1 / correction(a))),
        "The corrections are upside down: averages that began at 0 are too small, so divide them by 1 - beta^t.",
    ),
    Mistake(
        wrong(step=moved(factor=lambda a: (1 - a.beta1**a.t) ** 0.5 / (1 - a.beta2**a.t))),
        "The corrections are exchanged: m is divided by 1 - beta1^t, s by 1 - beta2^t.",
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
        wrong(step=moved(factor=lambda a: 1, divisor=lambda a: np.sqrt(a.s + a.eps))),
        "m and s aren't corrected for having begun at 0, and eps stands inside the root. It belongs beside it.",
    ),
    Mistake(
        wrong(step=moved(numerator=lambda a: a.grad, factor=lambda a: 1)),
        "This is RMSprop's step, the gradient itself over √s. Adam moves by the average m, and corrects both "
        "averages.",
    ),
    Mistake(
        wrong(step=moved(divisor=lambda a: 1, factor=lambda a: 1 / (1 - a.beta1**a.t))),
        "The step isn't divided by the root of s, so steep axes take long steps: that is momentum.",
    ),
    Mistake(
        wrong(step=moved(factor=lambda a: (1 - a.beta2**a.t) ** 0.5 / (1 - a.beta2**a.t))),
        "The correction of m has beta2 in it: m is divided by 1 - beta1^t.",
    ),
)
