"""What learners write in place of a dense layer's backward pass, part by part."""

import numpy as np

from course_lib.exercises.core import Mistake

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


MISTAKES = (
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
        _but(dx=lambda dy, x, w: w.T, dw=lambda dy, x, w: x.T, db=lambda dy, x, w: np.ones(w.shape[1])),
        "These are the layer's own slopes: how much y changes with x, w and b. The chain rule multiplies each by dy, "
        "which isn't used here.",
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
    Mistake(
        _but(dx=lambda dy, x, w: (dy @ w.T).mean(axis=0)),
        "dx is the mean over the batch. The examples share w and b, but each has an x of its own: dx keeps one row an "
        "example.",
    ),
    Mistake(
        _but(dx=lambda dy, x, w: dy @ w.T * (x > 0)),
        "dx is 0 where x isn't positive, as after a ReLU. Here is only the dense layer: dx = dy wᵀ.",
    ),
    Mistake(
        _but(dx=lambda dy, x, w: w.T),
        "dx is wᵀ alone. That is how much y changes with x; the chain rule multiplies it by dy.",
    ),
    Mistake(
        _but(dw=lambda dy, x, w: x.T),
        "dw is xᵀ alone. That is how much y changes with w; the chain rule multiplies it by dy.",
    ),
    Mistake(
        _but(dw=lambda dy, x, w: (dy @ w.T).T @ dy),
        "dw was made of dx. What belongs beside dy is x itself, transposed.",
    ),
    Mistake(
        _but(db=lambda dy, x, w: dy.mean()),
        "db is a single number here, the mean of all of dy. Every unit has a bias of its own: sum over the batch "
        "only, axis 0.",
    ),
    Mistake(
        _but(db=lambda dy, x, w: dy.mean(axis=0, keepdims=True)),
        "db is a mean over the batch, in an array of two axes. It is a sum, since the loss is a mean already; and it "
        "has the shape of b, (fan_out,), so leave keepdims out.",
    ),
    Mistake(
        _but(db=lambda dy, x, w: dy.sum(axis=1, keepdims=True)),
        "db sums over the units (axis 1), and keeps two axes. Here the examples are the rows: sum over axis 0, "
        "without keepdims, so that db has the shape of b, (fan_out,).",
    ),
    Mistake(
        _but(db=lambda dy, x, w: dy.mean(axis=1, keepdims=True)),
        "db is a mean over the units (axis 1), and keeps two axes. Here the examples are the rows: sum over axis 0, "
        "without keepdims, so that db has the shape of b, (fan_out,).",
    ),
    Mistake(
        _but(db=lambda dy, x, w: dy.sum(axis=0)[:, None]),
        "db has the right numbers, as a column. A gradient has the shape of what it belongs to, and b has one axis, "
        "(fan_out,).",
    ),
    Mistake(
        _but(db=lambda dy, x, w: dy[0]),
        "db is the first example's dy alone. b was added in every example: sum dy over all of them.",
    ),
    Mistake(
        _but(dw=lambda dy, x, w: np.outer(x[0], dy[0])),
        "dw comes from the first example alone. Every example counts: is there a return inside the loop?",
    ),
)
