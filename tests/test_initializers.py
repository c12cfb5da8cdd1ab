"""Initializers: distribution and variance over 200,000 draws, against the formula and against Keras."""

import keras
import numpy as np
import pytest
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


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("name", RULES)
def test_equals_keras_and_the_formula(name, kind):
    theirs, variance = RULES[name]
    ours = getattr(init, name)(SHAPES[kind], rng())
    keras_draws = np.asarray(theirs(seed=0)(SHAPES[kind]))
    std = variance(*FANS[kind]) ** 0.5
    assert ours.shape == SHAPES[kind] and ours.dtype == np.float32
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
    exact = {
        "uniform": stats.uniform(-(3**0.5), 2 * 3**0.5),
        "normal": stats.norm,
        "truncated_normal": stats.truncnorm(-2, 2, scale=1 / stats.truncnorm(-2, 2).std()),
    }[distribution]
    assert w.dtype == dtype and w.shape == (200, 1000)
    assert w.std() == pytest.approx(std, rel=STD_ERROR)
    assert stats.kstest(w.ravel() / std, exact.cdf).pvalue > 0.001


def test_defaults_equal_keras():
    ours = init.variance_scaling((100, 1000), rng())
    assert ours.std() == pytest.approx(0.1, rel=0.01) and np.abs(ours).max() < 0.23  # truncated


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_standard_normal_ignores_the_fans(dtype):
    w = init.standard_normal((200, 1000), rng(), dtype=dtype)
    assert w.dtype == dtype and stats.kstest(w.ravel(), stats.norm.cdf).pvalue > 0.001


def test_truncation_constant():
    assert stats.truncnorm(-2, 2).std() == pytest.approx(init.TRUNCATED_STD, rel=1e-12)


@pytest.mark.parametrize(
    ("shape", "wanted"), [((3, 5), (3, 5)), ((3, 3, 4, 8), (36, 72)), ((5, 2, 3), (10, 15)), ((0, 4), (0, 4))]
)
def test_fans(shape, wanted):
    assert init.fans(shape) == wanted


@pytest.mark.parametrize("name", [*RULES, "standard_normal", "variance_scaling"])
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
    with pytest.raises(ValueError, match="mode is 'fan', wanted one of fan_in, fan_out, fan_avg"):
        init.variance_scaling((2, 2), rng(), mode="fan")
    with pytest.raises(ValueError, match="distribution is 'gauss', wanted one of uniform, normal"):
        init.variance_scaling((2, 2), rng(), distribution="gauss")
