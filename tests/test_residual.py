"""A residual block: by hand, against finite differences, and against Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_lib.gradcheck import check_gradient, numerical_gradient
from course_lib.residual import residual_block, residual_block_backward


def arrays(dtype=np.float64, batch=5, width=4, units=6):
    rng = np.random.default_rng(0)
    shapes = (batch, width), (width, units), (units, width)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def test_one_example_by_hand():
    x, w1, w2 = np.array([[1.0, 2.0]]), np.array([[1.0, -1.0], [1.0, 0.0]]), np.array([[2.0, 1.0], [5.0, 5.0]])
    y, cache = residual_block(x, w1, w2, 0.5)
    assert y.tolist() == [[4, 3.5]] and cache[1].tolist() == [[3, 0]]
    dx, dw1, dw2 = residual_block_backward(np.array([[1.0, 2.0]]), cache)
    assert dx.tolist() == [[3, 4]] and dw1.tolist() == [[2, 0], [4, 0]] and dw2.tolist() == [[1.5, 3], [0, 0]]


@pytest.mark.parametrize("s", [1.0, 0.3, -2.0, 0.0])
def test_gradients_are_finite_differences(s):
    x, w1, w2 = arrays()
    dy = np.random.default_rng(1).standard_normal(x.shape)
    found = residual_block_backward(dy, residual_block(x, w1, w2, s)[1])
    for i, gradient in enumerate(found):

        def loss(value, i=i):
            given = [x, w1, w2]
            given[i] = value
            return np.sum(dy * residual_block(*given, s)[0])

        np.testing.assert_allclose(gradient, numerical_gradient(loss, (x, w1, w2)[i]), atol=1e-7)


def test_the_course_s_own_judge_agrees():
    check_gradient(lambda x, w1, w2: residual_block(x, w1, w2, 0.7), residual_block_backward, *arrays(),
                   rng=np.random.default_rng(2))


@pytest.mark.parametrize("batch", [1, 7])
def test_equals_keras(batch):
    x, w1, w2 = arrays(np.float32, batch)
    inputs = keras.Input((4,))
    hidden = keras.layers.Dense(6, "relu", use_bias=False)
    branch = keras.layers.Dense(4, use_bias=False)
    model = keras.Model(inputs, keras.layers.Add()([inputs, 0.25 * branch(hidden(inputs))]))
    model.set_weights([w1, w2])
    dy, variable = np.random.default_rng(1).standard_normal(x.shape).astype(np.float32), tf.Variable(x)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(variable) * dy)
    y, cache = residual_block(x, w1, w2, 0.25)
    np.testing.assert_allclose(y, model(x), rtol=1e-5, atol=1e-6)
    wanted = tape.gradient(loss, [variable, hidden.kernel, branch.kernel])
    for mine, theirs in zip(residual_block_backward(dy, cache), wanted, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def test_a_unit_whose_sum_is_0_passes_nothing_on():
    x, w = np.array([[1.0]]), np.array([[0.0]])
    dx, dw1, dw2 = residual_block_backward(np.array([[1.0]]), residual_block(x, w, np.array([[1.0]]), 1.0)[1])
    assert (dx, dw1, dw2) == (1, 0, 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("s", [2, 0.5, np.float64(0.5), np.float32(0.5)])
def test_dtype_is_kept_and_nothing_is_written(dtype, s):
    given = arrays(dtype)
    before = [array.copy() for array in given]
    y, cache = residual_block(*given, s)
    dy = np.ones_like(y)
    found = residual_block_backward(dy, cache)
    assert {array.dtype for array in (y, *found)} == {np.dtype(dtype)}
    assert all(map(np.array_equal, given, before)) and (dy == 1).all()


def test_what_does_not_fit_is_named():
    x, w1, w2 = arrays()
    with pytest.raises(ValueError, match=r"residual_block: w2 has shape \(6, 3\), wanted \(units, width\)"):
        residual_block(x, w1, w2[:, :3], 1.0)
    with pytest.raises(ValueError, match=r"residual_block: s is nan, wanted a number in \(-inf, inf\)"):
        residual_block(x, w1, w2, np.nan)
    with pytest.raises(ValueError, match=r"residual_block_backward: dy has shape \(5, 3\), wanted \(batch, width\)"):
        residual_block_backward(np.ones((5, 3)), residual_block(x, w1, w2, 1.0)[1])
