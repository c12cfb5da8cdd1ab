"""What is expected of a network before it is drawn: against sums by hand, many draws, and very wide networks."""

from functools import partial

import numpy as np
import pytest

from course_lib.activations import relu, relu_derivative, tanh, tanh_derivative
from course_lib.datasets import Split
from course_lib.initializers import glorot_normal, he_normal
from course_lib.measuring import (
    Expected,
    expected,
    expected_profile,
    gain,
    gaussian_mean,
    gaussian_pair_mean,
    mean_cosine,
    profile,
    rms,
)
from course_lib.models import ACTIVATIONS, dense_network, image_layer


def test_moments_of_the_normal_distribution():
    for power, moment in [(0, 1), (1, 0), (2, 1), (3, 0), (4, 3), (6, 15)]:
        assert gaussian_mean(lambda z, n=power: z**n) == pytest.approx(moment, abs=1e-9)
    assert gaussian_mean(lambda z: z**2, 9.0) == pytest.approx(9)
    assert gaussian_mean(np.cos, 2.0) == pytest.approx(np.exp(-1))  # E cos(z) = exp(-variance / 2)
    assert gaussian_mean(lambda z: z + 5, 0) == 5
    assert isinstance(gaussian_mean(np.abs), float)


@pytest.mark.parametrize("variance, c", [(1.0, 0.0), (2.5, 0.6), (0.5, -0.8), (3.0, 1.0), (2.0, -1.0)])
def test_moments_of_two_normal_numbers(variance, c):
    def mean(g):
        return gaussian_pair_mean(g, variance, c)

    assert mean(lambda u, v: u * v) == pytest.approx(c * variance, abs=1e-9)
    assert mean(lambda u, v: u**2 * v**2) == pytest.approx((1 + 2 * c**2) * variance**2)
    assert mean(lambda u, v: v**2) == pytest.approx(variance) == mean(lambda u, v: u**2)
    assert mean(lambda u, v: 5.0) == pytest.approx(5)
    assert mean(lambda u, v: np.cos(u - v)) == pytest.approx(np.exp(-(1 - c) * variance))


def test_two_numbers_default_to_standard_and_independent_ones():
    assert gaussian_pair_mean(lambda u, v: (u * v) ** 2) == pytest.approx(1)
    assert isinstance(gaussian_pair_mean(lambda u, v: u), float)


def test_impossible_pairs_are_refused():
    with pytest.raises(ValueError, match="gaussian_pair_mean: variance is -1, wanted a number that isn't negative"):
        gaussian_pair_mean(np.multiply, -1)
    with pytest.raises(ValueError, match="gaussian_pair_mean: correlation is 1.1, wanted a number from -1 to 1"):
        gaussian_pair_mean(np.multiply, 1, 1.1)
    assert gaussian_pair_mean(np.multiply, 1.0, 1 + 1e-9) == pytest.approx(1)


def arc_cosine(c):
    """What ReLU makes of a cosine: Cho and Saul, 2009."""
    return (np.sqrt(1 - c**2) + c * (np.pi - np.arccos(c))) / np.pi


@pytest.mark.parametrize("scale, size, c", [(2.0, 3.0, 0.0), (1.0, 0.5, 0.7), (3.0, 2.0, -0.4)])
def test_one_layer_by_hand(scale, size, c):
    assert expected(lambda z: z, scale, size, c) == pytest.approx((scale * size, c), abs=1e-9)
    assert expected(relu, scale, size, c) == pytest.approx((scale * size / 2, arc_cosine(c)), abs=1e-3)
    assert expected(lambda z: z**2, scale, size, c) == pytest.approx((3 * scale * size**2, (1 + 2 * c**2) / 3))
    assert expected(np.sin, scale, size, c) == pytest.approx(
        (scale * (1 - np.exp(-2 * size)) / 2, np.sinh(c * size) / np.sinh(size)), rel=1e-6, abs=1e-9)


def test_equal_images_stay_equal_and_what_dies_keeps_its_cosine():
    for f in (relu, tanh, np.abs, lambda z: z * (np.abs(z) > 1)):
        assert 0.97 < expected(f, 1.0, 1.0, 1.0)[1] <= 1
    with np.errstate(all="raise"):
        assert expected(lambda z: 0 * z, 1.0, 1.0, 0.3) == (0, 0.3)


def test_a_wide_layer_does_as_expected():
    rng = np.random.default_rng(0)
    z = rng.multivariate_normal([0, 0], [[2, 1.2], [1.2, 2]], 4000).T
    sums = ACTIVATIONS["GELU"][0](z) @ rng.normal(0, (1.5 / 4000) ** 0.5, (4000, 4000))
    size, cosine = expected(ACTIVATIONS["GELU"][0], 1.5, 2.0, 0.6)
    assert np.mean(sums**2) == pytest.approx(size, rel=0.05) and mean_cosine(sums) == pytest.approx(cosine, abs=0.03)


def test_a_jump_costs_little():
    assert gaussian_mean(lambda z: z > 1) == pytest.approx(0.158655, abs=3e-3)


def test_a_negative_variance_is_refused():
    with pytest.raises(ValueError, match="gaussian_mean: variance is -1, wanted a number that isn't negative"):
        gaussian_mean(np.abs, -1)


@pytest.mark.parametrize("f, wanted", [
    (lambda z: z, 1), (relu, 2**0.5), (lambda z: z**2, 3**-0.5), (np.abs, 1), (lambda z: 5 * z, 0.2),
    (lambda z: np.maximum(z, 0) + 0.2 * np.minimum(z, 0), (2 / 1.04) ** 0.5), (lambda z: z + 3, 10**-0.5),
    (tanh, 1.5925), (ACTIVATIONS["SELU"][0], 1),
])
def test_known_gains(f, wanted):
    assert gain(f) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gain_is_what_many_draws_give(name):
    f = ACTIVATIONS[name][0]
    z = np.random.default_rng(0).standard_normal(10**6)
    assert gain(f) == pytest.approx(np.mean(f(z) ** 2) ** -0.5, rel=5e-3)


def test_two_layers_by_hand():
    found = expected_profile(relu, relu_derivative, lambda i, o: 3 / (i + o), [10, 5, 20], size=2.0, cosine=0.0)
    first = 10 * 3 / 15 * 2**2 / 2  # fan_in * variance * size², halved by ReLU
    second = 5 * 3 / 25 * first / 2
    np.testing.assert_allclose(found.activation, [first**0.5, second**0.5], rtol=1e-6)
    np.testing.assert_allclose(found.delta, [(20 * 3 / 25 / 2) ** 0.5, 1], rtol=1e-6)
    c = 1 / np.pi  # the arc cosine kernel, Cho and Saul, 2009
    wanted = [c, (np.sqrt(1 - c**2) + c * (np.pi - np.arccos(c))) / np.pi]
    np.testing.assert_allclose(found.cosine, wanted, rtol=0, atol=1e-3)


def test_a_single_layer_and_equal_inputs():
    found = expected_profile(tanh, tanh_derivative, lambda i, o: 1 / i, [4, 3], cosine=1.0)
    assert [len(part) for part in found] == [1, 1, 1] and found.delta[0] == 1
    assert found.cosine[0] == pytest.approx(1, abs=1e-9)
    opposite = expected_profile(tanh, tanh_derivative, lambda i, o: 1 / i, [4, 3], cosine=-1.0)
    assert opposite.cosine[0] == pytest.approx(-1, abs=1e-9)


def test_what_dies_or_explodes_is_said_without_a_warning():
    with np.errstate(all="raise"):
        huge = expected_profile(lambda z: z**3, lambda z: 3 * z**2, lambda i, o: 5.0, [9] * 12)
        none = expected_profile(lambda z: 0 * z, lambda z: 0 * z, lambda i, o: 1.0, [9] * 4, cosine=0.3)
    assert not np.isfinite(huge.activation[-1]) and np.isfinite(huge.activation[0])
    assert not none.activation.any() and none.delta.tolist() == [0, 0, 1]


@pytest.mark.parametrize("name, draw, variance", [
    ("ReLU", he_normal, lambda i, o: 2 / i),
    ("tanh", glorot_normal, lambda i, o: 2 / (i + o)),
    ("logistic", glorot_normal, lambda i, o: 2 / (i + o)),
    ("SELU", he_normal, lambda i, o: 2 / i),
])
def test_wide_networks_do_as_expected(name, draw, variance):
    """Widths change from layer to layer, so a fan in the place of the other is seen."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (64, 28, 28), dtype=np.uint8)
    data, widths = Split(x, rng.integers(0, 10, 64), x[:0], x[:0], x[:0], x[:0]), [1200, 600, 900, 1500]
    seen = profile(partial(dense_network, widths, name, draw), data, range(3), batch_size=64)
    inputs = image_layer().forward(x)[0]
    said = expected_profile(*ACTIVATIONS[name], variance, [784, *widths], size=rms(inputs), cosine=mean_cosine(inputs))
    np.testing.assert_allclose(seen.activation.mean(axis=0), said.activation, rtol=0.06)
    np.testing.assert_allclose((seen.delta / seen.delta[:, -1:]).mean(axis=0), said.delta, rtol=0.08)
    np.testing.assert_allclose(seen.cosine.mean(axis=0), said.cosine, atol=0.04)


def test_fields_stand_where_they_should():
    assert Expected(1, 2, 3)._asdict() == {"activation": 1, "cosine": 2, "delta": 3}
