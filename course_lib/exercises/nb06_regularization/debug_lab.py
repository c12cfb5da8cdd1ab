"""The debug lab of notebook 06: a penalty that is printed and never felt."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable


def regularize(loss, grads, params, penalty):
    """Add the penalty on every kernel to the loss, and its gradient to that kernel's gradient.

    Parameters
    ----------
    loss : float
        Of the data alone.
    grads, params : dicts of arrays
        By the same names; kernels are those whose name ends in "/w", such as "dense 1/w".
    penalty : function w -> (penalty, gradient)
        Such as `l1_l2`.

    Returns
    -------
    loss : float
        The total that training makes small.
    grads : dict of arrays
        A new one; the arrays that came in stay as they were.
    """
    total, new = loss, dict(grads)
    for name, w in params.items():
        if name.endswith("/w"):
            amount, slope = penalty(w)
            total, new[name] = total + amount, grads[name] + slope
    return total, new


def _penalty(w):
    return 0.5 * float(np.sum(w * w)) + 0.25 * float(np.sum(np.abs(w))), w + w.dtype.type(0.25) * np.sign(w)


def _cases(rng):
    for sizes, dtype in (([2, 2], np.float64), ([3, 4, 2], np.float64), ([40, 30, 10], np.float32)):
        shapes = {}
        for i, shape in enumerate(zip(sizes[:-1], sizes[1:], strict=True), 1):
            shapes |= {f"dense {i}/w": shape, f"dense {i}/b": shape[1:], f"batch norm {i}/gamma": shape[1:]}
        params, grads = ({name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}
                         for _ in range(2))
        yield 1.5, grads, params


def _total(answer, case):
    loss, grads, params = case
    result = answer(loss, dict(grads), dict(params), _penalty)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Unusable(f"it returned a {type(result).__name__}, wanted two things: the loss and the gradients")
    total, new = result
    if not isinstance(new, dict) or set(new) != set(grads):
        raise Unusable(f"its gradients are a {type(new).__name__}, wanted a dict with the names of grads")
    return (np.asarray(total, np.float64), *(new[name] for name in grads))


def _wrong(amount=True, slope=True, names="/w", factor=lambda params: 1.0, once=False):
    """Return a wrong answer: without the penalty or its gradient, or with those of other arrays."""

    def answer(loss, grads, params, penalty):
        total, new = loss, dict(grads)
        chosen = [name for name in params if name.endswith(names)]
        for name in chosen[-1:] if once else chosen:
            found, pull = penalty(params[name])
            scale = params[name].dtype.type(factor(chosen))
            total += found * float(scale) * amount
            new[name] = grads[name] + scale * pull * slope
        return total, new

    return answer


REGULARIZE = Exercise(
    name="regularize",
    reference=regularize,
    cases=_cases,
    points=2,
    call=_total,
    mistakes=(
        Mistake(
            _wrong(slope=False),
            "The penalty stands in the loss that is printed, and no weight ever feels it: a step uses the gradients. "
            "Add the penalty's gradient to each kernel's.",
        ),
        Mistake(
            _wrong(amount=False),
            "The weights feel the penalty, but the loss doesn't hold it: what is printed isn't what training makes "
            "small.",
        ),
        Mistake(
            _wrong(names=("/w", "/b")),
            "Biases are penalized, too. They need no limit: leave them alone.",
        ),
        Mistake(
            _wrong(names=""),
            "Everything is penalized, biases and batch norm's gamma too. Only kernels, whose names end in /w, are "
            "meant.",
        ),
        Mistake(
            _wrong(once=True),
            "Only the last kernel is penalized. Every kernel has its own part of the sum.",
        ),
        Mistake(
            _wrong(factor=len),
            "The penalties are multiplied by the number of kernels. Add each once.",
        ),
        Mistake(
            lambda loss, grads, params, penalty: (loss, dict(grads)),
            "Nothing is added at all: this is the bug of the lab itself.",
        ),
    ),
    hints=(
        "Two numbers come from the penalty for each kernel. One belongs to the loss, the other to the gradients.",
        "loss = data loss + Σ penalty(w), and for every kernel dw = dw of the data + the penalty's gradient.",
        'new = dict(grads); for name, w in params.items(): if name.endswith("/w"): amount, slope = penalty(w); then '
        "add amount to the loss and set new[name] = grads[name] + slope.",
    ),
)
