"""Networks: layers in a row, each a pair of functions with the arrays between them."""

from collections import Counter
from enum import Enum


class Kind(Enum):
    """What a layer is, whatever it is called; by this goes who looks for layers of a kind in a network."""

    WEIGHTED = "sums of weighted inputs, plus a bias"
    BATCH_NORM = "batch normalization"
    ACTIVATION = "an activation function"
    RESIDUAL = "a block that adds a branch to what comes in"
    OTHER = "anything else"


class Layer:
    """A forward and a backward function, and the arrays that both need.

    Parameters
    ----------
    name : str
    forward : function (x, *params) -> (y, cache)
        As in training.
    backward : function (dy, cache) -> (dx, *dparams)
    inference : function (x, *params, *statistics) -> y, optional
        By default forward's y. Dropout and batch normalization have another.
    statistics : dict of arrays, optional
        What training estimates instead of learning it by gradients, such as a moving mean.
    observe : function (cache, statistics) -> statistics, optional
        Brings the statistics up to date after a step of training.
    kind : Kind, optional
    **params : arrays
        In the order in which forward takes them.
    """

    def __init__(
        self, name, forward, backward, *, inference=None, statistics=None, observe=None, kind=Kind.OTHER, **params
    ):
        self.name, self.forward, self.backward, self.params = name, forward, backward, params
        self.inference = inference or (lambda x, *params: forward(x, *params)[0])
        self.statistics, self.observe, self.kind = statistics or {}, observe, kind


class Network:
    """Layers in a row.

    Parameters
    ----------
    layers : list of Layer

    Attributes
    ----------
    params : dict of arrays
        What is learned by gradients, by name, such as "dense 3/w"; assign a new dictionary to replace them.
    statistics : dict of arrays
        What is estimated, such as "batch norm 1/mean".
    weights : dict of arrays
        Both: all that makes this network differ from another with the same layers.
    """

    def __init__(self, layers):
        self.layers, seen = list(layers), Counter()
        self.names = []
        for layer in self.layers:
            seen[layer.name] += 1
            self.names.append(f"{layer.name} {seen[layer.name]}")

    def _collect(self, kind):
        named = zip(self.names, self.layers, strict=True)
        return {f"{name}/{key}": value for name, layer in named for key, value in getattr(layer, kind).items()}

    def _replace(self, kind, arrays):
        for name, layer in zip(self.names, self.layers, strict=True):
            setattr(layer, kind, {key: arrays[f"{name}/{key}"] for key in getattr(layer, kind)})

    params = property(lambda self: self._collect("params"), lambda self, new: self._replace("params", new))
    statistics = property(lambda self: self._collect("statistics"), lambda self, new: self._replace("statistics", new))

    @property
    def weights(self):
        return self.params | self.statistics

    @weights.setter
    def weights(self, weights):
        self.params = self.statistics = weights

    def forward(self, x):
        """Return the last layer's output as in training, and every layer's cache, which `backward` needs."""
        caches = []
        for layer in self.layers:
            x, cache = layer.forward(x, *layer.params.values())
            caches.append(cache)
        return x, caches

    def backward(self, dy, caches):
        """Return the gradient of every parameter, under the names of `params`, given the loss's gradient at the top."""
        return self.trace_backward(dy, caches)[1]

    def trace_backward(self, dy, caches):
        """Return dy at the output of every layer, lowest first, and the gradient of every parameter."""
        deltas, grads = [], {}
        for name, layer, cache in reversed(list(zip(self.names, self.layers, caches, strict=True))):
            deltas.append(dy)
            dy, *dparams = layer.backward(dy, cache)
            grads |= {f"{name}/{key}": d for key, d in zip(layer.params, dparams, strict=True)}
        return deltas[::-1], {key: grads[key] for key in self.params}

    def observe(self, caches):
        """Bring the statistics up to date with what `forward` saw; forgotten, inference goes wrong."""
        for layer, cache in zip(self.layers, caches, strict=True):
            if layer.observe:
                layer.statistics = layer.observe(cache, layer.statistics)

    def inference(self, x):
        """Return the last layer's output as in use: nothing dropped, the statistics instead of the batch's."""
        for layer in self.layers:
            x = layer.inference(x, *layer.params.values(), *layer.statistics.values())
        return x

    def predict(self, x):
        """Return the most probable class of every row of x, as integers."""
        return self.inference(x).argmax(axis=1)
