"""What a network does to a signal at initialization, measured layer by layer and seed by seed."""

from typing import NamedTuple

import numpy as np

from course_lib.network import signals
from course_lib.threads import one_thread

SATURATED = 0.05  # a unit whose slope is below this passes on next to nothing


class Profile(NamedTuple):
    """One number a seed and hidden layer in each array, shape (seeds, layers), lowest layer first.

    activation: RMS of f(z). different: the share of it that differs from image to image, RMS of the deviation from the
    batch's mean over RMS. slope: RMS of f'(z). saturated: share of slopes below 0.05. delta: RMS of ∂L/∂z.
    gradient: RMS of ∂L/∂w.
    """

    activation: np.ndarray
    different: np.ndarray
    slope: np.ndarray
    saturated: np.ndarray
    delta: np.ndarray
    gradient: np.ndarray

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

    Returns
    -------
    Profile
    """
    per_seed = []
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
    return size, different, rms(slope), np.mean(slope < SATURATED), rms(delta), rms(gradient)


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
