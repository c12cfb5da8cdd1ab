"""Folding batch norm away: the same outputs from fewer layers, and what can't be folded."""

from functools import partial

import numpy as np
import pytest

from course_lib.folding import folded
from course_lib.initializers import glorot_uniform
from course_lib.models import ACTIVATIONS, activation_layer, batch_norm_layer, conv_network, dense_layer, dense_network
from course_lib.network import Kind, Network


def trained(kind, eps):
    """Return a network whose statistics and parameters are those of no network at its beginning."""
    make = {"dense": partial(dense_network, [7, 5]), "conv": partial(conv_network, [3, 4], [6])}[kind]
    rng = np.random.default_rng(0)
    network = make(rng=rng, batch_norm=partial(batch_norm_layer, eps=eps))
    network.weights = {key: value + rng.uniform(0.1, 0.6, value.shape).astype(value.dtype)
                       for key, value in network.weights.items()}
    return network


def kinds(network):
    return [layer.name for layer in network.layers]


@pytest.mark.parametrize("kind", ["dense", "conv"])
def test_folded_network_gives_the_same_without_batch_norm(kind):
    network = trained(kind, 0.25)
    x = np.random.default_rng(1).integers(256, size=(4, 28, 28)).astype(np.uint8)
    before = {key: value.copy() for key, value in network.weights.items()}
    merged = folded(network, eps=0.25)
    assert "batch norm" not in kinds(merged) and kinds(merged) == [k for k in kinds(network) if k != "batch norm"]
    np.testing.assert_allclose(merged.inference(x), network.inference(x), rtol=1e-4, atol=1e-5)
    assert all(np.array_equal(value, before[key]) for key, value in network.weights.items())
    zero = folded(network, fold=lambda w, b, *rest, eps: (0 * w, 0 * b))
    assert not zero.params[f"{kind} 1/w"].any() and network.params[f"{kind} 1/w"].any()


def test_only_sums_take_batch_norm_in():
    rng = np.random.default_rng(0)
    alone = Network([batch_norm_layer(3)])
    with pytest.raises(ValueError, match="folded: before batch norm 1 comes nothing, wanted a dense or conv"):
        folded(alone)
    below = [dense_layer((3, 3), glorot_uniform, rng), activation_layer(*ACTIVATIONS["ReLU"])]
    after = Network([*below, batch_norm_layer(3)])
    with pytest.raises(ValueError, match="folded: before batch norm 1 comes activation"):
        folded(after)


def test_layers_are_known_whatever_they_are_called():
    network, x = trained("dense", 1e-3), np.zeros((2, 28, 28), np.uint8)
    for layer in network.layers:
        layer.name = {"batch norm": "my norm", "dense": "my sums"}.get(layer.name, layer.name)
    merged = folded(Network(network.layers))
    assert "my norm" not in kinds(merged) and kinds(merged).count("my sums") == 3
    np.testing.assert_allclose(merged.inference(x), network.inference(x), rtol=1e-4, atol=1e-5)
    assert kinds(folded(merged)) == kinds(merged) and [layer.kind for layer in merged.layers].count(Kind.WEIGHTED) == 3
