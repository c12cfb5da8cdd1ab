"""Losses: each returns its value and its gradient with respect to the first argument."""

import numpy as np

from course_lib.contracts import shapes


@shapes(logits="batch classes", labels="batch")
def softmax_cross_entropy(logits, labels):
    """Return the mean cross-entropy of softmax(logits) and its gradient.

    Parameters
    ----------
    logits : array (batch, classes)
    labels : integer array (batch,)
        Classes, counted from 0.

    Returns
    -------
    loss : float
        In nats; 0 for an empty batch.
    dlogits : array (batch, classes), dtype of logits

    Raises
    ------
    ValueError
        If labels aren't integers from 0 to classes - 1.

    Formula
    -------
    loss = -1/n Σᵢ log softmax(logitsᵢ)[labelᵢ],   dlogits = (softmax(logits) - onehot(labels)) / n
    """
    n, classes = logits.shape
    if labels.dtype.kind not in "iu" or (n and not 0 <= labels.min() <= labels.max() < classes):
        raise ValueError(
            f"softmax_cross_entropy: labels has dtype {labels.dtype}"
            + (f" and values from {labels.min()} to {labels.max()}" if n else "")
            + f", wanted integers from 0 to {classes - 1}"
        )
    shifted = logits - logits.max(axis=1, keepdims=True)  # exp cannot overflow, the result is the same
    log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(n)
    dlogits = np.exp(log_softmax)
    dlogits[rows, labels] -= 1
    n = max(n, 1)
    return float(-log_softmax[rows, labels].sum() / n), dlogits / n


@shapes(logits="...", labels="...")
def binary_cross_entropy(logits, labels):
    """Return the mean cross-entropy of logistic(logits), the probabilities of label 1, and its gradient.

    Parameters
    ----------
    logits : array, any shape
    labels : integer array, shape of logits
        0 or 1.

    Returns
    -------
    loss : float
        In nats; 0 for an empty batch.
    dlogits : array, shape and dtype of logits

    Raises
    ------
    ValueError
        If the shapes differ, or labels aren't integers, 0 or 1.

    Formula
    -------
    loss = 1/n Σ (max(z, 0) - z y + log(1 + exp(-|z|))),   dlogits = (logistic(z) - y) / n,
    z the logits, y the labels. Each term is -log(logistic(z)) where y = 1 and -log(1 - logistic(z)) where y = 0,
    written so that nothing overflows.

    Notes
    -----
    Cox, 1958. In Keras: ``keras.losses.BinaryCrossentropy(from_logits=True)``.
    """
    labels = np.asarray(labels)
    if labels.shape != np.shape(logits):
        raise ValueError(f"binary_cross_entropy: labels has shape {labels.shape}, wanted {np.shape(logits)}, as logits")
    if labels.dtype.kind not in "iu" or not np.isin(labels, (0, 1)).all():
        values = f" and values from {labels.min()} to {labels.max()}" if labels.size else ""
        raise ValueError(f"binary_cross_entropy: labels has dtype {labels.dtype}{values}, wanted integers, 0 or 1")
    t = np.exp(-np.abs(logits))  # in (0, 1], so it cannot overflow
    y, n = labels.astype(t.dtype), max(labels.size, 1)
    loss = np.maximum(logits, 0) - logits * y + np.log1p(t)
    return float(loss.sum() / n), (np.where(np.less(logits, 0), t, 1) / (1 + t) - y) / n


@shapes(y="...", target="...")
def mse(y, target):
    """Return the mean squared error of all elements and its gradient.

    Parameters
    ----------
    y, target : arrays of one shape

    Returns
    -------
    loss : float
        0 for an empty batch.
    dy : array, shape and dtype of y

    Raises
    ------
    ValueError
        If the shapes differ: (n,) and (n, 1) would silently become (n, n).

    Formula
    -------
    loss = 1/n Σ (y - target)²,   dy = 2 (y - target) / n,   n elements in all

    Notes
    -----
    Legendre, 1805. In Keras: ``keras.losses.MeanSquaredError``.
    """
    if np.shape(target) != np.shape(y):
        raise ValueError(f"mse: target has shape {np.shape(target)}, wanted {np.shape(y)}, as y: try reshape")
    error = y - np.asarray(target, np.result_type(y, 1.0))  # integer targets would make float32 wider
    n = max(np.size(y), 1)
    return float(np.sum(error * error) / n), 2 * error / n


@shapes(good="...", bad="...")
def max_margin_loss(good, bad, *, margin=1.0):
    """Return how far good scores fail to exceed bad ones by a margin, on average, and both gradients.

    Parameters
    ----------
    good, bad : arrays of one shape
        Scores of pairs: an example, and its corrupted version.
    margin : float

    Returns
    -------
    loss : float
        0 for an empty batch.
    dgood, dbad : arrays, shape and dtype of good and bad

    Raises
    ------
    ValueError
        If the shapes differ.

    Formula
    -------
    loss = 1/n Σ max(0, margin - good + bad),
    dbad = 1/n where margin - good + bad > 0, else 0;   dgood = -dbad

    Notes
    -----
    Collobert and Weston, 2008.
    """
    if np.shape(bad) != np.shape(good):
        raise ValueError(f"max_margin_loss: bad has shape {np.shape(bad)}, wanted {np.shape(good)}, as good")
    missing = float(margin) - good + bad
    n = max(np.size(good), 1)
    dbad = np.heaviside(missing, 0) / n
    return float(np.maximum(missing, 0).sum() / n), -dbad, dbad
