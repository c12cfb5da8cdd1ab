"""Hidden units, one by one: which are dead, which are off for every image, what batch norm knows of them."""

from typing import NamedTuple

import numpy as np

from course_lib.network import Kind


class Units(NamedTuple):
    """Of every hidden unit, whether it is dead and whether it is off: bool, shape (layers, units), lowest layer first.

    dead: its slope f'(z) is 0 on every image. off: its pre-activation z isn't positive on any image.
    """

    dead: np.ndarray
    off: np.ndarray


def hidden_units(network, x):
    """Look at the hidden units of a network while images pass through it in inference.

    Parameters
    ----------
    network : Network
        All hidden layers have the same number of units, as those of `deep_network`.
    x : array of images

    Returns
    -------
    Units
    """
    dead, off = [], []
    with np.errstate(all="ignore"):  # networks that explode are looked at, too
        for layer in network.layers:
            if layer.kind is Kind.ACTIVATION:
                slopes = layer.backward(np.ones_like(x), layer.forward(x, *layer.params.values())[1])[0]
                dead.append((slopes == 0).all(axis=0))
                off.append((x <= 0).all(axis=0))
            x = layer.inference(x, *layer.params.values(), *layer.statistics.values())
    return Units(np.array(dead), np.array(off))


class _Watch:
    """What the callbacks share: they look at a network before training, if they are given it, and after every epoch."""

    def __init__(self, x, network=None):
        self.x, self.seen = x, []
        if network is not None:
            self(network, None)

    def __call__(self, network, history):
        self.seen.append(self.look(network))


class UnitWatch(_Watch):
    """A callback for `fit` that looks at the hidden units after every epoch.

    Parameters
    ----------
    x : array of images
        The same ones every time.
    network : Network, optional
        To look at it once before training, as epoch 0.

    Attributes
    ----------
    dead, off : arrays (epochs, layers, units)
        As in `Units`, one for each time that it looked.
    """

    def look(self, network):
        """Return the network's `Units`."""
        return hidden_units(network, self.x)

    dead = property(lambda self: np.array([units.dead for units in self.seen]))
    off = property(lambda self: np.array([units.off for units in self.seen]))


class StatisticsWatch(_Watch):
    """A callback for `fit` that compares batch norm's moving statistics with those of all images, after every epoch.

    Parameters
    ----------
    x : array of images
        The same ones every time; the true statistics are those of x taken as one batch.
    network : Network, optional
        To look at it once before training, as epoch 0.

    Attributes
    ----------
    moving, true : dict of "mean" and "variance" to array (epochs, layers, units)
        All layers with batch norm, lowest first; they must have the same number of units.
    """

    def look(self, network):
        """Return the moving statistics and the true ones, by layer, mean and variance."""
        _, caches = network.forward(self.x)
        normalized = [i for i, layer in enumerate(network.layers) if layer.kind is Kind.BATCH_NORM]
        moving = [list(network.layers[i].statistics.values()) for i in normalized]
        return moving, [[caches[i].mean, caches[i].variance] for i in normalized]

    def _taken(self, side):
        statistics = np.array([look[side] for look in self.seen])
        return {"mean": statistics[:, :, 0], "variance": statistics[:, :, 1]}

    moving = property(lambda self: self._taken(0))
    true = property(lambda self: self._taken(1))


def came_back(marked):
    """Return the share of units marked at the first of some moments that are no longer marked at the last.

    Parameters
    ----------
    marked : bool array (epochs, layers, units)
        Such as `UnitWatch.off`.

    Returns
    -------
    float
        0 where none was marked at first.
    """
    first, last = marked[0], marked[-1]
    return float(np.mean(~last[first])) if first.any() else 0.0
