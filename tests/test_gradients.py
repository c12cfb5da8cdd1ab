"""What a pencil says of gradients: by hand, against what networks do, and to the last bit where numbers are exact."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.first_network import network_backward, network_forward, train_network
from course_lib.gradients import gradient_growth, loss_scale, predicted_drop
from course_lib.losses import softmax_cross_entropy

numbers = st.floats(-1e30, 1e30, allow_subnormal=False)


def rms(array):
    return np.sqrt(np.mean(array**2))


# Growth


def test_growth_by_hand():
    assert gradient_growth(36, 0.5, np.array([0.1, 0.7])) == pytest.approx(1.5)
    assert gradient_growth(100, 0.1, np.full((3, 4), 0.25)) == pytest.approx(0.25)
    assert gradient_growth(4, 1.0, np.array([-0.5, 0.5])) == pytest.approx(1.0)


@pytest.mark.parametrize("sigma", [0.02, 0.5])
def test_growth_is_what_a_layer_does(sigma):
    """δ below is (δ wᵀ) times the slopes, as in backpropagation, for weights drawn by chance."""
    rng = np.random.default_rng(0)
    delta, w = rng.standard_normal((400, 300)), sigma * rng.standard_normal((200, 300))
    slopes = rng.uniform(0, 1, (400, 200))
    assert rms(delta @ w.T * slopes) / rms(delta) == pytest.approx(gradient_growth(300, sigma, slopes), rel=0.02)


def test_small_float32_slopes_dont_vanish():
    growth = gradient_growth(100, 1.0, np.full(5, 1e-30, np.float32))
    assert type(growth) is float and growth == pytest.approx(1e-29, rel=1e-6, abs=0)


# The drop


def test_drop_by_hand():
    assert predicted_drop([np.array([3.0, 4.0]), np.array([[12.0]])], 0.1) == pytest.approx(16.9)
    assert predicted_drop([], 0.1) == predicted_drop([np.zeros((0, 2))], 0.1) == 0


def test_a_small_step_lowers_the_loss_by_as_much():
    rng = np.random.default_rng(0)
    params = [(rng.standard_normal(s), rng.standard_normal(s[1])) for s in [(3, 4), (4, 2)]]
    x, labels = rng.standard_normal((6, 3)), rng.integers(2, size=6)

    def loss(params):
        return softmax_cross_entropy(network_forward(x, params)[0], labels)[0]

    logits, caches = network_forward(x, params)
    grads = network_backward(softmax_cross_entropy(logits, labels)[1], caches)
    after = train_network(params, x, labels, lr=1e-5, epochs=1, batch_size=6, rng=rng)
    drop = predicted_drop([g for pair in grads for g in pair], 1e-5)
    assert loss(params) - loss(after) == pytest.approx(drop, rel=1e-4)


def test_large_float32_gradients_dont_overflow():
    drop = predicted_drop([np.array([1e25], np.float32)], 1e-3)
    assert type(drop) is float and drop == pytest.approx(1e47, rel=1e-6)


# The scale


@pytest.mark.parametrize(
    ("grads", "wanted"),
    [
        ([[0.5, -3.0]], 2.0**14),
        ([[1e5]], 0.5),
        ([[-1e5], [1.0]], 0.5),
        ([[65504.0]], 1.0),
        ([[np.nextafter(65504.0, 1e9)]], 0.5),
        ([[65504.0 / 2**7], [-1.0]], 2.0**7),
        ([[np.nextafter(65504.0 / 2**7, 1e9)]], 2.0**6),
        ([[65504.0 * 2**9]], 2.0**-9),
        ([[65536.0]], 0.5),
        ([[0.0, 0.0], [0.0]], 1.0),
        ([[], [4.0]], 2.0**13),
        ([[]], 1.0),
        ([], 1.0),
    ],
)
def test_scale_by_hand(grads, wanted):
    scale = loss_scale([np.array(g) for g in grads])
    assert type(scale) is float and scale == wanted


@given(st.lists(hnp.arrays(np.float64, hnp.array_shapes(min_side=0, max_side=3), elements=numbers), max_size=3))
def test_scaled_gradients_fit_and_twice_as_much_doesnt(grads):
    scale = loss_scale(grads)
    sizes = [scale * float(abs(g)) for array in grads for g in array.flat]
    assert all(size <= 65504 for size in sizes)
    assert np.frexp(scale)[0] == 0.5
    assert not any(sizes) or any(2 * size > 65504 for size in sizes)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_isnt_finite_ends(bad):
    assert loss_scale([np.array([bad, 1.0])]) <= 1


# What is refused


def test_errors_say_what_was_got_and_wanted():
    with pytest.raises(ValueError, match=r"gradient_growth: n is 0, wanted a number in \[1, inf\)"):
        gradient_growth(0, 1.0, np.ones(2))
    with pytest.raises(ValueError, match=r"gradient_growth: sigma is -1, wanted a number in \[0, inf\)"):
        gradient_growth(3, -1, np.ones(2))
    with pytest.raises(ValueError, match="gradient_growth: slopes is a list, wanted a NumPy array"):
        gradient_growth(3, 1.0, [1.0])
    with pytest.raises(ValueError, match=r"predicted_drop: grads\[1\] is a list, wanted a NumPy array"):
        predicted_drop([np.ones(2), [1.0]], 0.1)
    with pytest.raises(ValueError, match=r"predicted_drop: lr is -0.1, wanted a number in \[0, inf\)"):
        predicted_drop([np.ones(2)], -0.1)
    with pytest.raises(ValueError, match=r"loss_scale: grads\[0\] is a str, wanted a NumPy array"):
        loss_scale(["a"])
