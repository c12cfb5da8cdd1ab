"""Windows: zeros and positions against counting, views against loops, errors that don't fit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.windows import NONE, check_errors, errors_fit, paddings, positions, views

steady = settings(deadline=None, derandomize=True, max_examples=60)
lengths = st.tuples(st.integers(1, 9), st.integers(1, 9))
kernels = st.tuples(st.integers(1, 5), st.integers(1, 5))
strides = st.integers(1, 6)


def starts(length, kernel, stride, zeros=(0, 0)):
    """Count where a kernel fits: its first row at each position."""
    padded = length + sum(zeros)
    return [start for start in range(0, padded, stride) if start + kernel <= padded]


# Zeros and positions


@steady
@given(lengths=lengths, kernel=kernels, stride=strides)
def test_same_adds_as_few_zeros_as_give_every_stride_a_position(lengths, kernel, stride):
    pads = paddings(lengths, kernel, stride, "same")
    for length, k, (before, after) in zip(lengths, kernel, pads, strict=True):
        wanted = -(-length // stride)
        assert len(starts(length, k, stride, (before, after))) == wanted and after - before in (0, 1)
        assert before + after == 0 or len(starts(length, k, stride, (before, after - 1))) < wanted


@steady
@given(lengths=lengths, kernel=kernels, stride=strides, zeros=st.integers(0, 3))
def test_valid_adds_none_and_a_number_that_many_a_side(lengths, kernel, stride, zeros):
    for padding, wanted in [("valid", 0), (zeros, zeros), (np.int64(zeros), zeros)]:
        if all(k <= n + 2 * wanted for n, k in zip(lengths, kernel, strict=True)):
            assert paddings(lengths, kernel, stride, padding) == ((wanted, wanted), (wanted, wanted))
        else:
            with pytest.raises(ValueError, match="kernel is .*, larger than x: "):
                paddings(lengths, kernel, stride, padding)


@pytest.mark.parametrize(
    ("length", "kernel", "stride", "wanted"),
    [(28, 5, 1, (2, 2)), (9, 2, 1, (0, 1)), (28, 3, 2, (0, 1)), (7, 3, 2, (1, 1)), (5, 1, 3, (0, 0)), (2, 5, 4, (1, 2))]
)
def test_same_by_hand(length, kernel, stride, wanted):
    assert paddings((length, 1), (kernel, 1), stride, "same")[0] == wanted
    assert paddings((1, length), (1, kernel), stride, "same")[1] == wanted


@pytest.mark.parametrize("stride", [0, -1, 1.0, "2", None, (1, 1)])
@pytest.mark.parametrize("padding", ["same", "valid", 1])
def test_a_wrong_stride_is_named(stride, padding):
    with pytest.raises(ValueError, match="stride is .*, wanted a whole number of at least 1"):
        paddings((5, 5), (3, 3), stride, padding)


@pytest.mark.parametrize("pads", [NONE, ((1, 2), (0, 3)), ((0, 4), (1, 0))])
def test_pairs_are_taken_as_they_are(pads):
    assert paddings((3, 2), (3, 2), 2, pads) == pads
    with pytest.raises(ValueError, match=r"kernel is \(9, 1\), larger than x"):
        paddings((3, 2), (9, 1), 2, pads)


@pytest.mark.parametrize("padding", ["SAME", "full", -1, 1.0, None, (1, 1), ((0, 0), (0, -1))])
def test_a_wrong_padding_is_named(padding):
    with pytest.raises(ValueError, match='padding is .*, wanted "same", "valid"'):
        paddings((5, 5), (3, 3), 1, padding)


@steady
@given(lengths=lengths, kernel=kernels, stride=strides, pads=st.tuples(*[st.tuples(*[st.integers(0, 3)] * 2)] * 2))
def test_positions_are_where_the_kernel_fits(lengths, kernel, stride, pads):
    if all(k <= n for n, k in zip(lengths, kernel, strict=True)):
        wanted = tuple(len(starts(*each)) for each in zip(lengths, kernel, (stride, stride), pads, strict=True))
        assert positions(lengths, kernel, stride, pads) == wanted
        assert positions(lengths, kernel, stride) == positions(lengths, kernel, stride, NONE)


def test_errors_have_the_shape_of_the_output():
    check_errors(np.zeros((3, 4, 5, 2)), (3, 8, 5, 7), (2, 3), 2, ((0, 0), (3, 3)), 2)  # 5 = (5 + 3 + 3 - 3) // 2 + 1
    for wrong in [(2, 4, 5, 2), (3, 5, 5, 2), (3, 4, 4, 2), (3, 4, 5, 7), (3, 5, 4, 2)]:
        with pytest.raises(ValueError, match=r"dy has shape \(.*\), wanted \(3, 4, 5, 2\), the shape of y"):
            check_errors(np.zeros(wrong), (3, 8, 5, 7), (2, 3), 2, ((0, 0), (3, 3)), 2)


def test_errors_are_checked_before_a_backward_pass():
    x, w = np.zeros((3, 8, 5, 7)), np.zeros((2, 3, 7, 4))

    @errors_fit
    def backward(dy, cache):
        """Do nothing."""
        return dy, cache

    cache, dy = (x, w, 2, ((0, 0), (3, 3))), np.zeros((3, 4, 5, 4))
    assert backward(dy, cache) == (dy, cache) and backward.__name__ == "backward" and backward.__doc__ == "Do nothing."
    for wrong in [(2, 4, 5, 4), (3, 5, 5, 4), (3, 4, 4, 4), (3, 4, 5, 7), (3, 5, 4, 4)]:
        with pytest.raises(ValueError, match=r"dy has shape \(.*\), wanted \(3, 4, 5, 4\), the shape of y"):
            backward(np.zeros(wrong), cache)


# Windows


@steady
@given(n=st.integers(0, 2), lengths=lengths, channels=st.integers(1, 3), size=st.integers(1, 4), stride=strides)
def test_views_are_the_numbers_of_every_window_one_after_the_other(n, lengths, channels, size, stride):
    x = np.random.default_rng(0).standard_normal((n, *lengths, channels))
    if size > min(lengths):
        with pytest.raises(ValueError, match=rf"kernel is \({size}, {size}\), larger than x"):
            views(x, size, stride)
        return
    rows, columns = (starts(length, size, stride) for length in lengths)
    for k, view in enumerate(views(x, size, stride)):
        i, j = divmod(k, size)
        wanted = [[x[:, p + i, q + j] for q in columns] for p in rows]
        np.testing.assert_array_equal(view, np.moveaxis(wanted, 2, 0))
        assert np.shares_memory(view, x) or not n  # pooling's way back writes through them
    assert k == size**2 - 1


@pytest.mark.parametrize("size", [0, -1, 2.0, (2, 2), None])
def test_a_wrong_size_is_named(size):
    with pytest.raises(ValueError, match="size is .*, wanted a whole number of at least 1"):
        views(np.zeros((1, 4, 4, 1)), size, 1)
