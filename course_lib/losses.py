"""Losses: each returns its value and its gradient with respect to the first argument."""

import numpy as np

from course_lib.contracts import shapes


@shapes(logits="batch classes", labels="batch")
def softmax_cross_entropy(logits, labels):
    """Return the mean cross-entropy of softmax(logits) and its gradient.

    loss = -1/n Σᵢ log softmax(logitsᵢ)[labelᵢ],   dlogits = (softmax(logits) - onehot(labels)) / n

    Parameters
    ----------
    logits : array (batch, classes)
    labels : integer array (batch,)
        Classes from 0 to classes - 1.

    Returns
    -------
    loss : float
        In nats; 0 for an empty batch.
    dlogits : array (batch, classes), dtype of logits

    Raises
    ------
    ValueError
        If labels aren't integers from 0 to classes - 1.
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
