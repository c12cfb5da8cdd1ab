"""Networks: gradients of a whole network, names and arrays, and the difference between training and use."""

import numpy as np
import pytest

from course_lib.gradcheck import numerical_gradient
from course_lib.initializers import glorot_uniform, standard_normal
from course_lib.losses import softmax_cross_entropy
from course_lib.models import activation_layer, batch_norm_layer, dense_layer, dropout_layer
from course_lib.network import Kind, Layer, Network

TANH = np.tanh, lambda z: 1 - np.tanh(z) ** 2


def small(seed=0):
    """Two hidden layers and an output, in float64, with biases that aren't zero."""
    rng, layers = np.random.default_rng(seed), []
    for shape in ((4, 6), (6, 5), (5, 3)):
        layer = dense_layer(shape, standard_normal, rng, dtype=np.float64)
        layer.params["b"] = rng.standard_normal(shape[1])
        layers += [layer, activation_layer(*TANH)]
    return Network(layers[:-1])


def with_memory(seed=0):
    """A network that drops and normalizes, so that training and use differ."""
    rng = np.random.default_rng(seed)
    options = {"dtype": np.float64}
    return Network([
        dense_layer((4, 6), standard_normal, rng, **options), batch_norm_layer(6, **options), dropout_layer(0.5, rng),
        dense_layer((6, 3), standard_normal, rng, **options), batch_norm_layer(3, decay=0.9, **options),
    ])


def batch(seed=1, rows=8):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((rows, 4)), rng.integers(0, 3, rows)


def counting(total=0.0):
    """A layer that adds w, estimates its inputs' mean, and in use subtracts it."""
    return Layer(
        "count",
        lambda x, w: (x + w, x.mean()),
        lambda dy, cache: (dy, dy.sum()),
        inference=lambda x, w, mean, seen: x + w - mean,
        statistics={"mean": np.array(0.0), "seen": np.array(total)},
        observe=lambda cache, old: {"mean": np.array(cache), "seen": old["seen"] + 1},
        w=np.array(2.0),
    )


def test_a_layer_is_used_as_in_training_unless_it_says_otherwise():
    layer = Layer("double", lambda x, w, b: (x * w + b, "cache"), None, w=2, b=1)
    assert layer.inference(5, 2, 1) == 11 and layer.forward(5, 2, 1) == (11, "cache")
    assert (layer.params, layer.statistics, layer.observe) == ({"w": 2, "b": 1}, {}, None)
    layer = counting()
    assert layer.inference(5, 2, 4, None) == 3 and list(layer.statistics) == ["mean", "seen"]
    assert list(layer.params) == ["w"]


def test_every_gradient_is_the_finite_difference():
    network, (x, labels) = small(), batch()
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
    for i in range(1, len(network.layers)):
        below, above = Network(network.layers[:i]), Network(network.layers[i:])
        hidden = below.forward(x)[0]
        numerical = numerical_gradient(lambda h, n=above: softmax_cross_entropy(n.forward(h)[0], labels)[0], hidden)
        np.testing.assert_allclose(deltas[i - 1], numerical, atol=1e-8)
    again = network.backward(dlogits, caches)
    assert list(grads) == list(again) == list(network.params)
    assert all(np.array_equal(grads[key], again[key]) for key in grads)


def test_parameters_have_names_and_can_be_replaced():
    network, (x, _) = small(), batch()
    params = network.params
    assert list(params) == ["dense 1/w", "dense 1/b", "dense 2/w", "dense 2/b", "dense 3/w", "dense 3/b"]
    assert network.names == ["dense 1", "activation 1", "dense 2", "activation 2", "dense 3"]
    before = network.forward(x)[0]
    network.params = dict(reversed([(key, value * 2) for key, value in params.items()]))
    assert list(network.params) == list(params) and np.array_equal(network.params["dense 2/b"], 2 * params["dense 2/b"])
    assert not np.allclose(network.forward(x)[0], before)
    network.params = params
    assert np.array_equal(network.forward(x)[0], before)


def test_statistics_have_names_and_can_be_replaced():
    network = Network([counting(), counting(7.0)])
    assert {key: float(value) for key, value in network.statistics.items()} == {
        "count 1/mean": 0, "count 1/seen": 0, "count 2/mean": 0, "count 2/seen": 7,
    }
    network.statistics = {key: value + i for i, (key, value) in enumerate(network.statistics.items())}
    assert [float(value) for value in network.statistics.values()] == [0, 1, 2, 10]
    assert list(network.params) == ["count 1/w", "count 2/w"]  # untouched, and not among them
    assert network.inference(np.zeros(1)) == 2 - 0 + 2 - 2


def test_weights_are_all_that_makes_two_networks_differ():
    one, other, (x, _) = with_memory(0), with_memory(1), batch()
    for _ in range(2):
        one.observe(one.forward(x)[1])
    assert list(one.weights) == [*one.params, *one.statistics] and len(one.statistics) == 4
    assert not np.allclose(one.inference(x), other.inference(x))
    kept = one.weights
    other.weights = dict(reversed(kept.items()))
    assert np.array_equal(one.inference(x), other.inference(x))
    assert all(np.array_equal(other.weights[key], kept[key]) for key in kept)
    one.params = {key: value + 1 for key, value in one.params.items()}
    one.observe(one.forward(x)[1])
    assert not any(np.array_equal(one.weights[key], kept[key]) for key in kept)  # kept is a snapshot
    one.weights = kept
    assert np.array_equal(one.inference(x), other.inference(x))


def test_observe_moves_the_statistics_and_nothing_else():
    network, (x, _) = Network([counting(), counting()]), batch()
    y, caches = network.forward(x)
    before = network.weights
    assert [float(value) for value in network.statistics.values()] == [0, 0, 0, 0]  # forward alone moves nothing
    network.inference(x)
    network.predict(x)
    network.backward(y, caches)
    assert network.weights == before
    network.observe(caches)
    moved = [float(value) for value in network.statistics.values()]
    assert moved == [x.mean(), 1, pytest.approx(x.mean() + 2), 1]
    assert network.params == {key: before[key] for key in network.params}
    np.testing.assert_allclose(network.inference(x), x + 4 - x.mean() - (x.mean() + 2))


def test_forgetting_to_observe_spoils_use():
    observed, forgotten = Network(with_memory().layers[:2]), Network(with_memory().layers[:2])
    x = 3 + 5 * batch(rows=100)[0]
    for _ in range(1500):
        y, caches = observed.forward(x)
        observed.observe(caches)
    np.testing.assert_allclose(observed.inference(x), y, atol=1e-4)  # the average has arrived at the batch's statistics
    assert np.abs(forgotten.forward(x)[0] - y).max() == 0 and np.abs(forgotten.inference(x) - y).max() > 10


def test_in_training_examples_influence_each_other_and_in_use_they_do_not():
    network, (x, _) = with_memory(), batch()
    network.observe(network.forward(x)[1])
    rows = np.concatenate([network.inference(x[i : i + 1]) for i in range(len(x))])
    np.testing.assert_allclose(network.inference(x), rows, rtol=1e-12)
    assert np.array_equal(network.inference(x), network.inference(x))  # nothing is dropped
    assert not np.array_equal(network.forward(x)[0], network.forward(x)[0])
    assert not np.allclose(network.forward(x)[0], network.inference(x))
    normalized = Network([network.layers[0], network.layers[1]])
    assert not np.allclose(normalized.forward(x)[0][:4], normalized.forward(x[:4])[0])


def test_predict_is_the_largest_logit_in_use():
    network, (x, _) = with_memory(), batch(rows=40)
    network.observe(network.forward(x)[1])
    predicted = network.predict(x)
    assert predicted.dtype.kind == "i"
    assert predicted.tolist() == [row.tolist().index(max(row)) for row in network.inference(x)]
    assert predicted.tolist() != network.forward(x)[0].argmax(axis=1).tolist()
    assert network.predict(x[:0]).shape == (0,)


def test_inputs_are_never_written_to():
    network, (x, labels) = with_memory(), batch()
    x.flags.writeable = False
    network.weights = {key: np.array(value) for key, value in network.weights.items()}
    for value in network.weights.values():
        value.flags.writeable = False
    y, caches = network.forward(x)
    dlogits = softmax_cross_entropy(y, labels)[1]
    dlogits.flags.writeable = False
    network.backward(dlogits, caches)
    network.observe(caches)
    assert network.inference(x).shape == (8, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype):
    rng, (x, labels) = np.random.default_rng(0), batch()
    options = {"dtype": dtype}
    network = Network([
        dense_layer((4, 6), standard_normal, rng, **options), batch_norm_layer(6, **options), dropout_layer(0.5, rng),
        activation_layer(*TANH), dense_layer((6, 3), standard_normal, rng, **options),
    ])
    y, caches = network.forward(x.astype(dtype))
    grads = network.backward(softmax_cross_entropy(y, labels)[1], caches)
    network.observe(caches)
    arrays = [y, network.inference(x.astype(dtype)), *grads.values(), *network.weights.values()]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


@pytest.mark.parametrize("missing", ["dw", "extra"])
def test_a_backward_pass_that_gives_too_few_or_too_many_gradients_is_noticed(missing):
    layer = dense_layer((4, 2), glorot_uniform, np.random.default_rng(0))
    wrong = {"dw": lambda dy, cache: (dy,), "extra": lambda dy, cache: (dy, 1, 2, 3)}[missing]
    network = Network([Layer("dense", layer.forward, wrong, **layer.params)])
    y, caches = network.forward(batch()[0])
    with pytest.raises(ValueError):
        network.backward(y, caches)


def test_caches_of_another_network_are_noticed():
    network, (x, _) = small(), batch()
    logits, caches = network.forward(x)
    with pytest.raises(ValueError):
        network.backward(logits, caches[1:])
    with pytest.raises(ValueError):
        network.observe(caches[1:])


def test_an_array_that_is_missing_is_named():
    network = small()
    params = network.params
    del params["dense 2/b"]
    with pytest.raises(KeyError, match="dense 2/b"):
        network.params = params


def test_a_layer_is_of_the_kind_that_it_says_and_of_none_by_itself():
    made = [Layer("dense", None, None), Layer("dense", None, None, kind=Kind.ACTIVATION, w=np.ones(1))]
    assert [layer.kind for layer in made] == [Kind.OTHER, Kind.ACTIVATION] and list(made[1].params) == ["w"]
    assert len({Kind.WEIGHTED, Kind.BATCH_NORM, Kind.ACTIVATION, Kind.OTHER}) == 4
