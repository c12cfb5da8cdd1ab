"""Networks: layers in a row, each a pair of functions with the parameters between them."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from course_lib import layers as pairs
from course_lib.activations import logistic, logistic_derivative, relu, relu_derivative, tanh, tanh_derivative
from course_lib.datasets import MNIST_MEAN, MNIST_STD, standardize
from course_lib.initializers import glorot_uniform
from course_lib.losses import softmax_cross_entropy

ACTIVATIONS = {
    "logistic": (logistic, logistic_derivative),
    "tanh": (tanh, tanh_derivative),
    "ReLU": (relu, relu_derivative),
}


class Layer:
    """A forward and a backward function, and the parameters that both need.

    Parameters
    ----------
    name : str
    forward : function (x, *params) -> (y, cache)
    backward : function (dy, cache) -> (dx, *dparams)
    **params : arrays
        In the order in which forward takes them.
    """

    def __init__(self, name, forward, backward, **params):
        self.name, self.forward, self.backward, self.params = name, forward, backward, params


def dense_layer(shape, initializer, rng, *, dense=pairs.dense, dense_backward=pairs.dense_backward, **options):
    """Return a dense layer with random weights and zero biases; give your own pair to let the network use it."""
    w = initializer(shape, rng, **options)
    return Layer("dense", dense, dense_backward, w=w, b=np.zeros(shape[1], w.dtype))


def activation_layer(f, f_derivative):
    """Return a layer that applies f elementwise; its backward pass multiplies by the slope: dz = dy · f'(z)."""
    return Layer("activation", lambda z: (f(z), z), lambda dy, z: (dy * f_derivative(z),))


def image_layer(mean=MNIST_MEAN, std=MNIST_STD):
    """Return a layer that turns images of whole numbers into standardized rows of float32; nothing lies below it."""
    return Layer(
        "image", lambda x: (standardize(x.reshape(len(x), -1), mean, std), None), lambda dy, cache: (None,)
    )


class Network:
    """Layers in a row.

    Parameters
    ----------
    layers : list of Layer

    Attributes
    ----------
    params : dict of arrays
        Every parameter by name, such as "dense 3/w"; assign a new dictionary to replace them.
    """

    def __init__(self, layers):
        self.layers, seen = list(layers), Counter()
        self.names = []
        for layer in self.layers:
            seen[layer.name] += 1
            self.names.append(f"{layer.name} {seen[layer.name]}")

    @property
    def params(self):
        named = zip(self.names, self.layers, strict=True)
        return {f"{name}/{key}": value for name, layer in named for key, value in layer.params.items()}

    @params.setter
    def params(self, params):
        for name, layer in zip(self.names, self.layers, strict=True):
            layer.params = {key: params[f"{name}/{key}"] for key in layer.params}

    def forward(self, x):
        """Return the last layer's output and every layer's cache, which `backward` needs."""
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

    def predict(self, x):
        """Return the most probable class of every row of x, as integers."""
        return self.forward(x)[0].argmax(axis=1)


def deep_network(
    depth, width, activation=ACTIVATIONS["ReLU"], initializer=glorot_uniform, *, rng, inputs=784, classes=10, **options
):
    """Return a dense network for MNIST: `depth` hidden layers of `width` units, then one unit a class.

    Parameters
    ----------
    depth, width : int
    activation : (f, f') or its name: "logistic", "tanh", "ReLU"
    initializer : function (shape, rng) -> weights
        For every layer.
    rng : numpy.random.Generator
    inputs, classes : int
    **options
        Passed on to `dense_layer`, such as your own dense_backward.

    Returns
    -------
    Network
    """
    f, f_derivative = ACTIVATIONS[activation] if isinstance(activation, str) else activation
    layers, fan_in = [image_layer()], inputs
    for _ in range(depth):
        layers += [dense_layer((fan_in, width), initializer, rng, **options), activation_layer(f, f_derivative)]
        fan_in = width
    return Network([*layers, dense_layer((fan_in, classes), initializer, rng, **options)])


class Signals(NamedTuple):
    """What passes through the hidden layers, lowest layer first: one array a layer in each list.

    activations and slopes have shape (batch, width): f(z) and f'(z); deltas too: ∂L/∂z; gradients are ∂L/∂w.
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
        As `deep_network` makes it.
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
    hidden = [i for i, layer in enumerate(network.layers) if layer.name == "activation"]
    ones = [np.ones_like(outputs[i]) for i in hidden]
    return Signals(
        activations=[outputs[i] for i in hidden],
        slopes=[network.layers[i].backward(one, caches[i])[0] for i, one in zip(hidden, ones, strict=True)],
        deltas=[deltas[i - 1] for i in hidden],
        gradients=[grads[f"{network.names[i - 1]}/w"] for i in hidden],
    )
