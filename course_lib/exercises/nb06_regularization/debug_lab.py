"""The debug lab of notebook 06: a penalty that is printed and never felt."""

import numpy as np

from course_lib.exercises.core import Exercise
from course_lib.exercises.judge.comparing import Unusable, changed, copied
from course_lib.exercises.nb06_regularization.debug_lab_mistakes import MISTAKES


def regularize(loss, grads, params, penalty):
    """Add every kernel's penalty to the loss, and its gradient to that kernel's.

    Parameters
    ----------
    loss : float
        Of the data alone.
    grads, params : dicts of arrays
        By the same names; kernels are those whose name ends in "/w", such as
        "dense 1/w".
    penalty : function w -> (penalty, gradient)
        Such as `l1_l2`.

    Returns
    -------
    loss : float
        The total that training makes small.
    grads : dict of arrays
        A new one; the arrays that came in stay as they were.

    Formula
    -------
    loss ← loss + Σ penalty(w), and for every kernel dw ← dw + the penalty's gradient
    """
    total, new = loss, dict(grads)
    for name, w in params.items():
        if name.endswith("/w"):
            amount, slope = penalty(w)
            total, new[name] = total + amount, grads[name] + slope
    return total, new


LAYERS = {"dense 1/w": (3, 4), "dense 1/b": (4,), "batch norm 1/gamma": (4,), "dense 2/w": (4, 2), "dense 2/b": (2,)}
NAMED_ALIKE = {"narrow 1/w": (3, 2), "narrow 1/b": (2,), "words/table": (4, 3), "gate/w": (3,), "cell/uw": (2, 2)}
LARGE = {"dense 1/w": (40, 30), "dense 1/b": (30,), "dense 2/w": (30, 20), "dense 2/b": (20,), "dense 3/w": (20, 10)}


def _cases(rng):
    # the example's kernel has a bias beside it; the penalty at 5 is 0.3, and its slope 0.1
    yield 1.5, *({"dense 1/w": np.array([[w]]), "dense 1/b": np.array([b])} for w, b in ((0.2, 0.4), (5.0, -1.0))), (
        0.02, 0.008)
    for shapes, dtype in ((LAYERS, np.float64), (NAMED_ALIKE, np.float64), (LARGE, np.float32)):
        grads, params = ({name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}
                         for _ in range(2))
        yield 1.5, grads, params, (0.25, 0.5)


def _total(answer, case):
    """Return the total, the gradients of all kernels one after the other, and those of all others."""
    loss, grads, params, (l1, l2) = case

    def penalty(w):
        slope = w.dtype.type(l1) * np.sign(w) + w.dtype.type(2 * l2) * w
        return l1 * float(np.sum(np.abs(w))) + l2 * float(np.sum(w * w)), slope

    before, given = copied((grads, params)), (dict(grads), dict(params))
    result = answer(loss, *given, penalty)
    if changed(before, (grads, params)):
        raise Unusable("it changed an array that came in, as += does: a copy of the dict still holds the same arrays")
    total, new = _checked(result, given[0], grads)
    if any(given[i].get(name) is not array for i, own in enumerate((grads, params)) for name, array in own.items()):
        raise Unusable("it changed a dict that came in: put what is new into a dict of your own")
    kernels = [np.ravel(new[name]) for name in grads if name.endswith("/w")]
    others = [np.ravel(new[name]) for name in grads if not name.endswith("/w")]
    return total, np.concatenate(kernels), np.concatenate(others)


def _checked(result, given, grads):
    if not isinstance(result, tuple | list) or len(result) != 2:
        end = ": is there a `return` at the end?" if result is None else ""
        raise Unusable(f"it returned a {type(result).__name__}, wanted two things: the loss and the gradients{end}")
    total, new = result
    if isinstance(total, dict):
        raise Unusable("it returned the gradients first, wanted the loss and then the gradients")
    if not isinstance(new, dict):
        raise Unusable(f"its gradients are a {type(new).__name__}, wanted a dict with the names of grads")
    if new is given:
        raise Unusable("it returned the dict that it was given, wanted a new one: the caller still needs the old")
    for name, array in grads.items():
        if name not in new:
            raise Unusable(f"its gradients lack {name!r}: all names of grads are wanted, penalized or not")
        if np.shape(new[name]) != array.shape:
            raise Unusable(f"the gradient of {name!r} has shape {np.shape(new[name])}, wanted {array.shape}")
    return total, new


REGULARIZE = Exercise(
    name="regularize",
    reference=regularize,
    cases=_cases,
    points=2,
    call=_total,
    inputs=("loss", "grads", "params", "l1 and l2 of the penalty"),
    parts=("total", "what the kernels' gradients hold", "what the other gradients hold"),
    mistakes=MISTAKES,
    hints=(
        "Two numbers come from the penalty for each kernel. One belongs to the loss, the other to the gradients.",
        'new = dict(grads); for name, w in params.items(): if name.endswith("/w"): amount, slope = penalty(w); then '
        "add amount to the loss and set new[name] = grads[name] + slope.",
    ),
)
