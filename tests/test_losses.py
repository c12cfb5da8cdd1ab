"""Losses: against Keras and TensorFlow, against finite differences, and at the edges."""

import math

import hypothesis.extra.numpy as hnp
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.gradcheck import numerical_gradient
from course_lib.losses import binary_cross_entropy, max_margin_loss, mse, softmax_cross_entropy

logits_of = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=st.floats(-30, 30)
)


def labels_for(logits, dtype=np.int64):
    return np.random.default_rng(0).integers(0, logits.shape[1], len(logits)).astype(dtype)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-14)])
@pytest.mark.parametrize("scale", [1, 30, 1000])
def test_equals_tensorflow(dtype, tolerance, scale):
    logits = (scale * np.random.default_rng(1).standard_normal((64, 10))).astype(dtype)
    labels = labels_for(logits)
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(logits))
        theirs = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, x))
    loss, dlogits = softmax_cross_entropy(logits, labels)
    np.testing.assert_allclose(loss, float(theirs), rtol=10 * tolerance)
    np.testing.assert_allclose(dlogits, tape.gradient(theirs, x), atol=tolerance)


@settings(deadline=None, derandomize=True)
@given(logits=logits_of)
def test_gradient_is_the_finite_difference(logits):
    labels = labels_for(logits)
    numerical = numerical_gradient(lambda x: softmax_cross_entropy(x, labels)[0], logits)
    dlogits = softmax_cross_entropy(logits, labels)[1]
    np.testing.assert_allclose(dlogits, numerical, atol=1e-8)


@settings(deadline=None, derandomize=True)
@given(logits=logits_of, shift=st.floats(-1e4, 1e4))
def test_a_shift_of_all_logits_changes_nothing_and_gradients_sum_to_zero(logits, shift):
    labels = labels_for(logits)
    loss, dlogits = softmax_cross_entropy(logits, labels)
    assert loss == pytest.approx(softmax_cross_entropy(logits + shift, labels)[0], abs=1e-9)
    np.testing.assert_allclose(dlogits.sum(axis=1), 0, atol=1e-15)


def test_known_values():
    loss, dlogits = softmax_cross_entropy(np.zeros((2, 4)), np.array([0, 3]))
    assert loss == pytest.approx(np.log(4))
    np.testing.assert_allclose(dlogits, [[-0.375, 0.125, 0.125, 0.125], [0.125, 0.125, 0.125, -0.375]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_logits_do_not_overflow(dtype):
    logits = np.array([[1000, -1000], [-1000, 1000]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert softmax_cross_entropy(logits, np.array([0, 1]))[0] == 0
        loss, dlogits = softmax_cross_entropy(logits, np.array([1, 1]))
    assert loss == 1000 and dlogits.tolist() == [[0.5, -0.5], [0, 0]]


def test_nan_and_infinity_are_not_hidden():
    logits = np.zeros((2, 3))
    logits[0, 1] = np.nan
    loss, dlogits = softmax_cross_entropy(logits, np.array([0, 0]))
    assert np.isnan(loss) and np.isnan(dlogits[0]).all() and np.isfinite(dlogits[1]).all()
    assert softmax_cross_entropy(np.array([[0, -np.inf]]), np.array([1]))[0] == np.inf


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [0, 1, 5])
@pytest.mark.parametrize("kind", [np.uint8, np.int64])
def test_shape_and_dtype_are_kept_and_the_inputs_too(rows, dtype, kind):
    logits = np.random.default_rng(0).standard_normal((rows, 3)).astype(dtype)
    labels, before = labels_for(logits, kind), logits.copy()
    logits.flags.writeable = labels.flags.writeable = False
    loss, dlogits = softmax_cross_entropy(logits, labels)
    assert type(loss) is float and (loss > 0 if rows else loss == 0)
    assert (dlogits.shape, dlogits.dtype) == ((rows, 3), dtype)
    assert np.array_equal(logits, before)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 3], "labels has dtype int64 and values from 0 to 3, wanted integers from 0 to 2"),
        ([-1, 0], "labels has dtype int64 and values from -1 to 0"),
        ([0.0, 1.0], "labels has dtype float64"),
        ([True, False], "labels has dtype bool"),
        ([0, 1, 2], r"labels has shape \(3,\), wanted \(batch\) with batch = 2"),
        ([[1, 0, 0], [0, 1, 0]], r"labels has shape \(2, 3\)"),
    ],
)
def test_wrong_labels_are_refused(labels, message):
    with pytest.raises(ValueError, match=f"softmax_cross_entropy: {message}"):
        softmax_cross_entropy(np.zeros((2, 3)), np.array(labels))


# The elementwise losses

SHAPES = [(), (1,), (7,), (0, 3), (1, 1), (5, 1), (1, 6), (4, 3), (2, 3, 4)]
every_shape = pytest.mark.parametrize("shape", SHAPES)
both_dtypes = pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-14)])
arrays_of = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=3), elements=st.floats(-30, 30))


def draw(shape, dtype=np.float64, seed=0):
    return np.asarray(np.random.default_rng(seed).standard_normal(shape), dtype)


def bits(shape, dtype=np.int64):
    return np.asarray(np.random.default_rng(1).integers(0, 2, shape), dtype)


def read_only(*arrays):
    for array in arrays:
        array.flags.writeable = False
    return arrays


def theirs(loss, *arrays):
    """Return the mean of a TensorFlow loss as a float, and its gradients."""
    tensors = [tf.constant(array) for array in arrays]
    with tf.GradientTape() as tape:
        for tensor in tensors:
            tape.watch(tensor)
        value = tf.reduce_mean(loss(*tensors))
    return float(value), tape.gradient(value, tensors)


# Binary cross-entropy


@both_dtypes
@pytest.mark.parametrize("scale", [1, 30, 1000])
@pytest.mark.parametrize("shape", [(1,), (64,), (64, 1), (16, 3), (2, 3, 4)])
def test_binary_equals_tensorflow(shape, scale, dtype, tolerance):
    logits, labels = scale * draw(shape, dtype), bits(shape)
    wanted, (gradient,) = theirs(
        lambda z: tf.nn.sigmoid_cross_entropy_with_logits(labels.astype(dtype), z), logits
    )
    loss, dlogits = binary_cross_entropy(logits, labels)
    assert loss == pytest.approx(wanted, rel=10 * tolerance)
    np.testing.assert_allclose(dlogits, gradient, rtol=10 * tolerance, atol=tolerance)


def test_binary_equals_keras():
    logits, labels = draw((8, 5), np.float32), bits((8, 5))
    wanted = float(keras.losses.BinaryCrossentropy(from_logits=True)(labels, logits))
    assert binary_cross_entropy(logits, labels)[0] == pytest.approx(wanted, rel=1e-5)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(logits=arrays_of)
def test_binary_gradient_is_the_finite_difference(logits):
    labels = bits(logits.shape)
    numerical = numerical_gradient(lambda z: binary_cross_entropy(z, labels)[0], logits)
    np.testing.assert_allclose(binary_cross_entropy(logits, labels)[1], numerical, atol=1e-8)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(logits=arrays_of)
def test_binary_treats_both_labels_alike_and_is_softmax_of_two(logits):
    labels = bits(logits.shape)
    loss, dlogits = binary_cross_entropy(logits, labels)
    mirrored, opposite = binary_cross_entropy(-logits, 1 - labels)
    assert loss == pytest.approx(mirrored, rel=1e-12)
    np.testing.assert_allclose(dlogits, -opposite, atol=1e-15)
    pairs = np.stack([np.zeros(logits.size), logits.ravel()], axis=1)
    assert loss == pytest.approx(softmax_cross_entropy(pairs, labels.ravel())[0], rel=1e-9, abs=1e-12)


def test_binary_equals_loops():
    logits, labels = draw((3, 4)), bits((3, 4))
    total, wanted = 0, np.zeros((3, 4))
    for i in np.ndindex(3, 4):
        p = 1 / (1 + math.exp(-logits[i]))
        total -= math.log(p if labels[i] == 1 else 1 - p)
        wanted[i] = (p - labels[i]) / 12
    loss, dlogits = binary_cross_entropy(logits, labels)
    assert loss == pytest.approx(total / 12, rel=1e-13)
    np.testing.assert_allclose(dlogits, wanted, rtol=1e-12)


def test_binary_by_hand():
    loss, dlogits = binary_cross_entropy(np.array([0.0, math.log(3), math.log(3)]), np.array([0, 1, 0]))
    assert loss == pytest.approx((math.log(2) + math.log(4 / 3) + math.log(4)) / 3)
    np.testing.assert_allclose(dlogits, [0.5 / 3, -0.25 / 3, 0.75 / 3])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary_does_not_overflow(dtype):
    logits, labels = np.array([1000, -1000, 1000, -1000], dtype), np.array([1, 0, 0, 1])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss, dlogits = binary_cross_entropy(logits, labels)
        assert binary_cross_entropy(logits[:2], labels[:2])[0] == 0
    assert loss == 500 and dlogits.tolist() == [0, 0, 0.25, -0.25]


def test_binary_keeps_the_digits_of_a_small_loss():
    assert binary_cross_entropy(np.array([-40.0]), np.array([0]))[0] == pytest.approx(math.exp(-40), rel=1e-12, abs=0)
    assert binary_cross_entropy(np.array([-40.0]), np.array([0]))[1] == pytest.approx(math.exp(-40), rel=1e-12, abs=0)


def test_binary_does_not_hide_nan():
    loss, dlogits = binary_cross_entropy(np.array([np.nan, 0.0]), np.array([1, 1]))
    assert np.isnan(loss) and np.isnan(dlogits).tolist() == [True, False]


@every_shape
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [np.uint8, np.int64])
def test_binary_keeps_shape_dtype_and_inputs(shape, dtype, kind):
    logits, labels = read_only(draw(shape, dtype), bits(shape, kind))
    before = logits.copy()
    loss, dlogits = binary_cross_entropy(logits, labels)
    assert type(loss) is float and (loss > 0 if logits.size else loss == 0)
    assert (dlogits.shape, dlogits.dtype) == (shape, dtype)
    assert np.array_equal(logits, before)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 2], "labels has dtype int64 and values from 0 to 2, wanted integers, 0 or 1"),
        ([-1, 1], "labels has dtype int64 and values from -1 to 1"),
        ([0.0, 1.0], "labels has dtype float64"),
        ([True, False], "labels has dtype bool"),
        ([0], r"labels has shape \(1,\), wanted \(2,\), as logits"),
        ([[0], [1]], r"labels has shape \(2, 1\), wanted \(2,\)"),
    ],
)
def test_binary_refuses_wrong_labels(labels, message):
    with pytest.raises(ValueError, match=f"binary_cross_entropy: {message}"):
        binary_cross_entropy(np.zeros(2), np.array(labels))


def test_binary_names_what_is_no_array():
    with pytest.raises(ValueError, match="binary_cross_entropy: logits is a list"):
        binary_cross_entropy([0.0], np.array([0]))
    with pytest.raises(ValueError, match="binary_cross_entropy: labels is a list"):
        binary_cross_entropy(np.zeros(1), [0])
    with pytest.raises(ValueError, match="binary_cross_entropy: labels has dtype float64, wanted"):
        binary_cross_entropy(np.zeros(0), np.zeros(0))


# Mean squared error


@both_dtypes
@pytest.mark.parametrize("shape", [(1, 1), (64, 1), (16, 3), (2, 3, 4)])
def test_mse_equals_keras(shape, dtype, tolerance):
    y, target = draw(shape, dtype), draw(shape, dtype, seed=1)
    wanted, (gradient,) = theirs(lambda y: keras.ops.square(y - target), y)
    loss, dy = mse(y, target)
    assert loss == pytest.approx(wanted, rel=10 * tolerance)
    assert loss == pytest.approx(float(keras.losses.MeanSquaredError(dtype=dtype)(target, y)), rel=10 * tolerance)
    np.testing.assert_allclose(dy, gradient, rtol=10 * tolerance)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(y=arrays_of)
def test_mse_gradient_is_the_finite_difference(y):
    target = draw(y.shape)
    numerical = numerical_gradient(lambda y: mse(y, target)[0], y)
    np.testing.assert_allclose(mse(y, target)[1], numerical, atol=1e-6)


def test_mse_equals_loops():
    y, target = draw((3, 4)), draw((3, 4), seed=1)
    total = 0
    for i in np.ndindex(3, 4):
        total += (y[i] - target[i]) ** 2
    assert mse(y, target)[0] == pytest.approx(total / 12, rel=1e-13)


def test_mse_by_hand():
    loss, dy = mse(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [4.0, 0.0]]))
    assert loss == (4 + 1 + 16) / 4 and dy.tolist() == [[0, 1], [-0.5, 2]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mse_far_out(dtype):
    with np.errstate(over="raise", invalid="raise"):
        loss, dy = mse(np.array([1000, -1000, 0], dtype), np.array([-1000, 1000, 0], dtype))
    assert loss == pytest.approx(8e6 / 3) and dy.tolist() == pytest.approx([4000 / 3, -4000 / 3, 0])
    loss, dy = mse(np.array([np.nan, 1], dtype), np.zeros(2, dtype))
    assert np.isnan(loss) and np.isnan(dy).tolist() == [True, False]
    assert mse(np.array([np.inf], dtype), np.zeros(1, dtype))[0] == np.inf


@every_shape
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float32, np.float64])
def test_mse_keeps_shape_dtype_and_inputs(shape, dtype, kind):
    y, target = read_only(draw(shape, dtype), bits(shape, kind))
    before = y.copy(), target.copy()
    loss, dy = mse(y, target)
    assert type(loss) is float and (loss > 0 if y.size else loss == 0)
    assert (dy.shape, dy.dtype) == (shape, dtype)
    assert np.array_equal(y, before[0]) and np.array_equal(target, before[1])


def test_mse_of_bytes_does_not_wrap_around():
    loss, dy = mse(np.array([1, 2], np.uint8), np.array([3, 2], np.uint8))
    assert loss == 2 and dy.tolist() == [-2, 0]


@pytest.mark.parametrize(("shape", "other"), [((3,), (3, 1)), ((3, 1), (3,)), ((2, 3), (3,)), ((2, 3), ())])
def test_mse_refuses_other_shapes(shape, other):
    with pytest.raises(ValueError, match=r"mse: target has shape \(.*\), wanted \(.*\), as y: try reshape"):
        mse(np.zeros(shape), np.zeros(other))


def test_mse_names_what_is_no_array():
    with pytest.raises(ValueError, match="mse: y is a list"):
        mse([1.0], np.zeros(1))
    with pytest.raises(ValueError, match="mse: target is a list"):
        mse(np.zeros(1), [1.0])


# Max-margin ranking


@both_dtypes
@pytest.mark.parametrize("shape", [(1,), (64,), (16, 3)])
@pytest.mark.parametrize("options", [{}, {"margin": 0.0}, {"margin": 0.25}, {"margin": 3.0}])
def test_max_margin_equals_tensorflow(shape, options, dtype, tolerance):
    good, bad = draw(shape, dtype), draw(shape, dtype, seed=1)
    good[0], bad[0] = options.get("margin", 1.0), 0  # the corner: just far enough apart
    margin = tf.constant(options.get("margin", 1.0), dtype)
    wanted, gradients = theirs(lambda good, bad: tf.nn.relu(margin - good + bad), good, bad)
    loss, *got = max_margin_loss(good, bad, **options)
    assert loss == pytest.approx(wanted, rel=10 * tolerance)
    for gradient, their_gradient in zip(got, gradients, strict=True):
        np.testing.assert_allclose(gradient, their_gradient, rtol=10 * tolerance)


def test_max_margin_is_the_hinge_of_keras_on_differences():
    good, bad = draw(20, np.float32), draw(20, np.float32, seed=1)
    wanted = float(keras.losses.Hinge()(np.ones(20, np.float32), good - bad))
    assert max_margin_loss(good, bad)[0] == pytest.approx(wanted, rel=1e-5)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(good=arrays_of, margin=st.floats(0, 5))
def test_max_margin_gradients_are_the_finite_differences(good, margin):
    bad = draw(good.shape)
    good = np.where(np.abs(margin - good + bad) < 1e-3, good + 0.01, good)  # away from the corner
    _, dgood, dbad = max_margin_loss(good, bad, margin=margin)
    up = numerical_gradient(lambda good: max_margin_loss(good, bad, margin=margin)[0], good)
    down = numerical_gradient(lambda bad: max_margin_loss(good, bad, margin=margin)[0], bad)
    np.testing.assert_allclose(dgood, up, atol=1e-8)
    np.testing.assert_allclose(dbad, down, atol=1e-8)


def test_max_margin_equals_loops():
    good, bad = draw((3, 4)), draw((3, 4), seed=1)
    total, pulled = 0, np.zeros((3, 4))
    for i in np.ndindex(3, 4):
        if good[i] < bad[i] + 1:
            total += 1 - good[i] + bad[i]
            pulled[i] = 1 / 12
    loss, dgood, dbad = max_margin_loss(good, bad)
    assert loss == pytest.approx(total / 12, rel=1e-13)
    np.testing.assert_array_equal(dbad, pulled)
    np.testing.assert_array_equal(dgood, -pulled)


def test_max_margin_by_hand():
    good, bad = np.array([3.0, 0.5, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 0.0])
    loss, dgood, dbad = max_margin_loss(good, bad)
    assert loss == (0 + 0.5 + 2 + 0) / 4
    assert dgood.tolist() == [0, -0.25, -0.25, 0] and dbad.tolist() == [0, 0.25, 0.25, 0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_max_margin_far_out(dtype):
    with np.errstate(all="raise"):
        loss, dgood, dbad = max_margin_loss(np.array([1000, -1000], dtype), np.array([-1000, 1000], dtype))
    assert loss == 1000.5 and dgood.tolist() == [0, -0.5] and dbad.tolist() == [0, 0.5]
    loss, dgood, dbad = max_margin_loss(np.array([np.nan, 5], dtype), np.zeros(2, dtype))
    assert np.isnan(loss)
    assert np.isnan(dgood).tolist() == np.isnan(dbad).tolist() == [True, False]


@every_shape
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("margin", [1.0, np.float64(2)])
def test_max_margin_keeps_shape_dtype_and_inputs(shape, dtype, margin):
    good, bad = read_only(draw(shape, dtype), draw(shape, dtype, seed=1))
    before = good.copy(), bad.copy()
    loss, *gradients = max_margin_loss(good, bad, margin=margin)
    assert type(loss) is float and (good.size or loss == 0)
    assert [(g.shape, g.dtype) for g in gradients] == [(shape, dtype)] * 2
    assert np.array_equal(good, before[0]) and np.array_equal(bad, before[1])


@pytest.mark.parametrize(("shape", "other"), [((3,), (3, 1)), ((2, 3), (3,)), ((3,), ())])
def test_max_margin_refuses_other_shapes(shape, other):
    with pytest.raises(ValueError, match=r"max_margin_loss: bad has shape \(.*\), wanted \(.*\), as good"):
        max_margin_loss(np.zeros(shape), np.zeros(other))


def test_max_margin_names_what_is_no_array():
    with pytest.raises(ValueError, match="max_margin_loss: good is a list"):
        max_margin_loss([1.0], np.zeros(1))
    with pytest.raises(ValueError, match="max_margin_loss: bad is a list"):
        max_margin_loss(np.zeros(1), [1.0])
