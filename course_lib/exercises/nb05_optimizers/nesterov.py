"""Exercise of notebook 05: Nesterov's momentum, which looks ahead."""

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

_wrong = wrong(nesterov, place=lambda a: a.w + a.beta * a.v - a.lr * a.grad)


def _averaged(a):
    return a.beta * a.old - (1 - a.beta) * a.lr * a.grad


NESTEROV = Exercise(
    name="nesterov",
    reference=nesterov,
    cases=cases,
    points=2,
    call=keeping_walk,
    inputs=INPUTS,
    rows="step",
    any_dtype=True,
    mistakes=(
        Mistake(
            momentum,
            "This is plain momentum. With the old v, beta · v - lr · grad is just momentum's new v; the look ahead "
            "takes the new v in the second formula: w + beta · v - lr · grad.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w - a.beta * a.v - a.lr * a.grad),
            "The look ahead points backwards. If v takes the gradient away, beta · v is added to w and lr · grad is "
            "taken from it; if v adds the gradient, both are taken from w.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w - a.beta * a.v + a.lr * a.grad),
            "w moves up the slope: both parts of its step have the wrong sign. It should be w + beta · v - lr · grad, "
            "where v takes the gradient away.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.beta * a.v + a.lr * a.grad),
            "The last term has the wrong sign: the gradient's own step leads up the slope. Take lr · grad away from w.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.beta * a.v),
            "w moves by beta times the speed alone: the step lr · grad beside it is missing.",
        ),
        Mistake(
            _wrong(kept=lambda a: a.beta * a.v - a.lr * a.grad),
            "The look ahead was stored as the speed, and so counts double from then on. The state is "
            "v = beta · v - lr · grad, as in momentum; only w looks ahead.",
        ),
        Mistake(
            _wrong(speed=_averaged),
            "Here v is an average, with 1 - beta before the gradient. As in momentum the whole step lr · grad goes "
            "into v.",
        ),
        Mistake(
            _wrong(speed=_averaged, place=lambda a: a.w + a.beta * a.v - (1 - a.beta) * a.lr * a.grad),
            "The gradient's step counts 1 - beta times, as in an average. It is taken whole, in v and beside it.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.v - a.lr * a.grad),
            "The look ahead is by beta times the new speed, since the next step will keep only that share of it.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + (1 + a.beta) * a.v),
            "w moves by v and by beta · v on top: that is as if it hadn't been ahead already. From where it stands it "
            "goes by beta · v - lr · grad.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.beta * (a.v - a.lr * a.grad)),
            "beta multiplies lr · grad as well where w moves. It belongs to v alone.",
        ),
        Mistake(
            _wrong(speed=lambda a: a.beta * (a.old - a.lr * a.grad)),
            "beta counts once too often. In v only the old speed is damped, beta · v - lr · grad, and the look ahead "
            "is by beta times that v.",
        ),
        Mistake(
            _wrong(kept=lambda a: 0),
            "The speed of the step before isn't used: return the new v as the state, and begin the next step from it.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.v if a.first else a.w + a.beta * a.v - a.lr * a.grad),
            "The first step is momentum's, w + v. It looks ahead like all others: v is 0 before it, the new v isn't.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w if a.first else a.w + a.beta * a.v - a.lr * a.grad,
                   kept=lambda a: 0 if a.first else a.v),
            "At the first step nothing happens: w stays where it is. There is no state yet, so v is 0; the gradient "
            "counts all the same.",
        ),
        Mistake(
            _wrong(kept=lambda a: 0 if a.first else a.v),
            "The speed of the first step is lost: the second begins from 0 again. At the first step, too, the new v is "
            "the state.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.beta * a.v - a.grad),
            "The learning rate is missing beside beta · v: the step is lr · grad.",
        ),
        Mistake(
            _wrong(speed=lambda a: -a.beta * a.old - a.lr * a.grad),
            "The old speed counts with the wrong sign in the new v: every step brakes the one before. It is beta · v "
            "- lr · grad, as in momentum.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.beta * a.old + a.v),
            "The look ahead with the old v is added to the new step. w stands ahead already: it moves by beta · v - "
            "lr · grad with the new v, and nothing else.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.beta * a.old + (1 + a.beta) * a.v),
            "The old look ahead is added where it should be taken back: beta times the old v is subtracted in this "
            "form.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.v + a.beta * a.v - a.lr * a.grad),
            "w moves twice, first by v as in momentum and then by the look ahead. One move is enough: beta · v - lr · "
            "grad.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.v - a.beta * a.lr * a.grad),
            "The last term has the factor beta, and v hasn't. It is the other way round: beta · v - lr · grad.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + (1 - a.beta) * a.v - a.lr * a.grad),
            "The look ahead is by 1 - beta times v here. The next step keeps beta · v, so that is how far to look.",
        ),
        Mistake(
            _wrong(speed=lambda a: a.beta * a.old - a.grad),
            "The learning rate is missing in v: it gathers lr · grad.",
        ),
        Mistake(
            _wrong(speed=lambda a: 0.9 * a.old - a.lr * a.grad, place=lambda a: a.w + 0.9 * a.v - a.lr * a.grad),
            "The share that is kept is 0.9 whatever beta is: use the argument.",
        ),
        Mistake(
            _wrong(place=lambda a: a.w + a.lr * a.beta * a.v - a.lr * a.grad),
            "The learning rate counts twice before v: it is in v already, so w moves by beta · v as it is.",
        ),
        Mistake(
            _wrong(kept=lambda a: a.w + a.beta * a.v - a.lr * a.grad),
            "The state that is returned is the new w, not the speed. Return the new v: it is what the next step begins "
            "from.",
        ),
        Mistake(
            _wrong(kept=lambda a: a.w),
            "The state that is returned is w, not the speed. Return the new v: it is what the next step begins from.",
        ),
        Mistake(
            _wrong(place=lambda a: a.beta * a.v - a.lr * a.grad),
            "What is returned as the new w is the step alone. Add it to w.",
        ),
        Mistake(
            _wrong(speed=lambda a: a.beta * a.old - a.grad, place=lambda a: a.w + a.beta * a.v - a.grad),
            "The learning rate isn't used: in v and beside it stands lr · grad.",
        ),
        Mistake(asked_for_truth(_wrong()), ASKED_FOR_TRUTH),
        Mistake(stopping_later(_wrong(), TypeError()), STILL_A_TUPLE),
    ),
    hints=(
        "The speed is renewed as in momentum. Then ask where that speed will carry w in the step after: go there, and "
        "the next gradient is one step ahead.",
        "v = beta * v - lr * grad; return w + beta * v - lr * grad, (v,)",
    ),
)
