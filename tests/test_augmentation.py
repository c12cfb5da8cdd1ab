"""Augmentation: against SciPy and Keras, against transformations known by hand, and at the edges."""

import hypothesis.extra.numpy as hnp
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from course_lib.augmentation import augment, transform

steady = settings(deadline=None, derandomize=True, max_examples=40)
SHAPES = [(1, 8, 8), (5, 7, 4), (3, 6, 9, 2), (2, 1, 5), (2, 5, 1, 1)]


def rng(seed=0):
    return np.random.default_rng(seed)


def one(image, *, shift=(0, 0), angle=0, zoom=1):
    """Transform a single image."""
    return transform(np.asarray(image)[None], *map(np.array, ([shift], [angle], [zoom])))[0]


# The transformation itself


def scipy_transform(image, shift, angle, zoom):
    """Return the same by SciPy, one channel at a time."""
    turn = np.deg2rad(angle)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) / zoom
    middle = (np.array(image.shape[:2]) - 1) / 2
    options = {"offset": middle - matrix @ (middle + shift), "order": 1, "mode": "nearest"}
    channels = image.reshape(*image.shape[:2], -1)
    return np.stack(
        [ndimage.affine_transform(channels[..., k], matrix, **options) for k in range(channels.shape[-1])], axis=-1
    ).reshape(image.shape)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-4), (np.float64, 1e-11)])
@pytest.mark.parametrize("shape", SHAPES)
def test_transform_equals_scipy_and_is_each_images_own(shape, dtype, tolerance):
    images, n = rng().random(shape).astype(dtype), shape[0]
    shifts, angles, zooms = rng(1).uniform(-3, 3, (n, 2)), rng(2).uniform(-180, 180, n), rng(3).uniform(0.5, 2, n)
    wanted = [scipy_transform(*args) for args in zip(images, shifts, angles, zooms, strict=True)]
    got = transform(images, shifts, angles, zooms)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, wanted, atol=tolerance)


def test_transform_equals_keras():
    images, turn, zoom = rng().random((4, 9, 9, 3), np.float32), np.deg2rad(30), 1.25
    a, b, middle = np.cos(turn) / zoom, np.sin(turn) / zoom, 4
    # Keras gives, for each place (x, y) of the result, where it comes from: (a x - b y + c, b x + a y + d)
    c, d = middle - a * (middle + 2) + b * (middle + 1), middle - b * (middle + 2) - a * (middle + 1)
    coefficients = np.tile(np.array([a, -b, c, b, a, d, 0, 0], np.float32), (4, 1))
    wanted = keras.ops.image.affine_transform(images, coefficients, "bilinear", "nearest", data_format="channels_last")
    got = transform(images, np.tile([1, 2], (4, 1)), np.full(4, 30), np.full(4, zoom))
    np.testing.assert_allclose(got, wanted, atol=1e-5)


def test_transformations_known_by_hand():
    image = np.arange(9.0).reshape(3, 3)
    assert one(image).tolist() == image.tolist()
    assert one(image, shift=(1, 0)).tolist() == [[0, 1, 2], [0, 1, 2], [3, 4, 5]]  # down, the edge repeated
    assert one(image, shift=(0, -1)).tolist() == [[1, 2, 2], [4, 5, 5], [7, 8, 8]]  # to the left
    np.testing.assert_allclose(one(image, angle=90), [[2, 5, 8], [1, 4, 7], [0, 3, 6]], atol=1e-12)
    np.testing.assert_allclose(one(image, zoom=2), [[2, 2.5, 3], [3.5, 4, 4.5], [5, 5.5, 6]])
    np.testing.assert_allclose(one(image, shift=(0.25, 0)), [[0, 1, 2], [2.25, 3.25, 4.25], [5.25, 6.25, 7.25]])


@steady
@given(
    image=hnp.arrays(np.float64, (5, 6), elements=st.floats(-100, 100)),
    angle=st.integers(-8, 8),
    up=st.integers(-9, 9),
)
def test_quarter_turns_and_whole_shifts_lose_nothing(image, angle, up):
    square = image[:, :5]
    np.testing.assert_allclose(one(square, angle=90 * angle), np.rot90(square, angle), atol=1e-9)
    rows = np.clip(np.arange(5) + up, 0, 4)
    np.testing.assert_array_equal(one(image, shift=(-up, 0)), image[rows])


@steady
@given(
    images=hnp.arrays(np.float32, (3, 4, 5), elements=st.floats(-1000, 1000, width=32)),
    numbers=st.tuples(*[st.tuples(*[st.floats(-20, 20)] * 2, st.floats(-360, 360), st.floats(0.1, 5))] * 3),
)
def test_a_mixture_of_pixels_lies_between_them(images, numbers):
    down, right, angles, zooms = np.transpose(numbers)
    got = transform(images, np.stack([down, right], axis=1), angles, zooms)
    low, high = images.min(axis=(1, 2), keepdims=True), images.max(axis=(1, 2), keepdims=True)
    assert (got >= low - 1e-3).all() and (got <= high + 1e-3).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_transform_gives_float32_for_whole_numbers(dtype):
    half = one(np.array([[0, 255]], dtype), shift=(0, 0.5))
    assert half.dtype == np.float32 and half.tolist() == [[0, 127.5]]


def test_transform_names_wrong_arguments():
    x, shifts, ones = np.zeros((2, 3, 3)), np.zeros((2, 2)), np.ones(2)
    for arguments, message in [
        ((x[0], shifts, ones, ones), r"images has shape \(3, 3\), wanted \(batch, height, width, \.\.\.\)"),
        ((x, shifts[0], ones, ones), r"shifts has shape \(2,\), wanted \(batch, 2\)"),
        ((x, np.zeros((2, 3)), ones, ones), r"shifts has shape \(2, 3\), wanted \(batch, 2\)"),
        ((x, shifts, ones[:1], ones), r"angles has shape \(1,\), wanted \(batch\) with batch = 2"),
        ((x, shifts, ones, 1.0), r"zooms has shape \(\), wanted \(batch\)"),
        ((x.tolist(), shifts, ones, ones), "images is a list"),
    ]:
        with pytest.raises(ValueError, match=f"transform: {message}"):
            transform(*arguments)


# What is drawn

OPTIONS = {"shift": 2, "rotate": 30.0, "zoom": 0.3, "contrast": 0.5, "noise": 3.0}
RAMP = np.add.outer(np.arange(21.0) * 100, np.arange(21.0))  # row and column can be read off each pixel


def many(n=2000):
    return np.tile(RAMP, (n, 1, 1))


def test_without_options_nothing_changes():
    for images in (many(3), many(3).astype(np.float32), rng().integers(0, 256, (3, 5, 5, 2)).astype(np.uint8)):
        got = augment(images, rng())
        assert got is not images and got.dtype == images.dtype and np.array_equal(got, images)


def test_shifts_are_whole_pixels_all_equally_often():
    got = augment(many(), rng(), shift=2)[:, 10, 10] - RAMP[10, 10]
    counts = {(down, right): (got == -100 * down - right).sum() for down in range(-2, 3) for right in range(-2, 3)}
    assert sum(counts.values()) == 2000 and min(counts.values()) > 50 and max(counts.values()) < 115  # 80 each, 3 sigma
    assert (augment(many(100), rng(), shift=0, rotate=0)[:, 10, 10] == RAMP[10, 10]).all()


@pytest.mark.parametrize("limit", [5.0, 40.0])
def test_angles_are_uniform_both_ways(limit):
    columns = np.tile(np.arange(21.0), (2000, 21, 1))  # a pixel's value is its column
    got = augment(columns, rng(), rotate=limit)
    angles = np.rad2deg(-np.arcsin(got[:, 11, 10] - got[:, 10, 10]))
    assert np.abs(angles).max() <= limit + 1e-6 and np.ptp(angles) > 1.95 * limit
    assert angles.mean() == pytest.approx(0, abs=0.06 * limit)
    assert angles.std() == pytest.approx(limit / 3**0.5, rel=0.05)


@pytest.mark.parametrize("limit", [0.1, 0.5])
def test_zooms_are_uniform_both_ways(limit):
    got = augment(many(), rng(), zoom=limit)
    zooms = 1 / (got[:, 10, 11] - got[:, 10, 10])
    np.testing.assert_allclose(zooms, 100 / (got[:, 11, 10] - got[:, 10, 10]))  # the same along both axes
    assert 1 - limit <= zooms.min() + 1e-9 and zooms.max() <= 1 + limit + 1e-9 and np.ptp(zooms) > 1.95 * limit
    assert zooms.mean() == pytest.approx(1, abs=0.06 * limit) and zooms.std() == pytest.approx(limit / 3**0.5, rel=0.05)


@pytest.mark.parametrize("limit", [0.2, 1.0])
def test_contrast_stretches_the_differences_from_each_channels_mean(limit):
    images = np.stack([many(), 5 * many() + 7], axis=-1) * rng(1).uniform(1, 2, (2000, 1, 1, 1))
    got = augment(images, rng(), contrast=limit)
    mean = images.mean(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(got.mean(axis=(1, 2), keepdims=True), mean)
    factors = (got - mean)[:, 0, 0] / (images - mean)[:, 0, 0]
    np.testing.assert_allclose(got - mean, factors[:, None, None, :] * (images - mean), atol=1e-6)
    np.testing.assert_allclose(factors[:, 0], factors[:, 1])  # one factor an image
    assert 1 - limit <= factors.min() + 1e-9 and factors.max() <= 1 + limit + 1e-9 and np.ptp(factors) > 1.95 * limit


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_noise_is_normal_and_every_pixels_own(dtype):
    images = many(100).astype(dtype)
    added = augment(images, rng(), noise=np.float64(3)) - images
    assert added.dtype == dtype
    assert added.mean() == pytest.approx(0, abs=0.06) and added.std() == pytest.approx(3, rel=0.01)
    assert np.abs(added).max() > 9 and added.mean(axis=0).std() == pytest.approx(0.3, rel=0.2)
    assert added.mean(axis=(1, 2)).std() == pytest.approx(3 / 21, rel=0.3)


def test_whole_numbers_are_rounded_and_cut_off_not_wrapped_round():
    images = np.tile(np.array([[0, 255], [100, 155]], np.uint8), (500, 1, 1))
    got = augment(images, rng(), noise=10.0)
    assert got.dtype == np.uint8
    assert got[:, 0, 0].max() < 60 and got[:, 0, 1].min() > 195  # neither black turned white nor the reverse
    assert got[:, 1, 0].mean() == pytest.approx(100, abs=1.4)
    assert (got[:, 0, 0] == 0).mean() == pytest.approx(0.52, abs=0.07)
    small = augment(np.full((500, 4, 4), 9, np.int16), rng(), noise=0.25)
    assert small.mean() == pytest.approx(9, abs=0.02) and (small == 9).mean() == pytest.approx(0.9545, abs=0.02)


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(0, 5, 5), (1, 1, 1), (3, 4, 6), (2, 5, 5, 3)])
def test_augment_keeps_shape_dtype_and_its_input(shape, dtype):
    images = rng().integers(0, 256, shape).astype(dtype)
    before = images.copy()
    images.flags.writeable = False
    for options in ({}, OPTIONS, *({name: value} for name, value in OPTIONS.items())):
        got = augment(images, rng(), **options)
        assert (got.shape, got.dtype) == (shape, dtype) and np.isfinite(got).all()
    assert np.array_equal(images, before)


def test_the_generator_alone_decides():
    generator = rng()
    first, second = augment(many(5), generator, **OPTIONS), augment(many(5), generator, **OPTIONS)
    assert np.array_equal(first, augment(many(5), rng(), **OPTIONS)) and not np.array_equal(first, second)
    assert len({image.tobytes() for image in first}) == 5  # each image its own draws


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("shift", -1, r"a number in \[0, inf\)"),
        ("shift", 1.5, "a whole number of pixels"),
        ("rotate", 181, r"a number in \[0, 180\]"),
        ("rotate", "5", r"a number in \[0, 180\]"),
        ("zoom", 1, r"a number in \[0, 1\)"),
        ("contrast", 1.1, r"a number in \[0, 1\]"),
        ("noise", -0.1, r"a number in \[0, inf\)"),
        ("noise", np.nan, r"a number in \[0, inf\)"),
    ],
)
def test_wrong_options_are_named(option, value, wanted):
    with pytest.raises(ValueError, match=f"augment: {option} is .*, wanted {wanted}"):
        augment(many(2), rng(), **{option: value})


def test_wrong_images_are_named():
    with pytest.raises(ValueError, match=r"augment: images has shape \(21, 21\), wanted \(batch, height, "):
        augment(RAMP, rng())
    with pytest.raises(ValueError, match="augment: images has dtype bool"):
        augment(many(2) > 0, rng())
