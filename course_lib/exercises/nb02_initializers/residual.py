"""Exercises of notebook 02: a residual block, forwards and backwards."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.judge.comparing import Unusable, copied
from course_lib.exercises.nb02_initializers.residual_mistakes import MISTAKES
from course_lib.residual import residual_block, residual_block_backward

X, W1, W2 = np.array([[1.0, 2.0]]), np.array([[1.0, -1.0], [1.0, 0.0]]), np.array([[2.0, 1.0], [5.0, 5.0]])
SHAPES = [  # batch, width, units, s, dtype
    (3, 4, 6, 0.5, np.float64), (2, 5, 3, 1.0, np.float64), (4, 3, 3, -0.7, np.float64), (0, 3, 4, 0.5, np.float64),
    (1, 2, 5, 2.0, np.float64), (5, 6, 4, 0.25, np.float32), (64, 50, 50, 0.1, np.float32),
]


def _blocks(rng):
    """Yield inputs of blocks: x, w1, w2, s."""
    for batch, width, units, s, dtype in SHAPES:
        shapes = (batch, width), (width, units), (units, width)
        yield *(rng.standard_normal(shape).astype(dtype) for shape in shapes), s


def _forward_cases(rng):
    yield X, W1, W2, 0.5
    yield from _blocks(rng)


def _backward_cases(rng):
    yield np.array([[1.0, 2.0]]), residual_block(X, W1, W2, 0.5)[1]
    for x, w1, w2, s in _blocks(rng):
        yield rng.standard_normal(x.shape).astype(x.dtype), residual_block(x, w1, w2, s)[1]
    x, w1, w2 = np.zeros((2, 3)), *rng.standard_normal((2, 3, 3))
    yield rng.standard_normal((2, 3)), residual_block(x, w1, w2, 0.5)[1]


def _output(answer, case):
    """Return y, and the gradients that the reference makes of an answer's cache, so that either pair can be mixed."""
    before, result = copied(case), answer(*case)
    if any(not np.array_equal(now, old) for now, old in zip(case[:3], before[:3], strict=True)):
        raise Unusable("it changed its input: += writes into the caller's x; use x + …")
    if result is None:
        raise Unusable("it returned None: is there a `return` at the end?")
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Unusable("it returned something else than two things: y, and the cache (x, h, w1, w2, s)")
    y, cache = result
    try:
        return y, *residual_block_backward(np.ones_like(case[0]), tuple(cache))
    except (TypeError, ValueError):
        raise Unusable("its cache isn't (x, h, w1, w2, s), in this order, where h is what ReLU gives") from None


def _branch(h=lambda x, w1: np.maximum(x @ w1, 0), y=lambda x, h, w2, s: x + s * (h @ w2)):
    """Return a wrong block: how ReLU's output is made, or what is made of it."""

    def answer(x, w1, w2, s):
        inner = h(x, w1)
        return y(x, inner, w2, s), (x, inner, w1, w2, s)

    return answer


BLOCK = Exercise(
    name="residual_block",
    reference=residual_block,
    cases=_forward_cases,
    points=1,
    task=Task.TOGETHER,
    call=_output,
    inputs=("x", "w1", "w2", "s"),
    parts=("y", "from its cache dx", "from its cache dw1", "from its cache dw2"),
    rows="example",
    any_dtype=True,
    mistakes=(
        Mistake(
            _branch(y=lambda x, h, w2, s: s * (h @ w2)),
            "Only the branch comes out. What makes a block residual is that x is added to it.",
        ),
        Mistake(
            _branch(y=lambda x, h, w2, s: x + h @ w2),
            "s is missing: it multiplies the branch before it is added.",
        ),
        Mistake(
            _branch(y=lambda x, h, w2, s: s * (x + h @ w2)),
            "s multiplies x, too. The plain path is to stay as it is: s belongs to the branch alone.",
        ),
        Mistake(
            _branch(y=lambda x, h, w2, s: s * x + h @ w2),
            "s multiplies x in place of the branch.",
        ),
        Mistake(
            _branch(y=lambda x, h, w2, s: (1 - s) * x + s * (h @ w2)),
            "This mixes x and the branch, 1 - s to s. In a residual block x comes through whole.",
        ),
        Mistake(
            _branch(h=lambda x, w1: x @ w1),
            "ReLU is missing between the two kernels; without it they are one.",
        ),
        Mistake(
            _branch(y=lambda x, h, w2, s: np.maximum(x + s * (h @ w2), 0)),
            "There is a ReLU after the sum. It would cut the plain path; the branch's own ReLU stands between its "
            "kernels.",
        ),
        Mistake(
            _branch(y=lambda x, h, w2, s: x + s * np.maximum(h @ w2, 0)),
            "There is a ReLU behind the second kernel, too. The branch could then only add, and never take away.",
        ),
        Mistake(
            _branch(h=lambda x, w1: x @ w1, y=lambda x, h, w2, s: x + s * np.maximum(h @ w2, 0)),
            "ReLU stands behind the second kernel. It belongs between the two.",
        ),
        Mistake(
            _branch(h=lambda x, w1: np.maximum(x, 0) @ w1),
            "ReLU is applied to x, before the first kernel. It belongs between the two kernels.",
        ),
        Mistake(
            _branch(y=lambda x, h, w2, s: x - s * (h @ w2)),
            "The branch is subtracted. It is added.",
        ),
        Mistake(
            _branch(y=lambda x, h, w2, s: x * (1 + s * (h @ w2))),
            "The branch is multiplied with x. It is added to x.",
        ),
        Mistake(
            lambda x, w1, w2, s: (x + s * (np.maximum(x @ w1, 0) @ w2), (x, x @ w1, w1, w2, s)),
            "y is right. The cache holds the sums x w1 where it should hold h, which is what ReLU gives.",
        ),
        Mistake(
            lambda x, w1, w2, s: ((y := x + s * (np.maximum(x @ w1, 0) @ w2)), (y, np.maximum(x @ w1, 0), w1, w2, s)),
            "y is right. The cache holds y where it should hold x: was x overwritten?",
        ),
    ),
    hints=(
        "The branch is an ordinary small network. What is new is one plus sign.",
        "h = np.maximum(x @ w1, 0), and return x + s * (h @ w2), (x, h, w1, w2, s).",
    ),
)

BLOCK_BACKWARD = Exercise(
    name="residual_block_backward",
    reference=residual_block_backward,
    cases=_backward_cases,
    points=4,
    task=Task.TOGETHER,
    inputs=("dy", "cache"),
    parts=("dx", "dw1", "dw2"),
    any_dtype=True,
    mistakes=MISTAKES,
    hints=(
        "dy arrives on two ways at once: through the plain path it goes straight down to x; through the branch it "
        "goes by s, w2, ReLU and w1. Where two ways meet, at x, their gradients add up.",
        "x, h, w1, w2, s = cache, then dbranch = s * dy, dz = (dbranch @ w2.T) * (h > 0), and dy + dz @ w1.T, "
        "x.T @ dz, h.T @ dbranch.",
    ),
)
