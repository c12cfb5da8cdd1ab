"""Initializers: distribution and variance over 200,000 draws, against the formula and against Keras."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from course_lib import initializers as init

SHAPES = {"dense": (250, 800), "convolution": (5, 4, 50, 200)}
FANS = {"dense": (250, 800), "convolution": (1000, 4000)}
RULES = {
    "glorot_uniform": (keras.initializers.GlorotUniform, lambda i, o: 2 / (i + o)),
    "glorot_normal": (keras.initializers.GlorotNormal, lambda i, o: 2 / (i + o)),
    "he_uniform": (keras.initializers.HeUniform, lambda i, o: 2 / i),
    "he_normal": (keras.initializers.HeNormal, lambda i, o: 2 / i),
    "lecun_uniform": (keras.initializers.LecunUniform, lambda i, o: 1 / i),
    "lecun_normal": (keras.initializers.LecunNormal, lambda i, o: 1 / i),
}
STD_ERROR = 0.005  # of the standard deviation of 200,000 draws, at 3 sigma


def rng():
    return np.random.default_rng(0)


TRUNCATED = stats.truncnorm(-2, 2, scale=1 / stats.truncnorm(-2, 2).std())  # variance 1
UNIFORM = stats.uniform(-(3**0.5), 2 * 3**0.5)
STANDARD = {"standard_uniform": UNIFORM, "standard_normal": stats.norm, "standard_truncated": TRUNCATED}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("name", RULES)
def test_equals_keras_and_the_formula(name, kind, dtype):
    theirs, variance = RULES[name]
    ours = getattr(init, name)(SHAPES[kind], rng(), dtype=dtype)
    keras_draws = np.asarray(theirs(seed=0)(SHAPES[kind], dtype=np.dtype(dtype).name))
    std = variance(*FANS[kind]) ** 0.5
    assert ours.shape == SHAPES[kind] and ours.dtype == dtype
    exact = UNIFORM if "uniform" in name else TRUNCATED
    assert stats.kstest(ours.ravel() / std, exact.cdf).pvalue > 0.001
    assert ours.std() == pytest.approx(std, rel=STD_ERROR)
    assert keras_draws.std() == pytest.approx(std, rel=STD_ERROR)
    assert abs(ours.mean()) < 4 * std / ours.size**0.5
    assert stats.ks_2samp(ours.ravel(), keras_draws.ravel()).pvalue > 0.001
    assert np.abs(ours).max() == pytest.approx(np.abs(keras_draws).max(), rel=0.001)


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize("distribution", ["uniform", "normal", "truncated_normal"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_variance_scaling_draws_the_distribution_named(mode, distribution, dtype):
    w = init.variance_scaling((200, 1000), rng(), scale=3, mode=mode, distribution=distribution, dtype=dtype)
    std = (3 / {"fan_in": 200, "fan_out": 1000, "fan_avg": 600}[mode]) ** 0.5
    exact = {"uniform": UNIFORM, "normal": stats.norm, "truncated_normal": TRUNCATED}[distribution]
    assert w.dtype == dtype and w.shape == (200, 1000)
    assert w.std() == pytest.approx(std, rel=STD_ERROR)
    assert stats.kstest(w.ravel() / std, exact.cdf).pvalue > 0.001


def test_defaults_equal_keras():
    ours = init.variance_scaling((100, 1000), rng())
    assert ours.std() == pytest.approx(0.1, rel=0.01) and np.abs(ours).max() < 0.23  # truncated


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(200, 1000), (5, 4, 50, 200), (200_000,)])
@pytest.mark.parametrize("name", STANDARD)
def test_standard_draws_have_mean_0_and_variance_1_whatever_the_fans(name, shape, dtype):
    w = getattr(init, name)(shape, rng(), dtype=dtype)
    assert w.shape == shape and w.dtype == dtype
    assert abs(w.mean()) < 4 / w.size**0.5 and w.std() == pytest.approx(1, rel=STD_ERROR)
    assert stats.kstest(w.ravel(), STANDARD[name].cdf).pvalue > 0.001


@pytest.mark.parametrize("name", STANDARD)
def test_standard_draws_default_to_float32_and_end_where_they_should(name):
    w = getattr(init, name)((200_000,), rng())
    ends = {"standard_uniform": 3**0.5, "standard_normal": 4.6, "standard_truncated": 2 / init.TRUNCATED_STD}
    assert w.dtype == np.float32 and np.abs(w).max() == pytest.approx(ends[name], abs=0.4 if "normal" in name else 1e-3)


def test_truncation_constant():
    assert stats.truncnorm(-2, 2).std() == pytest.approx(init.TRUNCATED_STD, rel=1e-12)


@pytest.mark.parametrize("limit", [0.001, 0.1, 1, 2.0, 3, np.float32(1.5), 40, 1e200])
def test_what_is_left_of_a_truncated_normal(limit):
    left = init.truncated_std(limit)
    assert isinstance(left, float)
    assert left == pytest.approx(stats.truncnorm(-limit, limit).std() if 0.01 < limit < 50 else
                                 1 if limit > 50 else limit / 3**0.5, rel=1e-7)


@pytest.mark.parametrize("limit", [0, -2, 0.0001, np.inf, np.nan, "2"])
def test_no_limit_is_refused(limit):
    with pytest.raises(ValueError, match=r"truncated_std: limit is .*, wanted a number in \[0.001, inf\)"):
        init.truncated_std(limit)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_zeros_are_zeros_and_leave_the_generator_alone(dtype):
    generator = rng()
    w = init.zeros((3, 3, 2, 4), generator, dtype=dtype)
    assert w.shape == (3, 3, 2, 4) and w.dtype == dtype and not w.any()
    assert generator.random() == rng().random() and init.zeros((2, 2), rng()).dtype == np.float32


@pytest.mark.parametrize("f", [np.tanh, lambda z: np.maximum(z, 0), lambda z: z * (np.abs(z) > 1), lambda z: z + 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lsuv_makes_every_layers_sums_as_wide_as_wanted(f, dtype):
    x, widths = (3 * rng().standard_normal((60, 30)) + 1).astype(dtype), [30, 40, 20, 20, 25]
    before, kernels = x.copy(), init.lsuv(f, widths, x, rng())
    assert [w.shape for w in kernels] == list(zip(widths[:-1], widths[1:], strict=True))
    assert np.array_equal(x, before) and all(w.dtype == dtype for w in kernels)
    for w in kernels:
        sums = x @ w
        assert sums.std() == pytest.approx(1, rel=1e-4)
        product = w.T @ w if w.shape[0] >= w.shape[1] else w @ w.T
        np.testing.assert_allclose(product / product[0, 0], np.eye(min(w.shape)), atol=10 * np.finfo(dtype).eps)
        x = f(sums)


def test_lsuv_draws_from_the_generator_and_says_what_does_not_fit():
    x, generator = rng().standard_normal((9, 4)), rng()
    first, again = (init.lsuv(np.tanh, (4, 3), x, generator)[0] for _ in range(2))
    assert np.array_equal(first, init.lsuv(np.tanh, [4, 3], x, rng())[0]) and not np.array_equal(first, again)
    assert init.lsuv(np.tanh, [4], x, rng()) == []
    with pytest.raises(ValueError, match=r"lsuv: x has shape \(9,\), wanted \(batch, inputs\)"):
        init.lsuv(np.tanh, [4, 3], x[:, 0], rng())


@pytest.mark.parametrize(
    ("shape", "wanted"), [((3, 5), (3, 5)), ((3, 3, 4, 8), (36, 72)), ((5, 2, 3), (10, 15)), ((0, 4), (0, 4))]
)
def test_fans(shape, wanted):
    assert init.fans(shape) == wanted


@settings(deadline=None, derandomize=True, max_examples=40)
@given(window=st.lists(st.integers(1, 5), max_size=3), channels=st.integers(1, 6), filters=st.integers(1, 6))
def test_fans_count_the_inputs_of_an_output_and_equal_keras(window, channels, filters):
    shape = (*window, channels, filters)
    kernel = np.arange(np.prod(shape)).reshape(shape)
    fan_in, fan_out = init.fans(shape)
    assert fan_in == kernel[..., 0].size and fan_out == kernel[..., 0, :].size
    theirs = keras.src.initializers.random_initializers.compute_fans(shape)
    assert (fan_in, fan_out) == theirs


@pytest.mark.parametrize("name", [*RULES, *STANDARD, "variance_scaling", "orthogonal"])
def test_the_generator_alone_decides(name):
    draw = getattr(init, name)
    generator = rng()
    first, second = draw((4, 5), generator), draw((4, 5), generator)
    assert np.array_equal(first, draw((4, 5), rng())) and not np.array_equal(first, second)
    assert draw((0, 5), rng()).shape == (0, 5)


@pytest.mark.parametrize("dtype", ["float64", np.dtype(np.float64)])
def test_a_dtype_may_be_a_name_or_an_arrays_dtype(dtype):
    assert init.he_normal((2, 3), rng(), dtype=dtype).dtype == np.float64


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"fans: shape is \(3,\), wanted at least two axes"):
        init.he_normal((3,), rng())
    with pytest.raises(ValueError, match=r"orthogonal: shape is \(3,\), wanted at least two axes"):
        init.orthogonal((3,), rng())
    for scale in (0, -1, np.nan, np.inf, "2"):
        with pytest.raises(ValueError, match=r"variance_scaling: scale is .*, wanted a number in \((0|-inf), inf\)"):
            init.variance_scaling((2, 2), rng(), scale=scale)
    with pytest.raises(ValueError, match=r"orthogonal: gain is nan, wanted a number in \(-inf, inf\)"):
        init.orthogonal((2, 2), rng(), gain=np.nan)
    with pytest.raises(ValueError, match="mode is 'fan', wanted one of fan_in, fan_out, fan_avg"):
        init.variance_scaling((2, 2), rng(), mode="fan")
    with pytest.raises(ValueError, match="distribution is 'gauss', wanted one of uniform, normal"):
        init.variance_scaling((2, 2), rng(), distribution="gauss")


@pytest.mark.parametrize("scale", [2, np.float64(2), np.float32(2)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_numpy_scale_keeps_the_dtype(dtype, scale):
    assert init.variance_scaling((3, 2), rng(), scale=scale, dtype=dtype).dtype == dtype
    assert init.orthogonal((3, 2), rng(), gain=scale, dtype=dtype).dtype == dtype


# Orthogonal matrices

WIDE_AND_TALL = [(1, 1), (5, 5), (7, 3), (3, 7), (1, 6), (6, 1), (3, 3, 2, 8), (2, 1, 2, 9), (5, 2, 3)]


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-14)])
@pytest.mark.parametrize("gain", [1.0, 2.0, -0.5])
@pytest.mark.parametrize("shape", WIDE_AND_TALL)
def test_orthogonal_matrices_have_orthogonal_columns_or_rows(shape, gain, dtype, tolerance):
    w = init.orthogonal(shape, rng(), gain=gain, dtype=dtype)
    theirs = np.asarray(keras.initializers.Orthogonal(gain, seed=0)(shape))
    assert w.shape == theirs.shape == shape and w.dtype == dtype
    for matrix, error in ((w.reshape(-1, shape[-1]), tolerance), (theirs.reshape(-1, shape[-1]), 1e-5)):
        rows, columns = matrix.shape
        product = matrix.T @ matrix if rows >= columns else matrix @ matrix.T
        np.testing.assert_allclose(product, gain**2 * np.eye(min(rows, columns)), atol=10 * error)


def test_a_square_one_keeps_every_length():
    w, x = init.orthogonal((50, 50), rng(), dtype=np.float64), rng().standard_normal((20, 50))
    np.testing.assert_allclose(np.linalg.norm(x @ w, axis=1), np.linalg.norm(x, axis=1))


@pytest.mark.parametrize("shape", [(250, 800), (800, 250), (5, 4, 50, 200)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_entries_are_distributed_as_on_a_sphere_and_as_keras(shape, dtype):
    w = init.orthogonal(shape, rng(), dtype=dtype)
    n = max(np.prod(shape[:-1]), shape[-1])  # each column (or row) is a random point on the sphere of n dimensions
    assert abs(w.mean()) < 4 / w.size**0.5 / n**0.5 and w.std() == pytest.approx(n**-0.5, rel=STD_ERROR)
    exact = stats.beta((n - 1) / 2, (n - 1) / 2, loc=-1, scale=2)
    assert stats.kstest(w.ravel(), exact.cdf).pvalue > 0.001
    theirs = np.asarray(keras.initializers.Orthogonal(seed=0)(shape))
    assert stats.ks_2samp(w.ravel(), theirs.ravel()).pvalue > 0.001


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
def test_every_orthogonal_matrix_is_equally_likely(shape):
    generator, n = rng(), max(shape)
    draws = np.stack([init.orthogonal(shape, generator, dtype=np.float64) for _ in range(4000)])
    exact = stats.beta((n - 1) / 2, (n - 1) / 2, loc=-1, scale=2)
    for i in np.ndindex(shape):  # each place by itself: QR alone would favour some signs
        assert stats.kstest(draws[(slice(None), *i)], exact.cdf).pvalue > 0.001
    if shape[0] == shape[1]:
        assert (np.linalg.det(draws) > 0).mean() == pytest.approx(0.5, abs=0.03)  # reflections as often as rotations
        assert (np.trace(draws, axis1=1, axis2=2) ** 2).mean() == pytest.approx(1, abs=0.1)
