"""What a network does to a signal at initialization, measured layer by layer and seed by seed."""

from typing import NamedTuple

import numpy as np

from course_lib.losses import softmax_cross_entropy
from course_lib.network import Kind
from course_lib.threads import one_thread

SATURATED = 0.05  # a unit whose slope is below this passes on next to nothing


class Signals(NamedTuple):
    """What passes through the hidden layers, lowest layer first: one array a layer in each list.

    activations and slopes have shape (batch, width): f(z) and f'(z); deltas too: ∂L/∂z; gradients are ∂L/∂w. Of a
    residual block, with what comes in for z: its output, the slopes of its output's sum, ∂L/∂z, and ∂L/∂w2.
    """

    activations: list
    slopes: list
    deltas: list
    gradients: list


def signals(network, x, labels):
    """Send one batch forwards and its loss's gradient backwards, and keep what every hidden layer sees.

    Parameters
    ----------
    network : Network
        As `deep_network` or `residual_network` makes it.
    x, labels : arrays with equally many rows

    Returns
    -------
    Signals
    """
    caches, outputs = [], []
    for layer in network.layers:
        x, cache = layer.forward(x, *layer.params.values())
        caches.append(cache)
        outputs.append(x)
    _, dlogits = softmax_cross_entropy(x, labels)
    deltas, grads = network.trace_backward(dlogits, caches)
    hidden = [i for i, layer in enumerate(network.layers) if layer.kind in (Kind.ACTIVATION, Kind.RESIDUAL)]
    ones = [np.ones_like(outputs[i]) for i in hidden]
    names = [key for name in network.names for key in (f"{name}/w", f"{name}/w2")]
    kernels = [next(key for key in reversed(names[: 2 * i + 2]) if key in grads) for i in hidden]  # own, or next below
    return Signals(
        activations=[outputs[i] for i in hidden],
        slopes=[network.layers[i].backward(one, caches[i])[0] for i, one in zip(hidden, ones, strict=True)],
        deltas=[deltas[i - 1] for i in hidden],
        gradients=[grads[key] for key in kernels],
    )


class Profile(NamedTuple):
    """One number a seed and hidden layer in each array, shape (seeds, layers), lowest layer first.

    activation: RMS of f(z). different: the share of it that differs from image to image, RMS of the deviation from the
    batch's mean over RMS. slope: RMS of f'(z). saturated: share of slopes below 0.05. delta: RMS of ∂L/∂z.
    gradient: RMS of ∂L/∂w. cosine: the mean over all pairs of images, 1 where all activations point the same way.
    """

    activation: np.ndarray
    different: np.ndarray
    slope: np.ndarray
    saturated: np.ndarray
    delta: np.ndarray
    gradient: np.ndarray
    cosine: np.ndarray

    @property
    def forwards(self):
        """The factor by which the activations grow from layer to layer on their way up, one for each seed."""
        return growth(self.activation)

    @property
    def backwards(self):
        """The factor by which ∂L/∂z grows from layer to layer on its way down, one for each seed."""
        return growth(self.delta[:, ::-1])


def rms(values):
    """Return the root mean square √(mean of v²), computed in float64; 0 for no values."""
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64)))) if np.size(values) else 0.0


def profile(make_network, data, seeds, *, batch_size=512):
    """Draw a network and a batch for every seed, and measure every hidden layer.

    Parameters
    ----------
    make_network : function (rng=...) -> Network
    data : Split
        A batch of its training examples goes through.
    seeds : iterable of int
    batch_size : int
        At most: all examples, where there are fewer.

    Returns
    -------
    Profile
    """
    per_seed, batch_size = [], min(batch_size, len(data.x_train))
    for seed in seeds:
        rng = np.random.default_rng(seed)
        network = make_network(rng=rng)
        rows = rng.choice(len(data.x_train), batch_size, replace=False)
        with np.errstate(all="ignore"), one_thread():  # exploding networks are what is measured here
            s = signals(network, data.x_train[rows], data.y_train[rows])
            per_seed.append([_layer(*layer) for layer in zip(*s, strict=True)])
    return Profile(*np.moveaxis(np.array(per_seed), -1, 0))


def _layer(activation, slope, delta, gradient):
    size = rms(activation)
    different = rms(activation - activation.mean(axis=0)) / size if size else 0.0
    return size, different, rms(slope), np.mean(slope < SATURATED), rms(delta), rms(gradient), mean_cosine(activation)


def mean_cosine(rows):
    """Return the mean cosine of two different rows, over all pairs: (|Σ u|² - n) / (n² - n) for n rows u of length 1.

    Rows of zeros have no direction and are left out; NaN for fewer than two others.
    """
    rows = np.asarray(rows, dtype=np.float64).reshape(len(rows), -1)
    lengths = np.linalg.norm(rows, axis=1)
    units = rows[lengths > 0] / lengths[lengths > 0, np.newaxis]
    n = len(units)
    return float((np.sum(units.sum(axis=0) ** 2) - n) / (n * (n - 1))) if n > 1 else float("nan")


def growth(values, *, skip=0):
    """Return the factor from layer to layer, one for each seed: (last / first) ** (1 / steps), the geometric mean.

    Parameters
    ----------
    values : array (seeds, layers)
        Positive; lowest layer first. For what travels backwards pass the layers reversed, ``values[:, ::-1]``.
    skip : int
        Layers to leave out at the beginning.

    Returns
    -------
    array (seeds,)
    """
    values = np.asarray(values)[:, skip:]
    with np.errstate(all="ignore"):
        return (values[:, -1] / values[:, 0]) ** (1 / (values.shape[1] - 1))
