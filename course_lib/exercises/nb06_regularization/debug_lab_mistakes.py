"""Wrong answers to the debug lab of notebook 06, and what helps whoever wrote them."""

import numpy as np

from course_lib.exercises.core import Mistake


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


MISTAKES = (
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
        "Biases are penalized, too. Leave them alone: they shift, and don't bend.",
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
        _wrong(chosen=lambda name, w: name.startswith("dense")),
        "All arrays of dense layers are penalized, their biases too, and other layers' kernels aren't. Only names "
        "that end in /w are meant.",
    ),
    Mistake(
        _wrong(add=lambda total, amount, loss, n: loss + amount),
        "The total holds the last kernel's penalty alone: each one replaces the one before. Add them all up.",
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
        _wrong(add=lambda total, amount, loss, n: total + loss + amount),
        "The loss of the data is added once more for each kernel. It is in the total already.",
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
        _wrong(turn=lambda grad, slope, amount, w: w - slope),
        "These are weights after a step along the penalty's gradient. Return gradients: the data's plus the penalty's.",
    ),
    Mistake(
        _wrong(of=lambda name, grads, params: grads[name]),
        "The penalty is taken of the gradients. It is a function of the kernel: give it the parameters.",
    ),
)
