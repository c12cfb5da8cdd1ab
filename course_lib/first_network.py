"""A network of dense layers in the plainest form: a list of (w, b), forwards, backwards, trained."""

from course_lib.activations import logistic, logistic_derivative
from course_lib.contracts import shapes
from course_lib.datasets import minibatches
from course_lib.layers import dense, dense_backward
from course_lib.losses import softmax_cross_entropy


@shapes(x="batch inputs", params=[("...", "...")])
def network_forward(x, params):
    """Return the network's outputs, and for each layer what its backward pass needs.

    The logistic function follows every layer but the last.

    Parameters
    ----------
    x : array (batch, inputs)
    params : list of (w, b)
        One pair a layer, lowest first: w has shape (fan_in, fan_out), b (fan_out,).

    Returns
    -------
    logits : array (batch, outputs)
        What the last dense layer gives, as it is.
    caches : list of (cache, z)
        One pair a layer, lowest first: the cache that `dense` returned, (x, w), and the
        layer's pre-activation, which for the last layer is logits.

    Formula
    -------
    In every layer z = x w + b; the next layer's x is logistic(z). The last z are the
    logits.
    """
    caches = []
    for w, b in params:
        z, cache = dense(x, w, b)
        caches.append((cache, z))
        x = logistic(z)
    return z, caches


@shapes(dlogits="batch outputs")
def network_backward(dlogits, caches):
    """Return the gradients of the loss with respect to every w and b, given ∂L/∂logits.

    Parameters
    ----------
    dlogits : array (batch, outputs)
    caches : list of (cache, z)
        As `network_forward` returned it: one pair a layer, lowest first. cache is
        (x, w), what `dense_backward` needs; z is the layer's pre-activation.

    Returns
    -------
    grads : list of (dw, db)
        One pair a layer, lowest first, with the shapes of w and b.

    Formula
    -------
    From the top down: δ = dlogits for the last layer; in every layer
    (dx, dw, db) = dense_backward(δ, cache); for the layer below, δ = dx · f'(z) with
    that layer's own z.
    """
    dx, dw, db = dense_backward(dlogits, caches[-1][0])
    grads = [(dw, db)]
    for cache, z in reversed(caches[:-1]):
        dx, dw, db = dense_backward(dx * logistic_derivative(z), cache)
        grads.insert(0, (dw, db))
    return grads


@shapes(
    x="examples inputs", labels="examples", params=[("...", "...")],
    lr="[0, inf)", epochs="[0, inf)", batch_size="[1, inf)",
)
def train_network(params, x, labels, *, lr, epochs, batch_size, rng):
    """Return the params after training by plain gradient descent on minibatches.

    Parameters
    ----------
    params : list of (w, b)
        One pair a layer, lowest first. These arrays stay as they are.
    x : array (examples, inputs)
    labels : integer array (examples,)
    lr : float
        The learning rate.
    epochs : int
        How often all examples are gone through.
    batch_size : int
        How many examples make up a batch; the last may have fewer.
    rng : numpy.random.Generator
        For `minibatches`, which draws a new order for every epoch.

    Returns
    -------
    params : list of (w, b)
        New arrays, in the same order.

    Formula
    -------
    For every batch of every epoch: logits, then the loss's dlogits, then the gradients
    of all layers; then w ← w - lr · dw and b ← b - lr · db.
    """
    for _ in range(epochs):
        for images, answers in minibatches(x, labels, batch_size, rng):
            logits, caches = network_forward(images, params)
            _, dlogits = softmax_cross_entropy(logits, answers)
            grads = network_backward(dlogits, caches)
            pairs = zip(params, grads, strict=True)
            params = [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in pairs]
    return params
