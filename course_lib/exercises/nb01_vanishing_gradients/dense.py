"""Exercise of notebook 01: backpropagation through a dense layer."""

import numpy as np

from course_lib.exercises.core import Exercise, Mistake
from course_lib.exercises.judge.comparing import Unusable, copied
from course_lib.layers import dense_backward


def _cases(rng):
    yield np.array([[1.0, -1.0]]), (np.array([[2.0, 3.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    for batch, fan_in, fan_out, dtype in [
        (2, 3, 2, np.float64),
        (3, 3, 2, np.float64),
        (3, 4, 4, np.float64),
        (0, 3, 2, np.float64),
        (5, 1, 1, np.float64),
        (4, 3, 5, np.float32),
        (64, 100, 100, np.float32),
    ]:
        dy, x, w = (rng.standard_normal(s) for s in [(batch, fan_out), (batch, fan_in), (fan_in, fan_out)])
        yield dy.astype(dtype), (x.astype(dtype), w.astype(dtype))
    yield 1e4 * rng.standard_normal((6, 2)), (1e3 * rng.standard_normal((6, 3)), rng.standard_normal((3, 2)))


def _call(answer, case):
    before = copied(case)
    result = answer(*case)
    (dy, (x, w)), (old_dy, (old_x, old_w)) = case, before
    for name, array, old in [("w", w, old_w), ("x", x, old_x), ("dy", dy, old_dy)]:
        if not np.array_equal(array, old):
            raise Unusable(f"it changed its input {name}: work on a copy, since the caller still needs it")
    return result


RIGHT = {
    "dx": lambda dy, x, w: dy @ w.T,
    "dw": lambda dy, x, w: x.T @ dy,
    "db": lambda dy, x, w: dy.sum(axis=0),
}


def _but(**wrong):
    return lambda dy, cache: tuple(part(dy, *cache) for part in (RIGHT | wrong).values())


def _order(*names):
    return lambda dy, cache: tuple(RIGHT[name](dy, *cache) for name in names)


def _mean(name):
    return lambda dy, x, w: RIGHT[name](dy, x, w) / len(dy)


def _steps(dy, cache):
    result = _but()(dy, cache)
    np.subtract(cache[1], 0.1 * result[1], out=cache[1])
    return result


def _divides(dy, cache):
    np.divide(dy, len(dy), out=dy)
    return _but()(dy, cache)


DENSE = Exercise(
    name="dense_backward",
    reference=dense_backward,
    cases=_cases,
    points=3,
    call=_call,
    parts=("dx", "dw", "db"),
    any_dtype=True,
    mistakes=(
        Mistake(
            _but(db=_mean("db")),
            "db is the mean of dy over the batch. b was added to every row, so every row's gradient counts: sum "
            "them. The division by the batch size is already in dy, since the loss is a mean.",
        ),
        Mistake(
            _but(db=lambda dy, x, w: dy.sum()),
            "db is a single number here: dy was summed over everything. Every unit has a bias of its own, so sum over "
            "the batch only, axis 0.",
        ),
        Mistake(
            _but(db=lambda dy, x, w: dy.sum(axis=1)),
            "db sums over the units (axis 1). A bias belongs to a unit and is added in every example: sum over the "
            "examples, axis 0.",
        ),
        Mistake(
            _but(dw=_mean("dw")),
            "dw is divided by the batch size, which happens twice that way: the loss is already a mean, so dy is "
            "already divided. dw = xᵀ dy.",
        ),
        Mistake(
            _but(dx=_mean("dx")),
            "dx is divided by the batch size. The loss is already a mean, so dy is already divided: dx = dy wᵀ. Each "
            "row of dx belongs to one example anyway, and there is nothing to average.",
        ),
        Mistake(
            _but(dw=lambda dy, x, w: dy.T @ x),
            "dw is transposed. It must have the shape of w, (fan_in, fan_out), and the product that gives this shape "
            "is xᵀ dy.",
        ),
        Mistake(
            _but(dx=lambda dy, x, w: dy @ w),
            "dx multiplies by w, where it takes wᵀ: dy has shape (batch, fan_out), and dx must come out as "
            "(batch, fan_in).",
        ),
        Mistake(
            _but(dx=lambda dy, x, w: w @ dy.T),
            "dx is transposed: it must have the shape of x, (batch, fan_in), one row an example.",
        ),
        Mistake(
            _but(dw=lambda dy, x, w: x @ dy),
            "dw multiplies x by dy as they are, where it takes xᵀ: the shared index, over which the product sums, "
            "must be the example.",
        ),
        Mistake(
            _but(db=lambda dy, x, w: dy),
            "db still has one row an example. b has shape (fan_out,), and it was added to every row of the batch: sum "
            "dy over the rows.",
        ),
        Mistake(
            _but(db=lambda dy, x, w: dy.sum(axis=0, keepdims=True)),
            "db has the right numbers in an array of two axes, (1, fan_out). A gradient has the shape of what it "
            "belongs to, and b has one axis: leave keepdims out.",
        ),
        Mistake(
            _but(db=lambda dy, x, w: dy[-1]),
            "db is the last example's dy alone. In a loop over the examples every one must be added: += instead of =.",
        ),
        Mistake(
            _but(dw=lambda dy, x, w: np.outer(x[-1], dy[-1])),
            "dw comes from the last example alone. In a loop over the examples every one must be added: += instead "
            "of =.",
        ),
        Mistake(
            _but(dw=lambda dy, x, w: np.outer(x.sum(axis=0), dy.sum(axis=0))),
            "dw is the product of two sums over the batch. It is the sum of products: each example's x with the same "
            "example's dy, then all of them added.",
        ),
        Mistake(
            _but(dx=lambda dy, x, w: (dy @ w.T).sum(axis=0)),
            "dx is summed over the batch. The examples share w and b, but each has an x of its own: dx keeps one row "
            "an example.",
        ),
        Mistake(
            _but(dx=lambda dy, x, w: x @ w @ w.T),
            "dx was made of x and w alone, as if the layer's output stood for its gradient. What travels back is dy.",
        ),
        Mistake(
            _but(dx=lambda dy, x, w: dy @ w.T * x),
            "dx is multiplied by x once more. How much y changes with x is w alone: dx = dy wᵀ.",
        ),
        Mistake(
            _but(dw=lambda dy, x, w: x.T @ (x @ w)),
            "dw was made of x and the layer's output x w. What belongs beside xᵀ is the output's gradient, dy.",
        ),
        Mistake(
            _but(db=lambda dy, x, w: np.ones(w.shape[1])),
            "db is 1 everywhere. That is how much y changes with b; the chain rule multiplies it by dy, and every "
            "example of the batch counts.",
        ),
        Mistake(
            _but(db=lambda dy, x, w: x.sum(axis=0)),
            "db is a sum of x. The bias is added whatever x is: sum dy, over the batch.",
        ),
        Mistake(
            _but(dw=_mean("dw"), db=_mean("db")),
            "dw and db are divided by the batch size, which happens twice that way: the loss is already a mean, so dy "
            "is already divided. Here they are sums over the batch.",
        ),
        Mistake(
            _but(dx=_mean("dx"), dw=_mean("dw"), db=_mean("db")),
            "All three are divided by the batch size, which happens twice that way: the loss is already a mean, so dy "
            "is already divided.",
        ),
        Mistake(
            _order("dw", "dx", "db"),
            "dx and dw stand in the wrong order: the gradients come in the order of dense's arguments, x, w, b.",
        ),
        Mistake(
            _order("dw", "db", "dx"),
            "dx comes last here, after dw and db: the gradients come in the order of dense's arguments, x, w, b.",
        ),
        Mistake(
            _order("dx", "db", "dw"),
            "dw and db stand in the wrong order: the gradients come in the order of dense's arguments, x, w, b.",
        ),
        Mistake(
            _order("db", "dw", "dx"),
            "The order is reversed: the gradients come in the order of dense's arguments, x, w, b.",
        ),
        Mistake(
            _order("dx", "dw"),
            "db is missing: dense has three arguments, x, w and b, and each gets its gradient, also the bias.",
        ),
        Mistake(
            _order("dw", "db"),
            "dx is missing. It is what the layer below gets as its dy: without it, the error travels no further down.",
        ),
        Mistake(
            _steps,
            "w itself is changed here: -= and the like write into the network's own weights. The backward pass only "
            "measures; the step is taken later, by the optimizer, once all layers have their gradients.",
        ),
        Mistake(
            _divides,
            "dy itself is changed here: operators such as /= and *= write into the caller's array. It needs no change, "
            "for the loss is a mean already, so nothing has to be divided by the batch size.",
        ),
    ),
    hints=(
        "Each gradient has the shape of what it belongs to. Write the shapes of dy, x and w on paper: there is just "
        "one way to multiply two of them so that the result has the shape of w, and one for x.",
        "dx = dy wᵀ, dw = xᵀ dy, and db is the sum of dy over the batch.",
        "x, w = cache, then return dy @ w.T, and x.T @ dy, and dy.sum(axis=0).",
    ),
)
