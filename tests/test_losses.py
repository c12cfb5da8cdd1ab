"""Softmax with cross-entropy: against TensorFlow, against finite differences, and at the edges."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.gradcheck import numerical_gradient
from course_lib.losses import softmax_cross_entropy

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
