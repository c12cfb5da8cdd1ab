"""Exercise of notebook 05: Adam, whose two averages are corrected for having begun at 0."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.nb05_optimizers.walking import gradients, scaled_cases, walk
from course_lib.optimizers import adam


def _adam_cases(rng):
    yield from scaled_cases(rng, beta1=(0.9, 0.5), beta2=(0.999, 0.9))
    w, grads = gradients(rng, (4,), 20, scale=1e-3, dtype=np.float32)  # so small that eps in the root would count
    yield np.abs(w) + 1, grads, {"lr": 0.001, "eps": 1e-7, "beta1": 0.9, "beta2": 0.999}


def _adam(*, step=lambda lr, t, beta1, beta2: lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t),
          divisor=lambda s, eps: np.sqrt(s) + eps, square=np.square, tick=1, swap=False):
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
