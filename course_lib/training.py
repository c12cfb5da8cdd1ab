"""`fit`: minibatches, forward, loss, backward, update, and a record of what happened."""

import os
from dataclasses import dataclass, field

import numpy as np

from course_lib.contracts import shapes
from course_lib.datasets import minibatches
from course_lib.losses import softmax_cross_entropy
from course_lib.optimizers import update
from course_lib.progress_bar import progress_bar
from course_lib.threads import one_thread
from course_lib.unfinished import record_end, record_stop


@dataclass
class History:
    """What `fit` saw: `step_loss` and `lr`, one number a step; `loss`, `valid_loss` and `valid_accuracy`, one an epoch.

    `stopped` says why training ended early: a number that isn't finite, a callback, or the keyboard; `cut_off` where
    the keyboard ended it, so that whatever is drawn of the record can say so.
    """

    step_loss: list = field(default_factory=list)
    lr: list = field(default_factory=list)
    loss: list = field(default_factory=list)
    valid_loss: list = field(default_factory=list)
    valid_accuracy: list = field(default_factory=list)
    stopped: str = ""

    @property
    def cut_off(self):
        return f"cut off at step {len(self.step_loss)}" if self.stopped.startswith("interrupted") else ""


def accuracy(network, x, y, *, size=1000):
    """Return the share of rows whose most probable class is y, computed `size` rows at a time."""
    return evaluate(network, x, y, size=size)[1]


def evaluate(network, x, y, *, size=1000):
    """Return the mean loss and the accuracy over all rows of x in inference, computed `size` rows at a time."""
    loss = right = 0
    for start in range(0, len(x), size):
        rows = slice(start, start + size)
        logits = network.inference(x[rows])
        loss += softmax_cross_entropy(logits, y[rows])[0] * len(logits)
        right += int((logits.argmax(axis=1) == y[rows]).sum())
    return loss / max(len(x), 1), right / max(len(x), 1)


@shapes(epochs="[0, inf)", batch_size="[1, inf)")
def fit(
    network, data, rule, *, lr, rng, epochs=1, batch_size=64, augment=None, penalty=None, transform=None,
    constraint=None, callbacks=(), history=None, progress=True, whole=False,
):
    """Train a network in place.

    Parameters
    ----------
    network : Network
    data : Split
    rule : function
        An update rule from `course_lib.optimizers`, such as `sgd`.
    lr : float or function step -> float
        Learning rate, or a schedule that gives it for each step, counted from 0.
    rng : numpy.random.Generator
        Decides the order of the examples.
    epochs, batch_size : int
    augment : function images -> images, optional
        Applied to every batch, in training only.
    penalty : function w -> (penalty, gradient), optional
        Added to the loss for every kernel, the arrays named w, such as `l2`; not to the validation loss.
    transform : function list of arrays -> list of arrays, optional
        Applied to all gradients before each update, such as clipping.
    constraint : function w -> w, optional
        Applied to every kernel after each update, such as `max_norm`.
    callbacks : functions (network, history) -> stop
        Called after each epoch; training stops if one returns True. A callback's method `end(network, history)`, if it
        has one, is called when training is over, for whatever reason.
    history : History, optional
        To go on where an earlier call ended, its record: steps are counted on. The rule begins without a state.
        An empty one is there to be read also after Ctrl-C.
    progress : bool
        Show a progress bar while it runs.
    whole : bool
        Train in every step even where the environment variable COURSE_STEPS, a number, says that after so many steps
        of an epoch the others are only recorded, like the last one. So tests see quickly whether a notebook's cells fit
        together; what is judged by its training asks for all.

    Returns
    -------
    History
        If loss or gradients stop being finite numbers, training stops there: the weights stay as they were before
        that step, the record says in which array it was seen first, and the epoch under way gets NaN.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, so that cells that wait for this one don't run. The network keeps what it has learned and the record
        its steps so far; the step under way is undone, and callbacks are told the end.
    """
    history = history or History()
    history.stopped = ""
    step = Step(network, rule, lr, penalty=penalty, transform=transform, constraint=constraint)
    total = epochs * -(-len(data.x_train) // batch_size)
    few = total if whole else int(os.environ.get("COURSE_STEPS") or total)
    with np.errstate(all="ignore"), one_thread(), _bar(total, progress) as bar:
        try:
            for _ in range(epochs):
                first = len(history.step_loss)
                for x, y in minibatches(data.x_train, data.y_train, batch_size, rng):
                    if len(history.step_loss) - first < few:
                        step(augment(x) if augment else x, y, history)
                    else:
                        step.record(history.step_loss[-1], history)
                    if history.stopped:
                        break
                    bar.update()
                _record_epoch(network, data, history, first)
                bar.set_postfix(loss=history.loss[-1], valid_accuracy=history.valid_accuracy[-1])
                answers = [callback(network, history) for callback in callbacks]
                if any(isinstance(answer, bool | np.bool_) and answer for answer in answers):
                    history.stopped = history.stopped or f"a callback stopped it after epoch {len(history.loss)}"
                if history.stopped:
                    break
        except KeyboardInterrupt:
            step.undo(history)
            stop = f"interrupted after step {len(history.step_loss)}"
            history.stopped = history.stopped or stop
            record_stop(stop)
            raise
        finally:
            for callback in callbacks:
                getattr(callback, "end", lambda *_: None)(network, history)
    record_end()
    return history


class Step:
    """One step of training: forward, loss, backward, update; arguments as for `fit`."""

    def __init__(self, network, rule, lr, *, penalty=None, transform=None, constraint=None):
        self.network, self.rule, self.lr = network, rule, lr
        self.penalty, self.transform, self.constraint = penalty, transform, constraint
        self.states, self.done = {}, None

    def __call__(self, x, y, history):
        """Learn from one batch, and record it."""
        self.done = len(history.step_loss), self.network.weights
        logits, caches = self.network.forward(x)
        loss, dlogits = softmax_cross_entropy(logits, y)
        grads = self.network.backward(dlogits, caches)
        if self.penalty:
            loss, grads = _penalized(loss, grads, self.network.params, self.penalty)
        rate = self.record(loss, history)
        if bad := _first_not_finite(loss, grads):
            history.stopped = f"{bad} is not finite at step {len(history.step_loss)}"
        else:
            self.network.observe(caches)
            self._move(grads, rate)
        self.done = len(history.step_loss), self.network.weights

    def record(self, loss, history):
        """Record a step with its loss; return its learning rate."""
        rate = float(self.lr(len(history.step_loss)) if callable(self.lr) else self.lr)
        history.step_loss.append(loss)
        history.lr.append(rate)
        return rate

    def undo(self, history):
        """Put network and record back to the last complete step, wherever an interrupt came."""
        if self.done:
            steps, self.network.weights = self.done
            del history.step_loss[steps:], history.lr[steps:]
            epochs = len(history.valid_accuracy)  # which gets its number last
            del history.loss[epochs:], history.valid_loss[epochs:]

    def _move(self, grads, rate):
        if self.transform:
            grads = dict(zip(grads, self.transform(list(grads.values())), strict=True))
        params, self.states = update(self.rule, self.network.params, grads, self.states, lr=rate)
        if self.constraint:
            params |= {key: self.constraint(params[key]) for key in _kernels(params)}
        self.network.params = params


def _kernels(params):
    """Return the names of the arrays that penalties and constraints are for: not biases, gammas, betas or slopes."""
    return [key for key in params if key.endswith("/w")]


def _penalized(loss, grads, params, penalty):
    """Return loss and gradients with the penalty of every kernel added."""
    extra = {key: penalty(params[key]) for key in _kernels(params)}
    added = {key: grads[key] + gradient for key, (_, gradient) in extra.items()}
    return loss + sum(value for value, _ in extra.values()), grads | added


def _record_epoch(network, data, history, first):
    loss = float("nan") if history.stopped else float(np.mean(history.step_loss[first:]))
    valid_loss, valid_accuracy = evaluate(network, data.x_valid, data.y_valid)
    history.loss.append(loss)
    history.valid_loss.append(valid_loss)
    history.valid_accuracy.append(valid_accuracy)


def repeat(make_network, data, rule, seeds, *, histories=None, **options):
    """Train one network for each seed, which decides its weights and the order of its examples.

    Parameters
    ----------
    make_network : function (rng=...) -> Network
    data, rule, **options
        As for `fit`.
    seeds : iterable of int
    histories : list, optional
        Each record is appended to it when its run has ended: so Ctrl-C, which ends them all, loses none of them.

    Returns
    -------
    list of History
    """
    histories = [] if histories is None else histories
    for seed in seeds:
        rng = np.random.default_rng(seed)
        histories.append(fit(make_network(rng=rng), data, rule, rng=rng, **options))
    return histories


def final_accuracy(runs):
    """Return the last validation accuracy of every run: a dict label -> list, from a dict label -> list of History.

    A label says where runs were cut off; one without a whole epoch has NaN.
    """
    return {_label(label, histories): [run.valid_accuracy[-1] if run.valid_accuracy else np.nan for run in histories]
            for label, histories in runs.items()}


def _label(label, histories):
    places = dict.fromkeys(run.cut_off for run in histories if run.cut_off)
    return f"{label} ({', '.join(places)})" if places else label


def _first_not_finite(loss, grads):
    """Name the loss, or the gradient nearest to it that holds NaN or infinity: that is where trouble began."""
    if not np.isfinite(loss):
        return "the loss"
    for name in reversed(grads):
        grad = grads[name]
        # the sum of squares is quick to compute, and not finite if a number isn't; it may also just be too large
        if not np.isfinite(np.vdot(grad, grad)) and not np.isfinite(grad).all():
            return f"the gradient of {name}"
    return ""


def _bar(total, shown):
    return progress_bar(total, unit=" steps", shown=shown)
