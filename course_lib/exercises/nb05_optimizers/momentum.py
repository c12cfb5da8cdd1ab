"""Exercise of notebook 05: momentum."""

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb05_optimizers.speeds import cases, wrong
from course_lib.exercises.nb05_optimizers.walking import (
    ASKED_FOR_TRUTH,
    INPUTS,
    STILL_A_TUPLE,
    asked_for_truth,
    keeping_walk,
    stopping_later,
)
from course_lib.optimizers import momentum, nesterov

_wrong = wrong(momentum, place=lambda a: a.w + a.v)

MOMENTUM = Exercise(
    name="momentum",
    reference=momentum,
    cases=cases,
    points=1,
    call=keeping_walk,
    inputs=INPUTS,
    rows="step",
    any_dtype=True,
    mistakes=(
        Mistake(
            _wrong(place=lambda a: a.w - a.v),
            "w moves up the slope: look at the signs. Either v takes the gradient away and is added to w, or v adds it "
            "and is taken from w; not both, and not neither.",
        ),
        Mistake(
            _wrong(kept=lambda a: 0),
            "This is plain gradient descent: the speed of the step before isn't used. Return the new v as the state, "
            "and begin the next step from it.",
        ),
        Mistake(
            _wrong(speed=lambda a: a.beta * a.old - (1 - a.beta) * a.lr * a.grad),
            "Here v is an average of the steps, (1 - beta) times as large as it should be. Momentum adds the whole "
            "step lr · grad; that is why it gets faster.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.old),
            "w moves by the old speed, and the gradient counts one step too late. Renew v first, then add the new v.",
        ),
        Mistake(
            nesterov,
            "This is Nesterov's rule, the next exercise: w moves by beta · v - lr · grad with the new v. Momentum adds "
            "the new v and nothing else.",
        ),
        Mistake(
            _wrong(kept=lambda a: 0 if a.first else a.v),
            "The speed of the first step is lost: the second begins from 0 again. At the first step, too, the new v is "
            "the state.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w if a.first else a.w + a.v, kept=lambda a: 0 if a.first else a.v),
            "At the first step nothing happens: w stays where it is. There is no state yet, so v is 0; the gradient "
            "counts all the same.",
        ),
        Mistake(
            _wrong(speed=lambda a: 0.9 * a.old - a.lr * a.grad),
            "The share that is kept is 0.9 whatever beta is: use the argument.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.lr * a.v),
            "The learning rate counts twice, in v and again where w moves. Once is enough.",
        ),
        Mistake(
            _wrong(speed=lambda a: a.beta * a.old - a.grad),
            "The learning rate isn't used: v gathers lr · grad.",
        ),
        Mistake(
            _wrong(speed=lambda a: (1 - a.beta) * a.old - a.lr * a.grad),
            "The speed keeps a share of 1 - beta. With beta = 0.9 nine tenths must be kept: beta · v.",
        ),
        Mistake(
            _wrong(speed=lambda a: (1 - a.beta) * a.old - a.beta * a.lr * a.grad),
            "The speed keeps a share of 1 - beta, and the step counts beta times. Keep beta · v, and take the whole "
            "lr · grad.",
        ),
        Mistake(
            _wrong(speed=lambda a: a.beta * (a.old - a.lr * a.grad)),
            "beta counts once too often. Only the old speed is damped, v = beta · v - lr · grad, and w moves by the "
            "whole v.",
        ),
        Mistake(
            _wrong(speed=lambda a: a.old - a.lr * a.grad),
            "Without friction the speed never gets smaller, so it rolls past every valley. Multiply the old v by beta.",
        ),
        Mistake(
            _wrong(speed=lambda a: -a.beta * a.old - a.lr * a.grad),
            "The old speed counts with the wrong sign: every step brakes the one before. If v takes the gradient "
            "away, it is beta · v - lr · grad; the two parts have opposite signs.",
        ),
        Mistake(
            _wrong(kept=lambda a: a.w),
            "The state that is returned is w, not the speed. Return the new v: it is what the next step begins from.",
        ),
        Mistake(
            _wrong(kept=lambda a: a.w + a.v),
            "The state that is returned is the new w, not the speed. Return the new v: it is what the next step "
            "begins from.",
        ),
        Mistake(
            _wrong(place=lambda a: a.v, kept=lambda a: a.w + a.v),
            "The two results are in the wrong order: first the new w, then the state.",
        ),
        Mistake(
            _wrong(place=lambda a: a.v),
            "What is returned as the new w is v itself. Add it to w.",
        ),
        Mistake(
            _wrong(speed=lambda a: a.beta * a.old - 0.01 * a.grad),
            "The learning rate is 0.01 whatever lr is: use the argument.",
        ),
        Mistake(
            _wrong(speed=lambda a: a.beta * (a.grad if a.first else a.old) - a.lr * a.grad),
            "The speed begins at the gradient here. Before the first step it is 0.",
        ),
        Mistake(asked_for_truth(_wrong()), ASKED_FOR_TRUTH),
        Mistake(stopping_later(_wrong(), TypeError()), STILL_A_TUPLE),
    ),
    hints=(
        "What must be known of the earlier steps? One array, the speed v. At the first step there is no state, and v "
        "is 0.",
        "v = state[0] if state else 0; v = beta * v - lr * grad; return w + v, (v,)",
    ),
)
