"""Clipping: against TensorFlow, what it promises for any gradients, and at the edges."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.regularizers import clip_by_global_norm, clip_by_norm, clip_by_value

arrays = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=0, max_dims=2, min_side=0), elements=st.floats(-1e6, 1e6)
)
limits = st.floats(1e-3, 1e3)
steady = settings(deadline=None, derandomize=True)


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
        np.testing.assert_allclose(c * max(before, limit), g * limit, rtol=1e-9)
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
