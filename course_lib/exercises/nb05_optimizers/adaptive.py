"""Exercises of notebook 05: AdaGrad, RMSprop and Adam, whose steps every weight scales by its own gradients."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb05_optimizers.walking import gradients, walk
from course_lib.optimizers import adagrad, adam, rmsprop

TINY = 1e-12  # where eps is so small, it makes no difference whether it stands in the root or beside it


def _cases(rng, **others):
    """Yield cases; `others` are the rule's own options, of which every second case takes the second value."""
    first, second = ({name: pair[i] for name, pair in others.items()} for i in (0, 1))
    yield np.array([1.0]), np.array([[1.0], [1.0], [1.0]]), {"lr": 0.1, "eps": TINY, **first}
    yield np.array([2.0, -1.0]), np.array([[3.0, -4.0]]), {"lr": 0.1, "eps": TINY, **second}
    yield np.zeros((0, 3)), np.zeros((4, 0, 3)), {"lr": 0.1, "eps": TINY, **first}
    yield np.array([1.0, 2.0]), np.array([[0.0, 1.0], [0.0, 0.0], [0.0, -1.0]]), {"lr": 0.1, "eps": 1e-9, **second}
    yield *gradients(rng, (3, 2), 50), {"lr": 0.01, "eps": TINY, **first}
    yield *gradients(rng, (5, 4), 50, dtype=np.float32), {"lr": 0.05, "eps": 1e-7, **second}
    yield *gradients(rng, (6,), 5, scale=1e4), {"lr": 0.01, "eps": TINY, **first}
    yield *gradients(rng, (100, 100), 5, dtype=np.float32), {"lr": 0.001, "eps": 1e-7, **first}


def _adagrad_cases(rng):
    return _cases(rng, initial_accumulator=(0.1, 0.0))


def _adagrad(change):
    """Return AdaGrad with something wrong: change gets (s, grad) and returns what to divide by, and the new s."""

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
    return _cases(rng, rho=(0.9, 0.6))


def _rmsprop(change):
    """Return RMSprop with something wrong: change gets (s, grad, rho, eps), returns what to divide by, and the new s."""

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


def _adam_cases(rng):
    yield from _cases(rng, beta1=(0.9, 0.5), beta2=(0.999, 0.9))
    w, grads = gradients(rng, (4,), 20, scale=1e-3, dtype=np.float32)  # so small that eps in the root would count
    yield np.abs(w) + 1, grads, {"lr": 0.001, "eps": 1e-7, "beta1": 0.9, "beta2": 0.999}


def _adam(*, step=lambda lr, t, beta1, beta2: lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t),
          divisor=lambda s, eps: np.sqrt(s) + eps, square=np.square, tick=1, swap=False):  # fmt: skip
    """Return Adam with something wrong in one of its parts."""

    def rule(w, grad, state=None, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        m, s, t = state or (0, 0, 1 - tick)
        t = t + tick
        old1, old2 = (1 - beta1, 1 - beta2) if swap else (beta1, beta2)
        m = old1 * m + (1 - old1) * grad
        s = old2 * s + (1 - old2) * square(grad)
        return w - step(lr, t, beta1, beta2) * m / divisor(s, eps), (m, s, t)

    return rule


_RIGHT_BUT_EXCHANGED = _adam()


def _adam_exchanged(w, grad, state=None, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
    return _RIGHT_BUT_EXCHANGED(w, grad, state, lr=lr, beta1=beta2, beta2=beta1, eps=eps)


ADAM = Exercise(
    name="adam",
    reference=adam,
    cases=_adam_cases,
    points=3,
    call=walk,
    mistakes=(
        Mistake(
            _adam(tick=0),
            "The correction is that of step 1 at every step: t never advances. Count it up, and return it with the "
            "state.",
        ),
        Mistake(
            _adam(step=lambda lr, t, beta1, beta2: lr),
            "m and s aren't corrected for having begun at 0. With the default betas the first step is then about three "
            "times too long.",
        ),
        Mistake(
            _adam_exchanged,
            "beta1 and beta2 are exchanged: beta1, 0.9, is for the average m of the gradients, beta2, 0.999, for the "
            "average s of their squares.",
        ),
        Mistake(
            _adam(divisor=lambda s, eps: np.sqrt(s + eps)),
            "eps stands inside the root. There it counts as its own root, 0.0003, which stops small gradients. In Adam "
            "it stands beside the root: √s + eps.",
        ),
        Mistake(
            _adam(square=lambda grad: grad),
            "s averages the gradients themselves, so that the root may see a negative number: it must average grad².",
        ),
        Mistake(
            _adam(step=lambda lr, t, beta1, beta2: lr / (1 - beta1**t)),
            "m is corrected and s isn't: s is too small at first as well, by 1 - beta2^t, and its root divides.",
        ),
        Mistake(
            _adam(swap=True),
            "The old average gets the weight 1 - beta and the new gradient beta. With beta = 0.9 nine tenths are "
            "the old average's.",
        ),
        Mistake(
            _adam(divisor=lambda s, eps: s + eps),
            "The root is missing: divide by √s + eps, which has the gradient's own unit, so that the step is about lr.",
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
