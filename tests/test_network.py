"""Networks: gradients of a whole network, names and parameters, and the signals inside."""

import numpy as np
import pytest

from course_lib import layers as pairs
from course_lib.activations import relu, relu_derivative, tanh
from course_lib.datasets import MNIST_MEAN, MNIST_STD
from course_lib.gradcheck import numerical_gradient
from course_lib.initializers import glorot_uniform, he_normal, standard_normal
from course_lib.losses import softmax_cross_entropy
from course_lib.network import (
    ACTIVATIONS,
    Layer,
    Network,
    activation_layer,
    deep_network,
    dense_layer,
    image_layer,
    signals,
)


def small(name="tanh", seed=0, **options):
    """Two hidden layers and an output, in float64, with biases that aren't zero."""
    rng, layers = np.random.default_rng(seed), []
    for shape in ((4, 6), (6, 5), (5, 3)):
        layer = dense_layer(shape, standard_normal, rng, dtype=np.float64, **options)
        layer.params["b"] = rng.standard_normal(shape[1])
        layers += [layer, activation_layer(*ACTIVATIONS[name])]
    return Network(layers[:-1])


def batch(seed=1, rows=8):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((rows, 4)), rng.integers(0, 3, rows)


def images(rows=16):
    rng = np.random.default_rng(2)
    return rng.integers(0, 256, (rows, 28, 28), dtype=np.uint8), rng.integers(0, 10, rows)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_gradient_is_the_finite_difference(name):
    network, (x, labels) = small(name), batch()
    logits, caches = network.forward(x)
    grads = network.backward(softmax_cross_entropy(logits, labels)[1], caches)
    params = network.params
    assert list(grads) == list(params)
    for key in params:

        def loss(value, key=key):
            network.params = {**params, key: value}
            return softmax_cross_entropy(network.forward(x)[0], labels)[0]

        np.testing.assert_allclose(grads[key], numerical_gradient(loss, params[key]), atol=1e-8, err_msg=key)


def test_trace_backward_gives_the_gradient_at_every_output():
    network, (x, labels) = small(), batch()
    logits, caches = network.forward(x)
    dlogits = softmax_cross_entropy(logits, labels)[1]
    deltas, grads = network.trace_backward(dlogits, caches)
    assert len(deltas) == len(network.layers) and deltas[-1] is dlogits
    for i in (1, 2):
        below, above = Network(network.layers[:i]), Network(network.layers[i:])
        hidden = below.forward(x)[0]
        numerical = numerical_gradient(
            lambda h, n=above: softmax_cross_entropy(n.forward(h)[0], labels)[0], hidden
        )
        np.testing.assert_allclose(deltas[i - 1], numerical, atol=1e-8)
    assert all(np.array_equal(grads[key], g) for key, g in network.backward(dlogits, caches).items())


def test_parameters_have_names_and_can_be_replaced():
    network, (x, _) = small(), batch()
    params = network.params
    assert list(params) == ["dense 1/w", "dense 1/b", "dense 2/w", "dense 2/b", "dense 3/w", "dense 3/b"]
    assert network.names == ["dense 1", "activation 1", "dense 2", "activation 2", "dense 3"]
    before = network.forward(x)[0]
    network.params = dict(reversed([(key, value * 2) for key, value in params.items()]))
    assert list(network.params) == list(params) and np.array_equal(
        network.params["dense 2/b"], 2 * params["dense 2/b"]
    )
    assert not np.allclose(network.forward(x)[0], before)
    network.params = params
    assert np.array_equal(network.forward(x)[0], before)


def test_predict_is_the_largest_logit():
    network, (x, _) = small(), batch()
    predicted = network.predict(x)
    assert predicted.dtype.kind == "i" and predicted.tolist() == [
        row.tolist().index(max(row)) for row in network.forward(x)[0]
    ]
    assert network.predict(x[:0]).shape == (0,)


def test_image_layer_standardizes_whole_numbers():
    x, _ = images(3)
    y, cache = image_layer().forward(x)
    assert y.shape == (3, 784) and y.dtype == np.float32
    np.testing.assert_allclose(y, (x.reshape(3, 784) - MNIST_MEAN) / MNIST_STD, atol=1e-5)
    assert image_layer().backward(y, cache) == (None,)
    assert image_layer(0, 255).forward(x)[0].max() == x.max() / np.float32(255)


def test_deep_network_has_the_layers_asked_for():
    network = deep_network(3, 7, "tanh", he_normal, rng=np.random.default_rng(0), inputs=16, classes=4)
    shapes = {key: value.shape for key, value in network.params.items() if key.endswith("w")}
    assert shapes == {"dense 1/w": (16, 7), "dense 2/w": (7, 7), "dense 3/w": (7, 7), "dense 4/w": (7, 4)}
    assert [layer.name for layer in network.layers] == ["image", *["dense", "activation"] * 3, "dense"]
    assert all(p.dtype == np.float32 for p in network.params.values())
    assert not any(p.any() for key, p in network.params.items() if key.endswith("b"))
    wanted = he_normal((16, 7), np.random.default_rng(0))
    assert np.array_equal(network.params["dense 1/w"], wanted)
    assert network.layers[2].forward(np.ones(1))[0] == tanh(np.ones(1))


def test_defaults_are_relu_and_glorot():
    network = deep_network(1, 5, rng=np.random.default_rng(3))
    assert np.array_equal(network.params["dense 1/w"], glorot_uniform((784, 5), np.random.default_rng(3)))
    z = np.array([-1.0, 2.0])
    y, cache = network.layers[2].forward(z)
    assert y.tolist() == [0, 2] and network.layers[2].backward(np.ones(2), cache)[0].tolist() == [0, 1]


def test_your_own_pair_is_used():
    calls = []

    def my_dense(x, w, b):
        calls.append("forward")
        return pairs.dense(x, w, b)

    def my_backward(dy, cache):
        calls.append("backward")
        return pairs.dense_backward(dy, cache)

    (x, labels), rng = images(), np.random.default_rng(0)
    network = deep_network(2, 5, (relu, relu_derivative), rng=rng, dense=my_dense, dense_backward=my_backward)
    logits, caches = network.forward(x)
    network.backward(softmax_cross_entropy(logits, labels)[1], caches)
    assert calls == ["forward"] * 3 + ["backward"] * 3


def test_a_backward_pass_that_forgets_a_gradient_is_noticed():
    layer = dense_layer((4, 2), glorot_uniform, np.random.default_rng(0))
    network = Network([Layer("dense", layer.forward, lambda dy, cache: (dy,), **layer.params)])
    y, caches = network.forward(batch()[0])
    with pytest.raises(ValueError):
        network.backward(y, caches)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_signals_equal_a_plain_loop(name):
    f, slope = ACTIVATIONS[name]
    network = deep_network(4, 6, name, standard_normal, rng=np.random.default_rng(5))
    (x, labels), p = images(), network.params
    found = signals(network, x, labels)

    h, zs, hs = ((x.reshape(len(x), -1) - MNIST_MEAN) / MNIST_STD).astype(np.float32), [], []
    inputs = [h]
    for i in range(1, 5):
        z = h @ p[f"dense {i}/w"] + p[f"dense {i}/b"]
        h = f(z)
        zs, hs, inputs = [*zs, z], [*hs, h], [*inputs, h]
    logits = h @ p["dense 5/w"] + p["dense 5/b"]
    delta = softmax_cross_entropy(logits, labels)[1]
    deltas, gradients = [], []
    for i in range(4, 0, -1):
        delta = (delta @ p[f"dense {i + 1}/w"].T) * slope(zs[i - 1])
        deltas, gradients = [delta, *deltas], [inputs[i - 1].T @ delta, *gradients]

    wanted = (hs, [slope(z) for z in zs], deltas, gradients)
    for field, got, arrays in zip(found._fields, found, wanted, strict=True):
        assert len(got) == 4
        for mine, theirs in zip(got, arrays, strict=True):
            np.testing.assert_allclose(
                mine, theirs, rtol=1e-3, atol=1e-5 * np.abs(theirs).max(), err_msg=field
            )
