"""Signals inside a network: against a plain loop, and the numbers that sum them up."""

import numpy as np
import pytest

from course_lib.datasets import MNIST_MEAN, MNIST_STD, Split
from course_lib.initializers import glorot_uniform, standard_normal
from course_lib.losses import softmax_cross_entropy
from course_lib.measuring import SATURATED, Profile, Signals, growth, mean_cosine, profile, rms, signals
from course_lib.models import ACTIVATIONS, conv_network, deep_network, residual_network

QUANTITIES = ("activation", "different", "slope", "saturated", "delta", "gradient", "cosine")


def images(rows=16):
    rng = np.random.default_rng(2)
    return rng.integers(0, 256, (rows, 28, 28), dtype=np.uint8), rng.integers(0, 10, rows)


def split(rows=64):
    x, y = images(rows)
    return Split(x, y, x[:0], y[:0], x[:0], y[:0])


def make(rng, name="tanh", depth=3):
    return deep_network(depth, 6, name, glorot_uniform, rng=rng)


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
    assert found._fields == ("activations", "slopes", "deltas", "gradients")
    for field, got, arrays in zip(found._fields, found, wanted, strict=True):
        assert len(got) == 4
        for mine, theirs in zip(got, arrays, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5 * np.abs(theirs).max(), err_msg=field)


def test_signals_of_residual_blocks_equal_a_plain_loop():
    network = residual_network(3, 6, 0.5, rng=np.random.default_rng(5))
    (x, labels), p = images(), network.params
    found = signals(network, x, labels)

    h = ((x.reshape(len(x), -1) - MNIST_MEAN) / MNIST_STD).astype(np.float32) @ p["dense 1/w"]
    outputs = [h]
    for i in range(1, 4):
        h = h + 0.5 * np.maximum(h @ p[f"residual {i}/w1"], 0) @ p[f"residual {i}/w2"]
        outputs.append(h)
    delta = softmax_cross_entropy(h @ p["dense 2/w"], labels)[1] @ p["dense 2/w"].T
    deltas, slopes, gradients = [], [], []
    for i in (3, 2, 1):
        z = outputs[i - 1] @ p[f"residual {i}/w1"]
        gradients = [np.maximum(z, 0).T @ (0.5 * delta), *gradients]
        step = [d + (0.5 * d @ p[f"residual {i}/w2"].T * (z > 0)) @ p[f"residual {i}/w1"].T
                for d in (delta, np.ones_like(delta))]
        delta, slopes = step[0], [step[1], *slopes]
        deltas = [delta, *deltas]
    for got, wanted in zip(found, (outputs[1:], slopes, deltas, gradients), strict=True):
        assert len(got) == 3
        for mine, theirs in zip(got, wanted, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)


def test_signals_change_nothing():
    network, (x, labels) = deep_network(2, 5, batch_norm=True, rng=np.random.default_rng(0)), images()
    before = network.weights
    x.flags.writeable = labels.flags.writeable = False
    one, two = signals(network, x, labels), signals(network, x, labels)
    assert all(np.array_equal(network.weights[key], w) for key, w in before.items())
    assert all(np.array_equal(*arrays) for pair in zip(one, two, strict=True) for arrays in zip(*pair, strict=True))


def test_signals_of_normalized_and_dropped_layers():
    network, (x, labels) = deep_network(3, 5, "tanh", batch_norm=True, rng=np.random.default_rng(0)), images()
    found = signals(network, x, labels)
    logits, caches = network.forward(x)
    deltas, grads = network.trace_backward(softmax_cross_entropy(logits, labels)[1], caches)
    assert network.names[1:4] == ["dense 1", "batch norm 1", "activation 1"]
    for i in range(3):
        assert np.array_equal(found.gradients[i], grads[f"dense {i + 1}/w"])
        assert np.array_equal(found.deltas[i], deltas[3 * i + 2])  # z is what comes out of batch normalization
        assert np.abs(found.activations[i].mean(axis=0)).max() < 0.2
        np.testing.assert_allclose(found.slopes[i], 1 - found.activations[i] ** 2, rtol=1e-5, atol=1e-6)
    dropped = deep_network(2, 5, dropout=0.5, rng=np.random.default_rng(0))
    assert [g.shape for g in signals(dropped, x, labels).gradients] == [(784, 5), (5, 5)]


def test_signals_of_convolutions():
    network, (x, labels) = conv_network([2, 3], [4], rng=np.random.default_rng(0)), images(5)
    found = signals(network, x, labels)
    assert [h.shape for h in found.activations] == [(5, 28, 28, 2), (5, 14, 14, 3), (5, 4)]
    assert [d.shape for d in found.deltas] == [h.shape for h in found.activations]
    assert [g.shape for g in found.gradients] == [(3, 3, 1, 2), (3, 3, 2, 3), (147, 4)]


def test_rms():
    assert rms(np.array([3.0, -4.0])) == pytest.approx(12.5**0.5)
    assert rms(np.array([[2.0, -2.0], [2.0, -2.0]])) == 2 and rms([]) == 0 and rms(-3) == 3
    assert type(rms(np.float32([1, 2]))) is float
    assert rms(np.float32([1e30, 1e30])) == pytest.approx(1e30)  # the squares don't fit into float32
    assert rms(np.array([200, 200], np.uint8)) == 200
    assert np.isnan(rms([np.nan, 1])) and rms([np.inf, 1]) == np.inf


def test_growth_is_the_factor_from_layer_to_layer():
    values = np.array([[1.0, 2, 4, 8], [8, 4, 2, 1], [5, 5, 5, 5], [3, 100, 0.1, 24]])
    np.testing.assert_allclose(growth(values), [2, 0.5, 1, 2])
    np.testing.assert_allclose(growth(values[:, ::-1]), [0.5, 2, 1, 0.5])
    np.testing.assert_allclose(growth(values, skip=1), [2, 0.5, 1, 0.24**0.5])
    np.testing.assert_allclose(growth(values.tolist(), skip=2), [2, 0.5, 1, 240])


def test_growth_of_what_died_or_exploded_is_quiet():
    with np.errstate(all="raise"):
        found = growth([[1.0, 0], [0, 1], [0, 0], [1, np.inf], [1, np.nan]])
    np.testing.assert_array_equal(found, [0, np.inf, np.nan, np.inf, np.nan])


def test_a_profile_has_one_number_for_each_seed_and_layer():
    found = profile(make, split(), [3, 4], batch_size=32)
    assert found._fields == QUANTITIES and all(values.shape == (2, 3) for values in found)
    assert found.activation.dtype == np.float64
    for row, seed in enumerate([3, 4]):
        rng = np.random.default_rng(seed)
        network = make(rng)
        rows = rng.choice(64, 32, replace=False)
        s = signals(network, split().x_train[rows], split().y_train[rows])
        for layer in range(3):
            h, slopes = s.activations[layer], s.slopes[layer]
            different = np.sqrt(np.mean((h - h.mean(axis=0)) ** 2))
            wanted = (rms(h), different / rms(h), rms(slopes), (slopes < 0.05).mean(), rms(s.deltas[layer]),
                      rms(s.gradients[layer]), mean_cosine(h))
            np.testing.assert_allclose([values[row, layer] for values in found], wanted, rtol=1e-5)
    assert not np.allclose(found.activation[0], found.activation[1])


def rows_used(data):
    """Return how many examples a profile is measured on."""
    network, rows = make(np.random.default_rng(0)), []
    forward = network.layers[0].forward
    network.layers[0].forward = lambda x: rows.append(len(x)) or forward(x)
    profile(lambda rng: network, data, [0])
    return rows[0]


def test_a_profile_repeats_itself_and_each_seed_is_on_its_own():
    one, two = profile(make, split(), [3, 4], batch_size=8), profile(make, split(), iter([4]), batch_size=8)
    assert all(np.array_equal(a[1:], b) for a, b in zip(one, two, strict=True))
    assert all(values.shape == (1, 3) for values in profile(make, split(600), [0]))  # 512 rows by default
    assert rows_used(split(600)) == 512 and rows_used(split(511)) == 511 and rows_used(split(5)) == 5


def test_forwards_and_backwards_are_growths():
    found = profile(make, split(), [3, 4], batch_size=32)
    np.testing.assert_array_equal(found.forwards, (found.activation[:, 2] / found.activation[:, 0]) ** 0.5)
    np.testing.assert_array_equal(found.backwards, (found.delta[:, 0] / found.delta[:, 2]) ** 0.5)
    assert np.all(found.backwards != found.forwards)


def test_saturated_units_are_those_whose_slope_is_below_the_limit():
    def all_saturated(rng):
        network = make(rng, "logistic")
        network.params = {key: w + 100 if key == "dense 2/b" else w for key, w in network.params.items()}
        return network

    found = profile(all_saturated, split(), [0], batch_size=16)
    assert found.saturated[0].tolist()[1] == 1 and found.saturated[0, 2] < 1 and found.slope[0, 1] < SATURATED == 0.05
    assert found.different[0, 1] < 1e-6 < found.different[0, 0]
    found = profile(lambda rng: make(rng, "ReLU"), split(), [0], batch_size=16)
    np.testing.assert_allclose(found.saturated, 1 - found.slope**2)  # slopes are 0 or 1


def test_dead_and_exploding_networks_are_measured_without_a_warning():
    def dead(rng):
        network = make(rng, "ReLU")
        network.params = {key: 0 * w for key, w in network.params.items()}
        return network

    with np.errstate(all="raise"):
        found = profile(dead, split(), [0], batch_size=16)
        huge = profile(lambda rng: deep_network(60, 40, "ReLU", standard_normal, rng=rng), split(), [0], batch_size=16)
    assert not found.activation.any() and not found.different.any() and (found.saturated == 1).all()
    assert not np.isfinite(huge.activation[0, -1]) and np.isfinite(huge.activation[0, 0])


def test_fields_stand_where_they_should():
    assert Signals(1, 2, 3, 4)._asdict() == {"activations": 1, "slopes": 2, "deltas": 3, "gradients": 4}
    up, down = np.array([[1.0, 2, 4]]), np.array([[9.0, 3, 1]])
    made = Profile(up, None, None, None, down, None, None)
    np.testing.assert_allclose([*made.forwards, *made.backwards], [2, 3])


def test_mean_cosine_is_that_of_all_pairs():
    rows = np.random.default_rng(0).standard_normal((7, 5)) + 0.5
    pairs = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for i, a in enumerate(rows) for b in rows[:i]]
    assert mean_cosine(rows) == pytest.approx(np.mean(pairs), rel=1e-12)
    assert mean_cosine(np.float32(rows * 1e-30)) == pytest.approx(np.mean(pairs), rel=1e-6)
    assert mean_cosine([[1, 0], [5, 0]]) == 1 and mean_cosine([[1, 0], [-5, 0]]) == -1
    assert mean_cosine([[1, 0], [0, 0], [0, 3]]) == 0  # zeros have no direction
    assert np.isnan(mean_cosine(np.ones((1, 3)))) and np.isnan(mean_cosine(np.zeros((4, 3))))
    assert mean_cosine(rows.reshape(7, 5, 1)) == mean_cosine(rows)


def test_hidden_layers_are_found_whatever_they_are_called():
    network, (x, labels) = make(np.random.default_rng(0)), images()
    before = signals(network, x, labels)
    for layer in network.layers:
        layer.name = "mine"
    network.names = [f"mine {i}" for i in range(len(network.layers))]
    assert all(np.array_equal(*pair) for pair in zip(signals(network, x, labels).deltas, before.deltas, strict=True))
    assert len(before.deltas) == 3
