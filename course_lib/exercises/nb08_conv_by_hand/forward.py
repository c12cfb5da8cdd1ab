"""Exercise of notebook 08: convolution forwards, one number of the kernel at a time."""

import numpy as np

from course_lib.conv import conv2d
from course_lib.exercises.core import Exercise, Mistake
from course_lib.windows import paddings, positions

FAST = "fast_conv", "course_lib.fast_conv"  # the same functions again


def convolved(x, w, b, stride, pads, *, term):
    """Return a convolution in which `term(padded, i, j, rows, columns)` says what is added for a kernel's number."""
    rows, columns = positions(x.shape[1:3], w.shape[:2], stride, pads)
    padded = np.pad(x, ((0, 0), *pads, (0, 0)))
    y = np.zeros((len(x), rows, columns, w.shape[3]), x.dtype) + b
    for i, j in np.ndindex(w.shape[:2]):
        y += term(padded, i, j, rows, columns)
    return y


def part(padded, i, j, rows, columns, stride):
    """Return what stands under one number of the kernel at all positions."""
    return padded[:, i : i + rows * stride : stride, j : j + columns * stride : stride]


def _cases(rng):
    x = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 0.0, 1.0]]).reshape(1, 3, 3, 1)
    yield x, np.array([[1.0, 0.0], [2.0, -1.0]]).reshape(2, 2, 1, 1), np.array([0.5]), 1, "valid"
    for shape, kernel, stride, padding, dtype in [
        ((1, 4, 4, 1), (3, 3, 1, 1), 1, "same", np.float64),
        ((2, 5, 6, 2), (3, 3, 2, 3), 1, "same", np.float64),
        ((2, 6, 5, 3), (2, 3, 3, 2), 1, "same", np.float64),
        ((2, 7, 7, 2), (3, 3, 2, 2), 2, "same", np.float64),
        ((2, 6, 8, 2), (3, 2, 2, 2), 2, "valid", np.float64),
        ((1, 5, 5, 2), (3, 3, 2, 2), 1, 2, np.float64),
        ((0, 5, 5, 1), (3, 3, 1, 2), 1, "same", np.float64),
        ((50, 28, 28, 1), (3, 3, 1, 8), 1, "same", np.float32),
    ]:
        x, w, b = (rng.standard_normal(s).astype(dtype) for s in (shape, kernel, kernel[-1:]))
        yield x, w, b, stride, padding


def _call(answer, case):
    x, w, b, stride, padding = case
    y, cache = answer(x, w, b, stride=stride, padding=padding)
    x, w, stride, pads = cache
    return y, x, w, np.array(stride), np.array(pads)


def _mistaken(term):
    """Return a wrong conv2d whose loop adds term(padded, w, b, i, j, rows, columns, stride)."""

    def answer(x, w, b, stride=1, padding="same"):
        pads = paddings(x.shape[1:3], w.shape[:2], stride, padding)
        y = convolved(x, w, b, stride, pads, term=lambda padded, *at: term(padded, w, b, *at, stride))
        return y, (x, w, stride, pads)

    return answer


def _wrong_side(x, w, b, stride=1, padding="same"):
    pads = paddings(x.shape[1:3], w.shape[:2], stride, padding)
    turned = tuple(side[::-1] for side in pads)
    return convolved(x, w, b, stride, turned, term=lambda p, i, j, *n: part(p, i, j, *n, stride) @ w[i, j]), (
        x, w, stride, pads)


def _never_padded(x, w, b, stride=1, padding="same"):
    pads = paddings(x.shape[1:3], w.shape[:2], stride, "valid")
    return convolved(x, w, b, stride, pads, term=lambda p, i, j, *n: part(p, i, j, *n, stride) @ w[i, j]), (
        x, w, stride, pads)


CONV2D = Exercise(
    name="conv2d",
    reference=conv2d,
    cases=_cases,
    points=3,
    call=_call,
    forbid=("conv2d_loops", *FAST),
    mistakes=(
        Mistake(
            _mistaken(lambda p, w, b, i, j, *n: part(p, i, j, *n) @ w[-1 - i, -1 - j]),
            "The kernel is turned over: y takes x[p + i] times w[i], not w[kernel height - 1 - i]. Mathematicians "
            "turn it, neural networks don't.",
        ),
        Mistake(
            _mistaken(lambda p, w, b, i, j, *n: part(p, i, j, *n) @ w[i, j] + (i + j > 0) * b),
            "The bias is added once for every number of the kernel. It is added once for every position: outside the "
            "loop.",
        ),
        Mistake(
            _mistaken(lambda p, w, b, i, j, rows, columns, _: part(p, i, j, rows, columns, 1) @ w[i, j]),
            "The stride isn't used: from one position to the next the window moves on by stride pixels.",
        ),
        Mistake(
            _wrong_side,
            "The odd zero is on the wrong side: where an odd number of zeros is needed, one more stands after the "
            "image than before. pads is ((top, bottom), (left, right)).",
        ),
        Mistake(
            _never_padded,
            "The image isn't padded: with pads from paddings(...), np.pad(x, ((0, 0), *pads, (0, 0))) puts zeros "
            "around height and width, none around batch and channels.",
        ),
        Mistake(
            _mistaken(lambda p, w, b, i, j, *n: part(p, i, j, *n).sum(axis=3, keepdims=True) * w[i, j].sum(axis=0)),
            "Each channel has a kernel of its own: multiply x's channel c by w[i, j, c], then sum over c. That is "
            "x[..., :] @ w[i, j].",
        ),
    ),
    hints=(
        "Take one number of the kernel at a time: at all positions at once it meets a shifted image, which is a "
        "slice of the padded one.",
        "y = b + Σ over i, j of padded[:, i + stride · p, j + stride · q, :] @ w[i, j], for all positions p, q.",
        "pads = paddings(x.shape[1:3], w.shape[:2], stride, padding); rows, columns = positions(x.shape[1:3], "
        "w.shape[:2], stride, pads); in the loop over i and j add padded[:, i : i + rows * stride : stride, "
        "j : j + columns * stride : stride] @ w[i, j].",
    ),
)
