"""Both forms of convolution, and pooling: against TensorFlow, loops and finite differences, and at the edges."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import conv, fast_conv
from course_lib.conv import avg_pool2d, avg_pool2d_backward, conv2d_loops, max_pool2d, max_pool2d_backward
from course_lib.gradcheck import check_gradient

DTYPES = [("float32", 1e-5), ("float64", 1e-13)]
TOLERANCES = dict(DTYPES)
both_forms = pytest.mark.parametrize("form", [conv, fast_conv], ids=["plain", "fast"])
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
steady = settings(deadline=None, derandomize=True, max_examples=80)
POOLS = {"max": (max_pool2d, max_pool2d_backward), "avg": (avg_pool2d, avg_pool2d_backward)}
every_pool = pytest.mark.parametrize("kind", POOLS)


def draw(batch, height, width, channels, filters, kernel, dtype=np.float64):
    """Return x, w and b."""
    rng = np.random.default_rng(0)
    shapes = (batch, height, width, channels), (*kernel, channels, filters), (filters,)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def whole(seed, *shapes, dtype=np.float64, largest=3):
    """Return arrays of whole numbers: their sums are exact, so that results can be compared bit by bit."""
    rng = np.random.default_rng(seed)
    return [rng.integers(-largest, largest, shape, endpoint=True).astype(dtype) for shape in shapes]


def forward_and_backward(form, x, w, b, seed=1, **options):
    """Return y, dx, dw and db, and the dy they come from: whole numbers."""
    y, cache = form.conv2d(x, w, b, **options)
    (dy,) = whole(seed, y.shape, dtype=y.dtype)
    return [y, *form.conv2d_backward(dy, cache)], dy


def gradients_by_loops(dy, x, w, stride, pads):
    """The obvious version: each error goes to all numbers that had a part in its output."""
    (top, bottom), (left, right) = pads
    padded = np.pad(x, ((0, 0), *pads, (0, 0)))
    dx, dw, db = np.zeros_like(padded), np.zeros_like(w), np.zeros_like(w[0, 0, 0])
    for n, p, q, f in np.ndindex(dy.shape):
        rows, columns = (slice(k * stride, k * stride + length) for k, length in zip((p, q), w.shape, strict=False))
        dx[n, rows, columns] += dy[n, p, q, f] * w[..., f]
        dw[..., f] += dy[n, p, q, f] * padded[n, rows, columns]
        db[f] += dy[n, p, q, f]
    return dx[:, top : dx.shape[1] - bottom, left : dx.shape[2] - right], dw, db


def assert_close(got, wanted, tolerance):
    """Compare relative to the largest number, which is what rounding in sums is relative to."""
    wanted = np.asarray(wanted)
    assert (got.shape, got.dtype) == (wanted.shape, wanted.dtype)
    np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance * max(1, np.abs(wanted).max(initial=0)))


def assert_exact(got, wanted):
    for ours, theirs in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(ours, theirs, strict=True)


def protected(*arrays):
    for array in arrays:
        array.flags.writeable = False
    return arrays


# Convolution against TensorFlow

GRID = [  # batch, height, width, channels, filters, kernel
    (2, 7, 6, 1, 3, (3, 3)),
    (3, 5, 5, 9, 2, (2, 4)),
    (2, 6, 5, 7, 1, (5, 3)),
    (1, 4, 7, 8, 5, (1, 1)),
    (2, 3, 4, 1, 1, (3, 2)),
    (2, 3, 3, 9, 2, (3, 3)),  # with stride 2 and 2 zeros the output is as large as the image
    (1, 1, 1, 3, 2, (1, 1)),
    (1, 9, 1, 2, 10, (4, 1)),
]


def from_tensorflow(x, w, b, stride, padding):
    """Return y, dx, dw, db and dy; a number of zeros is put there by tf.pad."""
    variables = [tf.constant(array) for array in (x, w, b)]
    with tf.GradientTape() as tape:
        for variable in variables:
            tape.watch(variable)
        zeros = [0 if isinstance(padding, str) else padding] * 2
        padded = tf.pad(variables[0], [[0, 0], zeros, zeros, [0, 0]])
        name = padding.upper() if isinstance(padding, str) else "VALID"
        y = tf.nn.conv2d(padded, variables[1], stride, name) + variables[2]
    dy = np.random.default_rng(1).standard_normal(y.shape).astype(x.dtype)
    return [y, *tape.gradient(y, variables, dy)], dy


@both_forms
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize("padding", ["same", "valid", 1, 2])
@pytest.mark.parametrize("stride", [1, 2, 3, 6])
def test_equals_tensorflow(form, stride, padding, dtype, tolerance):
    for shape in GRID:
        x, w, b = draw(*shape, dtype)
        (wanted, *gradients), dy = from_tensorflow(x, w, b, stride, padding)
        y, cache = form.conv2d(x, w, b, stride=stride, padding=padding)
        assert_close(y, wanted, tolerance)
        assert_close(conv2d_loops(x, w, b, stride=stride, padding=padding), wanted, tolerance)
        for got, gradient in zip(form.conv2d_backward(dy, cache), gradients, strict=True):
            assert_close(got, gradient, tolerance)


@both_forms
@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"padding": "valid"}], ids=str)
@pytest.mark.parametrize(
    "shape", [(24, 28, 28, 1, 32, (5, 5)), (24, 14, 14, 32, 64, (5, 5)), (9, 14, 14, 8, 16, (3, 3))], ids=str
)
def test_equals_keras_at_the_sizes_of_the_course(form, shape, options):
    x, w, b = draw(*shape, "float32")
    layer = keras.layers.Conv2D(
        shape[4], shape[5], options.get("stride", 1), options.get("padding", "same"), dtype="float32"
    )
    layer.build(x.shape)
    layer.set_weights([w, b])
    y, cache = form.conv2d(x, w, b, **options)
    dy = np.random.default_rng(1).standard_normal(y.shape).astype("float32")
    with tf.GradientTape() as tape:
        tape.watch(inputs := tf.constant(x))
        theirs = layer(inputs)
    assert_close(y, theirs, 1e-5)
    variables = [inputs, *(variable.value for variable in layer.trainable_variables)]
    for got, gradient in zip(form.conv2d_backward(dy, cache), tape.gradient(theirs, variables, dy), strict=True):
        assert_close(got, gradient, 3e-5)


@both_forms
@pytest.mark.parametrize("size", [1000, 1e-3])
def test_equals_tensorflow_with_large_and_small_numbers(form, size):
    x, w, b = (np.float32(size) * array for array in draw(2, 6, 6, 9, 4, (3, 3), "float32"))
    (wanted, *gradients), dy = from_tensorflow(x, w, b, 1, "same")
    y, cache = form.conv2d(x, w, b)
    np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())
    for got, gradient in zip(form.conv2d_backward(dy, cache), gradients, strict=True):
        np.testing.assert_allclose(got, gradient, rtol=0, atol=1e-5 * np.abs(gradient).max())


# Convolution against loops


@st.composite
def convolutions(draw, batches=(0, 3)):
    """Shapes of x, w and b, stride and padding, such that the kernel fits."""
    size, kernel = ([draw(st.integers(1, most)) for _ in range(2)] for most in (7, 4))
    short = max(0, *(k - n for n, k in zip(size, kernel, strict=True)))
    enough = st.integers(-(-short // 2), 3)
    padding = draw(st.one_of(st.just("same"), enough, *[st.just("valid")] * (not short)))
    channels, filters = draw(st.integers(1, 9)), draw(st.integers(1, 3))
    shapes = (draw(st.integers(*batches)), *size, channels), (*kernel, channels, filters), (filters,)
    return shapes, {"stride": draw(st.integers(1, 5)), "padding": padding}


@both_forms
@steady
@given(case=convolutions(), seed=st.integers(0, 9), dtype=st.sampled_from([np.float32, np.float64]))
def test_is_the_loop_and_so_are_its_gradients(form, case, seed, dtype):
    shapes, options = case
    x, w, b = protected(*whole(seed, *shapes, dtype=dtype))
    y, cache = form.conv2d(x, w, b, **options)
    (dy,) = protected(*whole(seed + 1, y.shape, dtype=dtype))
    assert_exact([y], [conv2d_loops(x, w, b, **options)])
    wanted = gradients_by_loops(dy, x, w, options["stride"], cache[3])
    gradients = form.conv2d_backward(dy, cache)
    assert isinstance(gradients, tuple)
    assert_exact(gradients, wanted)
    parts = form.conv2d_backward_input(dy, cache), form.conv2d_backward_filters(dy, cache)
    assert_exact([*parts, form.conv2d_backward_bias(dy)], wanted)
    assert_exact([x, w, b], whole(seed, *shapes, dtype=dtype))


@both_forms
@steady
@given(case=convolutions(batches=(1, 2)), seed=st.integers(0, 9), odd=st.sampled_from([np.nan, np.inf]))
def test_nan_and_inf_reach_what_they_reach_in_the_loops(form, case, seed, odd):
    shapes, options = case
    (x,), rng = whole(seed, shapes[0]), np.random.default_rng(seed)
    w, b = (array + 4 for array in whole(seed, *shapes[1:]))  # no zeros: inf · 0 would be NaN
    x[tuple(rng.integers(x.shape))] = odd
    with np.errstate(invalid="ignore"):
        y, (*_, pads) = form.conv2d(x, w, b, **options)
    assert_exact([y], [conv2d_loops(x, w, b, **options)])
    (dy,), (x,) = whole(seed, y.shape), whole(seed, shapes[0])
    x += 4
    dy[tuple(rng.integers(dy.shape))] = odd
    with np.errstate(invalid="ignore"):
        gradients = form.conv2d_backward(dy, form.conv2d(x, w, b, **options)[1])
        wanted = gradients_by_loops(dy, x, w, options["stride"], pads)
    assert_exact([np.isfinite(g) for g in gradients], [np.isfinite(g) for g in wanted])


# Convolution: finite differences, by hand, at the edges


@both_forms
@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"padding": "valid"}, {"stride": 3, "padding": 1}], ids=str)
@pytest.mark.parametrize("shape", [(2, 5, 4, 1, 2, (3, 2)), (1, 4, 5, 9, 1, (2, 3)), (1, 3, 3, 2, 3, (1, 1))])
def test_backward_is_the_finite_difference(form, shape, options):
    forward = partial(form.conv2d, **options)
    assert max(check_gradient(forward, form.conv2d_backward, *draw(*shape), rng=np.random.default_rng(0))) < 1e-8


@both_forms
def test_one_image_worked_by_hand(form):
    x = np.arange(1.0, 10).reshape(1, 3, 3, 1)
    w = np.array([[1.0, 0], [0, -10]]).reshape(2, 2, 1, 1)
    y, cache = form.conv2d(x, w, np.array([100.0]), padding="valid")
    assert y[0, ..., 0].tolist() == [[1 - 50 + 100, 2 - 60 + 100], [4 - 80 + 100, 5 - 90 + 100]]
    assert cache[0] is x and cache[1] is w and cache[2:] == (1, ((0, 0), (0, 0)))
    dx, dw, db = form.conv2d_backward(np.array([[1.0, 0], [0, 2]]).reshape(1, 2, 2, 1), cache)
    assert dx[0, ..., 0].tolist() == [[1, 0, 0], [0, -10 + 2, 0], [0, 0, -20]]
    assert dw[..., 0, 0].tolist() == [[1 + 2 * 5, 2 + 2 * 6], [4 + 2 * 8, 5 + 2 * 9]]
    assert db.tolist() == [3]


@both_forms
def test_the_odd_zero_goes_after_the_image(form):
    x, w = np.ones((1, 4, 5, 1)), np.ones((2, 4, 1, 1))
    y, (*_, pads) = form.conv2d(x, w, np.zeros(1))
    assert pads == ((0, 1), (1, 2))
    assert y[0, ..., 0].tolist() == [[6, 8, 8, 6, 4]] * 3 + [[3, 4, 4, 3, 2]]


@both_forms
def test_defaults_are_stride_1_and_same(form):
    x, w, b = whole(0, (2, 5, 4, 2), (3, 3, 2, 3), (3,))
    wanted, (_, _, *options) = form.conv2d(x, w, b, stride=1, padding="same")
    y, (_, _, *defaults) = form.conv2d(x, w, b)
    assert_exact([y, conv2d_loops(x, w, b)], [wanted, wanted])
    assert y.shape[1:3] == x.shape[1:3] and defaults == options == [1, ((1, 1), (1, 1))]


@both_forms
@both_dtypes
@pytest.mark.parametrize("channels", [1, 8])
@pytest.mark.parametrize("batch", [0, 1, 3])
def test_shapes_and_dtype_are_kept_and_the_inputs_too(form, batch, channels, dtype):
    arrays = draw(batch, 5, 4, channels, 2, (3, 2), dtype)
    before = [array.copy() for array in arrays]
    y, cache = form.conv2d(*protected(*arrays), stride=np.int64(2), padding=np.int64(1))
    assert y.shape == (batch, 3, 3, 2) and y.dtype == conv2d_loops(*arrays).dtype == dtype
    (dy,) = protected(np.ones_like(y))
    gradients = form.conv2d_backward(dy, cache)
    assert [(g.shape, g.dtype) for g in gradients] == [(array.shape, dtype) for array in arrays]
    assert_exact([*arrays, dy], [*before, np.ones_like(y)])
    assert batch or not any(g.any() for g in gradients)


@both_forms
def test_a_batch_gives_what_its_images_give_alone(form):
    x, w, b = whole(0, (5, 6, 6, 3), (3, 3, 3, 2), (2,))
    (y, dx, dw, db), dy = forward_and_backward(form, x, w, b, stride=2)
    alone = [form.conv2d(x[i : i + 1], w, b, stride=2) for i in range(5)]
    gradients = [form.conv2d_backward(dy[i : i + 1], cache) for i, (_, cache) in enumerate(alone)]
    assert_exact([y], [np.concatenate([y for y, _ in alone])])
    assert_exact([dx], [np.concatenate([dx for dx, _, _ in gradients])])
    assert_exact([dw, db], [sum(g[1] for g in gradients), sum(g[2] for g in gradients)])


@both_forms
@pytest.mark.parametrize("channels", [2, 9])
def test_zeros_give_the_bias_and_only_the_bias_a_gradient(form, channels):
    x, w, b = np.zeros((2, 4, 4, channels)), np.zeros((3, 3, channels, 3)), np.array([1.0, -1000, 0])
    y, cache = form.conv2d(x, w, b)
    assert (y == b).all()
    dx, dw, db = form.conv2d_backward(np.ones_like(y), cache)
    assert not dx.any() and not dw.any() and db.tolist() == [32, 32, 32]


@both_forms
@pytest.mark.parametrize("channels", [1, 9])
def test_large_whole_numbers_are_exact(form, channels):
    x, w, b = whole(0, (2, 6, 5, channels), (3, 3, channels, 2), (2,), largest=1000)
    (y, *gradients), dy = forward_and_backward(form, x, w, b)
    assert_exact([y], [conv2d_loops(x, w, b)])
    assert_exact(gradients, gradients_by_loops(dy, x, w, 1, ((1, 1), (1, 1))))


@both_forms
@pytest.mark.parametrize("channels", [1, 9])
@pytest.mark.parametrize("view", [lambda a: a[::-1], lambda a: a.T.copy().T, lambda a: a.repeat(2, 0)[::2]],
                         ids=["backwards", "transposed", "every second"])
def test_inputs_may_lie_in_memory_in_any_order(form, view, channels):
    arrays = whole(0, (3, 5, 4, channels), (3, 2, channels, 4), (4,))
    views = [view(array) for array in arrays]
    y, cache = form.conv2d(*views, stride=2)
    assert_exact([y], [form.conv2d(*(np.ascontiguousarray(array) for array in views), stride=2)[0]])
    dy = view(*whole(1, y.shape))
    assert_exact(form.conv2d_backward(dy, cache), gradients_by_loops(dy, *views[:2], 2, cache[3]))


@both_forms
def test_pixels_as_bytes_become_floats(form):
    x = np.arange(200, 232, dtype=np.uint8).reshape(1, 4, 8, 1)
    w, b = np.ones((3, 3, 1, 2), np.float32), np.zeros(2, np.float32)
    y, cache = form.conv2d(x, w, b)
    assert_exact([y], [form.conv2d(x.astype(np.float32), w, b)[0]])
    assert_exact(form.conv2d_backward(y, cache), form.conv2d_backward(y, (x.astype(np.float32), *cache[1:])))
    for pool, _ in POOLS.values():
        np.testing.assert_array_equal(pool(x)[0], pool(x.astype(np.float64))[0])


@both_forms
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"x": np.zeros((4, 4, 3))}, r"conv2d: x has shape \(4, 4, 3\), wanted \(batch, height, width, channels\)"),
        ({"x": [[1.0]]}, "conv2d: x is a list"),
        ({"w": np.zeros((3, 3, 2, 3))}, r"conv2d: w has shape \(3, 3, 2, 3\), wanted .*channels = 3"),
        ({"w": np.zeros((3, 3))}, r"conv2d: w has shape \(3, 3\)"),
        ({"b": np.zeros(3)}, r"conv2d: b has shape \(3,\), wanted \(filters\) with filters = 2"),
        ({"b": 0.0}, r"conv2d: b has shape \(\)"),
        ({"stride": 0}, "stride is 0, wanted a whole number of at least 1"),
        ({"stride": -1}, "stride is -1"),
        ({"stride": 1.5}, "stride is 1.5"),
        ({"stride": (2, 2)}, r"stride is \(2, 2\)"),
        ({"padding": "full"}, "padding is 'full', wanted \"same\", \"valid\""),
        ({"padding": -1}, "padding is -1"),
        ({"padding": 0.5}, "padding is 0.5"),
        ({"padding": None}, "padding is None"),
        ({"padding": (1, 1)}, r"padding is \(1, 1\)"),
        ({"x": np.zeros((1, 2, 9, 3)), "padding": "valid"}, r"kernel is \(3, 3\), larger than x: \(2, 9\)"),
        ({"w": np.zeros((3, 7, 3, 2)), "padding": 1}, r"kernel is \(3, 7\), larger than x: \(4, 4\)"),
    ],
)
def test_wrong_arguments_are_named(form, change, complaint):
    right = {"x": np.zeros((1, 4, 4, 3)), "w": np.zeros((3, 3, 3, 2)), "b": np.zeros(2)}
    with pytest.raises(ValueError, match=complaint):
        form.conv2d(**right | change)


@both_forms
@pytest.mark.parametrize("part", ["conv2d_backward", "conv2d_backward_input", "conv2d_backward_filters"])
@pytest.mark.parametrize("wrong", [(2, 4, 4, 3), (2, 2, 2, 2), (3, 2, 2, 3), (1, 2, 2, 3), (2, 2, 1, 3), (2, 1, 4, 3)])
def test_errors_of_another_shape_are_named(form, part, wrong):
    _, cache = form.conv2d(np.zeros((2, 4, 4, 1)), np.zeros((3, 3, 1, 3)), np.zeros(3), stride=2)
    with pytest.raises(ValueError, match=r"dy has shape .*, wanted \(2, 2, 2, 3\)"):
        getattr(form, part)(np.zeros(wrong), cache)


@both_forms
@pytest.mark.parametrize("part", ["conv2d_backward_bias", "conv2d_backward_input", "conv2d_backward_filters"])
def test_errors_have_four_axes(form, part):
    _, cache = form.conv2d(np.zeros((2, 4, 4, 1)), np.zeros((3, 3, 1, 3)), np.zeros(3))
    with pytest.raises(ValueError, match=rf"{part}: dy has shape \(2, 48\), wanted \(batch, rows, "):
        getattr(form, part)(*(np.zeros((2, 48)), cache)[: 1 if part == "conv2d_backward_bias" else 2])


# Pooling


def pool_by_loops(kind, x, dy, size, stride):
    """The obvious version: y and dx window by window; of equal numbers the first gets the error."""
    y, dx = np.zeros_like(dy), np.zeros_like(x)
    for n, p, q, c in np.ndindex(dy.shape):
        here = n, slice(p * stride, p * stride + size), slice(q * stride, q * stride + size), c
        y[n, p, q, c] = x[here].max() if kind == "max" else x[here].mean()
        share = np.full((size, size), 1 / size**2)
        if kind == "max":
            share = np.arange(size * size).reshape(size, size) == x[here].argmax()
        dx[here] += np.where(share, np.maximum(share, 1e-9) * dy[n, p, q, c], 0)
    return y, dx


def pool_by_tensorflow(kind, x, dy, size, stride):
    pool = {"max": tf.nn.max_pool2d, "avg": tf.nn.avg_pool2d}[kind]
    with tf.GradientTape() as tape:
        tape.watch(inputs := tf.constant(x))
        y = pool(inputs, size, stride, "VALID")
    return y, tape.gradient(y, inputs, dy)


@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (2, 1), (3, 2), (3, 3), (1, 1), (1, 3), (2, 4), (4, 3), (5, 1)])
@every_pool
def test_pooling_equals_tensorflow(kind, size, stride, dtype, tolerance):
    forward, backward = POOLS[kind]
    for shape in [(2, 7, 6, 3), (1, 5, 5, 1), (3, 5, 8, 9)]:
        x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
        y, cache = forward(x, size=size, stride=stride)
        dy = np.random.default_rng(1).standard_normal(y.shape).astype(dtype)
        wanted, gradient = pool_by_tensorflow(kind, x, dy, size, stride)
        assert_close(y, wanted, tolerance)
        (dx,) = backward(dy, cache)
        assert_close(dx, gradient, tolerance)


@pytest.mark.parametrize("values", [0, 1, -1000])
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (3, 1), (2, 3)])
def test_ties_go_to_the_first_as_in_tensorflow(size, stride, values):
    x = values * np.random.default_rng(0).integers(2, size=(2, 7, 8, 3)).astype(np.float32)
    y, cache = max_pool2d(x, size=size, stride=stride)
    (dy,) = whole(1, y.shape, dtype=np.float32)
    wanted, gradient = pool_by_tensorflow("max", x, dy, size, stride)
    assert_exact([y, *max_pool2d_backward(dy, cache)], [wanted.numpy(), gradient.numpy()])


@every_pool
def test_pooling_has_keras_defaults(kind):
    x = np.random.default_rng(0).standard_normal((2, 5, 7, 3))
    layer = {"max": keras.layers.MaxPooling2D, "avg": partial(keras.layers.AveragePooling2D, pool_size=2)}[kind]
    for options, theirs in [({}, {}), ({"size": 3}, {"pool_size": 3}), ({"stride": 1}, {"strides": 1})]:
        assert_close(POOLS[kind][0](x, **options)[0], layer(dtype="float64", **theirs)(x), 1e-13)


@st.composite
def pools(draw, batches=(0, 3)):
    """The shape of x, size and stride."""
    shape = draw(st.tuples(st.integers(*batches), st.integers(1, 7), st.integers(1, 7), st.integers(1, 9)))
    return shape, draw(st.integers(1, min(shape[1:3]))), draw(st.integers(1, 5))


@every_pool
@steady
@given(case=pools(), seed=st.integers(0, 9), dtype=st.sampled_from([*TOLERANCES]), largest=st.integers(0, 1000))
def test_pooling_is_the_loop(kind, case, seed, dtype, largest):
    (shape, size, stride), (forward, backward) = case, POOLS[kind]
    (x,) = whole(seed, shape, dtype=dtype, largest=largest % 7 or largest)  # often few values: many ties
    y, cache = forward(*protected(x), size=size, stride=stride)
    (dy,) = protected(*whole(seed + 1, y.shape, dtype=dtype))
    gradients = backward(dy, cache)
    assert isinstance(gradients, tuple) and y.dtype == gradients[0].dtype == dtype
    rows, columns = (len(range(0, n - size + 1, stride)) for n in shape[1:3])
    assert y.shape == (shape[0], rows, columns, shape[3])
    for got, wanted in zip((y, *gradients), pool_by_loops(kind, x, dy, size, stride), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=0, atol=TOLERANCES[dtype] * max(largest, 3))
        assert kind == "avg" or np.array_equal(got, wanted)
    assert not any(np.shares_memory(result, given) for result in (y, *gradients) for given in (x, dy))


@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 1), (2, 3), (1, 1)])
@every_pool
def test_pooling_backward_is_the_finite_difference(kind, size, stride):
    rng, (forward, backward) = np.random.default_rng(0), POOLS[kind]
    x = rng.permutation(72).astype(float).reshape(2, 6, 3, 2)  # no ties, or there would be corners
    assert check_gradient(partial(forward, size=size, stride=stride), backward, x, rng=rng)[0] < 1e-8


def test_max_pooling_by_hand():
    x = np.array([[1.0, 5, -3, -3], [2, 5, -4, -3], [9, 9, 9, 9]]).reshape(1, 3, 4, 1)
    y, (winners, *rest) = max_pool2d(x)
    assert y.ravel().tolist() == [5, -3] and winners.ravel().tolist() == [1, 0] and rest == [(1, 3, 4, 1), 2, 2]
    (dx,) = max_pool2d_backward(np.array([[[[7.0], [8.0]]]]), (winners, *rest))
    assert dx[0, ..., 0].tolist() == [[0, 7, 8, 0], [0] * 4, [0] * 4]


def test_average_pooling_by_hand():
    x = np.array([[1.0, 5, -3, -3], [2, 8, -4, -2], [9, 9, 9, 9]]).reshape(1, 3, 4, 1)
    y, cache = avg_pool2d(x)
    assert y.ravel().tolist() == [4, -3] and cache == ((1, 3, 4, 1), 2, 2)
    (dx,) = avg_pool2d_backward(np.array([[[[4.0], [8.0]]]]), cache)
    assert dx[0, ..., 0].tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [0] * 4]


@pytest.mark.parametrize("size", [15, 16, 17, 20])
def test_windows_of_more_than_255_numbers_know_their_winner(size):
    for winner in (0, 254, 255, 256, size**2 - 1)[:: 1 if size > 16 else 4]:
        x = np.zeros((1, size, size, 1), np.float32)
        x.reshape(-1)[winner] = 1
        y, cache = max_pool2d(x, size=size)
        assert y.tolist() == [[[[1]]]]
        assert_exact(max_pool2d_backward(y, cache), [x])


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@every_pool
def test_pooling_keeps_nan_and_inf_in_their_window_and_channel(kind, odd):
    (x,) = whole(0, (2, 6, 6, 2), largest=9)
    x[1, 2, 5, 1] = odd
    (forward, backward), rest = POOLS[kind], np.ones((2, 3, 3, 2), bool)
    y, cache = forward(x)
    rest[1, 1, 2, 1] = False
    assert (np.isfinite(y) == (rest | (kind == "max") & (odd == -np.inf))).all()
    assert kind == "max" and odd == -np.inf or np.array_equal(y[~rest], [odd], equal_nan=True)
    (x, dy) = whole(1, x.shape, y.shape, largest=9)
    dy[~rest] = odd
    with np.errstate(invalid="ignore"):  # infinity times 0
        (dx,) = backward(dy, forward(x)[1])
    _, wanted = pool_by_loops(kind, x, dy, 2, 2)
    window = np.zeros(x.shape, bool)
    window[1, 2:4, 4:6, 1] = True
    np.testing.assert_array_equal(dx[~window], wanted[~window])
    assert not np.isfinite(dx[window]).all()


@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 1)])
@every_pool
def test_pooling_takes_any_order_in_memory(kind, size, stride):
    (forward, backward), (x,) = POOLS[kind], whole(0, (6, 5, 6, 3))
    for view in (x[::-2, :, ::-1], x.T, x.transpose(0, 2, 1, 3)):
        y, cache = forward(view, size=size, stride=stride)
        wanted, other = forward(np.ascontiguousarray(view), size=size, stride=stride)
        dy = np.asfortranarray(whole(1, y.shape)[0])
        assert_exact([y, *backward(dy, cache)], [wanted, *backward(np.ascontiguousarray(dy), other)])


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"size": 0, "stride": 1}, "size is 0, wanted a whole number of at least 1"),
        ({"size": -2, "stride": 1}, "size is -2"),
        ({"size": 1.5, "stride": 1}, "size is 1.5"),
        ({"size": 0}, "size is 0"),
        ({"size": (2, 2)}, r"size is \(2, 2\)"),
        ({"stride": 0}, "stride is 0, wanted a whole number of at least 1"),
        ({"stride": -1}, "stride is -1"),
        ({"stride": 1.0}, "stride is 1.0"),
        ({"size": 5}, r"kernel is \(5, 5\), larger than x: \(4, 6\)"),
    ],
)
@every_pool
def test_pooling_names_wrong_options(kind, options, complaint):
    with pytest.raises(ValueError, match=complaint):
        POOLS[kind][0](np.zeros((1, 4, 6, 2)), **options)


@every_pool
def test_pooling_names_wrong_shapes(kind):
    forward, backward = POOLS[kind]
    with pytest.raises(ValueError, match=rf"{forward.__name__}: x has shape \(4, 6, 2\), wanted \(batch, height"):
        forward(np.zeros((4, 6, 2)))
    _, cache = forward(np.zeros((2, 4, 6, 3)))
    with pytest.raises(ValueError, match=rf"{backward.__name__}: dy has shape \(2, 18\), wanted \(batch, rows"):
        backward(np.zeros((2, 18)), cache)
    for wrong in [(2, 4, 6, 3), (2, 2, 3, 1), (1, 2, 3, 3), (2, 2, 2, 3), (2, 1, 3, 3)]:
        with pytest.raises(ValueError, match=r"dy has shape .*, wanted \(2, 2, 3, 3\)"):
            backward(np.zeros(wrong), cache)
