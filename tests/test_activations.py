"""Activations and their slopes: against TensorFlow, against finite differences, and where numbers end."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import activations as a

PAIRS = {
    "logistic": (a.logistic, a.logistic_derivative, tf.math.sigmoid),
    "tanh": (a.tanh, a.tanh_derivative, tf.math.tanh),
    "relu": (a.relu, a.relu_derivative, tf.nn.relu),
}
FUNCTIONS = [function for f, slope, _ in PAIRS.values() for function in (f, slope)]
every_pair = pytest.mark.parametrize(("f", "slope", "theirs"), PAIRS.values(), ids=PAIRS)
every_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)


@every_pair
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-13)])
def test_equals_tensorflow(f, slope, theirs, dtype, tolerance):
    z = np.concatenate([np.linspace(-12, 12, 241), [0, -0.0, 1000, -1000, 1e-30, 88, -88]]).astype(dtype)
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(z))
        y = theirs(x)
    np.testing.assert_allclose(f(z), y, rtol=10 * tolerance, atol=tolerance)
    np.testing.assert_allclose(slope(z), tape.gradient(y, x), rtol=10 * tolerance, atol=tolerance)


@every_pair
@settings(deadline=None, derandomize=True)
@given(z=hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, min_side=0), elements=st.floats(-20, 20)))
def test_slope_is_the_finite_difference(f, slope, theirs, z):
    z = np.where(np.abs(z) < 1e-3, 1e-3, z)  # ReLU has a corner at 0
    np.testing.assert_allclose(slope(z), (f(z + 1e-5) - f(z - 1e-5)) / 2e-5, atol=1e-9)


@every_pair
def test_known_values(f, slope, theirs):
    wanted = {"logistic": (0.5, 0.25), "tanh": (0, 1), "relu": (0, 0)}[f.__name__]
    assert (f(np.zeros(())), slope(np.zeros(()))) == wanted


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_nothing_overflows_and_nan_stays(dtype):
    z = np.array([-np.inf, -1000, 1000, np.inf, np.nan], dtype)
    wanted = {
        a.logistic: [0, 0, 1, 1], a.logistic_derivative: [0, 0, 0, 0],
        a.tanh: [-1, -1, 1, 1], a.tanh_derivative: [0, 0, 0, 0],
        a.relu: [0, 0, 1000, np.inf], a.relu_derivative: [0, 0, 1, 1],
    }  # fmt: skip
    for function, values in wanted.items():
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            np.testing.assert_array_equal(function(z), [*values, np.nan], err_msg=function.__name__)


def test_logistic_keeps_its_digits_below_zero():
    np.testing.assert_allclose(a.logistic(np.array([-500.0])), np.exp(-500.0), rtol=1e-12)
    np.testing.assert_allclose(a.logistic_derivative(np.array([500.0, -500.0])), np.exp(-500.0), rtol=1e-12)


@every_function
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0, 3), (1, 4), (2, 3, 4)])
def test_shape_and_dtype_are_kept_and_the_input_too(function, dtype, shape):
    z = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    z = np.asarray(z)
    before = z.copy()
    z.flags.writeable = False
    y = function(z)
    assert (y.shape, y.dtype) == (shape, dtype)
    assert np.array_equal(z, before) and not np.shares_memory(y, z)


@every_function
def test_what_is_no_array_is_refused(function):
    with pytest.raises(ValueError, match=f"{function.__name__}: z is a list"):
        function([1.0, 2.0])
