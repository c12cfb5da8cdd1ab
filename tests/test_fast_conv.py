"""Fast convolution: equal to the plain form in all it returns and refuses, block by block, and in little memory."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import conv, fast_conv, threads
from course_lib.fast_conv import at_a_time, pad, patches, put_back
from course_lib.windows import positions

steady = settings(deadline=None, derandomize=True, max_examples=80)
small, zeros = st.tuples(st.integers(1, 7), st.integers(1, 7)), st.tuples(st.integers(0, 2), st.integers(0, 2))
DTYPES = [np.float32, np.float64]


def whole(seed, *shapes, dtype=np.float64):
    """Return arrays of whole numbers, whose sums are exact; read-only."""
    rng = np.random.default_rng(seed)
    arrays = [rng.integers(-3, 4, shape).astype(dtype) for shape in shapes]
    for array in arrays:
        array.flags.writeable = False
    return arrays


@st.composite
def cases(draw):
    """Shapes of x and w, stride and zeros, such that the kernel fits; channels below and above FEW."""
    size, pads = draw(small), (draw(zeros), draw(zeros))
    kernel = tuple(draw(st.integers(1, min(4, n + sum(side)))) for n, side in zip(size, pads, strict=True))
    batch, channels, filters, stride = (draw(st.integers(low, most)) for low, most in [(0, 5), (1, 9), (1, 3), (1, 5)])
    return (batch, *size, channels), (*kernel, channels, filters), stride, pads


def everything(form, x, w, b, stride, padding):
    """Return y, what is new in the cache, and all gradients: at once, then one by one."""
    y, (same_x, same_w, *others) = form.conv2d(x, w, b, stride=stride, padding=padding)
    assert same_x is x and same_w is w
    (dy,), cache = whole(1, y.shape, dtype=y.dtype), (x, w, *others)
    parts = form.conv2d_backward_input(dy, cache), form.conv2d_backward_filters(dy, cache)
    return others, [y, *form.conv2d_backward(dy, cache), *parts, form.conv2d_backward_bias(dy)]


def assert_as_plain(x, w, b, stride, padding):
    (ours, got), (theirs, wanted) = (everything(form, x, w, b, stride, padding) for form in (fast_conv, conv))
    assert ours == theirs
    for array, plain in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(array, plain, strict=True)


# The same as the plain form


@steady
@given(case=cases(), named=st.sampled_from(["same", "valid", None]), dtype=st.sampled_from(DTYPES))
def test_equals_the_plain_form_in_every_bit(case, named, dtype):
    x_shape, w_shape, stride, pads = case
    fits = all(k <= n for n, k in zip(x_shape[1:3], w_shape[:2], strict=True))
    padding = named if named == "same" or named == "valid" and fits else pads
    assert_as_plain(*whole(0, x_shape, w_shape, w_shape[3:], dtype=dtype), stride, padding)


@steady
@given(case=cases(), block=st.sampled_from([1, 500, 2000, 10_000]), few=st.sampled_from([0, 100]))
def test_blocks_and_the_order_of_copying_change_nothing(case, block, few):
    x_shape, w_shape, stride, pads = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_conv, "BLOCK", block)
        patch.setattr(fast_conv, "FEW", few)
        assert_as_plain(*whole(0, x_shape, w_shape, w_shape[3:]), stride, pads)


@pytest.mark.parametrize("block", [1, 7000, 70_000, 10**9])
@pytest.mark.parametrize("channels", [1, 9])
def test_every_image_of_every_block_is_worked_on(channels, block, monkeypatch):
    monkeypatch.setattr(fast_conv, "BLOCK", block)
    assert_as_plain(*whole(0, (23, 12, 10, channels), (3, 3, channels, 2), (2,)), 2, "same")


@pytest.mark.parametrize(("channels", "filters"), [(1, 1), (1, 32), (3, 16), (8, 16), (48, 96), (256, 64)])
def test_real_numbers_are_equal_within_rounding(channels, filters):
    rng = np.random.default_rng(0)
    x, w, b = (rng.standard_normal(s, np.float32) for s in [(8, 9, 9, channels), (3, 3, channels, filters), (filters,)])
    y, cache = conv.conv2d(x, w, b)
    dy = rng.standard_normal(y.shape, np.float32)
    got = fast_conv.conv2d(x, w, b)[0], *fast_conv.conv2d_backward(dy, cache)
    for ours, plain in zip(got, (y, *conv.conv2d_backward(dy, cache)), strict=True):
        np.testing.assert_allclose(ours, plain, rtol=0, atol=1e-5 * np.abs(plain).max(), strict=True)


def test_defaults_are_the_same():
    x, w, b = whole(0, (2, 5, 4, 2), (3, 3, 2, 3), (3,))
    y, (*_, stride, pads) = fast_conv.conv2d(x, w, b)
    np.testing.assert_array_equal(y, conv.conv2d(x, w, b)[0], strict=True)
    assert (stride, pads) == (1, ((1, 1), (1, 1)))


@pytest.mark.parametrize("channels", [1, 9])
@pytest.mark.parametrize("view", [lambda a: a[::-1], lambda a: a.T.copy().T, lambda a: a.repeat(2, 0)[::2]],
                         ids=["backwards", "transposed", "every second"])
def test_inputs_may_lie_in_memory_in_any_order(view, channels):
    assert_as_plain(*map(view, whole(0, (3, 5, 4, channels), (3, 2, channels, 4), (4,))), 2, "same")


def complaint(function, *args, **options):
    with pytest.raises(ValueError) as raised:
        function(*args, **options)
    return str(raised.value)


@pytest.mark.parametrize(
    "change",
    [{"x": np.zeros((4, 4, 3))}, {"w": np.zeros((3, 3, 2, 3))}, {"b": np.zeros(3)}, {"b": 0.0}, {"stride": 0},
     {"stride": 1.5}, {"padding": "full"}, {"padding": -1}, {"w": np.zeros((3, 7, 3, 2)), "padding": "valid"}],
    ids=lambda change: ", ".join(change),
)
def test_what_the_plain_form_refuses_is_refused_in_the_same_words(change):
    given = {"x": np.zeros((1, 4, 4, 3)), "w": np.zeros((3, 3, 3, 2)), "b": np.zeros(2)} | change
    assert complaint(fast_conv.conv2d, **given) == complaint(conv.conv2d, **given)


@pytest.mark.parametrize("name", ["conv2d_backward_bias", "conv2d_backward_filters", "conv2d_backward_input"])
@pytest.mark.parametrize("wrong", [(2, 48), (2, 4, 4, 2), (3, 4, 4, 3), (2, 4, 3, 3), (2, 2, 8, 3)])
def test_errors_that_do_not_fit_are_refused_in_the_same_words(name, wrong):
    _, cache = conv.conv2d(np.zeros((2, 4, 4, 1)), np.zeros((3, 3, 1, 3)), np.zeros(3))
    given = (np.zeros(wrong), cache)[: 1 if name.endswith("bias") else 2]
    if len(given) > 1 or len(wrong) != 4:
        assert complaint(getattr(fast_conv, name), *given) == complaint(getattr(conv, name), *given)


# Its parts


def corners(x, kernel, stride, pads):
    """Yield each position's number, its row and column, and what of the padded image the kernel sees there."""
    rows, columns = positions(x.shape[1:3], kernel[:2], stride, pads)
    for at, (p, q) in enumerate(np.ndindex(rows, columns)):
        yield at, p, q, np.s_[:, p * stride : p * stride + kernel[0], q * stride : q * stride + kernel[1]]


@steady
@given(case=cases(), dtype=st.sampled_from([*DTYPES, np.uint8]))
def test_pad_puts_zeros_around(case, dtype):
    x_shape, _, _, pads = case
    x = np.arange(1, np.prod(x_shape) + 1).reshape(x_shape).astype(dtype)
    np.testing.assert_array_equal(pad(x, pads), np.pad(x, ((0, 0), *pads, (0, 0))), strict=True)


@steady
@given(case=cases(), few=st.sampled_from([0, 8, 100]), dtype=st.sampled_from([*DTYPES, np.uint8]))
def test_patches_are_the_windows_row_by_row(case, few, dtype):
    x_shape, w_shape, stride, pads = case
    x = np.arange(np.prod(x_shape)).reshape(x_shape).astype(dtype)
    x.flags.writeable = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_conv, "FEW", few)
        found = patches(x, w_shape[:2], stride, pads)
    count = np.prod(positions(x_shape[1:3], w_shape[:2], stride, pads))
    each = (x_shape[0], count) if x_shape[3] < few else (1, x_shape[0] * count)
    assert found.shape == (*each, np.prod(w_shape[:3]))
    assert found.dtype == dtype
    padded, found = np.pad(x, ((0, 0), *pads, (0, 0))), found.reshape(x_shape[0], count, found.shape[2])
    for at, _, _, there in corners(x, w_shape, stride, pads):
        np.testing.assert_array_equal(found[:, at], padded[there].reshape(found[:, at].shape))


@steady
@given(case=cases(), few=st.sampled_from([0, 8, 100]), dtype=st.sampled_from(DTYPES))
def test_every_error_is_put_back_where_its_window_was(case, few, dtype):
    x_shape, w_shape, stride, pads = case
    shape = x_shape[0], *positions(x_shape[1:3], w_shape[:2], stride, pads), w_shape[3]
    errors, w = whole(0, shape, w_shape, dtype=dtype)
    dx, turned = np.full(x_shape, np.nan, dtype), np.ascontiguousarray(w.transpose(3, 0, 1, 2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_conv, "FEW", few)
        put_back(errors, turned, dx, stride, pads)
    (top, _), (left, _) = pads
    wanted = np.pad(np.zeros_like(dx), ((0, 0), *pads, (0, 0)))
    for _, p, q, there in corners(dx, w_shape, stride, pads):
        wanted[there] += np.einsum("ijcf,nf->nijc", w, errors[:, p, q])
    np.testing.assert_array_equal(dx, wanted[:, top : top + x_shape[1], left : left + x_shape[2]], strict=True)


# Blocks and memory


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("block", [1, 1000, 100_000, 2**20])
@pytest.mark.parametrize(("shape", "side"), [((3, 3, 8, 16), 10), ((5, 5, 1, 32), 28), ((1, 1, 1, 1), 1)])
def test_blocks_are_one_or_even_in_number_and_about_as_large_as_wanted(shape, side, block, dtype, monkeypatch):
    monkeypatch.setattr(fast_conv, "BLOCK", block)
    w = np.zeros(shape, dtype)
    an_image = side * side * w[..., 0].nbytes
    for images in (1, 2, 3, 10, 64, 1000):
        size = at_a_time(np.zeros((images, side, side, shape[3]), dtype), w)
        wanted = max(1, 2 * round(images * an_image / (2 * block)))
        assert size == -(-images // wanted)
        assert size == 1 or (size - 1) * an_image < 1.5 * block


def test_no_images_or_empty_ones_fit_in_one_block():
    w = np.zeros((3, 3, 0, 4))
    assert at_a_time(np.zeros((0, 10, 10, 4)), w) == 1 and at_a_time(np.zeros((7, 10, 10, 4)), w) == 7
    assert at_a_time(np.zeros((7, 0, 5, 4)), np.zeros((3, 3, 2, 4))) == 7


def random(batch, height, width, channels, filters, kernel):
    """Return x, w and b."""
    rng = np.random.default_rng(0)
    shapes = (batch, height, width, channels), (*kernel, channels, filters), (filters,)
    return [rng.standard_normal(shape, np.float32) for shape in shapes]


def beyond_before(function, *arguments):
    """Return what function returns, and the bytes it needed at its peak, its result included."""
    tracemalloc.start()
    try:
        result = function(*arguments)
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(threads, "CORES", 2)  # each core has a block of its own


@pytest.mark.parametrize(
    "shape",
    [
        (64, 28, 28, 1, 32, (5, 5)),
        (64, 14, 14, 32, 64, (5, 5)),
        (64, 14, 14, 8, 16, (3, 3)),
        (16, 32, 32, 64, 64, (3, 3)),
    ],
    ids=str,
)
def test_peak_memory_is_at_most_three_times_the_matrix_of_windows(shape, two_cores):
    batch, height, width, channels, filters, kernel = shape
    x, w, b = random(*shape)
    dy = np.ones((batch, height, width, filters), np.float32)

    def both():
        y, cache = fast_conv.conv2d(x, w, b)
        return y, *fast_conv.conv2d_backward(dy, cache)

    matrix = dy[..., 0].size * w[..., 0].nbytes
    assert beyond_before(both)[1] <= 3 * matrix


@pytest.mark.parametrize("channels", [1, 32])
@pytest.mark.parametrize("name", ["forward", "input", "filters"])
def test_a_larger_batch_needs_more_memory_only_for_its_results(name, channels, two_cores, monkeypatch):
    monkeypatch.setattr(fast_conv, "BLOCK", 2**16)
    matrix = 1024 * 5 * 5 * 9 * channels * 4  # bytes
    x, w, b = random(1024, 5, 5, channels, 16, (3, 3))
    dy = np.ones((1024, 5, 5, 16), np.float32)
    _, cache = fast_conv.conv2d(x, w, b)
    part = {
        "forward": lambda: fast_conv.conv2d(x, w, b)[0],
        "input": lambda: fast_conv.conv2d_backward_input(dy, cache),
        "filters": lambda: fast_conv.conv2d_backward_filters(dy, cache),
    }[name]
    result, peak = beyond_before(part)
    blocks = 2 * 4 * fast_conv.BLOCK + (16 * w.nbytes if name == "filters" else 0)
    assert peak - result.nbytes < blocks + 2**16 < matrix + 2**18  # a batch of any size: matrix isn't part of it
