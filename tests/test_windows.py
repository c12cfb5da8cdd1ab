"""Windows: zeros and positions against counting, windows and the way back against loops, blocks that fit."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_lib import conv, windows
from course_lib.windows import NONE, at_a_time, check_errors, paddings, patches, positions, views

steady = settings(deadline=None, derandomize=True, max_examples=60)
lengths = st.tuples(st.integers(1, 9), st.integers(1, 9))
kernels = st.tuples(st.integers(1, 5), st.integers(1, 5))
strides = st.integers(1, 6)


def whole(seed, *shapes, dtype=np.float64):
    """Return arrays of whole numbers, whose sums are exact; read-only."""
    rng = np.random.default_rng(seed)
    arrays = [rng.integers(-3, 4, shape).astype(dtype) for shape in shapes]
    for array in arrays:
        array.flags.writeable = False
    return arrays


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


@st.composite
def cases(draw):
    """Shapes of x and w, stride and zeros, such that the kernel fits; channels below and above FEW."""
    size, kernel, pads = draw(lengths), draw(kernels), draw(st.tuples(*[st.tuples(*[st.integers(0, 2)] * 2)] * 2))
    kernel = tuple(min(k, n + sum(zeros)) for k, n, zeros in zip(kernel, size, pads, strict=True))
    channels, filters = draw(st.integers(1, 9)), draw(st.integers(1, 3))
    return (draw(st.integers(1, 3)), *size, channels), (*kernel, channels, filters), draw(strides), pads


def corners(x, kernel, stride, pads):
    """Yield each position's number and the rows and columns of the padded image that the kernel sees there."""
    rows, columns = (starts(n, k, stride, z) for n, k, z in zip(x.shape[1:3], kernel[:2], pads, strict=True))
    spots = [(p, q) for p in rows for q in columns]
    return ((at, slice(p, p + kernel[0]), slice(q, q + kernel[1])) for at, (p, q) in enumerate(spots))


@steady
@given(case=cases(), few=st.sampled_from([0, 8, 100]), dtype=st.sampled_from([np.float32, np.float64, np.uint8]))
def test_patches_are_the_windows_row_by_row(case, few, dtype):
    x_shape, w_shape, stride, pads = case
    x = np.arange(np.prod(x_shape)).reshape(x_shape).astype(dtype)
    x.flags.writeable = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "FEW", few)
        found = patches(x, w_shape[:2], stride, pads)
    padded = np.pad(x, ((0, 0), *pads, (0, 0)))
    assert found.shape == (x_shape[0], len(list(corners(x, w_shape, stride, pads))), np.prod(w_shape[:3]))
    assert found.dtype == dtype
    for at, rows, columns in corners(x, w_shape, stride, pads):
        np.testing.assert_array_equal(found[:, at], padded[:, rows, columns].reshape(found[:, at].shape))


@settings(steady, max_examples=200)
@given(case=cases(), few=st.sampled_from([0, 8, 100]), dtype=st.sampled_from([np.float32, np.float64]))
@example(((2, 4, 5, 9), (3, 3, 9, 2), 1, NONE), 8, np.float32)
@example(((2, 4, 5, 2), (3, 3, 2, 2), 1, NONE), 8, np.float32)
@example(((2, 4, 5, 9), (2, 3, 9, 2), 2, ((1, 0), (0, 1))), 8, np.float32)
def test_every_error_is_put_back_where_its_window_was(case, few, dtype):
    x_shape, w_shape, stride, pads = case
    shape = x_shape[0], *positions(x_shape[1:3], w_shape[:2], stride, pads), w_shape[3]
    errors, w, x = whole(0, shape, w_shape, x_shape, dtype=dtype)
    with pytest.MonkeyPatch.context() as patch:
        for module in (windows, conv):
            patch.setattr(module, "FEW", few, raising=False)
        found = conv.conv2d_backward_input(errors, (x, w, stride, pads))
    (top, bottom), (left, right) = pads
    wanted = np.zeros_like(np.pad(x, ((0, 0), *pads, (0, 0))))
    for at, rows, columns in corners(x, w_shape, stride, pads):
        wanted[:, rows, columns] += np.einsum("ijcf,nf->nijc", w, errors[:, at // shape[2], at % shape[2]])
    wanted = wanted[:, top : wanted.shape[1] - bottom, left : wanted.shape[2] - right]
    np.testing.assert_array_equal(found, wanted, strict=True)


# Blocks


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("block", [1, 1000, 100_000, 2**20])
@pytest.mark.parametrize(("shape", "count"), [((3, 3, 8, 16), 100), ((5, 5, 1, 32), 784), ((1, 1, 1, 1), 1)])
def test_blocks_fit_are_even_in_number_and_not_smaller_than_need_be(shape, count, block, dtype, monkeypatch):
    monkeypatch.setattr(windows, "BLOCK", block)
    w = np.zeros(shape, dtype)
    an_image = count * shape[0] * shape[1] * shape[2] * w.itemsize
    for images in (1, 2, 3, 10, 64, 1000):
        size = at_a_time(images, count, w)
        assert (size - 1) * an_image < block  # an image more may fill up the blocks evenly
        least = -(-images * an_image // block)  # blocks that hold all
        wanted = least + least % 2 if least > 1 else 1
        assert -(-images // size) <= wanted and (size == 1 or size == -(-images // wanted))


def test_no_images_or_empty_ones_fit_in_one_block():
    w = np.zeros((3, 3, 0, 4))
    assert at_a_time(0, 100, w) >= 1 and at_a_time(7, 100, w) == 7 and at_a_time(7, 0, np.zeros((3, 3, 2, 4))) == 7
