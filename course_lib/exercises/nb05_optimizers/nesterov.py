"""Exercise of notebook 05: Nesterov's momentum, which looks ahead."""

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb05_optimizers.speeds import cases, keeping_walk, wrong
from course_lib.exercises.nb05_optimizers.walking import ASKED_FOR_TRUTH, INPUTS, asked_for_truth
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
            "w moves by beta · v alone: the step lr · grad beside it is missing.",
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
            "The gradient's step is taken whole here, in v and beside it, not times 1 - beta.",
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
            "In v, beta multiplies the new step as well. Only the old speed is damped: beta · v - lr · grad.",
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
        Mistake(asked_for_truth(_wrong()), ASKED_FOR_TRUTH),
    ),
    hints=(
        "The speed is renewed as in momentum. Then ask where that speed will carry w in the step after: go there, and "
        "the next gradient is one step ahead.",
        "v ← beta · v - lr · grad, then w ← w + beta · v - lr · grad, with the new v.",
        "v = beta * v - lr * grad; return w + beta * v - lr * grad, (v,)",
    ),
)
