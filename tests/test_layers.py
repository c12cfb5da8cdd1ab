"""Dense layers: against Keras, against finite differences, and at the edges."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_lib.gradcheck import check_gradient
from course_lib.layers import dense, dense_backward


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
    with pytest.raises(ValueError, match=r"dense_backward: dy has shape \(2,\)"):
        dense_backward(np.zeros(2), (x, w))
