"""The asker's network of notebook 02: what its two faults do, and that mended it is an ordinary one."""

from functools import partial

import numpy as np
import pytest

from course_lib.datasets import Split
from course_lib.exercises.nb02_initializers import askers_network, mended_network
from course_lib.exercises.nb02_initializers.asker import BIAS, askers_layer, first_layer
from course_lib.losses import softmax_cross_entropy
from course_lib.measuring import profile


def generator(seed=0):
    return np.random.default_rng(seed)


def digits(rows=32):
    return generator(1).integers(0, 256, (rows, 28, 28), dtype=np.uint8), generator(2).integers(0, 10, rows)


@pytest.mark.parametrize("make, times, fans", [(askers_network, 2, (784, 784)), (mended_network, 1, (25, 200))])
def test_the_networks_have_the_faults_or_not(make, times, fans):
    network = make(generator())
    params = network.params
    names = [layer.name for layer in network.layers]
    assert names == ["image", *["conv", "activation", "pool"] * 2, "flatten", "dense"]
    assert all((params[f"conv {i}/b"] == np.float32(BIAS)).all() for i in (1, 2))
    for i, fan in enumerate(fans, 1):
        w = params[f"conv {i}/w"]
        assert w.dtype == np.float32 and w.std() == pytest.approx((2 / fan) ** 0.5, rel=4 / w.size**0.5)
    x = np.zeros((1, 28, 28, 1), np.float32)
    for y in (network.layers[1].forward(x, *network.layers[1].params.values())[0],
              network.layers[1].inference(x, *network.layers[1].params.values())):
        np.testing.assert_allclose(y, times * BIAS, rtol=1e-6)


@pytest.mark.parametrize("make", [askers_network, mended_network])
def test_gradients_of_the_biases_are_finite_differences(make):
    network, (x, labels) = make(generator()), digits(4)
    network.params = {key: w.astype(np.float64) for key, w in network.params.items()}
    logits, caches = network.forward(x)
    grads = network.backward(softmax_cross_entropy(logits, labels)[1], caches)
    for key in ("conv 1/b", "conv 2/b"):
        losses = []
        for step in (1e-4, -1e-4):
            moved = network.params[key].copy()
            moved[3] += step
            before, network.params = network.params, network.params | {key: moved}
            losses.append(softmax_cross_entropy(network.forward(x)[0], labels)[0])
            network.params = before
        assert grads[key][3] == pytest.approx((losses[0] - losses[1]) / 2e-4, rel=1e-3, abs=1e-6)


def test_the_askers_signal_is_a_fraction_and_mostly_bias():
    x, y = digits(64)
    data = Split(x, y, x[:0], y[:0], x[:0], y[:0])
    bad, good = (profile(make, data, range(2), batch_size=32) for make in (askers_network, mended_network))
    assert (bad.activation < 0.6 * good.activation).all()
    assert (bad.different[:, 1] < good.different[:, 1]).all()


def test_the_askers_layer_differs_from_the_mended_one_by_the_two_faults():
    images, b = generator().standard_normal((2, 6, 6, 1)), np.array([0.3, -0.2])
    layer = partial(first_layer, images, (5, 5, 1, 2), b)
    (y, w), (theirs, their_w) = layer(generator()), askers_layer(images, (5, 5, 1, 2), b, generator())
    np.testing.assert_allclose(their_w, w * (25 / 784) ** 0.5)
    sums = y[y > 0].size, theirs[theirs > 0].size
    assert y.shape == theirs.shape == (2, 6, 6, 2) and all(sums) and (y >= 0).all()
