"""Activations and their slopes: against TensorFlow, against finite differences, and where numbers end."""

import math
from functools import partial

import hypothesis.extra.numpy as hnp
import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import activations as a
from course_lib.gradcheck import check_gradient

ks = keras.activations


def cdf(z):
    return math.erfc(-z / math.sqrt(2)) / 2


def mishmash(z):
    return z * math.tanh(math.log1p(math.exp(z)))


# name: our function, our slope, theirs, the obvious version for one number
PAIRS = {
    "logistic": (a.logistic, a.logistic_derivative, tf.math.sigmoid, lambda z: 1 / (1 + math.exp(-z))),
    "tanh": (a.tanh, a.tanh_derivative, tf.math.tanh, math.tanh),
    "relu": (a.relu, a.relu_derivative, tf.nn.relu, lambda z: z if z > 0 else 0),
    "hard_sigmoid": (a.hard_sigmoid, a.hard_sigmoid_derivative, ks.hard_sigmoid,
                     lambda z: 0 if z < -3 else 1 if z > 3 else z / 6 + 0.5),
    "softplus": (a.softplus, a.softplus_derivative, ks.softplus, lambda z: math.log(1 + math.exp(z))),
    "leaky_relu": (a.leaky_relu, a.leaky_relu_derivative, ks.leaky_relu, lambda z: z if z > 0 else 0.2 * z),
    "elu": (a.elu, a.elu_derivative, ks.elu, lambda z: z if z > 0 else math.exp(z) - 1),
    "selu": (a.selu, a.selu_derivative, ks.selu,
             lambda z: 1.05070098735548 * (z if z > 0 else 1.67326324235438 * (math.exp(z) - 1))),
    "silu": (a.silu, a.silu_derivative, ks.silu, lambda z: z / (1 + math.exp(-z))),
    "mish": (a.mish, a.mish_derivative, ks.mish, mishmash),
    "gelu": (a.gelu, a.gelu_derivative, ks.gelu, lambda z: z * cdf(z)),
}


def with_options(name, theirs, obvious, **options):
    """Return a row of PAIRS with both our functions called with options."""
    f, slope, _, _ = PAIRS[name]
    return partial(f, **options), partial(slope, **options), partial(theirs, **options), obvious


MORE = {
    "leaky_relu 0.01": with_options("leaky_relu", ks.leaky_relu, lambda z: max(z, 0.01 * z), negative_slope=0.01),
    "leaky_relu 1.5": with_options("leaky_relu", ks.leaky_relu, lambda z: min(z, 1.5 * z), negative_slope=1.5),
    "elu 0.3": with_options("elu", ks.elu, lambda z: z if z > 0 else 0.3 * (math.exp(z) - 1), alpha=0.3),
    "elu 2": with_options("elu", ks.elu, lambda z: z if z > 0 else 2 * (math.exp(z) - 1), alpha=2.0),
    "gelu by tanh": with_options(
        "gelu", ks.gelu,
        lambda z: z / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))), approximate=True),
    "rrelu_inference": (
        a.rrelu_inference, partial(a.leaky_relu_derivative, negative_slope=11 / 48),
        partial(ks.leaky_relu, negative_slope=11 / 48), lambda z: z if z > 0 else z * 11 / 48),
}
EVERY = PAIRS | MORE
FUNCTIONS = [function for f, slope, *_ in PAIRS.values() for function in (f, slope)] + [a.rrelu_inference]
CORNERS = [-3, 0, 3]
every_pair = pytest.mark.parametrize(("f", "slope", "theirs", "obvious"), EVERY.values(), ids=EVERY)
every_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def read_only(*arrays):
    for array in arrays:
        array.flags.writeable = False
    return arrays


def draw(*shape, dtype=np.float64, seed=0):
    return np.asarray(np.random.default_rng(seed).standard_normal(shape), dtype)


@every_pair
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-13)])
def test_equals_tensorflow(f, slope, theirs, obvious, dtype, tolerance):
    if any(name in str(f) for name in ("leaky_relu", "gelu", "rrelu")):
        tolerance = 1e-6  # TensorFlow keeps their constants in float32
    z = np.concatenate([np.linspace(-12, 12, 241), CORNERS, [-0.0, 1000, -1000, 1e-30, 88, -88]]).astype(dtype)
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(z))
        y = theirs(x)
    np.testing.assert_allclose(f(z), y, rtol=10 * tolerance, atol=tolerance)
    np.testing.assert_allclose(slope(z), tape.gradient(y, x), rtol=10 * tolerance, atol=5 * tolerance)


@every_pair
def test_equals_the_obvious_version(f, slope, theirs, obvious):
    z = np.array([-30, -8, *CORNERS, -2.5, -1e-3, 1e-9, 0.4, 2, 17])
    np.testing.assert_allclose(f(z), [obvious(number) for number in z], rtol=1e-12, atol=1e-15)


@every_pair
@settings(deadline=None, derandomize=True, max_examples=40)
@given(z=hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, min_side=0), elements=st.floats(-20, 20)))
def test_slope_is_the_finite_difference(f, slope, theirs, obvious, z):
    for corner in CORNERS:
        z = np.where(np.abs(z - corner) < 1e-3, corner + 1e-3, z)
    np.testing.assert_allclose(slope(z), (f(z + 1e-5) - f(z - 1e-5)) / 2e-5, atol=5e-9)


KNOWN = [
    (a.logistic, 0, 0.5), (a.logistic_derivative, 0, 0.25),
    (a.tanh, 0, 0), (a.tanh_derivative, 0, 1),
    (a.relu, 0, 0), (a.relu_derivative, 0, 0),
    (a.hard_sigmoid, 0, 0.5), (a.hard_sigmoid, 1.5, 0.75), (a.hard_sigmoid_derivative, 0, 1 / 6),
    (a.hard_sigmoid_derivative, 3, 0), (a.hard_sigmoid_derivative, -3, 0),
    (a.softplus, 0, math.log(2)), (a.softplus_derivative, 0, 0.5),
    (a.leaky_relu, -2, -0.4), (a.leaky_relu, 2, 2), (a.leaky_relu_derivative, 0, 0.2),
    (a.elu, -math.log(2), -0.5), (a.elu_derivative, -math.log(2), 0.5), (a.elu_derivative, 0, 1),
    (partial(a.elu_derivative, alpha=3.0), 0, 3),
    (a.selu, 1, 1.0507009873554805), (a.selu, -1000, -1.7580993408473766), (a.selu_derivative, 0, 1.0507009873554805),
    (a.silu, 0, 0), (a.silu_derivative, 0, 0.5), (a.silu, 1, 0.7310585786300049),
    (a.mish, 0, 0), (a.mish_derivative, 0, 0.6),
    (a.gelu, 1, 0.8413447460685429), (a.gelu, -1, -0.15865525393145707), (a.gelu_derivative, 0, 0.5),
    (a.rrelu_inference, -48, -11), (partial(a.rrelu_inference, lower=0.5, upper=1.5), -7, -7),
]


@pytest.mark.parametrize(("function", "z", "wanted"), KNOWN)
def test_known_values(function, z, wanted):
    assert function(np.array(float(z))) == pytest.approx(wanted, rel=1e-12, abs=1e-15)


@both_dtypes
def test_far_out_nothing_overflows_and_nan_stays(dtype):
    z = np.array([-np.inf, -1000, 1000, np.inf, np.nan], dtype)
    lowest, scale = -a.SELU_SCALE * a.SELU_ALPHA, a.SELU_SCALE
    wanted = {
        a.logistic: [0, 0, 1, 1], a.logistic_derivative: [0, 0, 0, 0],
        a.tanh: [-1, -1, 1, 1], a.tanh_derivative: [0, 0, 0, 0],
        a.relu: [0, 0, 1000, np.inf], a.relu_derivative: [0, 0, 1, 1],
        a.hard_sigmoid: [0, 0, 1, 1], a.hard_sigmoid_derivative: [0, 0, 0, 0],
        a.softplus: [0, 0, 1000, np.inf], a.softplus_derivative: [0, 0, 1, 1],
        a.leaky_relu: [-np.inf, -200, 1000, np.inf], a.leaky_relu_derivative: [0.2, 0.2, 1, 1],
        a.elu: [-1, -1, 1000, np.inf], a.elu_derivative: [0, 0, 1, 1],
        a.selu: [lowest, lowest, scale * 1000, np.inf], a.selu_derivative: [0, 0, scale, scale],
    }
    for function, values in wanted.items():
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            np.testing.assert_allclose(function(z), [*values, np.nan], rtol=1e-6, err_msg=function.__name__)


@both_dtypes
@pytest.mark.parametrize("options", [{}, {"approximate": True}])
def test_far_out_what_weighs_z_does_not_overflow_and_nan_stays(dtype, options):
    z = np.array([-1000, 1000, np.nan], dtype)
    for function in (a.silu, a.mish, partial(a.gelu, **options)):
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            np.testing.assert_array_equal(function(z), [0, 1000, np.nan])
    for slope in (a.silu_derivative, a.mish_derivative, partial(a.gelu_derivative, **options)):
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            np.testing.assert_array_equal(slope(z), [0, 1, np.nan])


def test_small_results_keep_their_digits():
    z = np.array([-500.0])
    for function in (a.logistic, a.logistic_derivative, a.softplus, a.softplus_derivative, a.elu_derivative):
        np.testing.assert_allclose(function(z), np.exp(z), rtol=1e-12, err_msg=function.__name__)
    np.testing.assert_allclose(a.logistic_derivative(-z), np.exp(z), rtol=1e-12)
    for function in (a.silu, a.mish):
        np.testing.assert_allclose(function(z), z * np.exp(z), rtol=1e-12, err_msg=function.__name__)
    np.testing.assert_allclose(a.gelu(np.array([-20.0])), -20 * cdf(-20), rtol=1e-12)
    np.testing.assert_allclose(a.elu(np.array([-1e-12])), -1e-12, rtol=1e-11)


def test_selu_keeps_mean_0_and_variance_1():
    points, weights = np.polynomial.legendre.leggauss(200)
    z = np.concatenate([6 * points - 6, 6 * points + 6])  # its corner is at the ends of both
    density = np.tile(6 * weights, 2) * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    assert density.sum() == pytest.approx(1, abs=1e-12)
    assert (density * a.selu(z)).sum() == pytest.approx(0, abs=1e-9)
    assert (density * a.selu(z) ** 2).sum() == pytest.approx(1, abs=1e-9)


@every_function
@both_dtypes
@pytest.mark.parametrize("shape", [(), (0, 3), (1, 4), (5, 1), (2, 3, 4)])
def test_shape_and_dtype_are_kept_and_the_input_too(function, dtype, shape):
    z = draw(*shape, dtype=dtype)
    before = z.copy()
    y = function(*read_only(z))
    assert (y.shape, y.dtype) == (shape, dtype)
    assert np.array_equal(z, before) and not np.shares_memory(y, z)


@pytest.mark.parametrize(
    "function",
    [
        partial(a.leaky_relu, negative_slope=np.float64(0.3)),
        partial(a.leaky_relu_derivative, negative_slope=np.float64(0.3)),
        partial(a.elu, alpha=np.float64(0.3)),
        partial(a.elu_derivative, alpha=np.float64(0.3)),
        partial(a.rrelu_inference, lower=np.float64(0.1)),
        partial(a.gelu, approximate=True),
        partial(a.gelu_derivative, approximate=True),
        lambda z: a.rrelu(z, np.random.default_rng(0), lower=np.float64(0.1))[0],
    ],
)
def test_options_do_not_make_float32_wider(function):
    assert function(draw(2, 3, dtype=np.float32)).dtype == np.float32


@every_function
def test_what_is_no_array_is_refused(function):
    with pytest.raises(ValueError, match=f"{function.__name__}: z is a list"):
        function([1.0, 2.0])


# Learned slopes

PRELU_SHAPES = [
    ((6, 4), None, (4,)),
    ((1, 1), None, (1,)),
    ((5, 3), [1], (1,)),
    ((3, 4, 5, 2), [1, 2], (1, 1, 2)),
    ((3, 4, 5, 2), [2], (4, 1, 2)),
    ((3, 4, 5, 2), None, (4, 5, 2)),
    ((2, 4, 5, 1), [1, 2, 3], (1, 1, 1)),
]
SLOPES = [(), (1,), (3,), (1, 1, 3), (2, 1, 3), (2, 4, 3)]  # for z of shape (5, 2, 4, 3)


def prelu_layer(z, slopes):
    return a.prelu(z, slopes), (z, slopes)


def prelu_layer_backward(dy, cache):
    return a.prelu_backward(dy, *cache)


@pytest.mark.parametrize(("shape", "shared", "slopes_shape"), PRELU_SHAPES)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-13)])
def test_prelu_equals_keras(shape, shared, slopes_shape, dtype, tolerance):
    z, dy = draw(*shape, dtype=dtype), draw(*shape, dtype=dtype, seed=1)
    z[0, ..., 0] = 0  # the corner
    slopes = draw(*slopes_shape, dtype=dtype, seed=2)
    layer = keras.layers.PReLU(shared_axes=shared, dtype=dtype)
    layer.build(shape)
    layer.set_weights([slopes])
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(z))
        theirs = layer(x)
    wanted = tape.gradient(theirs, [x, layer.trainable_variables[0].value], dy)
    np.testing.assert_allclose(a.prelu(z, slopes), theirs, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(dy * a.prelu_derivative(z, slopes), wanted[0], rtol=tolerance, atol=tolerance)
    got = a.prelu_backward(dy, z, slopes)
    assert [g.shape for g in got] == [shape, slopes_shape]
    for gradient, theirs in zip(got, wanted, strict=True):
        np.testing.assert_allclose(gradient, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("shape", SLOPES)
def test_prelu_backward_is_the_finite_difference(shape):
    z, slopes = draw(5, 2, 4, 3), draw(*shape, seed=2)
    z = np.where(np.abs(z) < 1e-3, 1e-3, z)
    errors = check_gradient(prelu_layer, prelu_layer_backward, z, slopes, rng=np.random.default_rng(0))
    assert max(errors) < 1e-8


@pytest.mark.parametrize("shape", SLOPES)
def test_prelu_equals_loops(shape):
    z, dy, slopes = draw(5, 2, 4, 3), draw(5, 2, 4, 3, seed=1), draw(*shape, seed=2)
    y, dz, dslopes = np.zeros_like(z), np.zeros_like(z), np.zeros_like(slopes)
    for i in np.ndindex(z.shape):
        own = tuple(np.minimum(i[z.ndim - slopes.ndim :], np.array(shape, int) - 1))  # which slope is z[i]'s
        f = 1 if z[i] > 0 else slopes[own]
        y[i], dz[i] = f * z[i], f * dy[i]
        dslopes[own] += 0 if z[i] > 0 else dy[i] * z[i]
    np.testing.assert_allclose(a.prelu(z, slopes), y, rtol=1e-12)
    np.testing.assert_allclose(a.prelu_backward(dy, z, slopes)[0], dz, rtol=1e-12)
    np.testing.assert_allclose(a.prelu_backward(dy, z, slopes)[1], dslopes, rtol=1e-12)


def test_prelu_by_hand():
    z, slopes, dy = np.array([[-2.0, 1.0], [-1.0, -3.0]]), np.array([0.5, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    assert a.prelu(z, slopes).tolist() == [[-1, 1], [-0.5, -6]]
    assert a.prelu_derivative(z, slopes).tolist() == [[0.5, 1], [0.5, 2]]
    dz, dslopes = a.prelu_backward(dy, z, slopes)
    assert dz.tolist() == [[0.5, 2], [1.5, 8]] and dslopes.tolist() == [-2 * 1 - 1 * 3, -3 * 4]


@settings(deadline=None, derandomize=True, max_examples=40)
@given(z=hnp.arrays(np.float64, (3, 4), elements=st.floats(-1000, 1000)), slope=st.floats(0, 3))
def test_prelu_with_one_fixed_slope_is_leaky_relu(z, slope):
    slopes = np.full(4, slope)
    np.testing.assert_array_equal(a.prelu(z, slopes), a.leaky_relu(z, negative_slope=slope))
    wanted = np.where(z == 0, 0, a.leaky_relu_derivative(z, negative_slope=slope))
    np.testing.assert_array_equal(a.prelu_derivative(z, slopes), wanted)


@both_dtypes
@pytest.mark.parametrize("batch", [0, 1, 4])
@pytest.mark.parametrize("shape", [(), (3,), (1,)])
def test_prelu_keeps_shapes_dtype_and_inputs(batch, shape, dtype):
    arrays = draw(batch, 3, dtype=dtype), draw(batch, 3, dtype=dtype), draw(*shape, dtype=dtype)
    before = [array.copy() for array in arrays]
    dy, z, slopes = read_only(*arrays)
    results = a.prelu(z, slopes), a.prelu_derivative(z, slopes), *a.prelu_backward(dy, z, slopes)
    assert [(r.shape, r.dtype) for r in results] == [((batch, 3), dtype)] * 3 + [(shape, dtype)]
    assert all(map(np.array_equal, before, arrays))
    assert batch or not results[-1].any()


def test_prelu_passes_nan_on_and_does_not_overflow():
    z, slopes = np.array([[-1000.0, np.nan, 1000.0, -np.inf]]), np.full(4, 0.5)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(a.prelu(z, slopes), [[-500, np.nan, 1000, -np.inf]])
        np.testing.assert_array_equal(a.prelu_derivative(z, slopes), [[0.5, np.nan, 1, 0.5]])


@pytest.mark.parametrize("shape", [(2,), (4,), (5,), (2, 3), (5, 2, 4, 3), (1, 5, 3)])
def test_slopes_that_do_not_fit_are_refused(shape):
    z, slopes = np.zeros((5, 3)), np.zeros(shape)
    for call in (a.prelu, a.prelu_derivative, lambda z, slopes: a.prelu_backward(z, z, slopes)):
        with pytest.raises(ValueError, match=r"prelu: slopes has shape \(\d.*wanted one that fits .* \(5, 3\)"):
            call(z, slopes)


def test_prelu_names_what_is_wrong():
    z, slopes = np.zeros((2, 3)), np.zeros(3)
    with pytest.raises(ValueError, match=r"prelu_backward: dy has shape \(3,\), wanted z's, \(2, 3\)"):
        a.prelu_backward(np.zeros(3), z, slopes)
    with pytest.raises(ValueError, match="prelu: slopes is a list"):
        a.prelu(z, [0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match="prelu_derivative: z is a str"):
        a.prelu_derivative("z", slopes)
    with pytest.raises(ValueError, match="prelu_backward: dy is a list"):
        a.prelu_backward([1.0], z, slopes)


# Random slopes


@both_dtypes
@pytest.mark.parametrize("bounds", [{}, {"lower": 0.5, "upper": 2.0}])
def test_rrelu_draws_a_slope_for_every_negative_number(dtype, bounds):
    z = draw(400, 500, dtype=dtype)
    y, slopes = a.rrelu(z, np.random.default_rng(1), **bounds)
    np.testing.assert_array_equal(y, slopes * z)
    assert (slopes[z > 0] == 1).all()
    lower, upper = bounds.get("lower", 1 / 8), bounds.get("upper", 1 / 3)
    drawn = slopes[z < 0].astype(float)
    assert scipy.stats.kstest(drawn, scipy.stats.uniform(lower, upper - lower).cdf).pvalue > 1e-3
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.02  # every number has its own


def test_rrelu_draws_anew_and_is_reproducible():
    z, rng = draw(3, 4), np.random.default_rng(0)
    first, second = a.rrelu(z, rng)[0], a.rrelu(z, rng)[0]
    assert ((first != second) == (z < 0)).all()
    np.testing.assert_array_equal(first, a.rrelu(z, np.random.default_rng(0))[0])


def test_rrelu_is_its_inference_on_average():
    z, rng = np.linspace(-2, 2, 9), np.random.default_rng(0)
    mean = np.mean([a.rrelu(z, rng)[0] for _ in range(4000)], axis=0)
    np.testing.assert_allclose(mean, a.rrelu_inference(z), atol=0.01)


@pytest.mark.parametrize("shape", [(), (1, 1), (3, 2, 4)])
def test_rrelu_backward_is_the_finite_difference(shape):
    z = draw(*shape)
    errors = check_gradient(
        lambda z: a.rrelu(z, np.random.default_rng(0)), a.rrelu_backward, z, rng=np.random.default_rng(1)
    )
    assert max(errors) < 1e-8


@both_dtypes
@pytest.mark.parametrize("shape", [(), (0, 3), (1, 4), (2, 3, 4)])
def test_rrelu_keeps_shape_dtype_and_inputs(dtype, shape):
    z, dy = read_only(draw(*shape, dtype=dtype), draw(*shape, dtype=dtype, seed=1))
    before = z.copy()
    y, slopes = a.rrelu(z, np.random.default_rng(0))
    backward = a.rrelu_backward(dy, *read_only(slopes))
    assert type(backward) is tuple and len(backward) == 1
    assert [(r.shape, r.dtype) for r in (y, slopes, *backward)] == [(shape, dtype)] * 3
    assert np.array_equal(z, before)


def test_rrelu_with_equal_bounds_extremes_and_whole_numbers():
    z = np.array([-1000.0, 0, 1000, np.nan])
    y, slopes = a.rrelu(z, np.random.default_rng(0), lower=0.25, upper=0.25)
    np.testing.assert_array_equal(y, [-250, 0, 1000, np.nan])
    np.testing.assert_array_equal(slopes[:3], [0.25, 0.25, 1])
    assert a.rrelu(np.array([-8]), np.random.default_rng(0), lower=0.25, upper=0.25)[0] == -2


def test_rrelu_names_what_is_wrong():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="rrelu: lower is 0.5, wanted at most upper, 0.25"):
        a.rrelu(np.zeros(3), rng, lower=0.5, upper=0.25)
    with pytest.raises(ValueError, match="rrelu: z is a list"):
        a.rrelu([1.0], rng)
    with pytest.raises(ValueError, match=r"rrelu_backward: dy has shape \(3,\), wanted slopes', \(2, 3\)"):
        a.rrelu_backward(np.zeros(3), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="rrelu_backward: slopes is a list"):
        a.rrelu_backward(np.zeros(1), [1.0])


# Softmax

rows_of = hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=5), elements=st.floats(-50, 50))


def softmax_layer(z):
    return a.softmax(z), a.softmax(z)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-14)])
@pytest.mark.parametrize("shape", [(4,), (1, 10), (5, 1), (0, 3), (64, 10), (2, 3, 4, 5)])
@pytest.mark.parametrize("scale", [1, 1000])
def test_softmax_equals_tensorflow(shape, scale, dtype, tolerance):
    z, dy = scale * draw(*shape, dtype=dtype), draw(*shape, dtype=dtype, seed=1)
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(z))
        theirs = tf.nn.softmax(x)
    y = a.softmax(z)
    np.testing.assert_allclose(y, theirs, rtol=10 * tolerance, atol=tolerance)
    np.testing.assert_allclose(a.softmax_backward(dy, y)[0], tape.gradient(theirs, x, dy), atol=5 * tolerance)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(z=rows_of, shift=st.floats(-1e3, 1e3))
def test_softmax_gives_probabilities_that_a_shift_leaves_alone(z, shift):
    y = a.softmax(z)
    assert (y >= 0).all()
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(a.softmax(z + shift), y, rtol=1e-10)
    np.testing.assert_allclose(a.softmax_backward(np.cos(z), y)[0].sum(axis=-1), 0, atol=1e-14)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(z=hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), elements=st.floats(-3, 3)))
def test_softmax_backward_is_the_finite_difference(z):
    r = draw(*z.shape, seed=1)
    numerical = np.zeros_like(z)
    for i in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[i] = 1e-5
        numerical[i] = (r * (a.softmax(z + step) - a.softmax(z - step))).sum() / 2e-5
    np.testing.assert_allclose(a.softmax_backward(r, a.softmax(z))[0], numerical, atol=1e-8)


def test_softmax_backward_passes_the_judge():
    assert max(check_gradient(softmax_layer, a.softmax_backward, draw(3, 5), rng=np.random.default_rng(0))) < 1e-8


def test_softmax_equals_loops():
    z, dy = draw(4, 3), draw(4, 3, seed=1)
    y, dz = np.zeros_like(z), np.zeros_like(z)
    for row in range(4):
        total = sum(math.exp(number) for number in z[row])
        for i in range(3):
            y[row, i] = math.exp(z[row, i]) / total
        for i in range(3):
            for j in range(3):  # ∂yⱼ/∂zᵢ = yⱼ (1 where i = j, minus yᵢ)
                dz[row, i] += dy[row, j] * y[row, j] * ((i == j) - y[row, i])
    np.testing.assert_allclose(a.softmax(z), y, rtol=1e-13)
    np.testing.assert_allclose(a.softmax_backward(dy, y)[0], dz, rtol=1e-12)


def test_softmax_by_hand():
    z = np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]])
    np.testing.assert_allclose(a.softmax(z), [[0.125, 0.25, 0.625], [0.375, 0.375, 0.25]], rtol=1e-14)
    dz = a.softmax_backward(np.array([[8.0, 0.0, 0.0]]), np.array([[0.125, 0.25, 0.625]]))[0]
    assert dz.tolist() == [[0.875, -0.25, -0.625]]


@both_dtypes
def test_softmax_does_not_overflow_and_nan_stays_in_its_row(dtype):
    z = np.array([[1000, 0, -1000], [-1000, -1000, -1000], [-np.inf, 0, 0]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y = a.softmax(z)
    np.testing.assert_allclose(y, [[1, 0, 0], [1 / 3, 1 / 3, 1 / 3], [0, 0.5, 0.5]], rtol=1e-6)
    z[1, 2] = np.nan
    assert np.isnan(a.softmax(z)).any(axis=1).tolist() == [False, True, False]


@both_dtypes
@pytest.mark.parametrize("shape", [(3,), (0, 3), (1, 4), (5, 1), (2, 3, 4)])
def test_softmax_keeps_shape_dtype_and_inputs(dtype, shape):
    z, dy = read_only(draw(*shape, dtype=dtype), draw(*shape, dtype=dtype, seed=1))
    before = z.copy()
    y = a.softmax(z)
    backward = a.softmax_backward(dy, *read_only(y))
    assert type(backward) is tuple and len(backward) == 1
    assert [(r.shape, r.dtype) for r in (y, *backward)] == [(shape, dtype)] * 2
    assert np.array_equal(z, before) and not np.shares_memory(y, z)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0)])
def test_softmax_without_classes_is_refused(shape):
    with pytest.raises(ValueError, match=r"softmax: z has shape \(.*\), wanted \(..., classes\)"):
        a.softmax(np.zeros(shape))


def test_softmax_names_what_is_wrong():
    with pytest.raises(ValueError, match="softmax: z is a list"):
        a.softmax([1.0, 2.0])
    with pytest.raises(ValueError, match=r"softmax_backward: dy has shape \(3,\), wanted y's, \(2, 3\)"):
        a.softmax_backward(np.zeros(3), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="softmax_backward: y is a list"):
        a.softmax_backward(np.zeros(1), [1.0])
