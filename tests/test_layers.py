"""Layers: against Keras, against finite differences, against one example by hand, and at the edges."""

import hypothesis.extra.numpy as hnp
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.activations import SELU_ALPHA, SELU_SCALE, selu
from course_lib.gradcheck import check_gradient
from course_lib.layers import (
    SELU_FLOOR,
    alpha_dropout,
    alpha_dropout_backward,
    dense,
    dense_backward,
    drop_connect,
    drop_connect_backward,
    dropout,
    dropout_backward,
    flatten,
    flatten_backward,
)


def draw(batch, fan_in, fan_out, dtype=np.float64):
    rng = np.random.default_rng(0)
    return [
        rng.standard_normal(shape).astype(dtype) for shape in ((batch, fan_in), (fan_in, fan_out), (fan_out,))
    ]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-4), ("float64", 1e-12)])
def test_equals_keras(dtype, tolerance):
    x, w, b = draw(7, 5, 3, dtype)
    dy = np.random.default_rng(1).standard_normal((7, 3)).astype(dtype)
    layer = keras.layers.Dense(3, dtype=dtype)
    layer.build(x.shape)
    layer.set_weights([w, b])
    with tf.GradientTape() as tape:
        tape.watch(inputs := tf.constant(x))
        theirs = layer(inputs)
    y, cache = dense(x, w, b)
    np.testing.assert_allclose(y, theirs, rtol=tolerance, atol=tolerance)
    variables = [inputs, *(variable.value for variable in layer.trainable_variables)]
    wanted = tape.gradient(theirs, variables, dy)
    for got, gradient in zip(dense_backward(dy, cache), wanted, strict=True):
        np.testing.assert_allclose(got, gradient, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 4, 3), (6, 2, 5)])
def test_backward_is_the_finite_difference(shape):
    assert max(check_gradient(dense, dense_backward, *draw(*shape), rng=np.random.default_rng(0))) < 1e-8


def test_one_example_worked_by_hand():
    x, w, b = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]), np.array([0.0, 1.0, 5.0])
    y, cache = dense(x, w, b)
    assert y.tolist() == [[5, 3, 4]]
    dx, dw, db = dense_backward(np.array([[1.0, 10.0, 100.0]]), cache)
    assert dx.tolist() == [[-99, 12]]
    assert dw.tolist() == [[1, 10, 100], [2, 20, 200]]
    assert db.tolist() == [1, 10, 100]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("batch", [0, 1, 4])
def test_shapes_and_dtype_are_kept_and_the_inputs_too(batch, dtype):
    arrays = draw(batch, 3, 2, dtype)
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    y, cache = dense(*arrays)
    gradients = dense_backward(np.ones_like(y), cache)
    assert y.shape == (batch, 2) and y.dtype == dtype
    assert [(g.shape, g.dtype) for g in gradients] == [(array.shape, dtype) for array in arrays]
    assert all(map(np.array_equal, arrays, before))
    assert batch or not any(g.any() for g in gradients)


def test_nan_passes_through_its_own_row_only():
    x, w, b = draw(3, 4, 2)
    x[1, 0] = np.nan
    y, _ = dense(x, w, b)
    assert np.isnan(y).all(axis=1).tolist() == [False, True, False]


def test_wrong_shapes_are_named():
    x, w, b = draw(3, 4, 2)
    with pytest.raises(ValueError, match=r"dense: w has shape \(2, 4\).*fan_in = 4"):
        dense(x, w.T, b)
    with pytest.raises(ValueError, match=r"dense: b has shape \(4,\).*fan_out = 2"):
        dense(x, w, np.zeros(4))
    with pytest.raises(ValueError, match=r"dense: x has shape \(4,\), wanted \(batch, fan_in\)"):
        dense(x[0], w, b)
    with pytest.raises(ValueError, match=r"dense_backward: dy has shape \(2,\)"):
        dense_backward(np.zeros(2), (x, w))
    with pytest.raises(ValueError, match=r"dense_backward: dy has shape \(3, 4\), wanted .*batch = 3, fan_out = 2"):
        dense_backward(np.zeros((3, 4)), (x, w))
    with pytest.raises(ValueError, match=r"dense_backward: dy has shape \(1, 2\), wanted .*batch = 3"):
        dense_backward(np.zeros((1, 2)), (x, w))
    with pytest.raises(ValueError, match=r"dense_backward: cache is a tuple of 3, wanted a tuple of 2"):
        dense_backward(np.zeros((3, 2)), (x, w, b))


# Flatten

some_shape = hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)
arrays = hnp.arrays(np.float64, some_shape, elements=st.floats(-1e6, 1e6))
steady = settings(deadline=None, derandomize=True, max_examples=40)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
@pytest.mark.parametrize("shape", [(5,), (1, 1), (3, 4), (2, 3, 4), (2, 7, 7, 8), (1, 2, 3, 4)])
def test_flatten_equals_keras(shape, dtype):
    x = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    y, _ = flatten(x)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, keras.layers.Flatten(dtype=x.dtype)(x))


def test_flatten_by_hand_with_the_last_axis_fastest():
    x = np.arange(12.0).reshape(1, 2, 3, 2)
    y, shape = flatten(x)
    assert y.tolist() == [list(range(12))] and shape == (1, 2, 3, 2)
    (dx,) = flatten_backward(10 * y, shape)
    assert dx[0, 1, 2].tolist() == [100, 110]


@steady
@given(x=arrays)
def test_flatten_backward_puts_back_what_flatten_took(x):
    x.flags.writeable = False
    y, shape = flatten(x)
    assert y.shape == (len(x), x[:1].size if len(x) else np.prod(x.shape[1:]))
    gradients = flatten_backward(y, shape)
    assert isinstance(gradients, tuple)
    np.testing.assert_array_equal(gradients, [x], strict=True)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (2, 2, 3, 2)])
def test_flatten_backward_is_the_finite_difference(shape):
    x = np.random.default_rng(0).standard_normal(shape)
    assert check_gradient(flatten, flatten_backward, x, rng=np.random.default_rng(1))[0] < 1e-8


@pytest.mark.parametrize("wrong", [(2, 11), (1, 12), (4, 6), (3, 8), (2, 0)])
def test_flatten_backward_names_a_gradient_that_does_not_fit(wrong):
    with pytest.raises(ValueError, match="flatten_backward: dy has shape .* to fill .2, 3, 4."):
        flatten_backward(np.zeros(wrong), (2, 3, 4))


def test_flatten_wants_a_batch():
    with pytest.raises(ValueError, match=r"flatten: x has shape \(\), wanted \(batch, \.\.\.\)"):
        flatten(np.float64(1))
    with pytest.raises(ValueError, match=r"flatten_backward: dy has shape \(2, 3, 4\), wanted \(batch, features\)"):
        flatten_backward(np.zeros((2, 3, 4)), (2, 3, 4))


# Dropout and its kin

RATES = [0.0, 0.25, 0.5, 0.9]
both_dtypes = pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-14)])
KIN = {"dropout": (dropout, dropout_backward), "alpha_dropout": (alpha_dropout, alpha_dropout_backward)}
each_kin = pytest.mark.parametrize(("forward", "backward"), KIN.values(), ids=KIN)


def rng(seed=0):
    return np.random.default_rng(seed)


class Drawn:
    """A generator that drops exactly what it is told to, whatever the rate."""

    def __init__(self, kept):
        self.kept = kept

    def random(self, shape):
        assert shape == self.kept.shape
        return np.where(self.kept, 1 - 1e-9, 0)


def from_keras(layer, x, dy):
    """Return output and gradient of a Keras layer in training."""
    with tf.GradientTape() as tape:
        tape.watch(inputs := tf.constant(x))
        y = layer(inputs, training=True)
    return y.numpy(), tape.gradient(y, inputs, dy).numpy()


@both_dtypes
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(1, 1), (64, 10), (2, 5, 5, 3)])
@pytest.mark.parametrize("name", KIN)
def test_dropout_and_alpha_dropout_equal_keras_where_it_drops_the_same(name, shape, rate, dtype, tolerance):
    x, dy = (rng(seed).standard_normal(shape).astype(dtype) for seed in (1, 2))
    kind = {"dropout": keras.layers.Dropout, "alpha_dropout": keras.layers.AlphaDropout}[name]
    wanted, gradient = from_keras(kind(rate, seed=3, dtype=x.dtype), x, dy)
    forward, backward = KIN[name]
    y, mask = forward(x, rate, Drawn(gradient != 0))
    np.testing.assert_allclose(y, wanted, rtol=10 * tolerance, atol=10 * tolerance)
    np.testing.assert_allclose(backward(dy, mask)[0], gradient, rtol=10 * tolerance)


@steady
@given(x=arrays, rate=st.floats(0, 0.99), seed=st.integers(0, 9))
def test_dropout_is_the_loop(x, rate, seed):
    y, mask = dropout(x, rate, rng(seed))
    dy = rng(seed + 1).standard_normal(x.shape)
    (dx,) = dropout_backward(dy, mask)
    for i in np.ndindex(x.shape):
        factor = 0 if mask[i] == 0 else 1 / (1 - rate)
        assert (y[i], mask[i], dx[i]) == (x[i] * factor, factor, dy[i] * factor)


@pytest.mark.parametrize("rate", RATES)
def test_the_share_dropped_is_the_rate_and_the_mean_stays(rate):
    y, mask = dropout(np.full((1000, 200), 3.0), rate, rng())
    assert (mask == 0).mean() == pytest.approx(rate, abs=4 * (rate * (1 - rate) / mask.size) ** 0.5)
    assert y.mean() == pytest.approx(3, rel=4 * (rate / (1 - rate) / mask.size) ** 0.5)
    np.testing.assert_allclose(np.unique(mask), [0, 1 / (1 - rate)] if rate else [1])
    rows, columns = (mask == 0).mean(axis=1), (mask == 0).mean(axis=0)  # each number on its own
    assert rows.std() == pytest.approx((rate * (1 - rate) / 200) ** 0.5, rel=0.1)
    assert columns.std() == pytest.approx((rate * (1 - rate) / 1000) ** 0.5, rel=0.2)


def test_floor_is_where_selu_ends():
    assert SELU_FLOOR == pytest.approx(-SELU_SCALE * SELU_ALPHA, rel=1e-15)
    assert SELU_FLOOR == pytest.approx(selu(np.float64(-1000)), rel=1e-15)


@pytest.mark.parametrize("rate", RATES)
def test_alpha_dropout_keeps_mean_0_and_variance_1(rate):
    y, mask = alpha_dropout(rng(1).standard_normal(400_000), rate, rng())
    assert (mask == 0).mean() == pytest.approx(rate, abs=0.005)
    assert y.mean() == pytest.approx(0, abs=0.01) and y.var() == pytest.approx(1, abs=0.015)


def test_alpha_dropout_by_hand():
    kept = np.array([True, False])
    y, mask = alpha_dropout(np.array([2.0, 2.0]), 0.5, Drawn(kept))
    a = 1 / (0.5 * (1 + 0.5 * 3.0909132915)) ** 0.5  # floor² = 3.0909
    assert mask.tolist() == pytest.approx([a, 0])
    assert y.tolist() == pytest.approx([a * 2 + a * 0.87904967, -a * 1.75809934 + a * 0.87904967])


@each_kin
@pytest.mark.parametrize("rate", RATES)
def test_backward_of_dropout_is_the_finite_difference(forward, backward, rate):
    for shape in ((1,), (1, 1), (3, 4), (2, 2, 3, 2)):
        x = rng(1).standard_normal(shape)
        errors = check_gradient(lambda x: forward(x, rate, rng(5)), backward, x, rng=rng(2))
        assert max(errors) < 1e-8


@each_kin
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [0, 0.5, np.float64(0.3), np.float32(0.3)])
@pytest.mark.parametrize("shape", [(), (1,), (0, 3), (4, 1), (2, 3, 2)])
def test_dropout_keeps_shape_dtype_and_its_input(forward, backward, shape, rate, dtype):
    x = np.asarray(rng().standard_normal(shape), dtype)
    before = x.copy()
    x.flags.writeable = False
    y, mask = forward(x, rate, rng())
    (dx,) = backward(np.ones_like(x), mask)
    assert [(a.shape, a.dtype) for a in (y, mask, dx)] == [(shape, dtype)] * 3
    assert np.array_equal(x, before) and (rate or np.array_equal(y, x))


@each_kin
def test_dropout_draws_anew_and_the_generator_alone_decides(forward, backward):
    x, generator = np.ones((10, 10)), rng()
    first, second = forward(x, 0.5, generator)[0], forward(x, 0.5, generator)[0]
    assert np.array_equal(first, forward(x, 0.5, rng())[0]) and not np.array_equal(first, second)


@each_kin
def test_nan_and_infinity_are_not_hidden_by_dropout(forward, backward):
    with np.errstate(invalid="ignore"):
        y, _ = forward(np.array([np.nan, np.nan, np.inf, -1000.0, 1000.0]), 0.5, Drawn(np.array([1, 0, 1, 1, 1], bool)))
    assert np.isnan(y).tolist() == [True, True, False, False, False] and y[2] == np.inf


@each_kin
@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, np.nan, "0.5", None, np.ones(3)])
def test_dropout_names_wrong_arguments(forward, backward, rate):
    name = forward.__name__
    with pytest.raises(ValueError, match=rf"{name}: rate is .*, wanted a number in \[0, 1\)"):
        forward(np.ones(3), rate, rng())
    with pytest.raises(ValueError, match=f"{name}: x is a list"):
        forward([1.0], 0.5, rng())
    for wrong in ((3,), (2, 1), (1, 2, 3), ()):  # NumPy would stretch them
        with pytest.raises(ValueError, match=rf"{name}_backward: dy has shape .* with shape = \(2, 3\)"):
            backward(np.ones(wrong), np.ones((2, 3)))


# DropConnect


@both_dtypes
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("shape", [(1, 1, 1), (7, 5, 3), (0, 4, 2)])
def test_drop_connect_is_a_dense_layer_of_the_dropped_weights(shape, rate, dtype, tolerance):
    x, w, b = draw(*shape, dtype)
    dy = rng(3).standard_normal((shape[0], shape[2])).astype(dtype)
    y, cache = drop_connect(x, w, b, rate, rng(1))
    dropped, mask = dropout(w, rate, rng(1))
    with tf.GradientTape() as tape:
        tape.watch(tensors := [tf.constant(array) for array in (x, w, b)])
        theirs = tensors[0] @ (tensors[1] * mask) + tensors[2]
    np.testing.assert_allclose(y, theirs, rtol=10 * tolerance, atol=10 * tolerance)
    for got, wanted in zip(drop_connect_backward(dy, cache), tape.gradient(theirs, tensors, dy), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=10 * tolerance, atol=10 * tolerance)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 4, 3), (6, 2, 5)])
@pytest.mark.parametrize("rate", RATES)
def test_backward_of_drop_connect_is_the_finite_difference(shape, rate):
    def forward(x, w, b):
        return drop_connect(x, w, b, rate, rng(7))

    assert max(check_gradient(forward, drop_connect_backward, *draw(*shape), rng=rng())) < 1e-8


def test_drop_connect_by_hand():
    x, w, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0], [6.0]]), np.array([100.0])
    y, cache = drop_connect(x, w, b, 0.75, Drawn(np.array([[True], [False]])))
    assert y.tolist() == [[120], [160]]  # one mask for both rows; the bias stays
    dx, dw, db = drop_connect_backward(np.array([[1.0], [10.0]]), cache)
    assert dx.tolist() == [[20, 0], [200, 0]] and dw.tolist() == [[4 * 31], [0]] and db.tolist() == [11]


def test_drop_connect_keeps_the_mean():
    x, w, b = draw(3, 4, 2)
    generator = rng()
    mean = np.mean([drop_connect(x, w, b, 0.5, generator)[0] for _ in range(4000)], axis=0)
    np.testing.assert_allclose(mean, x @ w + b, atol=0.2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("batch", [0, 1, 4])
@pytest.mark.parametrize("rate", [0.5, np.float64(0.5)])
def test_drop_connect_keeps_shapes_dtype_and_its_inputs(batch, dtype, rate):
    arrays = draw(batch, 3, 2, dtype)
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    y, cache = drop_connect(*arrays, rate, rng())
    gradients = drop_connect_backward(np.ones_like(y), cache)
    assert (y.shape, y.dtype) == ((batch, 2), dtype)
    assert [(g.shape, g.dtype) for g in gradients] == [(array.shape, dtype) for array in arrays]
    assert all(map(np.array_equal, arrays, before))


def test_drop_connect_names_wrong_arguments():
    x, w, b = draw(3, 4, 2)
    with pytest.raises(ValueError, match=r"drop_connect: w has shape \(2, 4\).*fan_in = 4"):
        drop_connect(x, w.T, b, 0.5, rng())
    with pytest.raises(ValueError, match=r"drop_connect: b has shape \(4,\).*fan_out = 2"):
        drop_connect(x, w, np.zeros(4), 0.5, rng())
    with pytest.raises(ValueError, match=r"drop_connect: rate is 1.0, wanted a number in \[0, 1\)"):
        drop_connect(x, w, b, 1.0, rng())
    _, cache = drop_connect(x, w, b, 0.5, rng())
    with pytest.raises(ValueError, match=r"drop_connect_backward: dy has shape \(1, 2\).*batch = 3"):
        drop_connect_backward(np.zeros((1, 2)), cache)
