"""`fit`: minibatches, forward, loss, backward, update, and a record of what happened."""

from dataclasses import dataclass, field

import numpy as np

from course_lib.datasets import minibatches
from course_lib.losses import softmax_cross_entropy
from course_lib.optimizers import update
from course_lib.threads import one_thread


@dataclass
class History:
    """What `fit` saw: one number a step in `step_loss`, one an epoch in the rest; `stopped` says why it ended early."""

    step_loss: list = field(default_factory=list)
    loss: list = field(default_factory=list)
    valid_loss: list = field(default_factory=list)
    valid_accuracy: list = field(default_factory=list)
    stopped: str = ""


def accuracy(network, x, y, *, size=1000):
    """Return the share of rows whose most probable class is y, computed `size` rows at a time."""
    return evaluate(network, x, y, size=size)[1]


def evaluate(network, x, y, *, size=1000):
    """Return the mean loss and the accuracy over all rows of x, computed `size` rows at a time."""
    loss = right = 0
    for start in range(0, len(x), size):
        rows = slice(start, start + size)
        logits, _ = network.forward(x[rows])
        loss += softmax_cross_entropy(logits, y[rows])[0] * len(logits)
        right += int((logits.argmax(axis=1) == y[rows]).sum())
    return loss / max(len(x), 1), right / max(len(x), 1)


def fit(network, data, rule, *, lr, rng, epochs=1, batch_size=64, transform=None, callbacks=(), progress=True):
    """Train a network in place.

    Parameters
    ----------
    network : Network
    data : Split
    rule : function
        An update rule from `course_lib.optimizers`, such as `sgd`.
    lr : float
        Learning rate.
    rng : numpy.random.Generator
        Decides the order of the examples.
    epochs, batch_size : int
    transform : function list of arrays -> list of arrays, optional
        Applied to all gradients before each update, such as clipping.
    callbacks : functions (network, history)
        Called after each epoch.
    progress : bool
        Show a progress bar while it runs.

    Returns
    -------
    History
        If loss or gradients stop being finite numbers, training stops there: the weights stay as they were before
        that step, the record says in which array it was seen first, and the epoch under way gets NaN.
    """
    history, states = History(), {}
    with np.errstate(all="ignore"), one_thread(), _bar(epochs * -(-len(data.x_train) // batch_size), progress) as bar:
        for _ in range(epochs):
            first = len(history.step_loss)
            for x, y in minibatches(data.x_train, data.y_train, batch_size, rng):
                logits, caches = network.forward(x)
                loss, dlogits = softmax_cross_entropy(logits, y)
                grads = network.backward(dlogits, caches)
                history.step_loss.append(loss)
                bad = _first_not_finite(loss, grads)
                if bad:
                    history.stopped = f"{bad} is not finite at step {len(history.step_loss)}"
                    break
                if transform:
                    grads = dict(zip(grads, transform(list(grads.values())), strict=True))
                network.params, states = update(rule, network.params, grads, states, lr=lr)
                bar.update()
            history.loss.append(float(np.mean(history.step_loss[first:])) if not history.stopped else float("nan"))
            valid_loss, valid_accuracy = evaluate(network, data.x_valid, data.y_valid)
            history.valid_loss.append(valid_loss)
            history.valid_accuracy.append(valid_accuracy)
            for callback in callbacks:
                callback(network, history)
            if history.stopped:
                break
    return history


def repeat(make_network, data, rule, seeds, **options):
    """Train one network for each seed, which decides its weights and the order of its examples.

    Parameters
    ----------
    make_network : function (rng=...) -> Network
    data, rule, **options
        As for `fit`.
    seeds : iterable of int

    Returns
    -------
    list of History
    """
    histories = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        histories.append(fit(make_network(rng=rng), data, rule, rng=rng, **options))
    return histories


def final_accuracy(runs):
    """Return the last validation accuracy of every run: a dict label -> list, from a dict label -> list of History."""
    return {label: [run.valid_accuracy[-1] for run in histories] for label, histories in runs.items()}


def _first_not_finite(loss, grads):
    """Name the loss, or the gradient nearest to it that holds NaN or infinity: that is where trouble began."""
    if not np.isfinite(loss):
        return "the loss"
    for name in reversed(grads):
        if not np.isfinite(grads[name]).all():
            return f"the gradient of {name}"
    return ""


def _bar(total, shown):
    from tqdm.auto import tqdm

    return tqdm(total=total, unit=" steps", leave=False, disable=not shown)
