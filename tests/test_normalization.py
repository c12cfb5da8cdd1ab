"""Normalization: against Keras, against loops, against finite differences, and at the edges."""

import warnings

import hypothesis.extra.numpy as hnp
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.gradcheck import check_gradient
from course_lib.normalization import (
    batch_norm,
    batch_norm_backward,
    batch_norm_inference,
    fold_batch_norm,
    group_norm,
    group_norm_backward,
    layer_norm,
    layer_norm_backward,
    moving_average,
)


def group_norm_of(groups):
    def group_norm_with(x, gamma, beta, **options):
        return group_norm(x, gamma, beta, groups=groups, **options)

    return group_norm_with


PAIRS = {
    "batch_norm": (batch_norm, batch_norm_backward),
    "layer_norm": (layer_norm, layer_norm_backward),
    "group_norm": (group_norm_of(2), group_norm_backward),
    "instance_norm": (group_norm_of(6), group_norm_backward),
}
KERAS = {
    "batch_norm": keras.layers.BatchNormalization,
    "layer_norm": keras.layers.LayerNormalization,
    "group_norm": lambda **options: keras.layers.GroupNormalization(2, **options),
    "instance_norm": lambda **options: keras.layers.GroupNormalization(-1, **options),
}
SHAPES = [(5, 6), (1, 6), (4, 3, 2, 6), (1, 2, 3, 6), (3, 1, 1, 6), (2, 4, 6)]
DTYPES = [("float32", 2e-4), ("float64", 1e-10)]
every_pair = pytest.mark.parametrize("name", PAIRS)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def draw(shape, dtype=np.float64, scale=0.1):
    """Return x, gamma, beta and dy; the variance of x is small enough for eps to matter."""
    rng, channels = np.random.default_rng(0), shape[-1]
    x = 0.3 + scale * rng.standard_normal(shape)
    gamma, beta, dy = rng.uniform(0.5, 2, channels), rng.standard_normal(channels), rng.standard_normal(shape)
    return [array.astype(dtype) for array in (x, gamma, beta, dy)]


def statistics(channels, dtype=np.float64):
    rng = np.random.default_rng(1)
    return rng.standard_normal(channels).astype(dtype), rng.uniform(1e-3, 2, channels).astype(dtype)


def keras_layer(name, x, *weights, **options):
    layer = KERAS[name](dtype=x.dtype.name, **options)
    layer.build(x.shape)
    layer.set_weights([*weights, *layer.get_weights()[len(weights) :]])
    return layer


def loops(x, gamma, beta, eps, together):
    """The obvious version: each element with those that `together(index, other index)` says belong to it."""
    y, places = np.empty_like(x), list(np.ndindex(x.shape))
    for here in places:
        own = np.array([x[there] for there in places if together(here, there)])
        y[here] = gamma[here[-1]] * (x[here] - own.mean()) / np.sqrt(own.var() + eps) + beta[here[-1]]
    return y


TOGETHER = {
    "batch_norm": lambda here, there: here[-1] == there[-1],
    "layer_norm": lambda here, there: here[:-1] == there[:-1],
    "group_norm": lambda here, there: here[0] == there[0] and here[-1] // 3 == there[-1] // 3,
    "instance_norm": lambda here, there: here[0] == there[0] and here[-1] == there[-1],
}


# Against Keras


@every_pair
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("eps", [None, 0.1])
def test_training_equals_keras(name, shape, dtype, tolerance, eps):
    x, gamma, beta, dy = draw(shape, dtype)
    ours, theirs = ({}, {}) if eps is None else ({"eps": eps}, {"epsilon": eps})
    layer = keras_layer(name, x, gamma, beta, **theirs)
    with tf.GradientTape() as tape:
        tape.watch(inputs := tf.constant(x))
        wanted = layer(inputs, training=True)
    forward, backward = PAIRS[name]
    y, cache = forward(x, gamma, beta, **ours)
    np.testing.assert_allclose(y, wanted, rtol=tolerance, atol=tolerance)
    variables = [inputs, *(variable.value for variable in layer.trainable_variables)]
    for got, gradient in zip(backward(dy, cache), tape.gradient(wanted, variables, dy), strict=True):
        np.testing.assert_allclose(got, gradient, rtol=tolerance, atol=10 * tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("decay", [None, 0.5, 0.0])
def test_moving_statistics_and_inference_equal_keras(shape, dtype, tolerance, decay):
    x, gamma, beta, _ = draw(shape, dtype)
    mean, variance = statistics(shape[-1], dtype)
    ours, theirs = ((), {}) if decay is None else ((decay,), {"momentum": decay})
    layer = keras_layer("batch_norm", x, gamma, beta, mean, variance, **theirs)
    for batch in (x, 3 * x + 1):
        layer(batch, training=True)
        cache = batch_norm(batch, gamma, beta)[1]
        mean, variance = moving_average(mean, cache.mean, *ours), moving_average(variance, cache.variance, *ours)
    np.testing.assert_allclose(mean, layer.moving_mean, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(variance, layer.moving_variance, rtol=tolerance, atol=tolerance)
    y = batch_norm_inference(x, gamma, beta, mean, variance)
    np.testing.assert_allclose(y, layer(x, training=False), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("eps", [0.0, 0.3])
def test_inference_takes_eps_as_keras_does(eps):
    x, gamma, beta, _ = draw((5, 6))
    mean, variance = statistics(6)
    layer = keras_layer("batch_norm", x, gamma, beta, mean, variance, epsilon=eps)
    np.testing.assert_allclose(batch_norm_inference(x, gamma, beta, mean, variance, eps=eps), layer(x), rtol=1e-10)


def test_default_groups_are_keras_s():
    x, gamma, beta, _ = draw((3, 2, 2, 64))
    layer = keras.layers.GroupNormalization(dtype="float64")
    layer.build(x.shape)
    layer.set_weights([gamma, beta])
    np.testing.assert_allclose(group_norm(x, gamma, beta)[0], layer(x), rtol=1e-10, atol=1e-12)


# Against the obvious versions, finite differences, and by hand


@every_pair
@settings(deadline=None, derandomize=True, max_examples=30)
@given(
    x=hnp.arrays(
        np.float64,
        st.one_of(st.tuples(st.integers(1, 4), st.just(6)), st.tuples(*[st.integers(1, 2)] * 3, st.just(6))),
        elements=st.floats(-1000, 1000),
    ),
    eps=st.sampled_from([1e-3, 0.5]),
)
def test_equals_the_loops(name, x, eps):
    _, gamma, beta, _ = draw(x.shape)
    y = PAIRS[name][0](x, gamma, beta, eps=eps)[0]
    np.testing.assert_allclose(y, loops(x, gamma, beta, eps, TOGETHER[name]), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "shape"),
    [(name, shape) for name in PAIRS for shape in [(4, 3, 2, 6), (1, 2, 3, 6), (2, 4, 6)]]
    + [(name, (5, 6)) for name in PAIRS if name != "instance_norm"],
)
@pytest.mark.parametrize("eps", [1e-3, 0.2])
def test_backward_is_the_finite_difference(name, shape, eps):
    forward, backward = PAIRS[name]
    errors = check_gradient(
        lambda *arrays: forward(*arrays, eps=eps), backward, *draw(shape)[:3], rng=np.random.default_rng(0)
    )
    assert max(errors) < 1e-7


def test_one_batch_worked_by_hand():
    x, gamma, beta = np.array([[1.0, 10], [3, 10]]), np.array([2.0, 5]), np.array([0.5, -1])
    y, cache = batch_norm(x, gamma, beta, eps=3.0)  # the first channel: mean 2, variance 1, so std 2
    assert y.tolist() == [[-0.5, -1], [1.5, -1]]
    assert cache.mean.tolist() == [2, 10] and cache.variance.tolist() == [1, 0]
    dx, dgamma, dbeta = batch_norm_backward(np.array([[0.0, 1], [8, 1]]), cache)
    assert dgamma.tolist() == [4, 0] and dbeta.tolist() == [8, 2]
    assert dx.tolist() == [[-3, 0], [3, 0]]  # 2/2 (±4 ∓ ½ · ½ · 4); without the variance's path it would be ±4


def test_cache_shows_mean_and_variance_of_the_batch():
    x, gamma, beta, _ = draw((4, 3, 2, 6))
    cache = batch_norm(x, gamma, beta, eps=0.7)[1]
    np.testing.assert_allclose(cache.mean, x.mean(axis=(0, 1, 2)), rtol=1e-12)
    np.testing.assert_allclose(cache.variance, x.var(axis=(0, 1, 2)), rtol=1e-12)


def test_moving_average_by_hand():
    assert moving_average(np.array([10.0, 0]), np.array([0.0, 10]), 0.75).tolist() == [7.5, 2.5]
    assert moving_average(1.0, 0.0) == 0.99
    old, new = statistics(3)
    assert np.array_equal(moving_average(old, new, 1), old) and np.array_equal(moving_average(old, new, 0), new)


def test_inference_is_training_with_the_batch_s_own_statistics():
    x, gamma, beta, _ = draw((4, 3, 2, 6))
    y, cache = batch_norm(x, gamma, beta)
    np.testing.assert_allclose(batch_norm_inference(x, gamma, beta, cache.mean, cache.variance), y, rtol=1e-12)


def test_an_example_is_predicted_alone_as_in_a_batch():
    x, gamma, beta, _ = draw((5, 6))
    whole = batch_norm_inference(x, gamma, beta, *statistics(6))
    assert np.array_equal(batch_norm_inference(x[2], gamma, beta, *statistics(6)), whole[2])


# Folding


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-12)])
@pytest.mark.parametrize("eps", [1e-3, 0.5])
def test_folded_layers_give_the_same(dtype, tolerance, eps):
    rng = np.random.default_rng(3)
    gamma, beta, b, mean = rng.standard_normal((4, 6)).astype(dtype)
    variance = statistics(6, dtype)[1]
    for x_shape, w_shape in (((5, 4), (4, 6)), ((2, 7, 7, 4), (3, 3, 4, 6))):
        x, w = rng.standard_normal(x_shape).astype(dtype), rng.standard_normal(w_shape).astype(dtype)
        layer = tf.matmul if w.ndim == 2 else lambda x, w: tf.nn.conv2d(x, w, strides=1, padding="SAME")
        wanted = batch_norm_inference(np.asarray(layer(x, w)) + b, gamma, beta, mean, variance, eps=eps)
        folded_w, folded_b = fold_batch_norm(w, b, gamma, beta, mean, variance, eps=eps)
        assert (folded_w.shape, folded_w.dtype, folded_b.dtype) == (w.shape, w.dtype, b.dtype)
        np.testing.assert_allclose(layer(x, folded_w) + folded_b, wanted, rtol=tolerance, atol=10 * tolerance)


def test_folding_by_default_takes_the_eps_of_inference():
    w, (mean, variance) = np.ones((4, 6)), statistics(6)
    _, gamma, beta, _ = draw((4, 6))
    folded_w, folded_b = fold_batch_norm(w, beta, gamma, beta, mean, variance)
    wanted = batch_norm_inference(w.sum(axis=0) + beta, gamma, beta, mean, variance)
    np.testing.assert_allclose(folded_w.sum(axis=0) + folded_b, wanted, rtol=1e-12)


# Properties


@settings(deadline=None, derandomize=True, max_examples=40)
@given(x=hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=4, max_side=5), elements=st.floats(-1000, 1000)))
def test_every_channel_has_mean_beta_and_at_most_deviation_gamma(x):
    _, gamma, beta, dy = draw(x.shape)
    y, cache = batch_norm(x, gamma, beta)
    rows = y.reshape(-1, x.shape[-1])
    np.testing.assert_allclose(rows.mean(axis=0), beta, atol=1e-9)
    wanted = gamma * np.sqrt(cache.variance / (cache.variance + 1e-3))
    np.testing.assert_allclose(rows.std(axis=0), wanted, rtol=1e-6, atol=1e-9)
    dx = batch_norm_backward(dy, cache)[0].reshape(rows.shape)  # a shift of x changes nothing
    np.testing.assert_allclose(dx.sum(axis=0), 0, atol=1e-9 * np.abs(dx).sum() + 1e-12)


def test_groups_of_all_channels_at_one_position_are_layer_norm():
    x, gamma, beta, dy = draw((5, 6))
    (y, cache), (wanted, theirs) = group_norm(x, gamma, beta, groups=1), layer_norm(x, gamma, beta)
    np.testing.assert_allclose(y, wanted, rtol=1e-10, atol=1e-12)
    for got, gradient in zip(group_norm_backward(dy, cache), layer_norm_backward(dy, theirs), strict=True):
        np.testing.assert_allclose(got, gradient, rtol=1e-9, atol=1e-12)


# At the edges


@both_dtypes
@pytest.mark.parametrize("shape", [(1, 3), (1, 1), (7, 1), (1, 1, 1, 3), (4, 2, 2, 1)])
def test_one_row_or_one_channel(shape, dtype):
    x, gamma, beta, dy = draw(shape, dtype, scale=1000)
    y, cache = batch_norm(x, gamma, beta)
    dx, dgamma, dbeta = batch_norm_backward(dy, cache)
    if x.size == x.shape[-1]:
        assert np.array_equal(y, np.broadcast_to(beta, shape)) and not cache.variance.any()
        assert not dx.any() and not dgamma.any() and np.array_equal(dbeta, dy.reshape(-1))
    else:
        assert abs(y - beta).max() > 0.5 and abs(dgamma).max() > 0


@both_dtypes
@pytest.mark.parametrize("value", [0, 1000, -1000])
def test_a_constant_channel_gives_beta(dtype, value):
    x, gamma, beta, dy = draw((8, 3), dtype)
    x[:, 1] = value
    y, cache = batch_norm(x, gamma, beta)
    dx, dgamma, _ = batch_norm_backward(dy, cache)
    assert cache.variance[1] == dgamma[1] == 0 and (y[:, 1] == beta[1]).all() and np.isfinite(dx).all()
    wanted = gamma[1] / np.sqrt(1e-3) * (dy[:, 1] - dy[:, 1].mean())
    np.testing.assert_allclose(dx[:, 1], wanted, rtol=1e-4)


@every_pair
@both_dtypes
@pytest.mark.parametrize("shape", [(0, 6), (0, 4, 4, 6)])
def test_an_empty_batch_gives_no_warning_and_zero_gradients(name, shape, dtype):
    x, gamma, beta, dy = draw(shape, dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y, cache = PAIRS[name][0](x, gamma, beta)
        dx, dgamma, dbeta = PAIRS[name][1](dy, cache)
    assert y.shape == dx.shape == shape and y.dtype == dx.dtype == dtype
    assert dgamma.tolist() == dbeta.tolist() == [0] * 6
    if name == "batch_norm":
        assert cache.mean.tolist() == cache.variance.tolist() == [0] * 6


@every_pair
@pytest.mark.parametrize("offset", [0, 1000, -1000, 1e4])
@pytest.mark.parametrize("shape", [(64, 6), (16, 28, 28, 6)])
def test_a_large_offset_loses_no_digits_but_those_that_float32_lacks(name, shape, offset):
    x, gamma, beta, dy = draw(shape, np.float32, scale=1)
    x += np.float32(offset)
    forward, backward = PAIRS[name]
    tolerance = 1e-4 + 5e-6 * abs(offset)  # 40 units in the last place; mean(x²) - mean(x)² would miss by 6 at 1e4
    y, cache = forward(x, gamma, beta)
    wanted, exact = forward(x.astype(float), gamma, beta)
    np.testing.assert_allclose(y, wanted, atol=tolerance)
    for got, gradient in zip(backward(dy, cache), backward(dy.astype(float), exact), strict=True):
        np.testing.assert_allclose(got, gradient, atol=tolerance * np.abs(gradient).max())


def test_the_mean_over_many_positions_rounds_little():
    x = (1e4 + np.random.default_rng(0).standard_normal((64, 28, 28, 6))).astype(np.float32)
    exact = x.mean(axis=(0, 1, 2), dtype=np.float64)
    assert abs(x.mean(axis=(0, 1, 2)) - exact).max() > 0.05  # 50,000 additions in a row
    cache = batch_norm(x, *np.ones((2, 6), np.float32))[1]
    assert abs(cache.mean - exact).max() < 0.02 and abs(cache.variance - 1).max() < 0.02


@both_dtypes
def test_values_of_a_thousand_stay_finite(dtype):
    x, gamma, beta, dy = draw((6, 2, 2, 6), dtype)
    x = np.where(x > 0.3, 1000, -1000).astype(dtype)
    for forward, backward in PAIRS.values():
        with np.errstate(all="raise"):
            y, cache = forward(x, gamma, beta)
            gradients = backward(1000 * dy, cache)
        assert np.abs((y - beta) / gamma).max() < 8 and all(np.isfinite(g).all() for g in gradients)


def test_nan_stays_in_its_channel_or_its_example():
    x, gamma, beta, _ = draw((4, 2, 2, 6))
    x[1, 0, 1, 2] = np.nan
    for name, (forward, _) in PAIRS.items():
        wanted = [TOGETHER[name]((1, 0, 1, 2), place) for place in np.ndindex(x.shape)]
        assert np.isnan(forward(x, gamma, beta)[0]).ravel().tolist() == wanted


# Contracts


@every_pair
@both_dtypes
@pytest.mark.parametrize("shape", [(4, 6), (2, 3, 3, 6), (1, 6)])
def test_shapes_and_dtype_are_kept_and_the_inputs_too(name, shape, dtype):
    arrays = draw(shape, dtype)
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    y, cache = PAIRS[name][0](*arrays[:3], eps=np.float64(1e-3))
    gradients = PAIRS[name][1](arrays[3], cache)
    assert (y.shape, y.dtype) == (shape, dtype)
    assert [(g.shape, g.dtype) for g in gradients] == [(array.shape, dtype) for array in arrays[:3]]
    assert all(map(np.array_equal, arrays, before))


@both_dtypes
def test_statistics_keep_their_dtype_and_the_inputs_too(dtype):
    x, gamma, beta, _ = draw((4, 6), dtype)
    mean, variance = statistics(6, dtype)
    arrays = [x, gamma, beta, mean, variance]
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    results = [
        batch_norm_inference(*arrays, eps=np.float64(1e-3)),
        moving_average(mean, variance, np.float64(0.9)),
        *fold_batch_norm(x, beta, gamma, beta, mean, variance, eps=np.float64(1e-3)),
    ]
    assert [(r.shape, r.dtype) for r in results] == [((4, 6), dtype), ((6,), dtype), ((4, 6), dtype), ((6,), dtype)]
    assert all(map(np.array_equal, arrays, before))


def test_the_cache_survives_two_backward_passes():
    x, gamma, beta, dy = draw((4, 2, 2, 6))
    for forward, backward in PAIRS.values():
        cache = forward(x, gamma, beta)[1]
        first, second = backward(dy, cache), backward(dy, cache)
        assert all(map(np.array_equal, first, second))


X, C6, C1 = np.zeros((4, 6)), np.zeros(6), np.zeros(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: batch_norm(X[:, :5], C6, C6), r"batch_norm: x has shape \(4, 5\), wanted .* channels = 6"),
        (lambda: batch_norm(X, C1, C1), r"batch_norm: x has shape \(4, 6\), wanted .* channels = 1"),
        (lambda: batch_norm(X[:, :1], C6, C6), r"batch_norm: x has shape \(4, 1\)"),
        (lambda: batch_norm(C6, C6, C6), r"batch_norm: x has shape \(6,\), wanted \(batch, ..., channels\)"),
        (lambda: batch_norm(1.0, C1, C1), r"batch_norm: x has shape \(\)"),
        (lambda: batch_norm(X, C6, C1), r"batch_norm: beta has shape \(1,\), wanted \(channels\) with channels = 6"),
        (lambda: batch_norm(X, X, C6), r"batch_norm: gamma has shape \(4, 6\), wanted \(channels\)"),
        (lambda: batch_norm([[1.0]], C1, C1), "batch_norm: x is a list, wanted a NumPy array"),
        (lambda: batch_norm(X, C6, C6, eps=-1e-3), "batch_norm: eps is -0.001"),
        (lambda: batch_norm_inference(X, C1, C1, C1, C1), r"batch_norm_inference: x has shape \(4, 6\)"),
        (lambda: batch_norm_inference(X, C6, C6, C6, C1), r"batch_norm_inference: variance has shape \(1,\)"),
        (lambda: batch_norm_inference(X, C6, C6, C1, C6), r"batch_norm_inference: mean has shape \(1,\)"),
        (lambda: batch_norm_inference(X, C6, C1, C6, C6), r"batch_norm_inference: beta has shape \(1,\)"),
        (lambda: batch_norm_inference(X, C6, C6, C6, C6, eps=-1), "batch_norm_inference: eps is -1"),
        (lambda: layer_norm(X[:, :1], C6, C6), r"layer_norm: x has shape \(4, 1\), wanted \(..., channels\)"),
        (lambda: layer_norm(X, C6, C1), r"layer_norm: beta has shape \(1,\)"),
        (lambda: layer_norm(X, C6, C6, eps=-1), "layer_norm: eps is -1"),
        (lambda: group_norm(X[:, :1], C6, C6, groups=2), r"group_norm: x has shape \(4, 1\), wanted \(batch, ..., ch"),
        (lambda: group_norm(C6, C6, C6, groups=2), r"group_norm: x has shape \(6,\)"),
        (lambda: group_norm(X, C6, C1, groups=2), r"group_norm: beta has shape \(1,\)"),
        (lambda: group_norm(X, C6, C6), "group_norm: groups is 32, wanted a divisor of the 6 channels"),
        (lambda: group_norm(X, C6, C6, groups=4), "group_norm: groups is 4, wanted a divisor"),
        (lambda: group_norm(X, C6, C6, groups=0), "group_norm: groups is 0, wanted a number in "),
        (lambda: group_norm(X, C6, C6, groups=-1), "group_norm: groups is -1, wanted a number in "),
        (lambda: group_norm(X, C6, C6, groups=2, eps=-1), "group_norm: eps is -1"),
        (lambda: moving_average(C6, C1), r"moving_average: new has shape \(1,\), wanted .* shape = \(6,\)"),
        (lambda: moving_average(C6, [1.0]), "moving_average: new is a list"),
        (lambda: moving_average(C6, C6, 1.01), r"moving_average: decay is 1.01, wanted a number in \[0, 1\]"),
        (lambda: moving_average(C6, C6, -0.1), "moving_average: decay is -0.1"),
        (lambda: moving_average(C6, C6, np.nan), "moving_average: decay is nan"),
        (lambda: fold_batch_norm(X[:, :1], *[C6] * 5), r"fold_batch_norm: w has shape \(4, 1\), wanted \(..., units"),
        (lambda: fold_batch_norm(X, C6, C6, C6, C6, C1), r"fold_batch_norm: variance has shape \(1,\)"),
        (lambda: fold_batch_norm(X, C6, C1, C6, C6, C6), r"fold_batch_norm: gamma has shape \(1,\)"),
        (lambda: fold_batch_norm(X, *[C6] * 5, eps=-1), "fold_batch_norm: eps is -1"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm", "group_norm"])
@pytest.mark.parametrize("dy", [X.T, X[:3], X[:, :1], X[:1], X[0], X.reshape(2, 2, 6), 1.0])
def test_a_wrong_dy_is_named(name, dy):
    forward, backward = PAIRS[name]
    cache = forward(X, C6, C6)[1]
    with pytest.raises(ValueError, match=rf"{name}_backward: dy has shape .*, wanted .* with shape = \(4, 6\)"):
        backward(dy, cache)
