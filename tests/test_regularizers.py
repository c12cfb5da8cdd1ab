"""Limits, penalties and early stopping: against Keras, what they promise for any arrays, and at the edges."""

from types import SimpleNamespace

import hypothesis.extra.numpy as hnp
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.gradcheck import numerical_gradient
from course_lib.regularizers import (
    EarlyStopping,
    Stopping,
    clip_by_global_norm,
    clip_by_norm,
    clip_by_value,
    early_stopping,
    l1,
    l1_l2,
    l2,
    max_norm,
)

arrays = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=0, max_dims=2, min_side=0), elements=st.floats(-1e6, 1e6)
)
limits = st.floats(1e-3, 1e3)
steady = settings(deadline=None, derandomize=True, max_examples=50)


def norm(grads):
    return np.sqrt(sum(np.sum(g**2) for g in grads))


def gradients(dtype=np.float64):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(dtype) for shape in ((4, 3), (3,), (), (0, 2))]


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-14)])
@pytest.mark.parametrize("limit", [0.1, 1.0, 2.5, 100.0])
def test_equals_tensorflow(dtype, tolerance, limit):
    grads = gradients(dtype)
    for got, wanted in zip(
        clip_by_global_norm(grads, limit), tf.clip_by_global_norm(grads, limit)[0], strict=True
    ):
        np.testing.assert_allclose(got, wanted, rtol=tolerance)
    for g in grads:
        np.testing.assert_allclose(clip_by_norm(g, limit), tf.clip_by_norm(g, limit), rtol=tolerance)
        np.testing.assert_array_equal(clip_by_value(g, limit), tf.clip_by_value(g, -limit, limit))


@steady
@given(grads=st.lists(arrays, max_size=4), limit=limits)
def test_global_norm_shortens_to_the_limit_and_keeps_the_direction(grads, limit):
    before = norm(grads)
    clipped = clip_by_global_norm(grads, limit)
    assert norm(clipped) == pytest.approx(min(before, limit), rel=1e-9)
    for g, c in zip(grads, clipped, strict=True):
        np.testing.assert_allclose(c * max(before, limit), g * limit, rtol=1e-9, atol=1e-300)
        assert before > limit or np.array_equal(c, g)


@steady
@given(g=arrays, limit=limits)
def test_value_cuts_large_elements_and_leaves_small_ones(g, limit):
    clipped = clip_by_value(g, limit)
    small = np.abs(g) <= limit
    assert np.array_equal(clipped[small], g[small])
    assert np.array_equal(clipped[~small], limit * np.sign(g[~small]))


def test_the_two_differ_in_direction():
    g = np.array([3.0, 4.0])
    np.testing.assert_allclose(clip_by_norm(g, 1), [0.6, 0.8])
    assert clip_by_value(g, 1).tolist() == [1, 1]


def test_one_norm_for_all_is_not_a_norm_for_each():
    large, small = clip_by_global_norm([np.array([3.0]), np.array([4.0])], 1)
    np.testing.assert_allclose([large[0], small[0]], [0.6, 0.8])


def test_exploded_float32_gradients_are_clipped_not_lost():
    big = np.full(4, 1e30, np.float32)
    with np.errstate(over="raise"):
        np.testing.assert_allclose(clip_by_norm(big, 2.0), 1, rtol=1e-6)


def test_nan_and_infinity_are_not_hidden():
    assert np.isnan(clip_by_norm(np.array([1.0, np.nan]), 1)).all()
    with np.errstate(invalid="ignore"):
        assert np.isnan(clip_by_global_norm([np.array([np.inf]), np.array([1.0])], 1)[0]).all()
    np.testing.assert_array_equal(clip_by_value(np.array([np.nan, -np.inf, np.inf]), 2), [np.nan, -2, 2])


@pytest.mark.parametrize("limit", [1, 0.5, np.float64(0.5), np.float32(0.5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_and_dtype_are_kept_and_the_inputs_too(dtype, limit):
    grads = [np.array([3.0, -4.0], dtype), np.zeros((0, 2), dtype), np.array(7.0, dtype), np.zeros(3, dtype)]
    before = [g.copy() for g in grads]
    for g in grads:
        g.flags.writeable = False
    everything = [clip_by_global_norm(grads, limit)]
    everything += [[clip(g, limit) for g in grads] for clip in (clip_by_norm, clip_by_value)]
    for clipped in everything:
        assert [(np.shape(c), c.dtype) for c in clipped] == [(g.shape, dtype) for g in grads]
    assert all(map(np.array_equal, grads, before))


def test_nothing_to_clip():
    assert clip_by_global_norm([], 1.0) == []


@pytest.mark.parametrize("clip", [clip_by_value, clip_by_norm])
def test_what_is_no_array_is_refused(clip):
    with pytest.raises(ValueError, match=f"{clip.__name__}: grad is a list"):
        clip([1.0], 1)


@pytest.mark.parametrize("limit", [-1.0, np.nan, "1", None, np.ones(2)])
@pytest.mark.parametrize("clip", [clip_by_value, clip_by_norm, clip_by_global_norm])
def test_a_wrong_limit_is_named(clip, limit):
    g = np.ones(3)
    with pytest.raises(ValueError, match=f"{clip.__name__}: limit is .*, wanted a number in"):
        clip([g] if clip is clip_by_global_norm else g, limit)


def test_a_limit_of_0_leaves_nothing_to_scale():
    assert clip_by_value(np.array([-2.0, 3.0]), 0).tolist() == [0, 0]
    for clip in (lambda: clip_by_norm(np.ones(2), 0), lambda: clip_by_global_norm([np.ones(2)], 0)):
        with pytest.raises(ValueError, match=r"limit is 0, wanted a number in \(0, inf\]"):
            clip()


def test_items_that_are_no_arrays_are_named():
    g = np.ones(3)
    with pytest.raises(ValueError, match=r"clip_by_global_norm: grads\[1\] is a list, wanted a NumPy array"):
        clip_by_global_norm([g, [1.0], None], 1)
    with pytest.raises(ValueError, match=r"clip_by_global_norm: grads\[0\] is a str, wanted a NumPy array"):
        clip_by_global_norm({"w": g}, 1)
    with pytest.raises(ValueError, match=r"clip_by_global_norm: grads is a list_iterator, wanted a list of arrays"):
        clip_by_global_norm(iter([g]), 1)  # would be used up after the norm
    assert len(clip_by_global_norm({"w": g}.values(), 1)) == 1


# Penalties

STRENGTHS = [0, 0.01, 0.5, 3.0]
both_dtypes = pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-14)])
WEIGHTS = [(), (1,), (0, 3), (4, 3), (3, 3, 2, 5)]
PENALTIES = {
    "l1": (l1, lambda a, b: keras.regularizers.L1(a), lambda w, a, b: l1(w, a)),
    "l2": (l2, lambda a, b: keras.regularizers.L2(b), lambda w, a, b: l2(w, b)),
    "l1_l2": (l1_l2, keras.regularizers.L1L2, lambda w, a, b: l1_l2(w, l1=a, l2=b)),
}
each_penalty = pytest.mark.parametrize("name", PENALTIES)


@both_dtypes
@each_penalty
@pytest.mark.parametrize("shape", WEIGHTS)
def test_penalties_equal_keras(name, shape, dtype, tolerance):
    w = np.asarray(10 * np.random.default_rng(0).standard_normal(shape), dtype)
    _, theirs, ours = PENALTIES[name]
    for a in STRENGTHS:
        for b in STRENGTHS:
            with tf.GradientTape() as tape:
                tape.watch(x := tf.constant(w))
                wanted = theirs(a, b)(x)
            gradient = tape.gradient(wanted, x, unconnected_gradients="zero")
            rtol = tolerance if {a, b} <= {0, 0.5, 3.0} else 1e-6  # Keras rounds 0.01 to float32
            penalty, grad = ours(w, a, b)
            assert type(penalty) is float and (grad.shape, grad.dtype) == (w.shape, dtype)
            assert penalty == pytest.approx(float(wanted), rel=10 * rtol)
            np.testing.assert_allclose(grad, gradient, rtol=rtol, atol=0)


def test_default_strengths():
    w = np.array([[1.0, -2.0]])
    for ours, theirs in ((l1, keras.regularizers.L1()), (l2, keras.regularizers.L2())):
        assert ours(w)[0] == pytest.approx(float(theirs(w)), rel=1e-6)
    assert l1_l2(w)[0] == pytest.approx(0.03 + 0.05)  # Keras's L1L2 has 0 and 0, which would do nothing


away_from_0 = st.floats(0.01, 100).flatmap(lambda v: st.sampled_from([v, -v]))


@steady
@given(w=hnp.arrays(np.float64, hnp.array_shapes(max_side=4), elements=away_from_0))
@each_penalty
def test_gradient_of_a_penalty_is_the_finite_difference(name, w):
    ours = PENALTIES[name][2]
    numerical = numerical_gradient(lambda w: ours(w, 0.5, 0.25)[0], w)
    np.testing.assert_allclose(ours(w, 0.5, 0.25)[1], numerical, rtol=1e-6, atol=1e-5)


def test_penalties_by_hand():
    w = np.array([[3.0, -4.0, 0.0]])
    for (penalty, grad), wanted, gradient in [
        (l1(w, 0.5), 3.5, [0.5, -0.5, 0]),
        (l2(w, 0.5), 12.5, [3, -4, 0]),
        (l1_l2(w, l1=0.5, l2=0.5), 16, [3.5, -4.5, 0]),
    ]:
        assert penalty == wanted and grad.tolist() == [gradient]


def test_penalties_on_extreme_weights():
    w = np.array([1000.0, -1000.0, 0.0], np.float32)
    assert l1(w)[0] == pytest.approx(20) and l2(w)[0] == pytest.approx(20_000)
    assert l1_l2(w, l1=1)[1].tolist() == pytest.approx([21, -21, 0])
    assert l1(np.array([np.inf]))[0] == l2(np.array([-np.inf]))[0] == np.inf
    for penalty, grad in (f(np.array([np.nan, 1])) for f in (l1, l2, l1_l2)):
        assert np.isnan(penalty) and np.isnan(grad).tolist() == [True, False]


@pytest.mark.parametrize("strength", [0.5, np.float64(0.5), np.float32(0.5), 1])
def test_penalties_keep_the_dtype_and_the_weights(strength):
    w = np.array([[3, -4]], np.float32)
    w.flags.writeable = False
    for _, _, ours in PENALTIES.values():
        assert ours(w, strength, strength)[1].dtype == np.float32 and w.tolist() == [[3, -4]]


@pytest.mark.parametrize("strength", [-0.01, np.nan, np.inf, "0.1", None])
def test_wrong_strengths_are_named(strength):
    w = np.ones((2, 2))
    for name, call in [
        ("l1: strength", lambda: l1(w, strength)),
        ("l2: strength", lambda: l2(w, strength)),
        ("l1_l2: l1", lambda: l1_l2(w, l1=strength)),
        ("l1_l2: l2", lambda: l1_l2(w, l2=strength)),
    ]:
        with pytest.raises(ValueError, match=rf"{name} is .*, wanted a number in \[0, inf\)"):
            call()


@each_penalty
def test_penalties_want_arrays(name):
    with pytest.raises(ValueError, match=f"{name}: w is a list"):
        PENALTIES[name][0]([1.0])


# Max-norm


@both_dtypes
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (4, 3), (0, 3), (4, 0), (5, 3, 2, 4), (7, 2, 3)])
@pytest.mark.parametrize("limit", [0, 0.5, 2, 100])
@pytest.mark.parametrize("scale", [1, 1000])
def test_max_norm_equals_keras(shape, limit, scale, dtype, tolerance):
    w = (scale * np.random.default_rng(0).standard_normal(shape)).astype(dtype)
    wanted = keras.constraints.MaxNorm(limit, axis=list(range(len(shape) - 1)))(w)
    np.testing.assert_allclose(max_norm(w, limit), wanted, rtol=10 * tolerance, atol=0)


kernels = hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=4, max_side=4), elements=st.floats(-1e3, 1e3))


@steady
@given(w=kernels, limit=st.floats(0.01, 100))
def test_max_norm_is_the_loop_over_the_units(w, limit):
    limited = max_norm(w, limit)
    for unit in range(w.shape[-1]):
        incoming = w[..., unit].ravel()
        length = sum(v**2 for v in incoming) ** 0.5
        wanted = [v * min(length, limit) / (length + 1e-7) for v in incoming]
        np.testing.assert_allclose(limited[..., unit].ravel(), wanted, rtol=1e-9, atol=1e-300)


def test_max_norm_by_hand_limits_each_column():
    w = np.array([[3.0, 0.3, 0.0], [4.0, 0.4, 0.0]])
    np.testing.assert_allclose(max_norm(w, 1), [[0.6, 0.3, 0], [0.8, 0.4, 0]], rtol=1e-6)
    kernel = np.stack([w, w], axis=0)[None]  # a convolution's: (1, 2, 2, 3)
    np.testing.assert_allclose(max_norm(kernel, 1)[0, 0, :, 0], [0.6 / 2**0.5, 0.8 / 2**0.5], rtol=1e-6)


@pytest.mark.parametrize("limit", [1, np.float64(0.5), np.float32(0.5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_max_norm_keeps_dtype_and_the_weights(dtype, limit):
    w = np.array([[3, 0], [4, 0]], dtype)
    w.flags.writeable = False
    limited = max_norm(w, limit)
    assert limited.dtype == dtype and limited is not w and w.tolist() == [[3, 0], [4, 0]]


def test_max_norm_hides_no_nan_and_names_wrong_arguments():
    limited = max_norm(np.array([[np.nan, 2.0], [1.0, 2.0]]), 1)
    assert np.isnan(limited).tolist() == [[True, False], [True, False]]
    with pytest.raises(ValueError, match=r"max_norm: w has shape \(3,\), wanted \(\.\.\., fan_in, units\)"):
        max_norm(np.ones(3), 1)
    with pytest.raises(ValueError, match=r"max_norm: limit is -1, wanted a number in \[0, inf\]"):
        max_norm(np.ones((3, 2)), -1)


# Early stopping


def run(losses, **options):
    """Return after how many losses it stops (all of them if never), and the state then; weights count the losses."""
    state = None
    for n, loss in enumerate(losses, start=1):
        state, stop = early_stopping(state, loss, {"w": n}, **options)
        if stop:
            break
    return n, state


class Model:
    """What Keras's callback needs of a model."""

    stop_training, weights = False, None

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights


def run_keras(losses, **options):
    callback, model = keras.callbacks.EarlyStopping(restore_best_weights=True, **options), Model()
    callback.set_model(model)
    callback.on_train_begin()
    for n, loss in enumerate(losses, start=1):
        model.weights = {"w": n}
        callback.on_epoch_end(n - 1, {"val_loss": loss})
        if model.stop_training:
            break
    return n, Stopping(callback.best, callback.best_weights, callback.wait)


eighths = st.integers(-20, 20).map(lambda n: n / 8)  # exact in float32, which Keras compares in


@settings(deadline=None, derandomize=True, max_examples=100)
@given(
    losses=st.lists(st.one_of(eighths, st.just(float("nan"))), min_size=1, max_size=12),
    patience=st.integers(0, 4),
    min_delta=st.sampled_from([0.0, 0.125, 1.0]),
)
def test_early_stopping_equals_keras(losses, patience, min_delta):
    options = {"patience": patience, "min_delta": min_delta}
    (n, state), (wanted_n, wanted) = run(losses, **options), run_keras(losses, **options)
    assert (n, state[1:]) == (wanted_n, wanted[1:])
    np.testing.assert_equal(state.best_loss, wanted.best_loss)


@pytest.mark.parametrize(
    ("losses", "options", "wanted"),
    [
        ([3, 2, 1], {}, (3, (1, {"w": 3}, 0))),
        ([3, 2, 2, 1], {}, (3, (2, {"w": 2}, 1))),  # as good is no better
        ([3, 2, 4, 1], {"patience": 1}, (3, (2, {"w": 2}, 1))),
        ([3, 2, 4, 1, 5, 5, 0], {"patience": 2}, (6, (1, {"w": 4}, 2))),  # waiting begins anew at each best
        ([3, 2.75, 2.5, 1], {"patience": 2, "min_delta": 0.5}, (3, (3, {"w": 1}, 2))),  # by 0.5, and no more
        ([3, 2.75, 2.25, 2.25], {"patience": 2, "min_delta": 0.5}, (4, (2.25, {"w": 3}, 1))),  # the two steps together
        ([1000, -1000], {}, (2, (-1000, {"w": 2}, 0))),
    ],
)
def test_early_stopping_by_hand(losses, options, wanted):
    n, state = run(losses, **options)
    assert (n, tuple(state)) == wanted


def test_early_stopping_changes_neither_state_nor_weights():
    state, weights = Stopping(1.0, {"w": np.zeros(2)}, 1), {"w": np.ones(2)}
    later, stop = early_stopping(state, 2.0, weights, patience=3)
    assert tuple(state)[0::2] == (1.0, 1) and later == (1.0, state.best_weights, 2) and stop is False
    better, stop = early_stopping(state, 0.5, weights, patience=3)
    assert better.best_weights is weights and better.waited == 0 and stop is False


def test_early_stopping_names_wrong_options():
    for option in ({"patience": -1}, {"min_delta": -0.1}, {"min_delta": np.nan}, {"patience": None}):
        (name,) = option
        with pytest.raises(ValueError, match=rf"early_stopping: {name} is .*, wanted a number in \[0, inf"):
            early_stopping(None, 1.0, {}, **option)
    with pytest.raises(ValueError, match=r"early_stopping: loss has shape \(1,\)"):
        early_stopping(None, np.ones(1), {})


def train(callback, losses, *, network=None):
    """Train as `fit` does: weights are the number of the epoch, written in place."""
    network = network or SimpleNamespace(weights={"w": np.zeros(2)})
    history = SimpleNamespace(valid_loss=[])
    for epoch, loss in enumerate(losses, start=1):
        network.weights["w"][:] = epoch
        history.valid_loss.append(loss)
        if callback(network, history):
            break
    callback.end(network, history)
    return len(history.valid_loss), network.weights["w"].tolist()


def test_the_callback_stops_and_puts_the_best_weights_back():
    assert train(EarlyStopping(2), [5, 3, 4, 4, 1]) == (4, [2, 2])
    assert train(EarlyStopping(patience=1, min_delta=0.5), [5, 3, 2.75, 1]) == (3, [2, 2])
    assert train(EarlyStopping(), [5, 3, 3]) == (3, [2, 2])


def test_the_callback_puts_them_back_too_if_training_ends_by_itself():
    assert train(EarlyStopping(9), [5, 3, 4, 4]) == (4, [2, 2])


def test_the_callback_begins_anew_with_each_training():
    callback = EarlyStopping(2)
    assert train(callback, [5, 3, 4, 4, 1]) == (4, [2, 2])
    assert train(callback, [9, 8, 7, 8]) == (4, [3, 3])  # neither 3 nor the waiting is remembered
    assert callback.state.best_loss == 7


def test_the_callback_leaves_a_training_alone_that_ends_before_its_first_epoch():
    callback, network = EarlyStopping(2), SimpleNamespace(weights={"w": np.full(2, 7.0)})
    assert train(callback, [], network=network) == (0, [7, 7])
    train(callback, [5, 3, 4])
    assert train(callback, [], network=network) == (0, [7, 7])  # the weights of another training are not put in


def test_the_callback_may_be_interrupted_in_its_first_call():
    class Interrupted:
        @property
        def weights(self):
            raise KeyboardInterrupt

    callback, history = EarlyStopping(2), SimpleNamespace(valid_loss=[1.0])
    with pytest.raises(KeyboardInterrupt):
        callback(Interrupted(), history)
    network = SimpleNamespace(weights={"w": np.full(2, 7.0)})
    callback.end(network, history)
    assert network.weights["w"].tolist() == [7, 7]
