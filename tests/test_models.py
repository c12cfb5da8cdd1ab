"""Layers and networks: whole networks against finite differences and Keras, and each layer in training and in use."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_lib import activations as a
from course_lib import layers as pairs
from course_lib import normalization, residual
from course_lib.conv import max_pool2d
from course_lib.datasets import MNIST_MEAN, MNIST_STD
from course_lib.fast_conv import conv2d
from course_lib.gradcheck import numerical_gradient
from course_lib.initializers import glorot_uniform, he_normal, standard_normal, zeros
from course_lib.losses import softmax_cross_entropy
from course_lib.models import (
    ACTIVATIONS,
    activation_layer,
    batch_norm_layer,
    conv_layer,
    conv_network,
    deep_network,
    dense_layer,
    dense_network,
    dropout_layer,
    flatten_layer,
    image_layer,
    layer_norm_layer,
    max_pool_layer,
    prelu_layer,
    residual_layer,
    residual_network,
    rrelu_layer,
)
from course_lib.network import Kind, Layer, Network

ks = keras.activations
KERAS = {
    "logistic": ks.sigmoid,
    "tanh": ks.tanh,
    "ReLU": ks.relu,
    "leaky ReLU": ks.leaky_relu,
    "ELU": ks.elu,
    "SELU": ks.selu,
    "GELU": ks.gelu,
    "SiLU": ks.silu,
    "Mish": ks.mish,
    "softplus": ks.softplus,
    "hard sigmoid": ks.hard_sigmoid,
}
WIDE = {"dtype": np.float64}
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


class Frozen:
    """A generator that draws the same numbers every time, so that what is dropped stays."""

    def random(self, shape):
        return np.random.default_rng(5).random(shape)

    def uniform(self, low, high, shape):
        return np.random.default_rng(5).uniform(low, high, shape)


def generator(seed=0):
    return np.random.default_rng(seed)


def images(rows=16, classes=10):
    return generator(2).integers(0, 256, (rows, 28, 28), dtype=np.uint8), generator(3).integers(0, classes, rows)


def shaken(network, seed=1):
    """Return the network with weights of which none is 0 or 1, so that every part of every gradient matters."""
    draw = generator(seed)
    network.params = {key: p + 0.3 * draw.standard_normal(p.shape).astype(p.dtype) for key, p in network.params.items()}
    return network


def gradients(network, x, labels):
    logits, caches = network.forward(x)
    return network.backward(softmax_cross_entropy(logits, labels)[1], caches)


def dense(*shape, **options):
    return dense_layer(shape, glorot_uniform, generator(), **WIDE, **options)


def conv(*shape, **options):
    return conv_layer(shape, he_normal, generator(), **WIDE, **options)


def shift():
    """A layer whose parameter's gradient is the gradient of the whole network's input."""
    return Layer("input", lambda x, x0: (x + x0, None), lambda dy, cache: (dy, dy), x0=np.zeros((5, 6, 6, 2)))


def tower(*middle):
    """A convolutional network in float64, for images of 6 by 6 pixels and 2 channels."""
    return [shift(), *middle, flatten_layer(), dense(36 * 2, 4)]


def act(name="GELU"):
    return activation_layer(*ACTIVATIONS[name])


WIDER = partial(he_normal, **WIDE)
NETWORKS = {
    "dense": lambda: [shift(), flatten_layer(), dense(72, 5), act("tanh"), dense(5, 6), act(), dense(6, 4)],
    "convolutional": lambda: [
        shift(), conv(3, 3, 2, 3), act("ReLU"), max_pool_layer(), conv(2, 2, 3, 3, stride=2, padding=1), act("ELU"),
        max_pool_layer(2, 1), flatten_layer(), dense(3, 4),
    ],
    "batch norm": lambda: [
        shift(), conv(3, 3, 2, 3), batch_norm_layer(3, **WIDE), act(), flatten_layer(), dense(108, 5),
        batch_norm_layer(5, eps=0.1, **WIDE), act("SELU"), dense(5, 4),
    ],
    "layer norm": lambda: [
        *tower(conv(3, 3, 2, 2), layer_norm_layer(2, eps=0.1, **WIDE), act("Mish")), layer_norm_layer(4, **WIDE),
    ],
    "prelu": lambda: [*tower(conv(1, 1, 2, 2), prelu_layer(2, **WIDE)), prelu_layer(4, **WIDE)],
    "prelu for each pixel": lambda: tower(conv(1, 1, 2, 2), prelu_layer((6, 6, 2), **WIDE)),
    "prelu, shared": lambda: tower(conv(1, 1, 2, 2), prelu_layer((1, 1, 2), **WIDE)),
    "rrelu": lambda: tower(conv(1, 1, 2, 2), rrelu_layer(Frozen())),
    "residual": lambda: [
        shift(), flatten_layer(), dense(72, 5), residual_layer(5, 0.7, generator(), WIDER, last=WIDER),
        residual_layer(5, 0.3, generator(1), WIDER, last=WIDER), dense(5, 4),
    ],
    "dropout": lambda: [*tower(dropout_layer(0.3, Frozen())), dropout_layer(0.5, Frozen()), dense(4, 4)],
    "alpha dropout": lambda: tower(
        act("SELU"),
        dropout_layer(0.3, Frozen(), dropout=pairs.alpha_dropout, dropout_backward=pairs.alpha_dropout_backward)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_gradient_of_a_whole_network_is_the_finite_difference(name):
    network = shaken(Network(NETWORKS[name]()))
    x, labels = generator(1).standard_normal((5, 6, 6, 2)), np.array([0, 1, 2, 3, 3])
    grads, params = gradients(network, x, labels), network.params
    assert list(grads) == list(params)
    lost = {"conv 1/b", "dense 1/b"} if name == "batch norm" else set()  # it subtracts what a bias added
    assert {key for key, grad in grads.items() if np.abs(grad).max() < 1e-8} == lost
    for key in params:

        def loss(value, key=key):
            network.params = {**params, key: value}
            return softmax_cross_entropy(network.forward(x)[0], labels)[0]

        np.testing.assert_allclose(grads[key], numerical_gradient(loss, params[key]), atol=1e-8, err_msg=key)


KERAS_LAYERS = [
    keras.layers.Conv2D(3, 3, padding="same"), keras.layers.BatchNormalization(momentum=0.9, epsilon=0.01),
    keras.layers.Activation("relu"), keras.layers.MaxPooling2D(), keras.layers.Conv2D(4, 2, strides=2),
    keras.layers.PReLU(shared_axes=[1, 2]), keras.layers.Flatten(), keras.layers.Dense(6),
    keras.layers.LayerNormalization(), keras.layers.Activation("silu"), keras.layers.Dense(5),
    keras.layers.BatchNormalization(), keras.layers.Activation("tanh"), keras.layers.Dense(4),
]


def same_network():
    """The same layers, in float64, for images of 8 by 8 pixels and 2 channels."""
    return shaken(Network([
        conv(3, 3, 2, 3), batch_norm_layer(3, decay=0.9, eps=0.01, **WIDE), act("ReLU"), max_pool_layer(),
        conv(2, 2, 3, 4, stride=2, padding="valid"), prelu_layer(4, **WIDE), flatten_layer(), dense(16, 6),
        layer_norm_layer(6, **WIDE), act("SiLU"), dense(6, 5), batch_norm_layer(5, **WIDE), act("tanh"), dense(5, 4),
    ]))


def keras_model(network):
    """Return the Keras model with this network's weights."""
    layers = [type(layer).from_config(layer.get_config() | {"dtype": "float64"}) for layer in KERAS_LAYERS]
    model = keras.Sequential([keras.Input((8, 8, 2), dtype="float64"), *layers])
    for theirs, ours in zip(layers, network.layers, strict=True):
        weights = [*ours.params.values(), *ours.statistics.values()]
        theirs.set_weights([w.reshape(old.shape) for w, old in zip(weights, theirs.get_weights(), strict=True)])
    return model


def test_a_network_of_all_kinds_equals_keras_in_training_and_in_use():
    network, x, labels = same_network(), generator(1).standard_normal((7, 8, 8, 2)), np.array([0, 1, 2, 3, 3, 2, 1])
    model = keras_model(network)
    for _ in range(3):
        logits, caches = network.forward(x)
        loss, dlogits = softmax_cross_entropy(logits, labels)
        with tf.GradientTape() as tape:
            theirs = model(x, training=True)
            their_loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, theirs))
        np.testing.assert_allclose(logits, theirs, atol=1e-12)
        assert loss == pytest.approx(float(their_loss), rel=1e-12)
        wanted = tape.gradient(their_loss, [w.value for w in model.trainable_weights])
        for (key, got), grad in zip(network.backward(dlogits, caches).items(), wanted, strict=True):
            np.testing.assert_allclose(got, np.reshape(grad, got.shape), atol=1e-12, err_msg=key)
        network.observe(caches)
        for (key, got), theirs in zip(network.statistics.items(), model.non_trainable_weights, strict=True):
            np.testing.assert_allclose(got, theirs, rtol=1e-12, err_msg=key)
        np.testing.assert_allclose(network.inference(x[:3]), model(x[:3], training=False), atol=1e-12)
        x = x + 0.5


def test_a_conv_network_for_mnist_equals_keras():
    network = shaken(conv_network([3, 4], [6], rng=generator(), batch_norm=True))
    layers = []
    for n in (3, 4):
        layers += [keras.layers.Conv2D(n, 3, padding="same"), keras.layers.BatchNormalization(),
                   keras.layers.Activation("relu"), keras.layers.MaxPooling2D()]
    layers += [keras.layers.Flatten(), keras.layers.Dense(6), keras.layers.BatchNormalization(),
               keras.layers.Activation("relu"), keras.layers.Dense(10)]
    model, (x, _) = keras.Sequential([keras.Input((28, 28, 1)), *layers]), images(5)
    for theirs, ours in zip(layers, network.layers[1:], strict=True):
        theirs.set_weights([*ours.params.values(), *ours.statistics.values()])
    standardized = ((x - MNIST_MEAN) / MNIST_STD)[..., None].astype(np.float32)
    np.testing.assert_allclose(network.forward(x)[0], model(standardized, training=True), atol=2e-4)
    network.observe(network.forward(x)[1])
    np.testing.assert_allclose(network.inference(x), model(standardized, training=False), rtol=1e-4, atol=2e-4)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_name_stands_for_its_function_and_slope(name):
    z = np.linspace(-5.03, 5.01, 41)
    layer = activation_layer(*ACTIVATIONS[name])
    y, cache = layer.forward(z)
    np.testing.assert_allclose(y, KERAS[name](z), atol=1e-7)
    assert np.array_equal(layer.inference(z), y) and not layer.params
    dy = np.linspace(1, 2, 41)
    (dz,) = layer.backward(dy, cache)
    slopes = numerical_gradient(lambda z: float(layer.forward(z)[0].sum()), z)
    np.testing.assert_allclose(dz, dy * slopes, atol=1e-8)


def test_activations_have_keras_counterparts():
    assert ACTIVATIONS.keys() == KERAS.keys()


def test_image_layer_standardizes_whole_numbers():
    x, _ = images(3)
    y, cache = image_layer().forward(x)
    assert y.shape == (3, 784) and y.dtype == np.float32
    np.testing.assert_allclose(y, (x.reshape(3, 784) - MNIST_MEAN) / MNIST_STD, atol=1e-5)
    assert image_layer().backward(y, cache) == (None,)
    assert image_layer(0, 255).forward(x)[0].max() == x.max() / np.float32(255)
    assert np.array_equal(image_layer().inference(x), y)


def test_image_layer_can_keep_height_and_width():
    x, _ = images(3)
    y, _ = image_layer(flat=False).forward(x)
    assert y.shape == (3, 28, 28, 1) and y.dtype == np.float32
    assert np.array_equal(y.reshape(3, 784), image_layer().forward(x)[0])
    assert np.array_equal(image_layer(flat=False).forward(x[..., None])[0], y)
    assert image_layer().forward(x[:0])[0].shape == (0, 784)
    assert image_layer(flat=False).forward(x[:0, :5])[0].shape == (0, 5, 28, 1)


@both_dtypes
def test_dense_and_conv_layers_begin_with_random_weights_and_zero_biases(dtype):
    made = dense_layer((4, 6), standard_normal, generator(), dtype=dtype)
    assert list(made.params) == ["w", "b"] and made.name == "dense"
    assert np.array_equal(made.params["w"], standard_normal((4, 6), generator(), dtype=dtype))
    assert np.array_equal(made.params["b"], np.zeros(6)) and made.params["b"].dtype == dtype
    made = conv_layer((3, 2, 4, 5), he_normal, generator(), dtype=dtype)
    assert list(made.params) == ["w", "b"] and made.name == "conv"
    assert np.array_equal(made.params["w"], he_normal((3, 2, 4, 5), generator(), dtype=dtype))
    assert np.array_equal(made.params["b"], np.zeros(5)) and made.params["b"].dtype == dtype


@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"padding": "valid"}, {"stride": 3, "padding": 2}])
def test_conv_layer_uses_stride_and_padding(options):
    layer, x = conv(3, 3, 2, 3, **options), generator().standard_normal((2, 7, 6, 2))
    w, b = layer.params["w"], np.arange(3.0)
    assert np.array_equal(layer.forward(x, w, b)[0], conv2d(x, w, b, **options)[0])


@pytest.mark.parametrize("options", [{}, {"size": 3}, {"size": 3, "stride": 1}, {"stride": 1}])
def test_max_pool_layer_uses_size_and_stride(options):
    x = generator().standard_normal((2, 7, 6, 2))
    y, cache = max_pool_layer(**options).forward(x)
    assert np.array_equal(y, max_pool2d(x, **options)[0])
    (dx,) = max_pool_layer(**options).backward(np.ones_like(y), cache)
    assert dx.shape == x.shape and dx.sum() == y.size


def test_flatten_layer_and_back():
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    y, cache = flatten_layer().forward(x)
    assert y.tolist() == [list(range(12)), list(range(12, 24))]
    assert np.array_equal(flatten_layer().backward(y, cache)[0], x)
    assert np.array_equal(flatten_layer().inference(x), y)


@pytest.mark.parametrize("lowest", ["dense", "conv"])
def test_the_lowest_layer_gives_the_same_gradients_but_none_of_its_inputs(lowest):
    def make(flag):
        layers = {
            "dense": [flatten_layer(), dense(72, 5, lowest=flag), act(), dense(5, 4)],
            "conv": [conv(3, 3, 2, 2, stride=2, padding=1, lowest=flag), act(), flatten_layer(), dense(18, 4)],
        }[lowest]
        return shaken(Network(layers[1:] if lowest == "dense" else layers))

    x, labels = generator(1).standard_normal((5, 6, 6, 2)), np.array([0, 1, 2, 3, 3])
    x = x.reshape(5, -1) if lowest == "dense" else x
    network, full = make(True), make(False)
    got, wanted = gradients(network, x, labels), gradients(full, x, labels)
    assert list(got) == list(wanted) and all(np.array_equal(got[key], wanted[key]) for key in got)
    y, cache = network.layers[0].forward(x, *network.layers[0].params.values())
    assert network.layers[0].backward(y, cache)[0] is None
    assert full.layers[0].backward(y, cache)[0].shape == x.shape
    assert np.array_equal(network.inference(x), full.inference(x))


def test_prelu_layer_learns_its_slopes_from_a_quarter_on():
    layer, z = prelu_layer(3), generator().standard_normal((5, 3)).astype(np.float32)
    slopes = layer.params["slopes"]
    assert slopes.tolist() == [0.25] * 3 and slopes.dtype == np.float32
    y, cache = layer.forward(z, np.float32([0, 1, 2]))
    assert np.array_equal(y, a.prelu(z, np.float32([0, 1, 2]))) and y.dtype == np.float32
    assert np.array_equal(layer.inference(z, np.float32([0, 1, 2])), y)
    for got, wanted in zip(layer.backward(z, cache), a.prelu_backward(z, z, np.float32([0, 1, 2])), strict=True):
        assert np.array_equal(got, wanted) and got.dtype == np.float32
    assert prelu_layer(3, dtype=np.float64).params["slopes"].dtype == np.float64
    assert prelu_layer((1, 1, 3)).params["slopes"].shape == (1, 1, 3)


def test_rrelu_layer_is_random_in_training_only():
    layer, z = rrelu_layer(generator()), -np.ones((50, 40))
    (y, slopes), (other, _) = layer.forward(z), layer.forward(z)
    assert 1 / 8 <= slopes.min() < 0.13 < 0.32 < slopes.max() < 1 / 3 and not np.array_equal(y, other)
    assert np.array_equal(layer.backward(2 * z, slopes)[0], 2 * z * slopes)
    np.testing.assert_allclose(layer.inference(z), -11 / 48 * np.ones(z.shape))
    assert np.array_equal(rrelu_layer(generator()).forward(z)[0], y)


def test_dropout_layer_drops_in_training_only():
    layer, x = dropout_layer(0.25, generator()), generator().uniform(1, 2, (50, 40))
    (y, mask), (other, _) = layer.forward(x), layer.forward(x)
    assert np.array_equal(y, pairs.dropout(x, 0.25, generator())[0]) and not np.array_equal(y, other)
    assert (y == 0).mean() == pytest.approx(0.25, abs=0.05)
    assert np.array_equal(layer.backward(x, mask)[0], y)
    assert np.array_equal(layer.inference(x), x) and not layer.params


def test_dropout_layer_takes_another_pair():
    pair = {"dropout": pairs.alpha_dropout, "dropout_backward": lambda dy, cache: (7 * dy,)}
    layer, x = dropout_layer(0.25, generator(), **pair), generator().standard_normal((5, 4))
    y, mask = layer.forward(x)
    assert np.array_equal(y, pairs.alpha_dropout(x, 0.25, generator())[0])
    assert np.array_equal(layer.backward(x, mask)[0], 7 * x) and np.array_equal(layer.inference(x), x)


@pytest.mark.parametrize("shape", [(6, 3), (1, 3), (4, 5, 2, 3)])
@pytest.mark.parametrize("options", [{}, {"decay": 0.75, "eps": 0.125}])
def test_batch_norm_layer_equals_keras_in_training_and_in_use(shape, options):
    layer, x = batch_norm_layer(3, **options, **WIDE), 2 + 0.1 * generator().standard_normal(shape)
    assert list(layer.params) == ["gamma", "beta"] and list(layer.statistics) == ["mean", "variance"]
    theirs = keras.layers.BatchNormalization(
        momentum=options.get("decay", 0.99), epsilon=options.get("eps", 1e-3), dtype="float64"
    )
    theirs.build(shape)
    np.testing.assert_array_equal(theirs.get_weights(), [*layer.params.values(), *layer.statistics.values()])
    gamma, beta = np.array([0.5, 1, 2]), np.array([1.0, 0, -1])
    theirs.set_weights([gamma, beta, *theirs.get_weights()[2:]])
    for _ in range(3):
        y, cache = layer.forward(x, gamma, beta)
        np.testing.assert_allclose(y, theirs(x, training=True), atol=1e-12)
        before, layer.statistics = layer.statistics, layer.observe(cache, layer.statistics)
        assert before is not layer.statistics
        np.testing.assert_allclose(list(layer.statistics.values()), theirs.get_weights()[2:], rtol=1e-12)
        y = layer.inference(x, gamma, beta, *layer.statistics.values())
        np.testing.assert_allclose(y, theirs(x, training=False), atol=1e-12)
        x = x + 1
    wanted = normalization.batch_norm_backward(x, cache)
    assert all(np.array_equal(*both) for both in zip(layer.backward(x, cache), wanted, strict=True))


def test_batch_norm_layer_takes_other_functions():
    def own(x, gamma, beta, *, eps):
        return x + eps, normalization.NormCache(x[0], x[1], x, gamma, gamma)

    layer = batch_norm_layer(
        3, eps=0.5, decay=0.25, batch_norm=own, batch_norm_backward=lambda dy, cache: (7 * dy, dy[0], dy[0]),
        batch_norm_inference=lambda x, *arrays, eps: x - eps + sum(arrays),
        moving_average=lambda old, new, decay: new + decay,
    )
    x, ones = generator().standard_normal((2, 3)), np.ones(3)
    y, cache = layer.forward(x, ones, ones)
    assert np.array_equal(y, x + 0.5) and np.array_equal(layer.backward(x, cache)[0], 7 * x)
    assert np.array_equal(layer.inference(x, ones, ones, ones, ones), x + 3.5)
    statistics = layer.observe(cache, layer.statistics)
    assert np.array_equal(statistics["mean"], x[0] + 0.25) and np.array_equal(statistics["variance"], x[1] + 0.25)


@pytest.mark.parametrize("options", [{}, {"eps": 0.125}])
def test_layer_norm_layer_equals_keras(options):
    layer, x = layer_norm_layer(3, **options, **WIDE), 2 + 0.1 * generator().standard_normal((4, 5, 2, 3))
    theirs = keras.layers.LayerNormalization(epsilon=options.get("eps", 1e-3), dtype="float64")
    theirs.build(x.shape)
    np.testing.assert_array_equal(theirs.get_weights(), list(layer.params.values()))
    theirs.set_weights([np.array([0.5, 1, 2]), np.array([1.0, 0, -1])])
    y = layer.forward(x, *theirs.get_weights())[0]
    np.testing.assert_allclose(y, theirs(x), atol=1e-12)
    assert np.array_equal(layer.inference(x, *theirs.get_weights()), y)
    assert list(layer.params) == ["gamma", "beta"] and not layer.statistics


@both_dtypes
def test_normalizing_layers_keep_the_dtype_asked_for(dtype):
    for make in (batch_norm_layer, layer_norm_layer, prelu_layer):
        network = Network([make(3, dtype=dtype)])
        y, caches = network.forward(np.ones((4, 3), dtype))
        network.observe(caches)
        arrays = [y, *network.weights.values(), *network.backward(y, caches).values(), network.inference(y)]
        assert {array.dtype for array in arrays} == {np.dtype(dtype)}
    assert {w.dtype for make in (batch_norm_layer, layer_norm_layer) for w in Network([make(3)]).weights.values()} == {
        np.dtype(np.float32)
    }


def test_layers_say_what_they_are():
    rng = np.random.default_rng(0)
    made = {
        Kind.WEIGHTED: [dense_layer((2, 2), he_normal, rng), conv_layer((3, 3, 1, 2), he_normal, rng)],
        Kind.ACTIVATION: [activation_layer(*ACTIVATIONS["ReLU"]), prelu_layer(2), rrelu_layer(rng)],
        Kind.BATCH_NORM: [batch_norm_layer(2)],
        Kind.OTHER: [image_layer(), flatten_layer(), max_pool_layer(), dropout_layer(0.5, rng), layer_norm_layer(2)],
        Kind.RESIDUAL: [residual_layer(2, 1.0, rng)],
    }
    assert list(made) and set(made) == set(Kind) and len(Kind) == 5
    assert all(layer.kind is kind for kind, layers in made.items() for layer in layers)


def kinds(network):
    return [layer.name for layer in network.layers]


def test_deep_network_has_the_layers_asked_for():
    network = deep_network(3, 7, "tanh", he_normal, rng=generator(), inputs=16, classes=4)
    shapes = {key: value.shape for key, value in network.params.items() if key.endswith("w")}
    assert shapes == {"dense 1/w": (16, 7), "dense 2/w": (7, 7), "dense 3/w": (7, 7), "dense 4/w": (7, 4)}
    assert kinds(network) == ["image", *["dense", "activation"] * 3, "dense"]
    assert all(p.dtype == np.float32 for p in network.params.values())
    assert not any(p.any() for key, p in network.params.items() if key.endswith("b"))
    assert np.array_equal(network.params["dense 1/w"], he_normal((16, 7), generator()))
    assert network.layers[2].forward(np.ones(1))[0] == a.tanh(np.ones(1))
    same = dense_network([7, 7, 7], "tanh", he_normal, rng=generator(), inputs=16, classes=4)
    assert all(np.array_equal(same.params[key], w) for key, w in network.params.items())
    assert kinds(deep_network(0, 7, rng=generator())) == ["image", "dense"]


def test_deep_network_passes_its_options_on():
    network = deep_network(2, 5, rng=generator(), batch_norm=True, dropout=0.5, scale=3.0, initializer=scaled)
    assert kinds(network) == ["image", *["dense", "batch norm", "activation", "dropout"] * 2, "dense"]
    assert all((w == 3).all() for key, w in network.params.items() if key.endswith("w"))


def scaled(shape, rng, *, scale=1.0):
    return np.full(shape, np.float32(scale))


def test_dense_network_has_the_layers_asked_for():
    network = dense_network([7, 5], (np.sin, np.cos), he_normal, rng=generator(), inputs=16, classes=4)
    assert kinds(network) == ["image", *["dense", "activation"] * 2, "dense"]
    rng = generator()
    for key, shape in {"dense 1/w": (16, 7), "dense 2/w": (7, 5), "dense 3/w": (5, 4)}.items():
        assert np.array_equal(network.params[key], he_normal(shape, rng))  # drawn from the lowest layer upwards
    x = generator(1).integers(0, 256, (3, 4, 4), dtype=np.uint8)
    h = ((x.reshape(3, 16) - MNIST_MEAN) / MNIST_STD).astype(np.float32)
    for key in ("dense 1/w", "dense 2/w"):
        h = np.sin(h @ network.params[key])
    np.testing.assert_allclose(network.inference(x), h @ network.params["dense 3/w"], rtol=1e-4, atol=1e-5)
    assert kinds(dense_network([], rng=generator())) == ["image", "dense"]


def test_dense_network_normalizes_before_the_activation_and_drops_after_it():
    network = dense_network([7, 5], rng=generator(), batch_norm=True, dropout=0.25)
    assert kinds(network) == ["image", *["dense", "batch norm", "activation", "dropout"] * 2, "dense"]
    assert [w.shape for w in network.statistics.values()] == [(7,), (7,), (5,), (5,)]
    y, _ = network.layers[4].forward(np.ones((100, 100)))
    assert set(np.unique(y)) == {0, 1 / 0.75} and (y == 0).mean() == pytest.approx(0.25, abs=0.02)
    x, _ = images(4)
    same = dense_network([7, 5], rng=generator(), batch_norm=True, dropout=0.25)
    same.layers[4].forward(np.ones((100, 100)))
    assert np.array_equal(network.forward(x)[0], same.forward(x)[0])  # what is dropped comes from the same rng
    rng = generator()
    weights = dense_network([7, 5], rng=rng, dropout=0.25)
    assert weights.layers[3].forward(np.ones(9))[0].tolist() == pairs.dropout(np.ones(9), 0.25, skipped())[0].tolist()


def test_dense_and_conv_networks_normalize_by_whatever_they_are_given():
    network = dense_network([7, 5], rng=generator(), batch_norm=layer_norm_layer)
    assert kinds(network) == ["image", *["dense", "layer norm", "activation"] * 2, "dense"]
    assert [layer.params["gamma"].shape for layer in network.layers if layer.name == "layer norm"] == [(7,), (5,)]
    network = conv_network([3], [6], rng=generator(), batch_norm=layer_norm_layer)
    assert [layer.params["gamma"].shape for layer in network.layers if layer.name == "layer norm"] == [(3,), (6,)]


def skipped():
    """A generator from which the weights of a 784-7-5-10 network have been drawn."""
    rng = generator()
    for shape in ((784, 7), (7, 5), (5, 10)):
        glorot_uniform(shape, rng)
    return rng


def test_defaults_are_relu_and_glorot_for_dense_networks_and_he_for_convolutions():
    for network in (deep_network(1, 5, rng=generator(3)), dense_network([5], rng=generator(3))):
        assert np.array_equal(network.params["dense 1/w"], glorot_uniform((784, 5), generator(3)))
        assert network.params["dense 2/w"].shape == (5, 10)
    convolutional = conv_network([4], [5], rng=generator(3))
    assert np.array_equal(convolutional.params["conv 1/w"], he_normal((3, 3, 1, 4), generator(3)))
    z = np.array([-1.0, 2.0])
    for activation in (network.layers[2], convolutional.layers[2]):
        y, cache = activation.forward(z)
        assert y.tolist() == [0, 2] and activation.backward(np.ones(2), cache)[0].tolist() == [0, 1]


def test_conv_network_has_the_layers_asked_for():
    network = conv_network([3, 4], [6, 5], "tanh", scaled, rng=generator(), kernel=5, size=18, classes=7)
    block = ["conv", "activation", "pool"]
    assert kinds(network) == ["image", *block * 2, "flatten", *["dense", "activation"] * 2, "dense"]
    assert {key: w.shape for key, w in network.params.items() if key.endswith("w")} == {
        "conv 1/w": (5, 5, 1, 3), "conv 2/w": (5, 5, 3, 4), "dense 1/w": (4 * 4 * 4, 6), "dense 2/w": (6, 5),
        "dense 3/w": (5, 7),
    }
    assert all((w == 1).all() for key, w in network.params.items() if key.endswith("w"))
    assert network.inference(np.zeros((2, 18, 18), np.uint8)).shape == (2, 7)
    assert np.array_equal(network.layers[2].forward(np.ones(1))[0], np.tanh(np.ones(1)))


def test_conv_network_normalizes_and_drops():
    network = conv_network([3, 4], [6], rng=generator(), batch_norm=True, dropout=0.25)
    assert kinds(network) == [
        "image", *["conv", "batch norm", "activation", "pool"] * 2, "flatten", "dropout", "dense", "batch norm",
        "activation", "dropout", "dense",
    ]
    assert [w.shape for w in network.statistics.values()] == [(3,), (3,), (4,), (4,), (6,), (6,)]
    rng = generator()
    for key in ("conv 1/w", "conv 2/w", "dense 1/w", "dense 2/w"):
        assert np.array_equal(network.params[key], he_normal(network.params[key].shape, rng))
    for i in (10, 14):
        y, _ = network.layers[i].forward(np.ones((100, 100)))
        assert (y == 0).mean() == pytest.approx(0.25, abs=0.02)
    x, labels = images(4)
    assert list(gradients(network, x, labels)) == list(network.params)


@pytest.mark.parametrize(("filters", "widths"), [([], [5]), ([], []), ([2], []), ([2, 3], [5])])
def test_any_number_of_layers_can_learn(filters, widths):
    (x, labels), options = images(6), {"dropout": 0.2, "batch_norm": True}
    network = conv_network(filters, widths, rng=generator(), **options)
    grads = gradients(network, x, labels)
    assert {key: g.shape for key, g in grads.items()} == {key: p.shape for key, p in network.params.items()}
    network = dense_network(widths, rng=generator(), **options)
    assert list(gradients(network, x, labels)) == list(network.params)


def test_residual_network_has_the_blocks_asked_for():
    network = residual_network(3, 7, 0.25, scaled, rng=generator(), inputs=16, classes=4)
    assert kinds(network) == ["image", "dense", *["residual"] * 3, "dense"]
    assert {key: w.shape for key, w in network.params.items() if key[-1] != "b"} == {
        "dense 1/w": (16, 7), **{f"residual {i}/w{j}": (7, 7) for i in (1, 2, 3) for j in (1, 2)}, "dense 2/w": (7, 4)}
    assert all((network.params[f"residual {i}/w1"] == 1).all() for i in (1, 2, 3))
    assert all(w.dtype == np.float32 for w in network.params.values())
    x = np.ones((1, 7), np.float32)
    w2 = network.params["residual 2/w2"]
    y = network.layers[3].inference(x, np.ones((7, 7)), w2)
    np.testing.assert_allclose(y, 1 + 0.25 * 7 * w2.sum(axis=0)[np.newaxis], 1e-5)
    assert kinds(residual_network(0, 7, rng=generator())) == ["image", "dense", "dense"]


def test_a_residual_network_keeps_sizes_as_its_initializers_promise():
    network = residual_network(1, 400, rng=generator(), classes=300)
    stds = {key: w.std() * len(w) ** 0.5 for key, w in network.params.items() if key[-1] != "b"}
    wanted = {"dense 1/w": 1, "residual 1/w1": 2**0.5, "residual 1/w2": 1, "dense 2/w": 1}
    assert stds == pytest.approx(wanted, rel=0.02)
    x = generator(1).standard_normal((50, 400)).astype(np.float32)
    y = network.layers[2].inference(x, *network.layers[2].params.values())
    assert np.mean(y**2) == pytest.approx(2, rel=0.05)  # a factor of 1 by default: the branch adds as much again


def test_a_last_kernel_of_zeros_makes_a_block_the_identity():
    network = residual_network(4, 6, rng=generator(), last=zeros)
    (x, labels), bottom = images(), network.layers[:2]
    h = bottom[0].inference(x)
    h = bottom[1].inference(h, *bottom[1].params.values())
    outputs = [network.layers[2].forward(h, *network.layers[2].params.values())[0]]
    assert np.array_equal(outputs[0], h)
    grads = gradients(network, x, labels)
    assert not grads["residual 1/w1"].any() and grads["residual 1/w2"].any()


def test_your_own_block_is_used():
    calls = []

    def block(x, w1, w2, s):
        calls.append(s)
        return residual.residual_block(x, w1, w2, s)

    def backward(dy, cache):
        calls.append("backward")
        return residual.residual_block_backward(dy, cache)

    x, labels = images()
    network = residual_network(2, 5, 0.5, rng=generator(), residual_block=block, residual_block_backward=backward)
    mine = gradients(network, x, labels)
    assert calls == [0.5, 0.5, "backward", "backward"]
    given = gradients(residual_network(2, 5, 0.5, rng=generator()), x, labels)
    assert all(np.array_equal(given[key], g) for key, g in mine.items())


@pytest.mark.parametrize(
    "make", [partial(dense_network, [5, 5]), partial(residual_network, 2, 5), partial(conv_network, [2, 3], [5])]
)
def test_nothing_is_computed_below_the_lowest_layer_that_learns(make):
    network, (x, labels) = make(rng=generator()), images(3)
    logits, caches = network.forward(x)
    deltas, _ = network.trace_backward(softmax_cross_entropy(logits, labels)[1], caches)
    assert deltas[0] is None and all(delta is not None for delta in deltas[1:])


def test_your_own_pair_is_used():
    calls = []

    def my_dense(x, w, b):
        calls.append("forward")
        return pairs.dense(x, w, b)

    def my_backward(dy, cache):
        calls.append("backward")
        return pairs.dense_backward(dy, cache)

    x, labels = images()
    own = {"dense": my_dense, "dense_backward": my_backward}
    network = deep_network(2, 5, (a.relu, a.relu_derivative), rng=generator(), **own)
    mine = gradients(network, x, labels)
    assert calls == ["forward"] * 3 + ["backward"] * 3
    given = gradients(deep_network(2, 5, rng=generator()), x, labels)
    assert all(np.array_equal(given[key], g) for key, g in mine.items())


def test_an_unknown_activation_is_named():
    for make in (partial(dense_network, [5]), partial(conv_network, [5], [])):
        with pytest.raises(ValueError, match="activation is 'relu', wanted .* logistic, tanh, ReLU"):
            make("relu", rng=generator())
