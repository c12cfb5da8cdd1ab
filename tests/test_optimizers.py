"""Update rules: against Keras over many steps, one step by hand, and at the edges."""

import keras
import numpy as np
import pytest

from course_lib.optimizers import sgd, update


def test_sgd_equals_keras_over_50_steps():
    rng = np.random.default_rng(0)
    w, state = rng.standard_normal((3, 2)), None
    variable, optimizer = keras.Variable(w, dtype="float64"), keras.optimizers.SGD(learning_rate=0.0625)
    for _ in range(50):
        grad = np.sin(3 * w) + rng.standard_normal(w.shape)
        w, state = sgd(w, grad, state, lr=0.0625)  # exact in float32, as which Keras keeps it
        optimizer.apply([keras.ops.convert_to_tensor(grad, dtype="float64")], [variable])
    np.testing.assert_allclose(w, variable.value.numpy(), rtol=1e-12)


def test_one_step_by_hand():
    w, state = sgd(np.array([1.0, -2.0]), np.array([10.0, 0.5]), lr=0.1)
    np.testing.assert_allclose(w, [0, -2.05])
    assert state is None
    default = float(keras.optimizers.SGD().learning_rate)
    assert sgd(np.array(1.0), np.array(1.0))[0] == pytest.approx(1 - default, rel=1e-6)


@pytest.mark.parametrize("lr", [1, 0.1, np.float32(0.1), np.float64(0.1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
def test_shape_and_dtype_are_kept_and_the_inputs_too(dtype, shape, lr):
    w, grad = np.full(shape, 2, dtype), np.full(shape, 3, dtype)
    w.flags.writeable = grad.flags.writeable = False
    moved, _ = sgd(w, grad, lr=lr)
    assert (np.shape(moved), moved.dtype) == (shape, dtype)
    assert (w == 2).all() and (grad == 3).all()
    np.testing.assert_allclose(moved, np.full(shape, 2 - 3 * lr), rtol=1e-6)


def test_nan_and_infinity_are_not_hidden():
    np.testing.assert_array_equal(sgd(np.ones(2), np.array([np.nan, np.inf]))[0], [np.nan, -np.inf])


def counting(w, grad, state=None, *, lr):
    return w - lr * grad, (state or 0) + 1


def test_update_applies_the_rule_and_keeps_each_state():
    params, grads = {"a": np.ones(2), "b": np.zeros((1, 2))}, {"b": np.ones((1, 2)), "a": np.full(2, 4.0)}
    kept, states = dict(params), {}
    moved, states = update(counting, params, grads, states, lr=0.5)
    again, states = update(counting, moved, {**grads, "a": 0 * grads["a"]}, states, lr=0.5)
    assert list(moved) == ["a", "b"]
    assert moved["a"].tolist() == again["a"].tolist() == [-1, -1]
    assert again["b"].tolist() == [[-1, -1]]
    assert states == {"a": 2, "b": 2}
    assert params == kept and params["a"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("grads", "culprits"),
    [
        ({"a": np.ones(2)}, "look at b$"),
        ({"a": np.ones(2), "b": np.ones(3), "c": np.ones(1)}, "look at c$"),
        ({"a": np.ones((2, 1)), "b": np.ones(3)}, "look at a$"),
    ],
)
def test_update_names_what_differs(grads, culprits):
    with pytest.raises(ValueError, match=f"update: grads has shapes .*{culprits}"):
        update(sgd, {"a": np.ones(2), "b": np.ones(3)}, grads, {}, lr=1)


def test_what_is_no_array_is_refused():
    with pytest.raises(ValueError, match="sgd: grad is a NoneType"):
        sgd(np.ones(2), None)
