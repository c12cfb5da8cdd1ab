"""More images from few: each is shifted, turned, enlarged, made paler or noisier, at random."""

import numpy as np

from course_lib.contracts import shapes


@shapes(images="batch height width ...", shifts="batch 2", angles="batch", zooms="batch")
def transform(images, shifts, angles, zooms):
    """Turn and zoom each image about its centre, then shift it; what comes in from outside repeats the edge.

    Each pixel of the result looks up the place it comes from, and mixes the four pixels around it by their distance.

    Parameters
    ----------
    images : array (batch, height, width) or (batch, height, width, channels)
    shifts : array (batch, 2)
        Pixels down and to the right.
    angles : array (batch,)
        Degrees, counter-clockwise.
    zooms : array (batch,)
        Above 1 enlarges; not 0.

    Returns
    -------
    array of images' shape and dtype, but float32 for images of whole numbers
    """
    n, height, width = images.shape[:3]
    turn, dtype = np.deg2rad(angles), images.dtype if images.dtype.kind == "f" else np.float32
    one_each = np.cos(turn) / zooms, np.sin(turn) / zooms, shifts[:, 0], shifts[:, 1]
    cos, sin, down, right = (numbers.astype(dtype)[:, None, None] for numbers in one_each)
    v = np.arange(height, dtype=dtype)[:, None] - (height - 1) / 2 - down
    u = np.arange(width, dtype=dtype) - (width - 1) / 2 - right
    above, below, lower = _neighbours(cos * v + sin * u, height, images.ndim)
    left, right, farther = _neighbours(cos * u - sin * v, width, images.ndim)
    pixels = images.astype(dtype, copy=False).reshape(n * height * width, *images.shape[3:])  # one index beats three
    first = np.arange(n)[:, None, None] * height
    above, below = (first + above) * width, (first + below) * width
    upper_row = (1 - farther) * pixels[above + left] + farther * pixels[above + right]
    lower_row = (1 - farther) * pixels[below + left] + farther * pixels[below + right]
    return (1 - lower) * upper_row + lower * lower_row


def _neighbours(offset, length, ndim):
    """Return the two pixels around each place on an axis, given from its middle, and the share of the second."""
    place = np.clip(offset + (length - 1) / 2, 0, length - 1)
    first = place.astype(np.intp)
    share = (place - first).astype(place.dtype).reshape(*place.shape, *(1,) * (ndim - 3))
    return first, np.minimum(first + 1, length - 1), share


@shapes(
    images="batch height width ...", shift="[0, inf)", rotate="[0, 180]", zoom="[0, 1)", contrast="[0, 1]",
    noise="[0, inf)",
)
def augment(images, rng, *, shift=0, rotate=0.0, zoom=0.0, contrast=0.0, noise=0.0):
    """Change each image at random, as far as the options allow, so that a network can't learn it by heart.

    Parameters
    ----------
    images : array (batch, height, width) or (batch, height, width, channels)
        Whole numbers, such as uint8 from 0 to 255, or floats.
    rng : numpy.random.Generator
        Each image gets its own draws, uniform in the ranges below.
    shift : int
        Pixels, up or down and left or right.
    rotate : float
        Degrees, either way.
    zoom : float
        0.1 makes an image up to 10% larger or smaller.
    contrast : float
        0.1 makes the differences from the image's mean (for each channel) up to 10% larger or smaller.
    noise : float
        Standard deviation of what is added to each pixel, in the pixels' own unit.

    Returns
    -------
    array of images' shape and dtype; whole numbers are rounded, and cut off where the dtype ends

    Raises
    ------
    ValueError
        If an option is out of its range, or images aren't numbers.

    Notes
    -----
    Simard, Steinkraus and Platt, 2003. In Keras: ``RandomTranslation`` and its kin, and ``GaussianNoise``.
    """
    n, dtype = len(images), images.dtype
    if shift != int(shift):
        raise ValueError(f"augment: shift is {shift}, wanted a whole number of pixels")
    if dtype.kind == "b":
        raise ValueError("augment: images has dtype bool, wanted whole numbers or floats: try images.astype(np.uint8)")
    images = images.astype(dtype if dtype.kind == "f" else np.float32)
    if shift or rotate or zoom:
        shifts = rng.integers(-shift, shift, (n, 2), endpoint=True)
        images = transform(images, shifts, rng.uniform(-rotate, rotate, n), rng.uniform(1 - zoom, 1 + zoom, n))
    if contrast:
        factor = rng.uniform(1 - contrast, 1 + contrast, n).astype(images.dtype)
        mean = images.mean(axis=(1, 2), keepdims=True)
        images = mean + factor.reshape(n, *(1,) * (images.ndim - 1)) * (images - mean)
    if noise:
        images = images + float(noise) * rng.standard_normal(images.shape, dtype=np.float32)
    if dtype.kind != "f":
        limits = np.iinfo(dtype)
        images = np.clip(np.rint(images), limits.min, limits.max)
    return images.astype(dtype)
