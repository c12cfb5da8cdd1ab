"""Layers of every kind, made from the pairs of functions, and whole networks for images, made from layers."""

from functools import partial
from math import prod

import numpy as np

from course_lib import activations as a
from course_lib import conv, fast_conv, normalization, residual
from course_lib import layers as pairs
from course_lib.datasets import MNIST_MEAN, MNIST_STD, standardize
from course_lib.initializers import glorot_uniform, he_normal, lecun_normal
from course_lib.network import Kind, Layer, Network

ACTIVATIONS = {
    "logistic": (a.logistic, a.logistic_derivative),
    "tanh": (a.tanh, a.tanh_derivative),
    "ReLU": (a.relu, a.relu_derivative),
    "leaky ReLU": (a.leaky_relu, a.leaky_relu_derivative),
    "ELU": (a.elu, a.elu_derivative),
    "SELU": (a.selu, a.selu_derivative),
    "GELU": (a.gelu, a.gelu_derivative),
    "SiLU": (a.silu, a.silu_derivative),
    "Mish": (a.mish, a.mish_derivative),
    "softplus": (a.softplus, a.softplus_derivative),
    "hard sigmoid": (a.hard_sigmoid, a.hard_sigmoid_derivative),
}


def image_layer(mean=MNIST_MEAN, std=MNIST_STD, *, flat=True):
    """Return a layer that standardizes images of whole numbers; nothing lies below it.

    Each becomes a row of numbers, or if not flat, height × width × 1 channel.
    """

    def forward(x):
        shape = (prod(x.shape[1:]),) if flat else (*x.shape[1:3], 1)
        return standardize(x.reshape(len(x), *shape), mean, std), None

    return Layer("image", forward, lambda dy, cache: (None,))


def dense_layer(
    shape, initializer, rng, *, dense=pairs.dense, dense_backward=pairs.dense_backward, lowest=False, **options
):
    """Return a dense layer with random weights and zero biases; give your own pair to let the network use it.

    If it is the lowest that learns, the library's pair doesn't compute the gradient of its inputs: nobody needs it.
    """
    w = initializer(shape, rng, **options)
    if lowest and dense_backward is pairs.dense_backward:
        dense_backward = _dense_backward_lowest
    return Layer("dense", dense, dense_backward, kind=Kind.WEIGHTED, w=w, b=np.zeros(shape[1], w.dtype))


def _dense_backward_lowest(dy, cache):
    x, _ = cache
    return None, x.T @ dy, dy.sum(axis=0)


def conv_layer(shape, initializer, rng, *, stride=1, padding="same", lowest=False, **options):
    """Return a convolution with random filters and zero biases; shape is (kernel height, width, channels, filters)."""

    def backward_lowest(dy, cache):
        return None, fast_conv.conv2d_backward_filters(dy, cache), fast_conv.conv2d_backward_bias(dy)

    w = initializer(shape, rng, **options)
    forward = partial(fast_conv.conv2d, stride=stride, padding=padding)
    backward = backward_lowest if lowest else fast_conv.conv2d_backward
    return Layer("conv", forward, backward, kind=Kind.WEIGHTED, w=w, b=np.zeros(shape[3], w.dtype))


def max_pool_layer(size=2, stride=None):
    """Return a layer that keeps the largest number of every window."""
    return Layer("pool", partial(conv.max_pool2d, size=size, stride=stride), conv.max_pool2d_backward)


def flatten_layer():
    """Return the layer between convolutions and dense layers: images become rows."""
    return Layer("flatten", pairs.flatten, pairs.flatten_backward)


def activation_layer(f, f_derivative):
    """Return a layer that applies f elementwise; its backward pass multiplies by the slope: dz = dy · f'(z)."""
    def backward(dy, z):
        return (dy * f_derivative(z),)

    return Layer("activation", lambda z: (f(z), z), backward, inference=f, kind=Kind.ACTIVATION)


def prelu_layer(units, *, dtype=np.float32):
    """Return a layer whose negative slope is learned, one a unit or channel, from 0.25 on: He et al., 2015."""
    return Layer(
        "prelu",
        lambda z, slopes: (a.prelu(z, slopes), (z, slopes)),
        lambda dy, cache: a.prelu_backward(dy, *cache),
        kind=Kind.ACTIVATION,
        slopes=np.full(units, 0.25, dtype),
    )


def rrelu_layer(rng):
    """Return a layer whose negative slopes are random in training, their mean in inference: Xu et al., 2015."""
    return Layer(
        "rrelu",
        lambda z: a.rrelu(z, rng),
        a.rrelu_backward,
        inference=a.rrelu_inference,
        kind=Kind.ACTIVATION,
    )


def batch_norm_layer(
    units, *, decay=0.99, eps=1e-3, dtype=np.float32, batch_norm=normalization.batch_norm,
    batch_norm_backward=normalization.batch_norm_backward, batch_norm_inference=normalization.batch_norm_inference,
    moving_average=normalization.moving_average,
):
    """Return batch normalization for units or channels: the batch's statistics in training, their average in use.

    Give your own functions to let the network use them; the cache must show the batch's mean and variance.
    """

    def observe(cache, statistics):
        batch = {"mean": cache.mean, "variance": cache.variance}
        return {key: moving_average(old, batch[key], decay) for key, old in statistics.items()}

    return Layer(
        "batch norm",
        partial(batch_norm, eps=eps),
        batch_norm_backward,
        inference=partial(batch_norm_inference, eps=eps),
        statistics={"mean": np.zeros(units, dtype), "variance": np.ones(units, dtype)},
        observe=observe,
        kind=Kind.BATCH_NORM,
        gamma=np.ones(units, dtype),
        beta=np.zeros(units, dtype),
    )


def layer_norm_layer(units, *, eps=1e-3, dtype=np.float32):
    """Return layer normalization: every example by its own mean and variance, in training and in use alike."""
    forward = partial(normalization.layer_norm, eps=eps)
    parameters = {"gamma": np.ones(units, dtype), "beta": np.zeros(units, dtype)}
    return Layer("layer norm", forward, normalization.layer_norm_backward, **parameters)


def residual_layer(
    units, s, rng, initializer=he_normal, *, last=lecun_normal, residual_block=residual.residual_block,
    residual_block_backward=residual.residual_block_backward,
):
    """Return a block that adds s times a branch to what comes in: a kernel, ReLU, another kernel, all of those units.

    initializer draws the first kernel, last the second: `initializers.zeros` makes the block begin as the identity.
    Give your own pair to let the network use it.
    """
    w1, w2 = initializer((units, units), rng), last((units, units), rng)

    def forward(x, w1, w2):
        return residual_block(x, w1, w2, s)

    return Layer("residual", forward, residual_block_backward, kind=Kind.RESIDUAL, w1=w1, w2=w2)


def dropout_layer(rate, rng, *, dropout=pairs.dropout, dropout_backward=pairs.dropout_backward):
    """Return a layer that drops a share of the units in training and none in inference; also for `alpha_dropout`."""
    return Layer("dropout", lambda x: dropout(x, rate, rng), dropout_backward, inference=lambda x: x)


def dense_network(
    widths, activation="ReLU", initializer=glorot_uniform, *, rng, inputs=784, classes=10, batch_norm=False,
    dropout=0.0, **options,
):
    """Return a dense network for MNIST: a hidden layer for each of the widths, then one unit a class.

    Parameters
    ----------
    widths : list of int
    activation : (f, f') or a name from `ACTIVATIONS`
    initializer : function (shape, rng) -> weights
        For every layer.
    rng : numpy.random.Generator
        Draws the weights, then what is dropped.
    inputs, classes : int
    batch_norm : bool or function units -> Layer
        Normalize every hidden layer before its activation: by `batch_norm_layer`, or by what the function makes.
    dropout : float
        The share of each hidden layer's units to drop in training.
    **options
        Passed on to `dense_layer`, such as your own dense_backward.

    Returns
    -------
    Network
    """
    top = _dense_layers([inputs, *widths, classes], activation, initializer, rng, batch_norm, dropout, True, **options)
    return Network([image_layer(), *top])


def deep_network(depth, width, activation="ReLU", initializer=glorot_uniform, *, rng, **options):
    """Return a `dense_network` of `depth` hidden layers of `width` units; options as there."""
    return dense_network([width] * depth, activation, initializer, rng=rng, **options)


def residual_network(blocks, width, s=1.0, initializer=he_normal, *, rng, inputs=784, classes=10, **options):
    """Return a residual network for MNIST: a linear layer, blocks, and a linear layer with one unit a class.

    Parameters
    ----------
    blocks, width : int
    s : float
        The factor on every branch.
    initializer : function (shape, rng) -> weights
        For the first kernel of every branch.
    rng : numpy.random.Generator
        Draws the weights.
    inputs, classes : int
    **options
        Passed on to `residual_layer`: last, or your own residual_block and residual_block_backward.

    Returns
    -------
    Network
    """
    bottom = dense_layer((inputs, width), lecun_normal, rng, lowest=True)  # nothing follows it that takes a share
    tower = [residual_layer(width, s, rng, initializer, **options) for _ in range(blocks)]
    return Network([image_layer(), bottom, *tower, dense_layer((width, classes), lecun_normal, rng)])


def conv_network(
    filters, widths, activation="ReLU", initializer=he_normal, *, rng, kernel=3, size=28, classes=10,
    batch_norm=False, dropout=0.0,
):
    """Return a convolutional network for MNIST: convolutions, each followed by pooling, then dense layers.

    Parameters
    ----------
    filters : list of int
        How many each convolution has; every one is followed by activation and 2 × 2 max pooling.
    widths : list of int
        Of the hidden dense layers.
    activation, initializer, rng, classes, batch_norm
        As for `dense_network`.
    kernel, size : int
        Height and width of the filters, and of the images.
    dropout : float
        The share of units to drop in training, of the last image and of every hidden dense layer.

    Returns
    -------
    Network
    """
    layers, channels = [image_layer(flat=False)], 1
    for n in filters:
        lowest = len(layers) == 1
        layers.append(conv_layer((kernel, kernel, channels, n), initializer, rng, lowest=lowest))
        layers += [*_after(n, activation, batch_norm), max_pool_layer()]
        channels, size = n, size // 2
    widths = [size * size * channels, *widths, classes]
    top = _dense_layers(widths, activation, initializer, rng, batch_norm, dropout, False)
    return Network([*layers, flatten_layer(), *([dropout_layer(dropout, rng)] if dropout else []), *top])


def _dense_layers(widths, activation, initializer, rng, batch_norm, dropout, lowest, **options):
    """Return dense layers between units of these numbers, with what follows each but the last."""
    layers = []
    for shape in zip(widths[:-2], widths[1:-1], strict=True):
        layers.append(dense_layer(shape, initializer, rng, lowest=lowest and not layers, **options))
        layers += _after(shape[1], activation, batch_norm) + ([dropout_layer(dropout, rng)] if dropout else [])
    return [*layers, dense_layer(tuple(widths[-2:]), initializer, rng, lowest=lowest and not layers, **options)]


def _after(units, activation, batch_norm):
    """Return what follows a layer's sums: normalization, if wanted, and the activation."""
    if isinstance(activation, str) and activation not in ACTIVATIONS:
        raise ValueError(f"activation is {activation!r}, wanted a pair (f, f') or one of: {', '.join(ACTIVATIONS)}")
    pair = ACTIVATIONS[activation] if isinstance(activation, str) else activation
    norm = batch_norm if callable(batch_norm) else batch_norm_layer
    return [*([norm(units)] if batch_norm else []), activation_layer(*pair)]
