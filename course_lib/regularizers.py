"""Against exploding gradients and memorized examples: limits, penalties, and stopping in time."""

from typing import NamedTuple

import numpy as np

from course_lib.contracts import shapes


@shapes(grad="...", limit="[0, inf]")
def clip_by_value(grad, limit):
    """Cut every element off at ±limit; small ones stay.

    Parameters
    ----------
    grad : array, any shape
    limit : float, not negative

    Returns
    -------
    array of grad's shape and dtype

    Formula
    -------
    g ← min(max(g, -limit), limit), element by element

    Notes
    -----
    Mikolov, 2012. In Keras: ``clipvalue``.
    """
    # floats of Python's own, since a NumPy float64 would make float32 wider
    return np.clip(grad, -float(limit), float(limit))


@shapes(grad="...", limit="(0, inf]")
def clip_by_norm(grad, limit):
    """Shorten one array to the Euclidean norm `limit` if it is longer; its direction is kept.

    Parameters
    ----------
    grad : array, any shape
    limit : float, positive

    Returns
    -------
    array of grad's shape and dtype

    Formula
    -------
    norm = √(Σ g²),   g ← g · limit / max(norm, limit)

    Notes
    -----
    In Keras: ``clipnorm``.
    """
    return clip_by_global_norm([grad], limit)[0]


@shapes(grads=["..."], limit="(0, inf]")
def clip_by_global_norm(grads, limit):
    """Shorten all gradients together, where they are too long.

    Parameters
    ----------
    grads : list of arrays, any shapes
    limit : float, positive
        The greatest Euclidean norm of all of them in common.

    Returns
    -------
    list of arrays, shapes and dtypes as in grads

    Formula
    -------
    norm = √(Σ g² over all elements of all arrays),   g ← g · limit / max(norm, limit)

    Notes
    -----
    Pascanu, Mikolov and Bengio, 2013. In Keras: ``global_clipnorm``.
    """
    # float64, since the squares of exploding float32 gradients overflow
    norm = np.sqrt(sum(np.sum(np.square(g, dtype=np.float64)) for g in grads))
    scale = float(limit / max(norm, limit))
    return [g * scale for g in grads]


@shapes(w="...", strength="[0, inf)")
def l1(w, strength=0.01):
    """Return a penalty that pulls every weight towards 0 equally hard, and its gradient.

    Parameters
    ----------
    w : array, any shape
    strength : float, not negative

    Returns
    -------
    penalty : float
        To be added to the loss.
    grad : array of w's shape and dtype
        To be added to the loss's gradient.

    Formula
    -------
    penalty = strength · Σ|w|,   grad = strength · sign(w), 0 where w is 0

    Notes
    -----
    Tibshirani, 1996. In Keras: ``keras.regularizers.L1``.
    """
    return float(strength * np.sum(np.abs(w))), float(strength) * np.sign(w)


@shapes(w="...", strength="[0, inf)")
def l2(w, strength=0.01):
    """Return a penalty that pulls large weights harder than small ones towards 0, and its gradient.

    Parameters
    ----------
    w : array, any shape
    strength : float, not negative

    Returns
    -------
    penalty : float
    grad : array of w's shape and dtype

    Formula
    -------
    penalty = strength · Σw²,   grad = 2 · strength · w. Some books halve the penalty, and so lose the 2.

    Notes
    -----
    Hoerl and Kennard, 1970. In Keras: ``keras.regularizers.L2``.
    """
    return float(strength * np.sum(np.square(w))), float(2 * strength) * w


@shapes(w="...", l1="[0, inf)", l2="[0, inf)")
def l1_l2(w, *, l1=0.01, l2=0.01):
    """Return the penalty on a kernel's weights, and its gradient.

    Parameters
    ----------
    w : array, any shape
        Of a kernel: biases are best left alone.
    l1, l2 : float, not negative
        The strength of the sum of absolute values, and of the sum of squares.

    Returns
    -------
    penalty : float
        To be added to the loss.
    grad : array of w's shape and dtype
        To be added to the loss's gradient.

    Formula
    -------
    penalty = l1 · Σ|w| + l2 · Σw²,   grad = l1 · sign(w) + 2 · l2 · w

    Notes
    -----
    Zou and Hastie, 2005. In Keras: ``keras.regularizers.L1L2``.
    """
    penalty = l1 * np.sum(np.abs(w)) + l2 * np.sum(np.square(w))
    return float(penalty), float(l1) * np.sign(w) + float(2 * l2) * w


@shapes(w="...", limit="[0, inf]")
def max_norm(w, limit):
    """Shorten each unit's incoming weights, where they are longer than limit.

    Parameters
    ----------
    w : array (fan_in, units), or (height, width, channels, filters) of a convolution
        After an update; biases have no norm to limit.
    limit : float, not negative
        The greatest Euclidean norm that the weights into one unit may have.

    Returns
    -------
    array of w's shape and dtype

    Raises
    ------
    ValueError
        If w has fewer than two axes.

    Formula
    -------
    norm = √(Σ w² over all axes but the last),   w ← w · min(norm, limit) / (norm +
    1e-7)

    Notes
    -----
    Srebro and Shraibman, 2005; Srivastava et al., 2014. In Keras:
    ``keras.constraints.MaxNorm``, whose axis must be said.
    """
    if np.ndim(w) < 2:
        raise ValueError(
            f"max_norm: w has shape {np.shape(w)}, wanted (..., fan_in, units)"
        )
    norm = np.sqrt(np.sum(np.square(w), axis=tuple(range(w.ndim - 1)), keepdims=True))
    return w * (np.minimum(norm, float(limit)) / (norm + 1e-7))


class Stopping(NamedTuple):
    """What `early_stopping` remembers: the best loss so far, its weights, and how many losses came since."""

    best_loss: float
    best_weights: dict
    waited: int


@shapes(loss="", patience="[0, inf]", min_delta="[0, inf]")
def early_stopping(state, loss, weights, *, patience=0, min_delta=0.0):
    """Say whether to stop, since the loss no longer improves; keep the best weights.

    It is called after each epoch. The first loss is an improvement.

    Parameters
    ----------
    state : Stopping, or None at first
    loss : float
        On the validation set. NaN, unless it is the first, is no improvement.
    weights : dict of arrays
        That gave this loss. Kept as it is, so it must not be written to later: copy it
        if you do.
    patience : int
        How many losses without improvement, one after the other, to wait; 0 is as 1.
    min_delta : float
        An improvement is less than the best so far by more than that.

    Returns
    -------
    state : Stopping
        (best_loss, best_weights, waited)
    stop : bool

    Formula
    -------
    Better means loss + min_delta < best_loss: then loss and weights are remembered, and
    waited ← 0. Else waited ← waited + 1, and it is time to stop once it has reached
    patience.

    Notes
    -----
    Morgan and Bourlard, 1990; Prechelt, 1998. In Keras:
    ``EarlyStopping(restore_best_weights=True)``.
    """
    if state is None or loss + min_delta < state.best_loss:
        return Stopping(loss, weights, 0), False
    waited = state.waited + 1
    return state._replace(waited=waited), waited >= patience


class EarlyStopping:
    """A callback for `fit` that stops it by `early_stopping` and then puts the best weights back.

    Parameters
    ----------
    patience, min_delta
        As in `early_stopping`.

    Attributes
    ----------
    state : Stopping or None
        Of the training that was seen last; each training begins anew.
    """

    def __init__(self, patience=0, min_delta=0.0):
        self.patience, self.min_delta, self.state, self.history = patience, min_delta, None, None

    def __call__(self, network, history):
        """Look at the last validation loss, after an epoch, and return whether to stop."""
        if history is not self.history:
            self.history, self.state = history, None
        weights = {name: w.copy() for name, w in network.weights.items()}
        options = {"patience": self.patience, "min_delta": self.min_delta}
        self.state, stop = early_stopping(self.state, history.valid_loss[-1], weights, **options)
        return stop

    def end(self, network, history):
        """Put the best weights back, when training ends for whatever reason."""
        if history is self.history and self.state:  # none if Ctrl-C came within the first epoch's call
            network.weights = self.state.best_weights
