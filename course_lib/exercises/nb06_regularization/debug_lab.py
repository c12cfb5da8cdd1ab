"""The debug lab of notebook 06: a penalty that is printed and never felt."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable, changed, copied


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
        raise Unusable(f"it returned a {type(result).__name__}, wanted two things: the loss and the gradients")
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


def _is_kernel(name, w):
    return name.endswith("/w")


def _wrong(add=lambda total, amount, loss, n: total + amount, turn=lambda grad, slope, amount, w: grad + slope,
           chosen=_is_kernel, of=lambda name, grads, params: params[name], some=slice(None)):
    """Return a wrong answer: with another sum or gradient, or another choice of what is penalized."""

    def answer(loss, grads, params, penalty):
        total, new = loss, dict(grads)
        names = [name for name in params if chosen(name, params[name])][some]
        for name in names:
            amount, slope = penalty(of(name, grads, params))
            total = add(total, amount, loss, len(names))
            new[name] = np.asarray(turn(grads[name], slope, amount, params[name])).astype(grads[name].dtype)
        return total, new

    return answer


def _seen(change):
    """Return a wrong answer that changes what the penalty returns, given the number of kernels."""

    def answer(loss, grads, params, penalty):
        n = sum(name.endswith("/w") for name in params)
        total, new = _wrong()(loss, grads, params, lambda w: change(penalty(w), n))
        return total, new

    return answer


REGULARIZE = Exercise(
    name="regularize",
    reference=regularize,
    cases=_cases,
    points=2,
    call=_total,
    inputs=("loss", "grads", "params", "l1 and l2 of the penalty"),
    parts=("total", "what the kernels' gradients hold", "what the other gradients hold"),
    mistakes=(
        Mistake(
            _wrong(turn=lambda grad, slope, amount, w: grad),
            "The penalty stands in the loss that is printed, and no weight ever feels it: a step uses the gradients. "
            "Add the penalty's gradient to each kernel's.",
        ),
        Mistake(
            _wrong(add=lambda total, amount, loss, n: total),
            "The weights feel the penalty, but the loss doesn't hold it: what is printed isn't what training makes "
            "small.",
        ),
        Mistake(
            lambda loss, grads, params, penalty: (loss, dict(grads)),
            "Nothing is added at all, neither to the loss nor to a gradient.",
        ),
        Mistake(
            _wrong(chosen=lambda name, w: True),
            "Everything is penalized, biases and batch norm's gamma too. Only kernels, whose names end in /w, are "
            "meant.",
        ),
        Mistake(
            _wrong(chosen=lambda name, w: name.endswith(("/w", "/b"))),
            "Biases are penalized, too. They need no limit: leave them alone.",
        ),
        Mistake(
            _wrong(chosen=lambda name, w: not name.endswith("/b")),
            "Biases are left alone, but not all else is a kernel: batch norm's gamma is none, nor is a table. Kernels "
            "are those whose names end in /w.",
        ),
        Mistake(
            _wrong(chosen=lambda name, w: not _is_kernel(name, w)),
            "This penalizes all but the kernels. It is to be the other way round.",
        ),
        Mistake(
            _wrong(chosen=lambda name, w: "w" in name),
            "Whatever has a w in its name is penalized, such as 'narrow 1/b'. Only names that end in /w are meant.",
        ),
        Mistake(
            _wrong(chosen=lambda name, w: name.endswith("w")),
            "Whatever ends in w is penalized, such as 'cell/uw'. Only names that end in /w are meant, slash and all.",
        ),
        Mistake(
            _wrong(chosen=lambda name, w: w.ndim > 1),
            "Arrays of two axes or more are penalized, whatever they are called. The name tells what is a kernel, not "
            "the number of axes: it ends in /w.",
        ),
        Mistake(
            _wrong(chosen=lambda name, w: name.startswith("dense") and name.endswith("/w")),
            "Only the kernels of dense layers are penalized. Every array whose name ends in /w is a kernel.",
        ),
        Mistake(
            _wrong(some=slice(-1, None)),
            "Only the last kernel is penalized. Every kernel has its own part of the sum.",
        ),
        Mistake(
            _wrong(some=slice(1)),
            "Only the first kernel is penalized. Is the `return` within the loop?",
        ),
        Mistake(
            _wrong(add=lambda total, amount, loss, n: loss + amount),
            "The total holds the last kernel's penalty alone: each one replaces the one before. Add them all up.",
        ),
        Mistake(
            _wrong(add=lambda total, amount, loss, n: total + amount / n),
            "The loss gets the mean of the penalties. It is to get their sum: each kernel's once.",
        ),
        Mistake(
            _seen(lambda found, n: (found[0] / n, found[1] / n)),
            "What each kernel adds is divided by the number of kernels. Add it whole.",
        ),
        Mistake(
            _seen(lambda found, n: (found[0] * n, found[1] * n)),
            "What each kernel adds is multiplied by the number of kernels. Add it once.",
        ),
        Mistake(
            _seen(lambda found, n: found[::-1]),
            "What penalty returns is taken in the wrong order: its amount comes first, then its gradient.",
        ),
        Mistake(
            _wrong(add=lambda total, amount, loss, n: total + amount - loss / n),
            "The total is the penalties' sum, without the loss of the data.",
        ),
        Mistake(
            _wrong(add=lambda total, amount, loss, n: total - amount),
            "The penalty is subtracted from the loss: then large weights pay. Add it.",
        ),
        Mistake(
            _wrong(turn=lambda grad, slope, amount, w: slope),
            "The penalty's gradient takes the place of the data's, so nothing is learned from the data any more. Add "
            "the two.",
        ),
        Mistake(
            _wrong(turn=lambda grad, slope, amount, w: grad - slope),
            "The penalty's gradient is subtracted. Add it: the step subtracts the sum of both.",
        ),
        Mistake(
            _wrong(turn=lambda grad, slope, amount, w: grad * slope),
            "The two gradients are multiplied. The gradient of a sum is the sum of the gradients.",
        ),
        Mistake(
            _wrong(turn=lambda grad, slope, amount, w: grad + amount),
            "To the gradient the penalty itself is added, one number for all weights. Its gradient is wanted, the "
            "second thing that penalty returns.",
        ),
        Mistake(
            _wrong(turn=lambda grad, slope, amount, w: w + slope),
            "The penalty's gradient is added to the weights. Add it to the data's gradient; the step is taken "
            "elsewhere.",
        ),
        Mistake(
            _wrong(of=lambda name, grads, params: grads[name]),
            "The penalty is taken of the gradients. It is a function of the kernel: give it the parameters.",
        ),
    ),
    hints=(
        "Two numbers come from the penalty for each kernel. One belongs to the loss, the other to the gradients.",
        "loss = data loss + Σ penalty(w), and for every kernel dw = dw of the data + the penalty's gradient.",
        'new = dict(grads); for name, w in params.items(): if name.endswith("/w"): amount, slope = penalty(w); then '
        "add amount to the loss and set new[name] = grads[name] + slope.",
    ),
)
