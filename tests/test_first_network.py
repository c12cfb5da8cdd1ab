"""A first network: against finite differences, against Keras, against one step worked by hand; and what it refuses."""

import numpy as np
import pytest

from course_lib.activations import logistic
from course_lib.first_network import network_backward, network_forward, train_network
from course_lib.gradcheck import numerical_gradient
from course_lib.losses import softmax_cross_entropy

PAPER = [(np.array([[2.0], [-1.0]]), np.array([0.0])), (np.array([[4.0]]), np.array([1.0]))]
IMAGE = np.array([[1.0, 2.0]])


def draw(*sizes, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    pairs = zip(sizes, sizes[1:], strict=False)
    return [(rng.standard_normal(pair).astype(dtype), rng.standard_normal(pair[1]).astype(dtype)) for pair in pairs]


def batch(examples, inputs, classes, seed=1, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((examples, inputs)).astype(dtype), rng.integers(classes, size=examples)


def same(one, other, **tolerance):
    assert len(one) == len(other)
    for pair, wanted in zip(one, other, strict=True):
        assert len(pair) == len(wanted) == 2
        for got, array in zip(pair, wanted, strict=True):
            assert got.shape == array.shape
            np.testing.assert_allclose(got, array, **tolerance)


def step_by_hand(params, x, labels, lr):
    logits, caches = network_forward(x, params)
    grads = network_backward(softmax_cross_entropy(logits, labels)[1], caches)
    return [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in zip(params, grads, strict=True)]


# By hand


def test_two_layers_worked_by_hand():
    logits, caches = network_forward(IMAGE, PAPER)
    assert logits == 3
    (lower, z), (upper, top) = caches
    assert z == 0 and top == 3
    np.testing.assert_array_equal(lower[0], IMAGE)
    np.testing.assert_array_equal(upper[0], [[0.5]])
    assert lower[1] is PAPER[0][0] and upper[1] is PAPER[1][0]
    same(network_backward(np.array([[2.0]]), caches), [(np.array([[2.0], [4.0]]), np.array([2.0])),
                                                       (np.array([[1.0]]), np.array([2.0]))])


def test_a_step_worked_by_hand():
    params = [(np.zeros((2, 2)), np.zeros(2))]
    trained = train_network(params, np.array([[2.0, 4.0]]), np.array([0]), lr=0.5, epochs=1, batch_size=1,
                            rng=np.random.default_rng(0))
    same(trained, [(np.array([[0.5, -0.5], [1.0, -1.0]]), np.array([0.25, -0.25]))], rtol=1e-15)


def test_one_layer_is_a_dense_layer():
    (w, b), = params = draw(3, 2)
    x, _ = batch(4, 3, 2)
    np.testing.assert_array_equal(network_forward(x, params)[0], x @ w + b)


def test_the_logistic_function_follows_every_layer_but_the_last():
    params, (x, _) = draw(3, 4, 5, 2), batch(6, 3, 2)
    (w1, b1), (w2, b2), (w3, b3) = params
    wanted = logistic(logistic(x @ w1 + b1) @ w2 + b2) @ w3 + b3
    np.testing.assert_allclose(network_forward(x, params)[0], wanted, rtol=1e-14)


# Against finite differences


@pytest.mark.parametrize("sizes", [(3, 2), (3, 4, 2), (2, 3, 4, 3), (3, 2, 3, 2, 3, 2)])
def test_gradients_of_the_loss_are_those_of_finite_differences(sizes):
    params, (x, labels) = draw(*sizes), batch(5, sizes[0], sizes[-1])
    logits, caches = network_forward(x, params)
    grads = network_backward(softmax_cross_entropy(logits, labels)[1], caches)
    assert len(grads) == len(params)
    for i, pair in enumerate(grads):
        for j, grad in enumerate(pair):

            def loss(array, i=i, j=j):
                changed = [list(each) for each in params]
                changed[i][j] = array
                return softmax_cross_entropy(network_forward(x, changed)[0], labels)[0]

            np.testing.assert_allclose(grad, numerical_gradient(loss, params[i][j]), rtol=1e-6, atol=1e-9)


# Against Keras


def test_training_on_full_batches_equals_keras():
    import keras

    params, (x, labels) = draw(4, 5, 3, dtype=np.float32), batch(12, 4, 3, dtype=np.float32)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, "sigmoid"), keras.layers.Dense(3)])
    model.set_weights([array for pair in params for array in pair])
    model.compile(keras.optimizers.SGD(0.5), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x, labels, batch_size=12, epochs=4, verbose=0)
    trained = train_network(params, x, labels, lr=0.5, epochs=4, batch_size=12, rng=np.random.default_rng(0))
    weights = model.get_weights()
    same(trained, list(zip(weights[::2], weights[1::2], strict=True)), rtol=1e-4, atol=1e-5)


# Training


def test_a_step_for_every_batch_and_every_epoch():
    """With examples that are all alike each batch gives the same gradient, the smaller last one too."""
    params, x, labels = draw(2, 3, 2), np.tile([[0.5, -1.0]], (10, 1)), np.full(10, 1)
    wanted = params
    for _ in range(6):
        wanted = step_by_hand(wanted, x[:1], labels[:1], 0.4)
    trained = train_network(params, x, labels, lr=0.4, epochs=2, batch_size=4, rng=np.random.default_rng(0))
    same(trained, wanted, rtol=1e-12)


def test_batches_come_in_an_order_drawn_for_each_epoch():
    params, (x, labels) = draw(2, 3, 2), batch(6, 2, 2)
    rng, wanted = np.random.default_rng(7), params
    for _ in range(3):
        order = rng.permutation(6)
        for rows in (order[:4], order[4:]):
            wanted = step_by_hand(wanted, x[rows], labels[rows], 0.8)
    same(train_network(params, x, labels, lr=0.8, epochs=3, batch_size=4, rng=np.random.default_rng(7)), wanted)


def test_it_learns():
    x, labels = batch(200, 2, 2)
    labels = (x[:, 0] * x[:, 1] > 0).astype(int)  # no line separates them
    trained = train_network(draw(2, 16, 2), x, labels, lr=1.0, epochs=200, batch_size=20, rng=np.random.default_rng(3))
    logits, _ = network_forward(x, trained)
    assert np.mean(logits.argmax(axis=1) == labels) > 0.95


def test_inputs_stay_as_they_are():
    params, (x, labels) = draw(3, 4, 2), batch(5, 3, 2)
    for array in (x, labels, *(array for pair in params for array in pair)):
        array.flags.writeable = False
    logits, caches = network_forward(x, params)
    network_backward(logits, caches)
    before = list(params)
    train_network(params, x, labels, lr=0.1, epochs=2, batch_size=2, rng=np.random.default_rng(0))
    assert params == before and len(caches) == 2


def test_no_epoch_changes_nothing():
    params, (x, labels) = draw(3, 2), batch(5, 3, 2)
    same(train_network(params, x, labels, lr=0.1, epochs=0, batch_size=2, rng=np.random.default_rng(0)), params)


def test_float32_stays_float32():
    params, (x, labels) = draw(3, 4, 2, dtype=np.float32), batch(6, 3, 2, dtype=np.float32)
    logits, caches = network_forward(x, params)
    assert logits.dtype == np.float32
    assert {array.dtype for pair in network_backward(logits, caches) for array in pair} == {np.dtype(np.float32)}
    trained = train_network(params, x, labels, lr=0.1, epochs=1, batch_size=3, rng=np.random.default_rng(0))
    assert {array.dtype for pair in trained for array in pair} == {np.dtype(np.float32)}


def test_an_empty_batch_passes():
    logits, caches = network_forward(np.zeros((0, 3)), draw(3, 4, 2))
    assert logits.shape == (0, 2)
    same(network_backward(logits, caches), [(np.zeros((3, 4)), np.zeros(4)), (np.zeros((4, 2)), np.zeros(2))])


# What is refused


def test_errors_say_what_was_got_and_wanted():
    x, labels = batch(5, 3, 2)
    with pytest.raises(ValueError, match=r"network_forward: x has shape \(3,\), wanted \(batch, inputs\)"):
        network_forward(x[0], draw(3, 2))
    with pytest.raises(ValueError, match=r"network_forward: params\[0\] is a str of 1, wanted a tuple of 2"):
        network_forward(x, {"w": 1})
    with pytest.raises(ValueError, match=r"network_forward: params\[1\] is a list of 1, wanted a tuple of 2"):
        network_forward(x, [*draw(3, 4), [np.zeros((4, 2))]])
    with pytest.raises(ValueError, match="dense: w has shape"):
        network_forward(x, draw(4, 2))
    logits, caches = network_forward(x, draw(3, 4, 2))
    with pytest.raises(ValueError, match=r"network_backward: dlogits has shape \(2,\), wanted \(batch, outputs\)"):
        network_backward(logits[0], caches)
    with pytest.raises(ValueError, match="dense_backward: dy has shape"):
        network_backward(logits[:3], caches)
    options = {"lr": 0.1, "epochs": 1, "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match=r"train_network: labels has shape \(4,\), wanted \(examples\) with .* = 5"):
        train_network(draw(3, 2), x, labels[:4], batch_size=2, **options)
    with pytest.raises(ValueError, match=r"train_network: batch_size is 0, wanted a number in \[1, inf\)"):
        train_network(draw(3, 2), x, labels, batch_size=0, **options)
    with pytest.raises(ValueError, match=r"train_network: lr is -1, wanted a number in \[0, inf\)"):
        train_network(draw(3, 2), x, labels, batch_size=2, **(options | {"lr": -1}))
