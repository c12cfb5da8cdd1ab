"""Exercise of notebook 01: training a whole network by plain gradient descent.

No draw is ever judged: full batches, and batches of examples that are all alike, come to the same in any order. With a
tiny rate batches of any examples do, too, since the weights hardly move while an epoch lasts.
"""

import numpy as np

from course_lib.activations import logistic_derivative
from course_lib.datasets import minibatches
from course_lib.exercises.core import Exercise, Mistake, Task
from course_lib.exercises.judge.comparing import Unusable, changed, copied
from course_lib.exercises.nb01_vanishing_gradients.networks import drawn, flat, parts
from course_lib.first_network import network_backward, network_forward, train_network
from course_lib.layers import dense_backward
from course_lib.losses import softmax_cross_entropy

TINY, LARGE = 1e-7, 0.5  # rates at which the order of the examples doesn't matter, and does


def _cases(rng):
    zeros = [(np.zeros((2, 2)), np.zeros(2))]
    yield zeros, np.array([[2.0, 4.0]]), np.array([0]), {"lr": 0.5, "epochs": 1, "batch_size": 1}
    for sizes, examples, lr, epochs, batch_size, dtype in [
        ((3, 4, 2), 6, 0.5, 3, 6, np.float64),
        ((2, 5, 3, 4), 5, 0.8, 2, 100, np.float64),
        ((4, 4, 4, 4), 8, 0.3, 4, 8, np.float64),
        ((3, 4, 3), 12, TINY, 2, 3, np.float64),
        ((2, 4, 3), 8, TINY, 2, 1, np.float64),
        ((6, 5, 4), 20, 0.2, 2, 20, np.float32),
        ((100, 50, 10), 128, 0.1, 2, 128, np.float32),
    ]:
        x, labels = rng.standard_normal((examples, sizes[0])).astype(dtype), rng.integers(sizes[-1], size=examples)
        yield drawn(rng, *sizes, dtype=dtype), x, labels, {"lr": lr, "epochs": epochs, "batch_size": batch_size}
    for sizes, examples, batch_size in [((3, 4, 2), 10, 4), ((2, 3, 3), 6, 2)]:
        x, labels = np.tile(rng.standard_normal(sizes[0]), (examples, 1)), np.full(examples, 1)
        yield drawn(rng, *sizes), x, labels, {"lr": 0.4, "epochs": 2, "batch_size": batch_size}


def _call(answer, case):
    params, x, labels, options = case
    trained = _trained(answer, case, options)
    if options["lr"] > TINY:
        return trained
    if options["batch_size"] == 1:
        _look_at_order(answer, case)
    before = [array for pair in params for array in pair]
    rate, moved = options["lr"], zip(before, trained, strict=True)
    return [((new - old) / rate).astype(np.float32) if np.shape(new) == old.shape else new for old, new in moved]


def _trained(answer, case, options, seed=1):
    params, x, labels, _ = case
    own = copied((params, x, labels))
    result = answer(*own, **options, rng=np.random.default_rng(seed))
    if changed((params, x, labels), own):
        which = "params" if changed(params, own[0]) else "x" if changed(x, own[1]) else "labels"
        raise Unusable(f"it changed the caller's own {which}: `-=` writes into the array, `w - …` makes a new one")
    return flat(result, len(params), "w", "b")


def _look_at_order(answer, case):
    """Say whether the order of the examples is drawn from the rng that was given."""
    options = {**case[-1], "lr": LARGE}
    one, again, other = (np.concatenate([*map(np.ravel, _trained(answer, case, options, seed))]) for seed in (1, 1, 2))
    if np.array_equal(one, other, equal_nan=True):
        raise Unusable(
            "the examples come in the same order whatever rng is, wanted a new order for every epoch, as `minibatches` "
            "draws it"
        )
    if not np.array_equal(one, again, equal_nan=True):
        raise Unusable("with the same rng it gives something else the second time: draw from no other")


def _stepped(params, grads, rate):
    return [(w - rate * dw, b - rate * db) for (w, b), (dw, db) in zip(params, grads, strict=True)]


def _grads(params, x, labels):
    logits, caches = network_forward(x, params)
    return network_backward(softmax_cross_entropy(logits, labels)[1], caches)


def _training(step=_stepped, *, grads=_grads, batches=minibatches, rate=lambda lr, options: lr,
              epochs=lambda epochs: epochs, result=lambda params, before: params):
    """Return a training run that is wrong in one thing.

    Parameters
    ----------
    step : function (params, grads, rate) -> params
    grads : function (params, x, labels) -> grads
    batches : function (x, labels, batch_size, rng) -> iterable of pairs
    rate : function (lr, options) -> float
    epochs : function int -> int
    result : function (params, params before) -> what is returned
    """

    def train(params, x, labels, *, lr, epochs, batch_size, rng):
        before, times = params, wrong_epochs(epochs)
        own_rate = rate(lr, {"batch_size": batch_size, "examples": len(x), "layers": len(params)})
        for _ in range(times):
            for images, answers in batches(x, labels, batch_size, rng):
                params = step(params, grads(params, images, answers), own_rate)
        return result(params, before)

    wrong_epochs = epochs
    return train


def _in_the_middle(params, x, labels, *, lr, epochs, batch_size, rng):
    """Move each layer's weights before the gradient has passed through them."""
    for _ in range(epochs):
        for images, answers in minibatches(x, labels, batch_size, rng):
            logits, caches = network_forward(images, params)
            _, dz = softmax_cross_entropy(logits, answers)
            params = list(params)
            for i in reversed(range(len(params))):
                (images, _), _ = caches[i]
                _, dw, db = dense_backward(dz, caches[i][0])
                w, b = params[i]
                params[i] = w - lr * dw, b - lr * db
                if i:
                    dz = dense_backward(dz, (images, params[i][0]))[0] * logistic_derivative(caches[i - 1][1])
    return params


def _first_batch(x, labels, batch_size, rng):
    for _ in minibatches(x, labels, batch_size, rng):
        yield x[:batch_size], labels[:batch_size]


def _one_batch(x, labels, batch_size, rng):
    return [next(minibatches(x, labels, batch_size, rng))]


def _in_order(x, labels, batch_size, rng):
    return [(x[i : i + batch_size], labels[i : i + batch_size]) for i in range(0, len(x), batch_size)]


def _whole_ones(x, labels, batch_size, rng):
    size = min(batch_size, len(x))
    return [(a, b) for a, b in minibatches(x, labels, batch_size, rng) if len(a) == size]


def _mixed_up(x, labels, batch_size, rng):
    return _in_order(x[rng.permutation(len(x))], labels, batch_size, rng)


def _steps_for_epochs(params, x, labels, *, lr, epochs, batch_size, rng):
    for _ in range(epochs):
        images, answers = next(minibatches(x, labels, batch_size, rng))
        params = _stepped(params, _grads(params, images, answers), lr)
    return params


def _stale(params, x, labels, *, lr, epochs, batch_size, rng):
    """Step with gradients at the weights with which the epoch began."""
    for _ in range(epochs):
        start = params
        for images, answers in minibatches(x, labels, batch_size, rng):
            params = _stepped(params, _grads(start, images, answers), lr)
    return params


def _from_the_beginning(params, x, labels, *, lr, epochs, batch_size, rng):
    """Take every step from the params that came in."""
    stepped = params
    for _ in range(epochs):
        for images, answers in minibatches(x, labels, batch_size, rng):
            stepped = _stepped(params, _grads(params, images, answers), lr)
    return stepped


def _in_place(params, grads, rate):
    for (w, b), (dw, db) in zip(params, grads, strict=True):
        w -= rate * dw
        b -= rate * db
    return params


def _last_layer(params, grads, rate):
    return [*params[:-1], *_stepped(params[-1:], grads[-1:], rate)]


def _reversed(params, grads, rate):
    return _stepped(params, grads[::-1], rate)


def _probabilities(params, x, labels):
    logits, caches = network_forward(x, params)
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return network_backward(softmax_cross_entropy(e / e.sum(axis=1, keepdims=True), labels)[1], caches)


def _summed(params, x, labels):
    return [(len(x) * dw, len(x) * db) for dw, db in _grads(params, x, labels)]


def _averaged(params, x, labels):
    return [(dw / len(x), db / len(x)) for dw, db in _grads(params, x, labels)]


def _from_the_loss(params, x, labels):
    logits, caches = network_forward(x, params)
    return network_backward(np.full_like(logits, softmax_cross_entropy(logits, labels)[0]), caches)


def _from_the_logits(params, x, labels):
    return network_backward(*network_forward(x, params))


TRAINING = Exercise(
    name="train_network",
    reference=train_network,
    cases=_cases,
    points=4,
    task=Task.TOGETHER,
    call=_call,
    parts=parts("w", "b"),
    any_dtype=True,
    forbid=("fit", "Network", "deep_network"),
    mistakes=(
        Mistake(
            _training(rate=lambda lr, options: -lr),
            "The step goes uphill: lr times the gradient is added. Against the gradient the loss falls, so subtract.",
        ),
        Mistake(
            _training(lambda params, grads, rate: [
                (w + rate * dw, b - rate * db) for (w, b), (dw, db) in zip(params, grads, strict=True)]),
            "The weights go uphill, the biases downhill: lr * dw is subtracted, too.",
        ),
        Mistake(
            _training(lambda params, grads, rate: [
                (w - rate * dw, b + rate * db) for (w, b), (dw, db) in zip(params, grads, strict=True)]),
            "The biases go uphill, the weights downhill: lr * db is subtracted, too.",
        ),
        Mistake(
            _training(lambda params, grads, rate: [
                (rate * dw - w, rate * db - b) for (w, b), (dw, db) in zip(params, grads, strict=True)]),
            "The difference is turned round: w - lr * dw.",
        ),
        Mistake(
            _training(grads=_averaged),
            "The gradients are divided by the batch size once too often: the loss is a mean, so its gradient is one "
            "already.",
        ),
        Mistake(
            _training(rate=lambda lr, options: lr / options["batch_size"]),
            "The rate is divided by batch_size. The loss is a mean already, so each step is lr times the gradient.",
        ),
        Mistake(
            _training(grads=_summed),
            "The gradients are multiplied by the number of examples in the batch. The loss is a mean, and so is its "
            "gradient: take it as it is.",
        ),
        Mistake(
            _training(epochs=lambda epochs: 1),
            "It ends after one epoch. Is the return inside the loop over the epochs, or the loop missing?",
        ),
        Mistake(
            _training(epochs=lambda epochs: epochs - 1),
            "One epoch is missing: range(1, epochs) has one number less than range(epochs).",
        ),
        Mistake(
            _training(epochs=lambda epochs: epochs + 1),
            "One epoch is too many: range(epochs) counts from 0 and has epochs numbers.",
        ),
        Mistake(
            _steps_for_epochs,
            "Every epoch takes one step only, with its first batch. An epoch goes through all batches: a loop inside "
            "the loop.",
        ),
        Mistake(
            lambda params, x, labels, *, lr, epochs, batch_size, rng: _training(batches=_one_batch)(
                params, x, labels, lr=lr, epochs=1, batch_size=batch_size, rng=rng),
            "It takes a single step and stops: is the return inside the inner loop?",
        ),
        Mistake(
            _training(batches=_first_batch),
            "Every step is taken on the same first examples. Use the batch that the loop has just given you.",
        ),
        Mistake(
            _training(batches=lambda x, labels, batch_size, rng: [(x, labels)]),
            "Every epoch takes one step, on all examples at once. Wanted are batches of batch_size, and a step after "
            "each.",
        ),
        Mistake(
            _training(batches=_in_order),
            "Nothing here depends on rng: the batches are cut in the order in which the examples lie, or each step is "
            "taken on all examples. Every epoch wants a new order, drawn from rng, as minibatches does it; and each "
            "step the batch that the loop has just given.",
        ),
        Mistake(
            _training(batches=_mixed_up),
            "The images were put into a new order, the labels stayed: each image is trained on another one's label.",
        ),
        Mistake(
            _training(batches=_whole_ones),
            "The last batch is left out where it is smaller than the others. Every example counts in every epoch.",
        ),
        Mistake(
            _stale,
            "Within an epoch all gradients are taken at the weights with which it began. Each batch's gradients belong "
            "to the weights as the step before left them.",
        ),
        Mistake(
            _from_the_beginning,
            "Each step starts again from the params that came in, so only the last one counts. The next step starts "
            "where this one ended: give the new list the name params.",
        ),
        Mistake(
            _in_the_middle,
            "A layer's weights were moved before the gradient had passed through them. All gradients of a batch belong "
            "to the weights before the step: first all of backward, then the step.",
        ),
        Mistake(
            _training(_in_place),
            "The caller's arrays are changed: -= writes into them. w - lr * dw makes a new array.",
        ),
        Mistake(
            _training(lambda params, grads, rate: [
                (w - rate * dw, b) for (w, b), (dw, _) in zip(params, grads, strict=True)]),
            "The biases stay as they were. They take the same step, with db.",
        ),
        Mistake(
            _training(lambda params, grads, rate: [
                (w, b - rate * db) for (w, b), (_, db) in zip(params, grads, strict=True)]),
            "The weights stay as they were; only the biases are trained.",
        ),
        Mistake(
            _training(lambda params, grads, rate: params),
            "Nothing has changed: the params come back as they were. w = w - lr * dw gives the name w to a new array, "
            "and the list keeps its old one. Build a new list of pairs.",
        ),
        Mistake(
            _training(_last_layer),
            "Only the last layer is trained. Each pair in params takes a step with the pair of grads in its place.",
        ),
        Mistake(
            _training(_reversed),
            "params and grads are paired in opposite orders. Both begin with the lowest layer.",
        ),
        Mistake(
            _training(lambda params, grads, rate: [(-rate * dw, -rate * db) for dw, db in grads]),
            "The params are replaced by the step itself. Add it to what they were: w - lr * dw.",
        ),
        Mistake(
            _training(rate=lambda lr, options: 1.0),
            "The step is the whole gradient. Multiply it by lr.",
        ),
        Mistake(
            _training(lambda params, grads, rate: [
                (w - rate * np.sign(dw), b - rate * np.sign(db)) for (w, b), (dw, db) in zip(params, grads, strict=True)
            ]),
            "The step has the gradient's sign only. In plain gradient descent its size counts, too: w - lr * dw.",
        ),
        Mistake(
            _training(grads=_probabilities),
            "The logits went through softmax before the loss, which does that itself.",
        ),
        Mistake(
            _training(grads=_from_the_loss),
            "Backward was given the loss. It wants dlogits, the second thing that softmax_cross_entropy returns.",
        ),
        Mistake(
            _training(grads=_from_the_logits),
            "Backward was given the logits themselves. It wants dlogits, which softmax_cross_entropy returns beside "
            "the loss.",
        ),
        Mistake(
            _training(result=lambda params, before: None),
            "It ends without a result: return params.",
        ),
        Mistake(
            _training(result=lambda params, before: [w for w, _ in params]),
            "The weights come back without the biases: the list holds pairs (w, b).",
        ),
        Mistake(
            _training(result=lambda params, before: 0.5),
            "A number came back, such as the last loss. Wanted are the params after training.",
        ),
        Mistake(
            _training(result=lambda params, before: (params, [0.5])),
            "Something else came back beside the params. They alone are wanted: return params.",
        ),
        Mistake(
            _training(result=lambda params, before: params[::-1]),
            "The params come back last layer first.",
        ),
    ),
    hints=(
        "Two loops, one inside the other. Inside, four lines: forwards, the loss, backwards, and a new list of params.",
        "for images, answers in minibatches(x, labels, batch_size, rng): network_forward gives logits and caches, "
        "softmax_cross_entropy(logits, answers) gives the loss and dlogits, network_backward(dlogits, caches) gives "
        "grads; then params = [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in zip(params, grads)].",
    ),
)
