"""Convolution for networks: `course_lib.conv`'s functions again, faster, as a few large matrix products.

What the kernel sees at its positions, the windows, becomes the rows of a matrix (im2col). Copying takes as long as
multiplying, so both are done in blocks that fit the processor's cache, on all cores.
"""

import numpy as np

from course_lib.contracts import shapes
from course_lib.threads import in_blocks
from course_lib.windows import errors_fit, paddings, positions

BLOCK = 2**20  # bytes of windows worked on at a time
FEW = 8  # with fewer channels it is quicker to copy along an image's width than along its channels


@shapes(x="batch height width channels", w="kernel_height kernel_width channels filters", b="filters")
def conv2d(x, w, b, *, stride=1, padding="same"):
    """Slide filters over images, as `conv.conv2d` does: all windows of a block of images times all filters at once.

    y = windows · w + b, with one row of windows a position and one row of w a number of the kernel

    Returns
    -------
    y : array (batch, rows, columns, filters)
    cache : (x, w, stride, pads)

    Raises
    ------
    ValueError
        If shapes, stride or padding don't fit.

    Notes
    -----
    Chellapilla, Puri and Simard, 2006.
    """
    pads = paddings(x.shape[1:3], w.shape[:2], stride, padding)
    rows, columns = positions(x.shape[1:3], w.shape[:2], stride, pads)
    y = np.empty((len(x), rows, columns, w.shape[3]), np.result_type(x, w))

    def forward(block):
        windows = patches(x[block], w.shape[:2], stride, pads)
        np.matmul(windows, w.reshape(-1, w.shape[3]), out=y[block].reshape(*windows.shape[:2], w.shape[3]))
        y[block] += b

    in_blocks(forward, len(x), at_a_time(y, w))
    return y, (x, w, stride, pads)


def conv2d_backward(dy, cache):
    """Return dx, dw and db, the gradients of the loss with respect to x, w and b, as `conv.conv2d_backward` does."""
    return conv2d_backward_input(dy, cache), conv2d_backward_filters(dy, cache), conv2d_backward_bias(dy)


@shapes(dy="batch rows columns filters")
def conv2d_backward_bias(dy):
    """Return db, the errors summed over images and positions, as `conv.conv2d_backward_bias` does."""
    return dy.sum(axis=0).sum(axis=(0, 1))  # image upon image first: up to ten times as fast


@shapes(dy="batch rows columns filters")
@errors_fit
def conv2d_backward_filters(dy, cache):
    """Return dw = windowsᵀ · dy, summed over blocks of images, as `conv.conv2d_backward_filters` does."""
    x, w, stride, pads = cache
    size = at_a_time(dy, w)

    def product(block):
        windows = patches(x[block], w.shape[:2], stride, pads)
        return np.matmul(windows.swapaxes(1, 2), dy[block].reshape(*windows.shape[:2], w.shape[3])).sum(axis=0)

    def stretch(images):
        return sum(product(slice(i, min(i + size, images.stop))) for i in range(images.start, images.stop, size))

    parts = in_blocks(stretch, len(x), size * max(1, -(-len(x) // (8 * size))))  # 8 at most: each is as large as w
    return sum(parts, np.zeros_like(w.reshape(-1, w.shape[3]))).reshape(w.shape)


@shapes(dy="batch rows columns filters")
@errors_fit
def conv2d_backward_input(dy, cache):
    """Return dx: dy · wᵀ, put back where the windows were, as `conv.conv2d_backward_input` does."""
    x, w, stride, pads = cache
    dx, turned = np.empty(x.shape, dy.dtype), np.ascontiguousarray(w.transpose(3, 0, 1, 2))

    def backward(block):
        put_back(dy[block], turned, dx[block], stride, pads)

    in_blocks(backward, len(x), at_a_time(dy, w))
    return dx


def at_a_time(y, w):
    """Return how many images to work on at a time: their windows, one a position of y, have about `BLOCK` bytes.

    There are 1, 2, 4, 6, ... blocks, so that two cores have equally much to do.
    """
    pairs = round(y[..., :1].size * w[..., :1].nbytes / (2 * BLOCK))
    return max(1, -(-len(y) // max(1, 2 * pairs)))


def pad(x, pads):
    """Return images with zeros around them: pads is ((top, bottom), (left, right))."""
    (n, h, w, channels), ((top, bottom), (left, right)) = x.shape, pads
    padded = np.zeros((n, top + h + bottom, left + w + right, channels), x.dtype)  # np.pad takes far longer
    padded[:, top : top + h, left : left + w] = x
    return padded


def patches(x, kernel, stride, pads):
    """Return what the kernel sees at each of its positions, one row a position (im2col).

    Parameters
    ----------
    x : array (batch, height, width, channels)
    kernel : (int, int)
    stride : int
    pads : ((top, bottom), (left, right))

    Returns
    -------
    array (matrices, positions, kernel height · kernel width · channels)
        With few channels a matrix for each image, else a single one for all.
    """
    padded, (kh, kw), n, channels = pad(x, pads), kernel, len(x), x.shape[3]
    (rows, columns), (image, row, column, channel) = positions(padded.shape[1:3], kernel, stride), padded.strides
    if channels < FEW:
        strides = row, column, channel, image, stride * row, stride * column
        windows = np.ndarray((kh, kw, channels, n, rows, columns), x.dtype, padded, strides=strides)
        return windows.reshape(kh * kw * channels, n, rows * columns).transpose(1, 2, 0)
    strides = image, stride * row, stride * column, row, column, channel
    windows = np.ndarray((n, rows, columns, kh, kw, channels), x.dtype, padded, strides=strides)
    return windows.reshape(1, n * rows * columns, kh * kw * channels)


def put_back(errors, turned, dx, stride, pads):
    """Send errors back into images: each number gets those of all the windows it was in, weighted by the kernel.

    Parameters
    ----------
    errors : array (batch, rows, columns, filters)
        The gradient at each of the kernel's positions.
    turned : array (filters, kernel height, kernel width, channels)
        The kernel, its filters in front.
    dx : array (batch, height, width, channels)
        The images' gradient, which is written there.
    stride : int
    pads : ((top, bottom), (left, right))
    """
    (n, rows, columns, filters), (_, kh, kw, channels) = errors.shape, turned.shape
    (_, h, w, _), ((top, bottom), (left, right)) = dx.shape, pads
    shape = n, top + h + bottom, left + w + right, channels
    if channels < FEW:  # one plane of products for each number of the kernel
        times = np.multiply if filters == 1 else np.matmul  # twice as fast
        planes = times(turned.reshape(filters, -1).T, errors.reshape(n, rows * columns, filters).swapaxes(1, 2))
        parts = planes.reshape(n, kh * kw, channels, rows, columns).transpose(1, 0, 3, 4, 2)
        padded = np.zeros((n, channels, *shape[1:3]), dx.dtype).transpose(0, 2, 3, 1)
    else:  # one product for each place in the kernel
        parts = (errors.reshape(-1, filters) @ turned[:, i, j] for i, j in np.ndindex(kh, kw))
        padded = np.zeros(shape, dx.dtype)
    for (i, j), part in zip(np.ndindex(kh, kw), parts, strict=True):
        there = padded[:, i : i + rows * stride : stride, j : j + columns * stride : stride]
        there += part.reshape(there.shape)
    dx[...] = padded[:, top : top + h, left : left + w]
